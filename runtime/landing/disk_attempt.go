package landing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"sync"
)

// diskAttempt stages files on the disk of their place, and renames them when all
// are there.
type diskAttempt struct {
	*disk
	dir, work string
	fresh     bool

	mu     sync.Mutex
	staged []string          // made so far, also those that are not whole
	at     map[string]string // where what goes to a URL is whole
}

func (d *disk) begin(_ context.Context, _ *journal, dir, work string, fresh bool) (attempt, error) {
	if err := d.makeStaging(work); err != nil {
		return nil, err
	}
	return &diskAttempt{disk: d, dir: dir, work: work, fresh: fresh, at: map[string]string{}}, nil
}

func (a *diskAttempt) put(_ context.Context, url string, r io.Reader, _ int64) (int64, error) {
	a.mu.Lock()
	at := path.Join(a.work, strconv.Itoa(len(a.staged)))
	a.staged = append(a.staged, at)
	a.mu.Unlock()
	f, err := a.create(at)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(writer{a.disk, f}, r)
	if err == nil {
		err = a.sync(f, at)
	}
	if err == nil {
		err = isWhole(f, size)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		a.note(url, at)
	}
	return size, err
}

// writer writes to a file that is being staged.
type writer struct {
	*disk
	f *os.File
}

func (w writer) Write(p []byte) (int, error) { return w.writeTo(w.f, p) }

// isWhole asks the disk how much it has got: not every file system says so when
// it runs out of space.
func isWhole(f *os.File, size int64) error {
	info, err := f.Stat()
	if err == nil && info.Size() != size {
		err = fmt.Errorf("the disk has %d of %d bytes", info.Size(), size)
	}
	return err
}

func (a *diskAttempt) adopt(_ context.Context, url, at string, r io.Reader, _ int64) (int64, error) {
	size, err := io.Copy(io.Discard, r)
	if err == nil {
		err = a.syncFile(at)
	}
	if err == nil {
		a.note(url, at)
	}
	return size, err
}

func (a *diskAttempt) note(url, at string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at[url] = at
}

// abandon leaves what is staged to who discards the folder of staging.
func (a *diskAttempt) abandon(context.Context) {}

func (a *diskAttempt) commit(_ context.Context, files []File, manifest []byte) error {
	to := path.Join(a.dir, manifestName)
	moved, err := a.move(files)
	if err == nil {
		dirs := []string{a.dir}
		for _, f := range files {
			dirs = append(dirs, path.Dir(f.URL))
		}
		err = a.syncDirs(dirs...)
	}
	var standing []byte
	switch {
	case err != nil:
	case !a.fresh:
		err = a.replace(a.work, to, manifest)
	default:
		if err = a.publish(a.work, to, manifest); errors.Is(err, fs.ErrExist) {
			if standing, err = a.root.ReadFile(to); err != nil {
				return err // the files that it lists must be there, whichever they are
			}
			err = &standsError{standing}
		}
	}
	if err != nil {
		listed := listedIn(standing)
		a.takeBack(slices.DeleteFunc(moved, func(name string) bool { return listed[name] }))
		return err
	}
	// The manifest is there: a failure now must not take its files away. What is
	// above its folder is on the disk already.
	return a.syncFile(a.dir)
}

// move moves staged files to their place and returns those that had nothing in
// theirs before, also with an error.
func (a *diskAttempt) move(files []File) (moved []string, err error) {
	if err := a.mkdirAll(a.dir); err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := a.mkdirAll(path.Dir(f.URL)); err != nil {
			return moved, err
		}
		_, absent := a.root.Lstat(f.URL)
		if err := a.rename(a.at[f.URL], f.URL); err != nil {
			return moved, err
		}
		if absent != nil {
			moved = append(moved, f.URL)
		}
	}
	return moved, nil
}

func (a *diskAttempt) strays(files []File) (strays []string, err error) {
	if !a.fresh {
		return nil, nil
	}
	wanted := map[string]bool{path.Join(a.dir, manifestName): true}
	for _, f := range files {
		wanted[f.URL] = true
	}
	err = fs.WalkDir(a.root.FS(), a.dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err == nil && !e.IsDir() && !wanted[name]:
			strays = append(strays, name)
		}
		return err
	})
	return strays, err
}

// takeBack removes files that were moved to their place and the folders that
// are empty then. The next attempt removes what cannot be removed now.
func (a *diskAttempt) takeBack(moved []string) {
	for _, name := range moved {
		_ = a.root.Remove(name)
		for up := path.Dir(name); up != a.dir; up = path.Dir(up) {
			_ = a.root.Remove(up)
		}
	}
	_ = a.root.Remove(a.dir)
}
