// Package landing puts files safely in their place. A file at its place is
// whole: it is copied into a staging folder on the same disk, written through,
// and then renamed. Whatever ends the process, landing the same files again
// completes the work, and each is there once.
//
// The layout is stable, since people and their tools read it:
//
//	<landing>/<group>/<courier>/<run>/<file>/<path>     a file
//	<landing>/<group>/<courier>/<run>/manifest.json     a [Manifest], written last
//	<landing>/<group>/_runs/<run>/<step>.json           a [Handover]
//	<landing>/.staging/<run>/…                          work in progress, of no interest
//
// <file> is the name of the file block, and "data" where there is none; <path>
// is the file's path at its source, unchanged. The other parts are escaped; see
// [Escape].
package landing

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	staging      = ".staging"
	runs         = "_runs"
	manifestName = "manifest.json"
)

// Lander lands in one folder. It is safe for concurrent use, also of several on
// one folder, as long as no two calls are about the same courier of the same
// run. Open it anew for each job: it stays with the folder it opened, even when
// that is moved away or a disk is mounted over it.
type Lander struct {
	root  *os.Root
	url   string // as written
	abs   string
	fault func(op, name string) error // of tests: called before each change of the disk
}

// Open opens a landing folder, making it where it does not exist. It is a
// folder, relative ones being in the workspace, or a file:// URL; anything else
// is Misconfigured.
func Open(workspace, landingURL string) (*Lander, error) {
	op := "open landing " + landingURL
	dir, err := folderPath(landingURL)
	if err != nil {
		return nil, value.Misconfigured.Wrap(op, err)
	}
	abs := dir
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(workspace, abs)
	}
	if abs, err = filepath.Abs(abs); err != nil {
		return nil, value.Failed.Wrap(op, err)
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return nil, diskFault(op, err)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, diskFault(op, err)
	}
	return &Lander{root: root, url: filepath.ToSlash(dir), abs: abs}, nil
}

func folderPath(v string) (string, error) {
	scheme, _, isURL := strings.Cut(v, "://")
	switch {
	case v == "":
		return "", errors.New("it is empty; write a folder, such as \"landing\"")
	case !isURL:
		return filepath.Clean(v), nil
	case scheme != "file":
		return "", fmt.Errorf("this release of Waybill lands in folders and file:// URLs, not %s://", scheme)
	}
	u, err := url.Parse(v)
	if err != nil || (u.Host != "" && u.Host != "localhost") || u.Path == "" {
		return "", errors.New("a file URL has three slashes and an absolute folder: file:///absolute/folder")
	}
	return filepath.Clean(filepath.FromSlash(u.Path)), nil
}

// Close releases the folder.
func (l *Lander) Close() error { return l.root.Close() }

// URL returns the landing folder as it was written, cleaned.
func (l *Lander) URL() string { return l.url }

// Path returns the absolute path of a URL that is relative to the landing.
func (l *Lander) Path(url string) string { return filepath.Join(l.abs, filepath.FromSlash(url)) }

// Dir returns the URL, relative to the landing, of what a job lands.
func (l *Lander) Dir(j Job) string {
	return path.Join(Escape(j.Group.Name()), Escape(j.Courier), Escape(j.Run))
}

// HandoverURL returns the URL, relative to the landing, of the hand-over to a
// step of a run, whether it is there or not.
func HandoverURL(group graph.Addr, run, step string) string {
	return path.Join(Escape(group.Name()), runs, Escape(run), Escape(step)+".json")
}

func stagingDir(run, courier string) string { return path.Join(staging, Escape(run), Escape(courier)) }

// Discard removes what unfinished attempts at landing a courier of a run have
// staged. What has landed stays.
func (l *Lander) Discard(run, courier string) error {
	if err := l.discard(stagingDir(run, courier)); err != nil {
		return diskFault("discard the staging of "+courier+" of "+run, err)
	}
	return nil
}

func (l *Lander) discard(dir string) error {
	if err := l.root.RemoveAll(dir); err != nil {
		return err
	}
	_ = l.root.Remove(path.Dir(dir)) // stays where another courier has something in it
	return nil
}

// diskFault gives an error of the landing's disk its fault: what an operator
// must repair is Misconfigured; a full or broken disk is Failed.
func diskFault(op string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) {
		return value.Misconfigured.Wrap(op, err)
	}
	return value.Failed.Wrap(op, err)
}
