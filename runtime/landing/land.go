package landing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Data is the <file> part of the layout for couriers without file blocks.
const Data = "data"

// Job is what one courier of one run lands.
type Job struct {
	Group   graph.Addr
	Courier string // the member's name
	Run     string // the run's key
	Range   window.Range
	Source  string // identity of the source, without secrets
	Items   []Item // of Land; LandTree finds its own
}

// Item is a file to land. An empty Taken.File stands for "data".
type Item struct {
	window.Taken
	// Open opens the file, in the version that was taken.
	Open func(context.Context) (bucket.File, error)
}

// Land copies the items to their place and returns all files that have landed
// for the job, those of earlier calls included, sorted by file, date and path.
// Items that have landed in the same version are not read again.
//
// With an error nothing new has landed and the staging is gone, as far as the
// disk allows; a file that was landed before and has a newer version may be
// either, whole. The fault is NotReady for a file that is gone, is another
// version than the one listed, or changes while it is read; SourceError where
// it cannot be read, or is not what its manifest says; Misconfigured where the landing may not be written to;
// Failed for a full or broken disk (errors.Is finds syscall.ENOSPC).
func (l *Lander) Land(ctx context.Context, j Job) ([]File, error) {
	op := "land " + j.Courier + " of " + j.Run
	if err := check(j.Items); err != nil {
		return nil, wrap(op, err)
	}
	landed, err := l.read(j)
	if err != nil {
		return nil, wrap(op, err)
	}
	work := stagingDir(j.Run, j.Courier)
	if err := l.discard(work); err != nil {
		return nil, diskFault(op, err)
	}
	todo := landed.missing(l, j.Items)
	if landed != nil && len(todo) == 0 {
		return landed.Files, nil
	}
	found, err := l.stage(ctx, j, work, todo)
	var files []File
	if err == nil {
		files, err = l.commit(j, landed, work, found)
	}
	_ = l.discard(work) // landed or not, the next attempt begins without it
	if err != nil {
		return nil, wrap(op, err)
	}
	return files, nil
}

// staged is a file that is whole in the staging folder.
type staged struct {
	File
	at string
}

// check refuses what would leave its place or land on top of another item.
func check(items []Item) error {
	seen := map[slot]bool{}
	for _, i := range items {
		p, key := i.Object.Path, slot{i.block(), i.Object.Path}
		switch {
		case !utf8.ValidString(p):
			return value.SourceError.Errorf("check the name", "%q is not UTF-8; give the file another name", p)
		case !fs.ValidPath(p) || p == ".":
			return value.SourceError.Errorf("check the name", "%q is not the path of a file inside the source", p)
		case seen[key]:
			return value.Failed.Errorf("check the name", "%q was taken twice for the file block %q", p, i.block())
		}
		seen[key] = true
	}
	return nil
}

func (i Item) block() string {
	if i.File == "" {
		return Data
	}
	return i.File
}

func (l *Lander) stage(ctx context.Context, j Job, work string, items []Item) ([]staged, error) {
	if err := l.makeStaging(work); err != nil {
		return nil, err
	}
	buf := make([]byte, chunk)
	var out []staged
	for n, i := range items {
		at := path.Join(work, strconv.Itoa(n))
		size, sum, modified, err := l.copy(ctx, i, at, buf)
		if err != nil {
			return nil, err
		}
		out = append(out, staged{at: at, File: File{
			File: i.block(), Date: i.Date, Path: i.Object.Path, Source: j.Source,
			URL:  path.Join(l.Dir(j), Escape(i.block()), i.Object.Path),
			Size: size, SHA256: sum, Version: i.Object.Version(), Modified: modified.UTC(),
		}})
	}
	return out, nil
}

// wrap names the operation and keeps the fault of what failed.
func wrap(op string, err error) error {
	var e *value.Error
	if errors.As(err, &e) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return diskFault(op, err)
}
