package server

import (
	"fmt"
	"os"
	"sync"
)

// kept is what was read from files, read again when one of them has changed. A
// change that cannot be read leaves what was there.
type kept[T any] struct {
	paths  []string
	read   func() (T, error)
	failed func(error) // told once of each change that cannot be read; may be nil

	mu     sync.Mutex
	stamps []stamp
	value  T
}

// stamp tells one state of a file from another: also from a file that took its
// place with the same size and time, and from itself with other permissions.
type stamp struct {
	info os.FileInfo // nil: it cannot be looked at
	err  string
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{err: err.Error()}
	}
	return stamp{info: info}
}

func (s stamp) same(as stamp) bool {
	if s.info == nil || as.info == nil {
		return s.info == nil && as.info == nil && s.err == as.err
	}
	return os.SameFile(s.info, as.info) && s.info.ModTime().Equal(as.info.ModTime()) && s.info.Size() == as.info.Size() &&
		s.info.Mode() == as.info.Mode()
}

// get returns the value as the files have it now, or had it last.
func (k *kept[T]) get() T {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, path := range k.paths {
		if !k.stamps[i].same(stampOf(path)) {
			if err := k.load(); err != nil && k.failed != nil {
				k.failed(err)
			}
			break
		}
	}
	return k.value
}

// reload reads the files whether they have changed or not.
func (k *kept[T]) reload() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.load()
}

func (k *kept[T]) load() error {
	stamps := make([]stamp, len(k.paths))
	for i, path := range k.paths { // before reading: what changes meanwhile is read again
		stamps[i] = stampOf(path)
	}
	k.stamps = stamps
	value, err := k.read()
	if err != nil {
		return err
	}
	k.value = value
	return nil
}

// onlyForOwner refuses a file that everybody on the machine may read or change.
func onlyForOwner(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return fmt.Errorf("%s is open to every user of this machine (mode %04o): chmod 600 %s", path, mode, path)
	}
	return nil
}
