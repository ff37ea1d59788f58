package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/pkg/sftp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Extensions of OpenSSH's that many servers have.
const (
	extensionRename = "posix-rename@openssh.com" // a rename that replaces
	extensionLink   = "hardlink@openssh.com"
	extensionSync   = "fsync@openssh.com"
)

func offers(client *sftp.Client, extension string) bool {
	_, is := client.HasExtension(extension)
	return is
}

// Put writes a file into another one beside it, and gives that its name when the
// server has written it to its disk, as far as it can be asked to.
func (s *sftpStore) Put(ctx context.Context, name string, r io.Reader, o PutOptions) (out window.Object, err error) {
	op := "write " + name + " to " + s.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	err = s.with(ctx, op, func(l *sftpLink) error {
		out, err = s.put(ctx, l, op, name, r, o)
		return s.writeFault(ctx, l, op, path.Dir(name), err)
	})
	return out, err
}

func (s *sftpStore) put(ctx context.Context, l *sftpLink, op, name string, r io.Reader, o PutOptions) (window.Object, error) {
	if o.IfAbsent {
		if _, err := l.sftp.Lstat(s.full(name)); err == nil {
			return window.Object{}, value.Failed.Wrap(op, ErrExists)
		}
	}
	part := partName()
	ended := o.begun(Unfinished{Path: name, ID: part})
	dir, file, err := s.create(l, op, path.Dir(name), part)
	if err != nil {
		if l.lost() == nil { // else it may be there
			ended()
		}
		return window.Object{}, err
	}
	part, final := path.Join(dir, part), path.Join(dir, path.Base(name))
	isDone := false
	defer func() {
		if isDone || l.lost() == nil && isGone(l.sftp.Remove(s.full(part))) {
			ended()
		}
	}()
	if err := s.fill(ctx, l, op, file, r, o.Size); err != nil {
		return window.Object{}, err
	}
	err = s.rename(l.sftp, part, final, o.IfAbsent)
	if errors.Is(err, ErrExists) {
		return window.Object{}, value.Failed.Wrap(op, err)
	}
	if err != nil {
		return window.Object{}, err
	}
	isDone = true
	info, err := l.sftp.Lstat(s.full(final))
	if err != nil {
		return window.Object{}, err
	}
	return describe(name, info), nil
}

// isGone reports whether a file was removed, or was not there.
func isGone(err error) bool { return err == nil || errors.Is(err, fs.ErrNotExist) }

// create makes a file and the folders it is in. Somebody else may remove them in
// between, when they are empty. It returns where links of the folder lead.
func (s *sftpStore) create(l *sftpLink, op, dir, part string) (real string, file *sftp.File, err error) {
	for range creates {
		if real, err = s.makeFolder(l, op, dir); err == nil {
			file, err = l.sftp.OpenFile(s.full(path.Join(real, part)), os.O_WRONLY|os.O_CREATE|os.O_EXCL)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		s.forget(dir)
		s.forget(real)
	}
	return real, file, err
}

// makeFolder makes a folder and those above it, and returns where its links lead.
func (s *sftpStore) makeFolder(l *sftpLink, op, dir string) (string, error) {
	if s.isPlain(dir) {
		return dir, nil
	}
	if err := l.sftp.MkdirAll(s.full(dir)); err != nil {
		return "", err
	}
	real, info, err := s.real(l.sftp, dir)
	switch {
	case errors.Is(err, errLeaves):
		return "", value.Misconfigured.Errorf(op, "the folder %s: %w", s.full(dir), err)
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", value.Misconfigured.Errorf(op, "%s is a file, not a folder", s.full(dir))
	}
	return real, nil
}

// forget drops what is known of a folder and those above it.
func (s *sftpStore) forget(dir string) {
	for ; dir != "" && dir != "."; dir = path.Dir(dir) {
		s.setPlain(dir, false)
	}
	s.setPlain(".", false)
}

// fill writes a new file, on the server's disk where it can be told to, and closes
// it.
func (s *sftpStore) fill(ctx context.Context, l *sftpLink, op string, file *sftp.File, r io.Reader, size int64) error {
	in := &contents{ctx: ctx, op: op, r: r, size: size}
	_, err := file.ReadFromWithConcurrency(in, 0)
	if err == nil {
		err = in.failed // it takes an error that wraps io.EOF for the end
	}
	if err == nil && offers(l.sftp, extensionSync) {
		err = file.Sync()
	}
	var info os.FileInfo
	if err == nil {
		info, err = file.Stat()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil && info.Size() != in.read {
		err = value.SourceError.Errorf(op, "%s holds %d bytes of the %d that were written", s.login.address, info.Size(), in.read)
	}
	return err
}

// rename gives a file that is whole its name. Servers without OpenSSH's extensions
// do it in more than one step: then a reader may see no file for a moment, and a
// file that another program makes in that moment is not noticed.
func (s *sftpStore) rename(client *sftp.Client, part, name string, ifAbsent bool) error {
	from, to := s.full(part), s.full(name)
	if !ifAbsent && offers(client, extensionRename) {
		return client.PosixRename(from, to)
	}
	if ifAbsent && offers(client, extensionLink) {
		err := client.Link(from, to)
		if err == nil {
			return client.Remove(from)
		}
		if _, there := client.Lstat(to); there == nil {
			return ErrExists
		}
		// A disk without links.
	}
	_, there := client.Lstat(to)
	switch {
	case there == nil && ifAbsent:
		return ErrExists
	case there == nil:
		return s.replace(client, from, to)
	case !errors.Is(there, fs.ErrNotExist):
		return there
	}
	err := client.Rename(from, to)
	if err != nil && ifAbsent {
		if _, there := client.Lstat(to); there == nil {
			return ErrExists
		}
	}
	return err
}

// replace puts the old file aside, and back again where the new one cannot take
// its place.
func (s *sftpStore) replace(client *sftp.Client, from, to string) error {
	aside := path.Join(path.Dir(to), partName())
	if err := client.Rename(to, aside); err != nil {
		return err
	}
	if err := client.Rename(from, to); err != nil {
		if back := client.Rename(aside, to); back != nil {
			return fmt.Errorf("%w; the file that was there is now %s", err, aside)
		}
		return err
	}
	return client.Remove(aside)
}

// Sweep removes the files that were being written when their process died.
func (s *sftpStore) Sweep(ctx context.Context, left ...Unfinished) error {
	var parts []string
	for _, u := range left {
		parts = append(parts, path.Join(path.Dir(u.Path), u.ID))
	}
	return s.Remove(ctx, parts...)
}

// Remove removes files, and the folders that are empty then.
func (s *sftpStore) Remove(ctx context.Context, names ...string) error {
	for _, name := range names {
		op := "remove " + name + " from " + s.URL()
		if err := checkName(op, name); err != nil {
			return err
		}
		err := s.with(ctx, op, func(l *sftpLink) error {
			dir, info, err := s.real(l.sftp, path.Dir(name))
			if err == nil && info.IsDir() {
				err = l.sftp.Remove(s.full(path.Join(dir, path.Base(name))))
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return s.fault(ctx, l, op, "to remove "+s.full(name), err)
			}
			for ; dir != "" && dir != "."; dir = path.Dir(dir) {
				if l.sftp.RemoveDirectory(s.full(dir)) != nil {
					break
				}
				s.setPlain(dir, false)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
