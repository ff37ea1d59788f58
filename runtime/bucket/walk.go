package bucket

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/waybill-dev/waybill/lang/window"
)

// maxLinks bounds how many folders reached by symbolic links a path may have,
// since links can make a folder endless.
const maxLinks = 3

// walk collects the regular files of a folder. Each folder is opened once and
// its entries are described from there; only links are resolved from the root,
// where it shows whether they leave it.
type walk struct {
	ctx   context.Context
	root  *os.Root
	found []window.Object
}

// place is a folder on the way down. above are the folders on the way to it,
// itself included: a link to one of them would never end.
type place struct {
	name  string
	above []os.FileInfo
	links int
}

// folder lists a folder, which it closes, and those below.
func (w *walk) folder(dir *os.Root, at place) error {
	defer func() { _ = dir.Close() }()
	entries, err := fs.ReadDir(dir.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := w.entry(dir, at, e); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// entry lists one entry of a folder. An error that it does not exist means that
// it went away meanwhile.
func (w *walk) entry(dir *os.Root, at place, e fs.DirEntry) error {
	name := path.Join(at.name, e.Name())
	isLink := e.Type()&fs.ModeSymlink != 0
	var info os.FileInfo
	var err error
	if isLink {
		if info, err = w.root.Stat(name); err != nil {
			return nil // it leaves the folder or leads nowhere
		}
	} else if info, err = dir.Lstat(e.Name()); err != nil {
		return err
	}
	switch {
	case info.Mode().IsRegular() && isPart(e.Name()):
		return nil
	case info.Mode().IsRegular():
		w.found = append(w.found, window.Object{Path: name, Size: info.Size(), ModTime: info.ModTime()})
		return nil
	case !info.IsDir():
		return nil
	}
	below := place{name: name, above: append(slices.Clip(at.above), info), links: at.links}
	var child *os.Root
	if isLink {
		below.links++
		isAbove := slices.ContainsFunc(at.above, func(a os.FileInfo) bool { return os.SameFile(a, info) })
		if isAbove || below.links > maxLinks {
			return nil
		}
		child, err = w.root.OpenRoot(name)
	} else {
		child, err = dir.OpenRoot(e.Name())
	}
	if err != nil {
		return err
	}
	return w.folder(child, below)
}
