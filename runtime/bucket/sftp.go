package bucket

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/pkg/sftp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// sftpStore is a folder of an SFTP server. It has one connection, made when it is
// first needed, and another one when that breaks. A link is followed only as far
// as it stays in the folder.
//
// The protocol has times in whole seconds and says nothing of a version, so a file
// that is replaced within a second by one of the same size looks the same.
type sftpStore struct {
	at    graph.Storage
	login *sftpLogin
	root  string // on the server: absolute, or relative to the user's home

	connecting chan struct{} // holds one thing while somebody may use link
	link       *sftpLink     // nil until it is needed

	mu    sync.Mutex
	plain map[string]bool // folders that are there and no links, relative to root
}

var _ Store = (*sftpStore)(nil)

func openSFTP(_ context.Context, at graph.Storage, a Access) (Store, error) {
	login, err := newLogin(at, a)
	if err != nil {
		return nil, value.Misconfigured.Wrap("open "+at.String(), err)
	}
	s := &sftpStore{at: at, login: login, root: at.Path, connecting: make(chan struct{}, 1), plain: map[string]bool{}}
	if home, isHome := strings.CutPrefix(at.Path+"/", "/~/"); isHome {
		s.root = path.Clean(home)
	}
	return s, nil
}

// URL is that of the folder, with the user and the server.
func (s *sftpStore) URL() string { return s.at.String() }

// Extent is the folders of a scope, and the prefixes that decide which folders
// below them are looked into.
func (s *sftpStore) Extent(scope Scope) Scope { return walked(scope) }

// full returns the path of a file or folder on the server.
func (s *sftpStore) full(name string) string { return path.Join(s.root, name) }

// Close ends the connection. Files that are open fail.
func (s *sftpStore) Close() error {
	s.connecting <- struct{}{}
	defer func() { <-s.connecting }()
	if s.link != nil {
		s.link.close()
		s.link = nil
	}
	return nil
}

// connection returns one that works, as far as is known.
func (s *sftpStore) connection(ctx context.Context, op string) (*sftpLink, error) {
	select {
	case s.connecting <- struct{}{}:
		defer func() { <-s.connecting }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return nil, value.Interrupted(ctx, op)
	}
	if s.link != nil && s.link.lost() == nil {
		return s.link, nil
	}
	link, err := s.login.connect(ctx, op)
	if err != nil {
		return nil, err
	}
	if s.link != nil {
		s.link.close()
	}
	s.link = link
	return link, nil
}

// with does something over a connection, until its context ends.
func (s *sftpStore) with(ctx context.Context, op string, do func(*sftpLink) error) error {
	link, err := s.connection(ctx, op)
	if err != nil {
		return err
	}
	defer link.during(ctx)()
	return do(link)
}

// errLeaves says that a link leads out of the place, or in a circle.
var errLeaves = errors.New("it is a link that leads out of the place")

// maxSteps bounds how many links one path may follow.
const maxSteps = 40

// real finds out where a path leads when its links are followed: to a path of
// which nothing is a link. An error that wraps fs.ErrNotExist says that there is
// nothing.
func (s *sftpStore) real(client *sftp.Client, name string) (string, os.FileInfo, error) {
	at, rest, steps := ".", strings.Split(name, "/"), 0
	var info os.FileInfo
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if at == "." {
				return "", nil, errLeaves
			}
			at, info = path.Dir(at), nil
			continue
		}
		next := path.Join(at, part)
		if len(rest) > 0 && s.isPlain(next) {
			at, info = next, nil
			continue
		}
		var err error
		if info, err = client.Lstat(s.full(next)); err != nil {
			return "", nil, err
		}
		switch {
		case info.Mode()&fs.ModeSymlink == 0:
			at = next
			if info.IsDir() {
				s.setPlain(at, true)
			}
			continue
		case steps == maxSteps:
			return "", nil, errLeaves
		}
		target, err := client.ReadLink(s.full(next))
		if err != nil {
			return "", nil, err
		}
		if path.IsAbs(target) {
			return "", nil, errLeaves
		}
		steps++
		rest, info = append(strings.Split(target, "/"), rest...), nil
	}
	if info != nil {
		return at, info, nil
	}
	info, err := client.Stat(s.full(at))
	return at, info, err
}

func (s *sftpStore) isPlain(dir string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plain[dir]
}

func (s *sftpStore) setPlain(dir string, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if is {
		s.plain[dir] = true
	} else {
		delete(s.plain, dir)
	}
}

