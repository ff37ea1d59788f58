package landing

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
)

// The functions here are all that changes the disk on the way to a landing. Each
// asks the fault of a test first.

func (l *Lander) before(op, name string) error {
	if l.fault == nil {
		return nil
	}
	return l.fault(op, name)
}

func (l *Lander) create(name string) (*os.File, error) {
	if err := l.before("create", name); err != nil {
		return nil, err
	}
	return l.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

func (l *Lander) write(f *os.File, p []byte) error {
	if err := l.before("write", f.Name()); err != nil {
		return err
	}
	_, err := f.Write(p)
	return err
}

func (l *Lander) sync(f *os.File, name string) error {
	if err := l.before("sync", name); err != nil {
		return err
	}
	return f.Sync()
}

func (l *Lander) syncDir(name string) error {
	d, err := l.root.Open(name)
	if err != nil {
		return err
	}
	err = l.sync(d, name)
	if closing := d.Close(); err == nil {
		err = closing
	}
	return err
}

func (l *Lander) rename(from, to string) error {
	if err := l.before("rename", to); err != nil {
		return err
	}
	return l.root.Rename(from, to)
}

// syncDirs writes folders and all above them through to the disk, each once:
// those above may have been made by an attempt that did not get that far.
func (l *Lander) syncDirs(names ...string) error {
	done := map[string]bool{}
	for _, name := range names {
		for ; !done[name]; name = path.Dir(name) {
			if err := l.syncDir(name); err != nil {
				return err
			}
			done[name] = true
		}
	}
	return nil
}

// mkdirAll makes a folder and those above it.
func (l *Lander) mkdirAll(name string) error {
	if name == "." {
		return nil
	}
	if info, err := l.root.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	if err := l.mkdirAll(path.Dir(name)); err != nil {
		return err
	}
	if err := l.before("mkdir", name); err != nil {
		return err
	}
	if err := l.root.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// makeStaging makes a folder of staging. It tries again when the one above it
// is removed meanwhile, by another courier of the run that has just landed.
func (l *Lander) makeStaging(dir string) error {
	if err := l.before("mkdir", dir); err != nil {
		return err
	}
	var err error
	for range 100 {
		if err = l.root.MkdirAll(dir, 0o755); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return err
}

// writeJSON writes a document beside its place, in an existing folder of
// staging, and moves it there when it is whole.
func (l *Lander) writeJSON(work, to string, doc any) error {
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	tmp := path.Join(work, path.Base(to))
	f, err := l.create(tmp)
	if err != nil {
		return err
	}
	err = l.write(f, append(text, '\n'))
	if err == nil {
		err = l.sync(f, tmp)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return l.rename(tmp, to)
}
