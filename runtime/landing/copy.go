package landing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// porter copies the items of a job in one attempt.
type porter struct {
	*Lander
	attempt attempt
	job     Job
	gauge   *gauge
	spooled atomic.Int64

	mu      sync.Mutex
	claimed map[string]string // URLs, and the items that land there
	within  map[string]string // folders of those, and one of the items in each
}

// copyAll copies items, several at once, and returns what came of them in their
// order. The first that fails ends the others.
func (l *Lander) copyAll(ctx context.Context, a attempt, j Job, items []Item, landed *Manifest) ([]File, error) {
	p := &porter{Lander: l, attempt: a, job: j, gauge: newGauge(j.Progress, items), claimed: landed.beside(items), within: map[string]string{}}
	for url, item := range p.claimed {
		p.enter(url, item)
	}
	files := make([][]File, len(items))
	g, ctx := errgroup.WithContext(ctx)
	parallel := j.Parallel
	if parallel <= 0 {
		parallel = defaultParallel
	}
	g.SetLimit(parallel)
	for n, i := range items {
		g.Go(func() (err error) {
			if ctx.Err() != nil {
				return value.Interrupted(ctx, "copy "+i.Object.Path)
			}
			if files[n], err = p.copy(ctx, i); err != nil {
				return &ItemError{Path: i.Object.Path, Err: err}
			}
			return nil
		})
	}
	err := g.Wait()
	return slices.Concat(files...), err
}

// claim refuses an item that would land on top of another.
func (p *porter) claim(url, item string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if other, ok := p.claimed[url]; ok {
		return value.Failed.Errorf("land "+item, "%q has landed under the same name, %s; take one of the two, or leave decompress out", other, path.Base(url))
	}
	if p.place.folders() {
		for up := path.Dir(url); up != "."; up = path.Dir(up) {
			if other, ok := p.claimed[up]; ok {
				return bothOf(other, item)
			}
		}
		if other, ok := p.within[url]; ok {
			return bothOf(item, other)
		}
	}
	p.claimed[url] = item
	p.enter(url, item)
	return nil
}

// enter notes the folders that an item lands in.
func (p *porter) enter(url, item string) {
	for up := path.Dir(url); up != "."; up = path.Dir(up) {
		p.within[up] = item
	}
}

// bothOf refuses a file where another one needs a folder, which an object store has
// room for.
func bothOf(file, within string) error {
	return value.Misconfigured.Errorf("land "+file, "%q needs a folder in its place, and the landing cannot have both; take one of the two by the pattern, or land in an object store", within)
}

// copy puts an item at its place.
func (p *porter) copy(ctx context.Context, i Item) ([]File, error) {
	op := "copy " + i.Object.Path
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	src, err := i.Open(ctx)
	if err != nil {
		return nil, sourceFault(op, err)
	}
	defer func() { _ = src.Close() }()
	if src.Object().Version() != i.Object.Version() {
		return nil, value.NotReady.Errorf(op, "it changed after it was listed")
	}
	f := File{
		File: i.block(), Date: i.Date, Path: i.Object.Path, Source: p.job.Source,
		URL:     path.Join(p.Dir(p.job), Escape(i.block()), i.Object.Path),
		Version: i.Object.Version(), Modified: src.Object().ModTime.UTC(),
	}
	if format, _, _ := graph.Decompression(i.Decompress, i.Object.Path); format != "" {
		return p.unpack(ctx, cancel, i, src, f)
	}
	if err := p.claim(f.URL, f.Path); err != nil {
		return nil, err
	}
	t := newTally(i.Object.Path, i.Check)
	in := p.open(ctx, op, i, src, t)
	size := src.Object().Size
	if i.at != "" {
		err = pour(in, cancel, t, func() (int64, error) { return p.attempt.adopt(ctx, f.URL, i.at, in, size) })
	} else {
		err = pour(in, cancel, t, func() (int64, error) { return p.attempt.put(ctx, f.URL, in, size) })
	}
	f.Size, f.SHA256, f.Rows = t.size, t.sum(), t.count(p.job.Header)
	if i.at != "" {
		f.Version = "sha256:" + f.SHA256
	}
	return []File{f}, err
}

// open starts reading an item as it is at its source.
func (p *porter) open(ctx context.Context, op string, i Item, src bucket.File, t *tally) *pipe {
	see := func(b []byte) error {
		t.see(b)
		p.gauge.read(i, len(b), t.size, false)
		if p.job.Limit == nil {
			return nil
		}
		if err := p.job.Limit(ctx, len(b)); err != nil {
			if ctx.Err() != nil {
				return value.Interrupted(ctx, op)
			}
			return value.Failed.Wrap(op, err)
		}
		return nil
	}
	finish := func() error {
		if err := unchanged(ctx, op, src, t.size); err != nil {
			return err
		}
		p.gauge.read(i, 0, t.size, true)
		return t.compare(op, i.Check)
	}
	return newPipe(ctx, op, reader{src, op}, see, finish)
}

// pour has what a pipe gives put at its place, and demands that it is there whole.
func pour(in *pipe, cancel func(), t *tally, put func() (int64, error)) error {
	size, err := put()
	if err == nil { // who puts may know the size and not have asked for the end
		var left int64
		if left, err = io.Copy(io.Discard, in); err == nil && left > 0 {
			size -= left
		}
	}
	if err != nil {
		cancel() // who reads may wait for a server
		if cause := in.close(); cause != nil {
			return cause
		}
		return err
	}
	if err := in.close(); err != nil {
		return err
	}
	if size != t.size {
		return fmt.Errorf("the landing has %d of %d bytes", size, t.size)
	}
	return nil
}

// reader gives the errors of a source their fault.
type reader struct {
	io.Reader
	op string
}

func (r reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = sourceFault(r.op, err)
	}
	return n, err
}

// unchanged reports a file that was written to, or replaced, while it was read, or
// of which not all came.
func unchanged(ctx context.Context, op string, src bucket.File, size int64) error {
	before := src.Object()
	after, err := src.Stat(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return value.NotReady.Errorf(op, "it was removed while it was read")
	case err != nil:
		return sourceFault(op, err)
	case after.Version() != before.Version():
		return value.NotReady.Errorf(op, "it changed while it was read")
	case size > before.Size:
		return value.NotReady.Errorf(op, "it changed while it was read: it had %d bytes and gave %d", before.Size, size)
	case size < before.Size:
		return value.SourceError.Errorf(op, "it broke off: it has %d bytes and gave %d", before.Size, size)
	}
	return nil
}

func sourceFault(op string, err error) error {
	var e *value.Error
	if errors.As(err, &e) {
		return err
	}
	return value.SourceError.Wrap(op, err)
}
