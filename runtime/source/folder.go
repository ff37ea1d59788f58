// Package source is what couriers poll and pull from: folders in which files
// appear ([Folder]) and programs that fetch ([Exec]).
package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Folder is a filedrop on this machine. Nothing outside it is ever read, where
// symbolic links lead to included. It is safe for concurrent use. Open it anew
// for each look: it stays with the folder it opened, even when that is moved
// away or a disk is mounted over it.
type Folder struct {
	root *os.Root
	url  string
	path string
}

// OpenFolder opens a filedrop whose URL is a folder, relative ones being in the
// workspace, or a file:// URL. A URL of another kind is Misconfigured; a folder
// that is not there, or is none, or may not be read is a SourceError, since it
// may be the folder of a disk or a share that comes back.
func OpenFolder(workspace, v string) (*Folder, error) {
	op := "open source " + v
	dir, err := folderPath(v)
	if err != nil {
		return nil, value.Misconfigured.Wrap(op, err)
	}
	full := dir
	if !filepath.IsAbs(full) {
		full = filepath.Join(workspace, full)
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
	return &Folder{root: root, url: filepath.ToSlash(dir), path: full}, nil
}

// folderPath returns the cleaned path of a folder or a file:// URL.
func folderPath(v string) (string, error) {
	scheme, _, isURL := strings.Cut(v, "://")
	if v == "" {
		return "", errors.New("the URL is empty; write a folder, such as \"data/in\"")
	}
	if !isURL {
		return filepath.Clean(v), nil
	}
	if scheme != "file" {
		return "", fmt.Errorf("this release of Waybill reads folders and file:// URLs, not %s://", scheme)
	}
	u, err := url.Parse(v)
	if err != nil {
		return "", errors.New("that is not a URL; write file:///absolute/folder")
	}
	if (u.Host != "" && u.Host != "localhost") || u.Path == "" {
		return "", errors.New("a file URL has three slashes and an absolute folder: file:///absolute/folder")
	}
	return filepath.Clean(filepath.FromSlash(u.Path)), nil
}

// URL identifies the source: the folder as it was written, cleaned, and
// relative where it was written so.
func (f *Folder) URL() string { return f.url }

// Path is where the folder is on this machine.
func (f *Folder) Path() string { return f.path }

// Close releases the folder. Files that were opened stay open.
func (f *Folder) Close() error { return f.root.Close() }

// List returns the regular files below the given folders, which are relative to
// the source with slashes ("" is all of it), sorted by path, each once.
//
// A base that does not exist yet holds nothing. Links are followed as long as
// they stay in the source; one that leaves it or leads nowhere is left out, as
// are pipes, sockets and devices, and what disappears meanwhile. A folder that
// cannot be read, or a source that is no longer where it was, is a SourceError:
// a list with a hole in it would make files look missing.
func (f *Folder) List(ctx context.Context, bases []string) ([]window.Object, error) {
	op := "list source " + f.url
	if err := f.isInPlace(); err != nil {
		return nil, value.SourceError.Wrap(op, err)
	}
	w := walk{ctx: ctx, root: f.root}
	for _, base := range outermost(bases) {
		if !fs.ValidPath(base) {
			return nil, value.Misconfigured.Errorf(op, "%q is not a folder inside the source", base)
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
// list: nothing there, or a link that leaves the source or has no target.
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

// Read opens a file of the source. The reader also has a method
//
//	Stat() (os.FileInfo, error)
//
// that looks the path up anew, so that a file that was replaced while it was
// read shows. A file that is not there is NotReady, one that cannot be read a
// SourceError.
func (f *Folder) Read(name string) (io.ReadCloser, os.FileInfo, error) {
	op := "read " + name + " of source " + f.url
	// Opening a pipe would wait for somebody to write.
	info, err := f.root.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return nil, nil, value.SourceError.Errorf(op, "it is not a regular file")
	}
	var file *os.File
	if err == nil {
		file, err = f.root.Open(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, value.NotReady.Errorf(op, "it was there a moment ago and is gone: %w", err)
	case err != nil:
		return nil, nil, value.SourceError.Wrap(op, err)
	}
	if info, err = file.Stat(); err != nil {
		_ = file.Close()
		return nil, nil, value.SourceError.Wrap(op, err)
	}
	return &reader{file, f.root, name}, info, nil
}

type reader struct {
	*os.File
	root *os.Root
	name string
}

// Stat describes what stands at the path now.
func (r *reader) Stat() (os.FileInfo, error) { return r.root.Stat(r.name) }
