package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Folder is a folder of this machine. Nothing outside it is ever read or written,
// where symbolic links lead to included. It stays with the folder it opened, even
// when that is moved away or a disk is mounted over it.
type Folder struct {
	root *os.Root
	url  string
	path string

	mu      sync.Mutex
	durable map[string]bool // folders that are known to be in their folder on the disk
}

var _ Store = (*Folder)(nil)

// OpenFolder opens a folder, relative ones being in the workspace, or a file://
// URL. A URL of another kind is Misconfigured; a folder that is not there, or is
// none, or may not be read is a SourceError, since it may be the folder of a disk
// or a share that comes back.
func OpenFolder(workspace, url string) (*Folder, error) {
	op, at, full, err := folderAt("open source", workspace, url)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, value.SourceError.Errorf(op, "the folder %s does not exist: %w", full, fs.ErrNotExist)
	case err != nil:
		return nil, value.SourceError.Errorf(op, "the folder cannot be read: %w", err)
	case !info.IsDir():
		return nil, value.SourceError.Errorf(op, "%s is a file, not a folder", full)
	}
	root, err := os.OpenRoot(full)
	if err != nil {
		return nil, value.SourceError.Errorf(op, "the folder cannot be read: %w", err)
	}
	return &Folder{root: root, url: at, path: full, durable: map[string]bool{}}, nil
}

// MakeFolder is OpenFolder for a folder that is written to: where it does not
// exist it is made. A folder that may not be made is Misconfigured.
func MakeFolder(workspace, url string) (*Folder, error) {
	op, at, full, err := folderAt("open", workspace, url)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(full, 0o755); err != nil {
		return nil, diskFault(op, err)
	}
	root, err := os.OpenRoot(full)
	if err != nil {
		return nil, diskFault(op, err)
	}
	return &Folder{root: root, url: at, path: full, durable: map[string]bool{}}, nil
}

// folderAt returns what opening a folder is called, the folder as it was written,
// cleaned, and its absolute path.
func folderAt(what, workspace, url string) (op, at, full string, err error) {
	s, err := graph.ParseStorage(url)
	op = what + " " + url
	switch {
	case err == nil && s.Remote():
		err = fmt.Errorf("it is no folder but at %s://", s.Scheme)
	case err == nil:
		full = filepath.FromSlash(s.Path)
		if !filepath.IsAbs(full) {
			full = filepath.Join(workspace, full)
		}
		full, err = filepath.Abs(full)
	}
	return op, s.Path, full, value.Misconfigured.Wrap(op, err)
}

// diskFault gives an error of the disk its fault: what an operator must repair is
// Misconfigured; a full or broken disk is Failed.
func diskFault(op string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) {
		return value.Misconfigured.Wrap(op, err)
	}
	return value.Failed.Wrap(op, err)
}

// URL is the folder as it was written, cleaned, and
// relative where it was written so.
func (f *Folder) URL() string { return f.url }

// Path is where the folder is on this machine.
func (f *Folder) Path() string { return f.path }

// Close releases the folder. Files that were opened stay open.
func (f *Folder) Close() error { return f.root.Close() }

// Extent is the folders of a scope: their files cost nothing more.
func (f *Folder) Extent(s Scope) Scope { return Scope{Folders: outermost(s.Folders)} }

// List returns the regular files below the folders of a scope, sorted by path.
//
// Links are followed as long as they stay in the folder; one that leaves it or
// leads nowhere is left out, as are pipes, sockets and devices, and what disappears
// meanwhile. A folder that cannot be read, or one that is no longer where it was,
// is a SourceError.
func (f *Folder) List(ctx context.Context, s Scope) ([]window.Object, error) {
	op := "list " + f.url
	if err := f.isInPlace(); err != nil {
		return nil, value.SourceError.Wrap(op, err)
	}
	w := walk{ctx: ctx, root: f.root}
	for _, base := range outermost(s.Folders) {
		if !fs.ValidPath(base) {
			return nil, value.Misconfigured.Errorf(op, "%q is not a folder inside it", base)
		}
		info, err := f.root.Stat(base)
		if err == nil && !info.IsDir() || err != nil && leadsNowhere(f.root, base, err) {
			continue
		}
		var dir *os.Root
		if err == nil {
			dir, err = f.root.OpenRoot(base)
		}
		if err == nil {
			err = w.folder(dir, place{name: base, above: []os.FileInfo{info}})
		}
		switch {
		case ctx.Err() != nil:
			return nil, value.Interrupted(ctx, op)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, value.SourceError.Errorf(op, "%w", err)
		}
	}
	slices.SortFunc(w.found, func(a, b window.Object) int { return strings.Compare(a.Path, b.Path) })
	return w.found, nil
}

func (f *Folder) isInPlace() error {
	opened, err := f.root.Stat(".")
	if err != nil {
		return err
	}
	now, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s is gone: %w", f.path, fs.ErrNotExist)
	case err != nil:
		return err
	case !os.SameFile(opened, now):
		return fmt.Errorf("the folder %s was replaced by another one", f.path)
	}
	return nil
}

// outermost drops the bases that lie below others and writes the root as ".".
func outermost(bases []string) []string {
	var out []string
	for _, b := range bases {
		if b = strings.TrimSuffix(b, "/"); b == "" {
			return []string{"."}
		}
		out = append(out, b)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(slices.Clone(out), func(b string) bool {
		return b != "." && slices.ContainsFunc(out, func(above string) bool { return above == "." || strings.HasPrefix(b, above+"/") })
	})
}

// leadsNowhere reports whether an error of Stat means that there is nothing to
// list: nothing there, or a link that leaves the folder or has no target.
func leadsNowhere(root *os.Root, name string, err error) bool {
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	for at := name; at != "."; at = path.Dir(at) {
		info, err := root.Lstat(at)
		if err == nil && (info.Mode()&fs.ModeSymlink != 0 || info.Mode().IsRegular()) {
			return true
		}
	}
	return false
}
