package landing

import (
	"context"
	"sync"
)

// Chunk is the most bytes that a copy moves at once.
const Chunk = 256 << 10

// Progress is how far a job has come.
type Progress struct {
	File  string // path at the source of the file that has come on
	Done  int64  // bytes of it that were read
	Size  int64  // of it, as it was listed
	Files int    // files of the job that were read to their end
	Of    int    // files that the job reads
	Bytes int64  // that were read of all of them
	All   int64  // that all of them have
}

// Limit holds a copy back before it reads n bytes, at most [Chunk], for as long as
// they must wait; an error ends the job. [golang.org/x/time/rate.Limiter.WaitN] of
// a limiter whose burst is at least Chunk is one.
type Limit func(ctx context.Context, n int) error

// gauge keeps how far a job is, and tells.
type gauge struct {
	mu   sync.Mutex
	tell func(Progress)
	now  Progress // without the file
}

func newGauge(tell func(Progress), items []Item) *gauge {
	g := &gauge{tell: tell, now: Progress{Of: len(items)}}
	for _, i := range items {
		g.now.All += i.Object.Size
	}
	return g
}

// read notes that n more bytes of a file were read, done in all, and, where it is
// at its end, that this was all of it.
func (g *gauge) read(i Item, n int, done int64, end bool) {
	if g.tell == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now.Bytes += int64(n)
	if end {
		g.now.Files++
	}
	p := g.now
	p.File, p.Done, p.Size = i.Object.Path, done, i.Object.Size
	g.tell(p)
}
