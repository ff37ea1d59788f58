package landing

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// LandTree lands everything that a program has written into a folder given by
// [Lander.StagingDir], and returns it as Land does. Where the job has landed
// already, that stands and the folder is discarded: such a courier lands once a
// run. What is neither a folder nor a regular file is Failed, since leaving it
// out would lose data silently. With an error nothing has landed and the folder
// is gone.
func (l *Lander) LandTree(ctx context.Context, j Job, dir string) ([]File, error) {
	op := "land " + j.Courier + " of " + j.Run
	work := l.scratch.name(j.Run, j.Courier)
	d, err := l.scratch.open()
	if err != nil {
		return nil, diskFault(op, err)
	}
	tree, err := filepath.Rel(d.path(work), dir)
	if err != nil || !filepath.IsLocal(tree) || tree == "." {
		return nil, value.Failed.Errorf(op, "%s is not a staging folder of this job", dir)
	}
	files, done, err := l.Landed(ctx, j)
	g := l.journal(j.Run, Escape(j.Courier))
	defer g.close()
	if err == nil && !done {
		var found []Item
		if found, err = gather(ctx, d, path.Join(work, filepath.ToSlash(tree))); err == nil {
			files, err = l.land(ctx, g, j, nil, work, found)
		}
	}
	_ = l.scratch.discard(work) // landed or not, the next attempt begins with an empty folder
	if value.FaultOf(err) == value.NotReady {
		err = value.Failed.Errorf(op, "%w; the program has left something running that still writes", err)
	}
	if err != nil {
		return nil, l.wrap(op, err)
	}
	return files, nil
}

// gather finds every file of a tree.
func gather(ctx context.Context, d *disk, tree string) ([]Item, error) {
	const op = "read what the program wrote"
	var out []Item
	err := fs.WalkDir(d.root.FS(), tree, func(name string, e fs.DirEntry, err error) error {
		rel := strings.TrimPrefix(name, tree+"/")
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return value.Interrupted(ctx, op)
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			return value.Failed.Errorf(op, "%q is not a regular file; a program must write files and folders only", rel)
		case !utf8.ValidString(rel):
			return value.Failed.Errorf(op, "the name %q is not UTF-8; give the file another name", rel)
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		o := window.Object{Path: rel, Size: info.Size(), ModTime: info.ModTime()}
		out = append(out, Item{
			Taken: window.Taken{File: Data, Object: o}, at: name,
			Open: func(context.Context) (bucket.File, error) { return d.open(name, rel) },
		})
		return nil
	})
	return out, err
}

// written is a file that a program has written.
type written struct {
	*os.File
	disk *disk
	name string
	o    window.Object
}

func (d *disk) open(name, rel string) (bucket.File, error) {
	const op = "read what the program wrote"
	f, err := d.root.Open(name)
	if err != nil {
		return nil, diskFault(op, err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, diskFault(op, err)
	}
	return &written{f, d, name, window.Object{Path: rel, Size: info.Size(), ModTime: info.ModTime()}}, nil
}

func (w *written) Object() window.Object { return w.o }

func (w *written) Stat(context.Context) (window.Object, error) {
	info, err := w.disk.root.Stat(w.name)
	if err != nil {
		return window.Object{}, err
	}
	return window.Object{Path: w.o.Path, Size: info.Size(), ModTime: info.ModTime()}, nil
}
