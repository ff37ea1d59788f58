package bucket

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Open opens a file of the folder.
func (f *Folder) Open(ctx context.Context, o window.Object) (File, error) {
	op := "read " + o.Path + " of " + f.url
	if ctx.Err() != nil {
		return nil, value.Interrupted(ctx, op)
	}
	// Opening a pipe would wait for somebody to write.
	info, err := f.root.Stat(o.Path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, value.SourceError.Errorf(op, "it is not a regular file")
	}
	var file *os.File
	if err == nil {
		file, err = f.root.Open(o.Path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, value.NotReady.Errorf(op, "it was there a moment ago and is gone: %w", err)
	case err != nil:
		return nil, value.SourceError.Wrap(op, err)
	}
	if info, err = file.Stat(); err != nil {
		_ = file.Close()
		return nil, value.SourceError.Wrap(op, err)
	}
	opened := describe(o.Path, info)
	if !isAny(o) && opened.Version() != o.Version() {
		_ = file.Close()
		return nil, value.NotReady.Errorf(op, "it changed after it was listed")
	}
	return &folderFile{File: file, folder: f, object: opened}, nil
}

// isAny reports whether an object stands for whatever version is there.
func isAny(o window.Object) bool { return o.ETag == "" && o.ModTime.IsZero() }

func describe(name string, info os.FileInfo) window.Object {
	return window.Object{Path: name, Size: info.Size(), ModTime: info.ModTime()}
}

// folderFile is an open file of a folder.
type folderFile struct {
	*os.File
	folder *Folder
	object window.Object
}

func (f *folderFile) Object() window.Object { return f.object }

func (f *folderFile) Stat(ctx context.Context) (window.Object, error) {
	return f.folder.Stat(ctx, f.object.Path)
}

// Stat describes a file of the folder.
func (f *Folder) Stat(ctx context.Context, name string) (window.Object, error) {
	op := "look up " + name + " of " + f.url
	if ctx.Err() != nil {
		return window.Object{}, value.Interrupted(ctx, op)
	}
	info, err := f.root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return window.Object{}, value.NotReady.Wrap(op, err)
	case err != nil:
		return window.Object{}, value.SourceError.Wrap(op, err)
	case !info.Mode().IsRegular():
		return window.Object{}, value.SourceError.Errorf(op, "it is not a regular file")
	}
	return describe(name, info), nil
}
