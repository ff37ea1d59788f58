package landing

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/waybill-dev/waybill/runtime/value"
)

// scratch is where files are kept on this machine until they land. That of a
// landing on a disk is in the landing itself, so that files can be renamed.
type scratch struct {
	prefix string // of the names in it
	dir    string // the folder, where it is opened when it is needed

	mu   sync.Mutex
	disk *disk
}

// name is that of the folder in which a courier of a run is staged. Whatever else
// has a name of its own there begins with %_, which no courier's has: Escape writes
// hex digits after %.
func (s *scratch) name(run, courier string) string {
	return path.Join(s.prefix, Escape(run), Escape(courier))
}

// open returns the folder, and makes it where it does not exist.
func (s *scratch) open() (*disk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.disk != nil {
		return s.disk, nil
	}
	if s.dir == "" {
		return nil, value.Failed.Errorf("make a staging folder", "there is no folder for it on this machine")
	}
	dir, err := filepath.Abs(s.dir)
	if err == nil {
		s.disk, err = openDisk(dir)
	}
	return s.disk, err
}

// existing returns the folder, nil where there is none.
func (s *scratch) existing() (*disk, error) {
	s.mu.Lock()
	opened := s.disk != nil
	s.mu.Unlock()
	if !opened {
		if _, err := os.Stat(s.dir); s.dir == "" || errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	return s.open()
}

// discard removes a folder of staging, if there is one.
func (s *scratch) discard(name string) error {
	d, err := s.existing()
	if d == nil || err != nil {
		return err
	}
	return d.discard(name)
}

func (s *scratch) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.disk == nil || s.dir == "" { // the place closes its own
		return nil
	}
	return s.disk.close()
}

// Discard removes what unfinished attempts at landing a courier of a run have
// staged. What has landed stays.
func (l *Lander) Discard(run, courier string) error {
	if err := l.scratch.discard(l.scratch.name(run, courier)); err != nil {
		return diskFault("discard the staging of "+courier+" of "+run, err)
	}
	return nil
}

// StagingDir discards what earlier attempts have staged for a job and returns
// the absolute path of a new, empty folder of this machine for a program to write
// into, also where the landing is elsewhere. Every call gives another one, so that
// a program left over from an attempt that was killed writes into a folder nobody
// looks at.
func (l *Lander) StagingDir(j Job) (string, error) {
	op := "make a staging folder for " + j.Courier + " of " + j.Run
	work := l.scratch.name(j.Run, j.Courier)
	if err := l.scratch.discard(work); err != nil {
		return "", diskFault(op, err)
	}
	d, err := l.scratch.open()
	if err != nil {
		return "", diskFault(op, err)
	}
	dir := path.Join(work, "tree-"+strings.ToLower(rand.Text()[:10]))
	if err := d.makeStaging(dir); err != nil {
		return "", diskFault(op, err)
	}
	return d.path(dir), nil
}

// keep copies what is read into a file of this machine, which remove closes and
// removes. No more of it is kept than may come out of it.
func (u *unpacker) keep(in io.Reader) (f *os.File, remove func(), err error) {
	d, err := u.scratch.open()
	if err != nil {
		return nil, nil, diskFault(u.op, err)
	}
	work := u.scratch.name(u.job.Run, u.job.Courier)
	if err := d.makeStaging(work); err != nil {
		return nil, nil, diskFault(u.op, err)
	}
	name := path.Join(work, "zip-"+strconv.FormatInt(u.spooled.Add(1), 10))
	if err := d.before("create", name); err != nil {
		return nil, nil, diskFault(u.op, err)
	}
	if f, err = d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, nil, diskFault(u.op, err)
	}
	remove = func() { _ = errors.Join(f.Close(), d.root.Remove(name)) } // who discards the folder removes what stays
	n, err := io.Copy(writer{d, f}, io.LimitReader(in, u.guard.most+1))
	var fault *value.Error
	switch {
	case err == nil && n > u.guard.most:
		err = u.guard.give(int(n))
	case err != nil && !errors.As(err, &fault):
		err = diskFault(u.op, err)
	}
	if err != nil {
		remove()
		return nil, nil, err
	}
	return f, remove, nil
}