// Stat describes a file.
func (s *sftpStore) Stat(ctx context.Context, name string) (out window.Object, err error) {
	op := "look up " + name + " of " + s.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	err = s.with(ctx, op, func(l *sftpLink) error {
		_, info, err := s.real(l.sftp, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return value.NotReady.Wrap(op, err)
		case errors.Is(err, errLeaves):
			return value.SourceError.Wrap(op, err)
		case err != nil:
			return s.fault(ctx, l, op, "to look up "+s.full(name), err)
		case !info.Mode().IsRegular():
			return value.SourceError.Errorf(op, "it is not a regular file")
		}
		out = describe(name, info)
		return nil
	})
	return out, err
}

// Open opens a file, of which some of the next bytes are asked for ahead.
func (s *sftpStore) Open(ctx context.Context, o window.Object) (File, error) {
	op := "read " + o.Path + " of " + s.URL()
	if err := checkName(op, o.Path); err != nil {
		return nil, err
	}
	var out *sftpFile
	err := s.with(ctx, op, func(l *sftpLink) error {
		name, info, err := s.real(l.sftp, o.Path)
		if err == nil && !info.Mode().IsRegular() {
			return value.SourceError.Errorf(op, "it is not a regular file")
		}
		var file *sftp.File
		if err == nil {
			if file, err = l.sftp.Open(s.full(name)); err == nil {
				if info, err = file.Stat(); err != nil {
					_ = file.Close()
				}
			}
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return value.NotReady.Errorf(op, "it was there a moment ago and is gone: %w", err)
		case errors.Is(err, errLeaves):
			return value.SourceError.Wrap(op, err)
		case err != nil:
			return s.fault(ctx, l, op, "to read "+s.full(name), err)
		}
		opened := describe(o.Path, info)
		if !isAny(o) && opened.Version() != o.Version() {
			_ = file.Close()
			return value.NotReady.Errorf(op, "it changed after it was listed")
		}
		out = newSFTPFile(ctx, s, l, file, op, opened)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// sftpFile is an open file. What is read comes through a pipe, whose other end
// keeps several requests under way.
type sftpFile struct {
	ctx    context.Context
	store  *sftpStore
	link   *sftpLink
	file   *sftp.File
	op     string
	object window.Object

	begin sync.Once
	out   *io.PipeReader
	in    *io.PipeWriter
	ended func()
	read  int64
}

func newSFTPFile(ctx context.Context, s *sftpStore, l *sftpLink, file *sftp.File, op string, o window.Object) *sftpFile {
	f := &sftpFile{ctx: ctx, store: s, link: l, file: file, op: op, object: o}
	f.out, f.in = io.Pipe()
	stop := context.AfterFunc(ctx, func() { _ = f.out.CloseWithError(context.Cause(ctx)) })
	f.ended = func() { stop() }
	return f
}

func (f *sftpFile) Object() window.Object { return f.object }

func (f *sftpFile) Stat(ctx context.Context) (window.Object, error) {
	return f.store.Stat(ctx, f.object.Path)
}

// Read reads what was asked for ahead. An end that comes too early or too late is
// an error: the file changes.
func (f *sftpFile) Read(p []byte) (int, error) {
	f.begin.Do(f.ask)
	n, err := f.out.Read(p)
	f.read += int64(n)
	switch {
	case err == nil:
		return n, nil
	case !errors.Is(err, io.EOF):
		return n, f.store.fault(f.ctx, f.link, f.op, "to read "+f.store.full(f.object.Path), err)
	case f.read != f.object.Size:
		return n, value.NotReady.Errorf(f.op, "it changed while it was read: it had %d bytes, and then %d", f.object.Size, f.read)
	}
	return n, io.EOF
}

// ask asks for the file, as far ahead of its reader as the pipe lets it.
func (f *sftpFile) ask() {
	ended := make(chan struct{})
	goesOn := f.link.do(func() {
		defer close(ended)
		_, err := f.file.WriteTo(f.in)
		_ = f.in.CloseWithError(err)
	})
	goesOn = goesOn && f.link.do(func() {
		select {
		case <-f.link.broken: // nobody need read for this to end: the store may wait for it
			_ = f.in.CloseWithError(f.link.lost())
		case <-ended:
		}
	})
	if !goesOn {
		_ = f.in.CloseWithError(f.link.lost())
	}
}

// Close releases the file. What is still under way ends by itself.
func (f *sftpFile) Close() error {
	f.ended()
	_ = f.out.Close()
	f.link.do(func() { _ = f.file.Close() })
	return nil
}
