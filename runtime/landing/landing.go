// Package landing puts files safely in their place: in a folder of this machine,
// or in an object store or at a server. A file at its place is whole. Nothing has
// landed where there is no manifest, which is written last. Whatever ends the
// process, landing the same files again completes the work, and each is there once.
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
//
// In a folder files are copied into .staging, written through to the disk, and then
// renamed, so that without a manifest there is at most what a crash has left between
// two renames. A store has no .staging: files are put whole at their place. What an
// attempt without a manifest has left is removed by the next one, once its manifest
// stands and nobody else's can.
package landing

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	staging      = ".staging"
	runs         = "_runs"
	manifestName = "manifest.json"
)

// Lander lands in one place. It is safe for concurrent use, also of several on
// one place, as long as no two calls are about the same courier of the same
// run. Open it anew for each job: it stays with the folder it opened, even when
// that is moved away or a disk is mounted over it.
type Lander struct {
	place   place
	scratch *scratch
	url     string
}

// Options say where a [Lander] lands.
type Options struct {
	// Workspace is the folder that relative ones resolve against.
	Workspace string
	// URL is a folder, or the URL of one, of a part of an object store, or of a folder
	// of a server.
	URL string
	// Scratch is a folder of this machine for what cannot be sent as it comes, where
	// URL is not on it. It is made when it is needed.
	Scratch string
}

// Open opens a landing, and makes a folder that does not exist. A URL that makes no
// sense is Misconfigured. Credentials are those that the store's own tools would
// find: the environment, a profile, the machine.
func Open(ctx context.Context, o Options) (*Lander, error) {
	op := "open landing " + o.URL
	at, err := graph.ParseStorage(o.URL)
	if err != nil {
		return nil, value.Misconfigured.Wrap("open the landing", err)
	}
	if at.Remote() {
		store, err := bucket.Open(ctx, o.Workspace, bucket.Access{URL: o.URL})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		return In(store, Base(o.URL), o.Scratch), nil
	}
	abs := filepath.FromSlash(at.Path)
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(o.Workspace, abs)
	}
	if abs, err = filepath.Abs(abs); err != nil {
		return nil, value.Failed.Wrap(op, err)
	}
	d, err := openDisk(abs)
	if err != nil {
		return nil, diskFault(op, err)
	}
	return &Lander{place: d, scratch: &scratch{disk: d, prefix: staging}, url: at.Path}, nil
}

// In returns a lander into a store, which it closes. url is what names of files are
// appended to, to name them for people and programs; scratch is that of Options.
func In(store bucket.Store, url, scratchDir string) *Lander {
	return &Lander{place: &remote{store: store, url: url}, scratch: &scratch{dir: scratchDir}, url: url}
}

// Close releases the place.
func (l *Lander) Close() error { return errors.Join(l.place.close(), l.scratch.close()) }

// URL returns the landing as it was written, cleaned.
func (l *Lander) URL() string { return l.url }

// Path returns the absolute path of a URL that is relative to the landing, or where
// the landing is not on this machine its whole URL, as in [Base].
func (l *Lander) Path(url string) string { return l.place.path(url) }

// Base returns a landing's URL as names of files are appended to it, after a slash.
// Options behind a ? are left out. The names are not percent-encoded: in an object
// store what follows the bucket is the key as it is.
func Base(landingURL string) string {
	scheme, _, isURL := strings.Cut(landingURL, "://")
	if isURL && scheme != "file" {
		landingURL, _, _ = strings.Cut(landingURL, "?")
		landingURL = strings.TrimRight(landingURL, "/")
	}
	return landingURL
}

// Dir returns the URL, relative to the landing, of what a job lands.
func (l *Lander) Dir(j Job) string {
	return path.Join(Escape(j.Group.Name()), Escape(j.Courier), Escape(j.Run))
}

// Split takes the URL of a file that landed in a run apart: the landing, and the
// file's URL relative to it. It goes by the run alone, whose key stays, since groups
// and couriers may have other names now than when they landed.
func Split(fileURL, run string) (landingURL, relative string) {
	at := max(strings.Index(fileURL, "/"+Escape(run)+"/"), 0)
	for range 2 { // the courier, and the group
		at = max(strings.LastIndexByte(fileURL[:at], '/'), 0)
	}
	return fileURL[:at], strings.TrimPrefix(fileURL[at:], "/")
}

// HandoverURL returns the URL, relative to the landing, of the hand-over to a
// step of a run, whether it is there or not.
func HandoverURL(group graph.Addr, run, step string) string {
	return path.Join(Escape(group.Name()), runs, Escape(run), Escape(step)+".json")
}

// wrap names the operation and keeps the fault of what failed.
func (l *Lander) wrap(op string, err error) error {
	var e *value.Error
	if errors.As(err, &e) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return l.place.fault(op, err)
}
