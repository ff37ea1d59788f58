package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/sftp"
	"golang.org/x/sync/errgroup"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// walkers is how many folders of a server are read at once.
const walkers = 4

// List returns the regular files below the folders of a scope, sorted by path.
// Links are followed as in a [Folder].
func (s *sftpStore) List(ctx context.Context, scope Scope) ([]window.Object, error) {
	op := "list " + s.URL()
	w := &sftpWalk{store: s, scope: walked(scope)}
	err := s.with(ctx, op, func(l *sftpLink) error {
		if err := s.isThere(l); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return value.Misconfigured.Wrap(op, &noRoot{fmt.Sprintf("the folder %s does not exist on %s, or user %s may not see it", s.root, s.login.address, s.login.user)})
			}
			return s.fault(ctx, l, op, "to read the folder "+s.root, err)
		}
		w.client = l.sftp
		w.group, w.ctx = errgroup.WithContext(ctx)
		w.group.SetLimit(walkers)
		for _, base := range w.scope.Folders {
			if !fs.ValidPath(base) {
				return value.Misconfigured.Errorf(op, "%q is not a folder inside it", base)
			}
			w.do(func() error { return w.base(base) })
		}
		err := w.group.Wait()
		var denied *deniedFolder
		if errors.As(err, &denied) {
			return s.fault(ctx, l, op, "to read the folder "+denied.folder, denied.err)
		}
		return s.fault(ctx, l, op, "to list", err)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(w.found, func(a, b window.Object) int { return strings.Compare(a.Path, b.Path) })
	return w.found, nil
}

// noRoot says that the folder of a store does not exist. Writing to it makes it, so
// that who writes may ask for [fs.ErrNotExist].
type noRoot struct{ text string }

func (e *noRoot) Error() string { return e.text }

func (e *noRoot) Unwrap() error { return fs.ErrNotExist }

// isThere looks for the folder that all paths are relative to.
func (s *sftpStore) isThere(l *sftpLink) error {
	if s.isPlain(".") {
		return nil
	}
	info, err := l.sftp.Stat(s.root)
	if err == nil && !info.IsDir() {
		return fs.ErrNotExist
	}
	if err == nil {
		s.setPlain(".", true)
	}
	return err
}

// walked is what of a scope decides which folders are looked into.
func walked(s Scope) Scope {
	prefixes := slices.Sorted(slices.Values(s.Prefixes))
	return Scope{Folders: outermost(s.Folders), Prefixes: slices.Compact(prefixes)}
}

// sftpWalk collects the regular files of a scope, several folders at once.
type sftpWalk struct {
	store  *sftpStore
	client *sftp.Client
	scope  Scope
	group  *errgroup.Group
	ctx    context.Context

	mu    sync.Mutex
	found []window.Object
}

// sftpPlace is a folder on the way down: by the name it is found under, and where
// links lead. above are the real folders on the way to it, itself included: a link
// to one of them would never end.
type sftpPlace struct {
	name, real string
	above      []string
	links      int
}

// deniedFolder names the folder that could not be read.
type deniedFolder struct {
	folder string
	err    error
}

func (e *deniedFolder) Error() string { return e.folder + ": " + e.err.Error() }

// do does something beside the rest, or where enough goes on, at once.
func (w *sftpWalk) do(task func() error) {
	if !w.group.TryGo(task) {
		if err := task(); err != nil {
			w.group.Go(func() error { return err })
		}
	}
}

// base lists one folder of the scope.
func (w *sftpWalk) base(name string) error {
	real, info, err := w.store.real(w.client, name)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, errLeaves):
		return nil
	case err != nil:
		return &deniedFolder{w.store.full(name), err}
	case !info.IsDir():
		return nil
	}
	return w.folder(sftpPlace{name: name, real: real, above: []string{real}})
}

// folder lists a folder and those below it. One that is gone meanwhile holds
// nothing.
func (w *sftpWalk) folder(at sftpPlace) error {
	entries, err := w.client.ReadDirContext(w.ctx, w.store.full(at.real))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &deniedFolder{w.store.full(at.real), err}
	}
	var files []window.Object
	for _, info := range entries {
		name := path.Join(at.name, info.Name())
		if isPart(info.Name()) || strings.Contains(info.Name(), "/") {
			continue
		}
		below := sftpPlace{name: name, real: path.Join(at.real, info.Name()), above: at.above, links: at.links}
		if info.Mode()&fs.ModeSymlink != 0 {
			if below, info, err = w.follow(below); err != nil {
				return err
			}
		}
		switch {
		case info == nil:
		case info.Mode().IsRegular():
			files = append(files, describe(name, info))
		case info.IsDir() && w.scope.mayHold(name) && !slices.Contains(at.above, below.real):
			below.above = append(slices.Clip(at.above), below.real)
			w.do(func() error { return w.folder(below) })
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found = append(w.found, files...)
	return nil
}

// follow returns what a link leads to; nothing where it leaves the place, leads
// nowhere, or is one too many.
func (w *sftpWalk) follow(at sftpPlace) (sftpPlace, os.FileInfo, error) {
	real, info, err := w.store.real(w.client, at.real)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, errLeaves) || errors.Is(err, fs.ErrPermission):
		return at, nil, nil
	case err != nil:
		return at, nil, &deniedFolder{w.store.full(at.real), err}
	}
	at.real = real
	if info.IsDir() {
		if at.links++; at.links > maxLinks {
			return at, nil, nil
		}
	}
	return at, info, nil
}

// mayHold reports whether a folder can have files that begin with one of the
// prefixes.
func (s Scope) mayHold(dir string) bool {
	return len(s.Prefixes) == 0 || slices.ContainsFunc(s.Prefixes, func(p string) bool {
		return strings.HasPrefix(dir+"/", p) || strings.HasPrefix(p, dir+"/")
	})
}
