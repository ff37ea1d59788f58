package landing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// remote is a place in a store, whatever serves it: files are put whole at their
// place, where they are nobody's until the manifest lists them.
type remote struct {
	store bucket.Store
	url   string // what names are appended to
}

func (r *remote) folders() bool {
	return graph.Storage{Scheme: graph.StorageScheme(r.url)}.Folders()
}

func (r *remote) close() error { return r.store.Close() }

func (r *remote) path(name string) string { return r.url + "/" + name }

func (r *remote) read(ctx context.Context, name string) (text []byte, err error) {
	o, err := r.store.Stat(ctx, name)
	if err != nil {
		return nil, err
	}
	f, err := r.store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(f)
}

func (r *remote) write(ctx context.Context, g *journal, _, name string, text []byte) error {
	_, err := r.store.Put(ctx, name, bytes.NewReader(text), bucket.PutOptions{Size: int64(len(text)), Begun: g.begun})
	return err
}

// list returns what lies below a folder, with its size. Nothing does where a server
// does not have the folder of the landing yet: what is put there makes it.
func (r *remote) list(ctx context.Context, dir string) (map[string]int64, error) {
	objects, err := r.store.List(ctx, bucket.Scope{Folders: []string{dir}})
	sizes := map[string]int64{}
	if errors.Is(err, fs.ErrNotExist) {
		return sizes, nil
	}
	for _, o := range objects {
		sizes[o.Path] = o.Size
	}
	return sizes, err
}

func (r *remote) holds(ctx context.Context, dir string, _ []File) (func(File) bool, error) {
	there, err := r.list(ctx, dir)
	return func(f File) bool {
		size, ok := there[f.URL]
		return ok && size == f.Size
	}, err
}

func (r *remote) drop(ctx context.Context, names []string) error {
	return r.store.Remove(ctx, names...)
}

func (r *remote) sweep(ctx context.Context, left []bucket.Unfinished) error {
	return r.store.Sweep(ctx, left...)
}

// fault keeps that of the store. What is not there is no data that may come: it is
// the store that does not work.
func (r *remote) fault(op string, err error) error {
	var e *value.Error
	if errors.As(err, &e) && e.Fault != value.NotReady {
		return fmt.Errorf("%s: %w", op, err)
	}
	return value.Failed.Wrap(op, err)
}

// remoteAttempt puts files at their place.
type remoteAttempt struct {
	*remote
	journal *journal
	dir     string
	fresh   bool
	before  map[string]int64 // what was there

	mu   sync.Mutex
	made []string // URLs, also of puts of which nobody knows how they ended
}

func (r *remote) begin(ctx context.Context, g *journal, dir, _ string, fresh bool) (attempt, error) {
	before, err := r.list(ctx, dir)
	if err != nil {
		return nil, err
	}
	return &remoteAttempt{remote: r, journal: g, dir: dir, fresh: fresh, before: before}, nil
}

func (a *remoteAttempt) put(ctx context.Context, url string, r io.Reader, size int64) (int64, error) {
	a.mu.Lock()
	a.made = append(a.made, url)
	a.mu.Unlock()
	o, err := a.store.Put(ctx, url, r, bucket.PutOptions{Size: size, Begun: a.journal.begun})
	return o.Size, err
}

func (a *remoteAttempt) adopt(ctx context.Context, url, _ string, r io.Reader, size int64) (int64, error) {
	return a.put(ctx, url, r, size)
}

func (a *remoteAttempt) commit(ctx context.Context, _ []File, manifest []byte) error {
	to := path.Join(a.dir, manifestName)
	_, err := a.store.Put(ctx, to, bytes.NewReader(manifest), bucket.PutOptions{Size: int64(len(manifest)), IfAbsent: a.fresh, Begun: a.journal.begun})
	if err == nil {
		return nil
	}
	// The request may have come through although its answer has not.
	ctx, cancel := cleaning(ctx)
	defer cancel()
	text, reading := a.read(ctx, to)
	switch {
	case errors.Is(reading, fs.ErrNotExist):
		a.takeBack(ctx, nil)
		return err
	case reading != nil: // it may be there: then its files must be, too
		return errors.Join(err, reading)
	case bytes.Equal(text, manifest):
		return nil
	case errors.Is(err, bucket.ErrExists):
		a.takeBack(ctx, text)
		return &standsError{text}
	}
	a.takeBack(ctx, text)
	return err
}

// strays are of what was there at the beginning: another process may have put files
// there since, and be about to write its manifest.
func (a *remoteAttempt) strays(files []File) ([]string, error) {
	if !a.fresh {
		return nil, nil
	}
	wanted := map[string]bool{path.Join(a.dir, manifestName): true}
	for _, f := range files {
		wanted[f.URL] = true
	}
	var strays []string
	for name := range a.before {
		if !wanted[name] {
			strays = append(strays, name)
		}
	}
	slices.Sort(strays)
	return strays, nil
}

func (a *remoteAttempt) abandon(ctx context.Context) {
	ctx, cancel := cleaning(ctx)
	defer cancel()
	a.takeBack(ctx, nil)
}

// takeBack removes what was put, save what a manifest lists that stands, and what
// has landed before. The next attempt removes what cannot be removed now.
func (a *remoteAttempt) takeBack(ctx context.Context, standing []byte) {
	listed := listedIn(standing)
	_ = a.store.Remove(ctx, slices.DeleteFunc(slices.Clone(a.made), func(url string) bool {
		_, was := a.before[url]
		return listed[url] || was && !a.fresh
	})...)
}

// The time that tidying up may take: little where who waits has no more.
const (
	tidyTime    = 30 * time.Second
	hurriedTime = time.Second
)

// cleaning is a context for tidying up after another that may have ended.
func cleaning(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := tidyTime
	if ctx.Err() != nil {
		limit = hurriedTime
	}
	return context.WithTimeout(context.WithoutCancel(ctx), limit)
}
