package landing

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"slices"
	"time"
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
	Header  bool   // the first line of CSV names columns, and is no row

	Parallel int            // files that are copied at once; 0: four
	Progress func(Progress) // told of each piece that was read, never twice at once; may be nil
	Limit    Limit          // may be nil
}

// defaultParallel is how many files of a job are copied at once: enough that one
// waits for an answer while another is moved.
const defaultParallel = 4

// Item is a file to land. An empty Taken.File stands for "data".
type Item struct {
	window.Taken
	// Open opens the file, in the version that was taken.
	Open func(context.Context) (bucket.File, error)

	// Decompress is one of [graph.Decompressions]; empty: the file lands as it is. What has one file in it lands under the item's path without
	// ".gz"; what has several, in a folder of the item's path.
	Decompress string
	// MaxUnpacked is how many bytes may come out of it; 0: 100 GB, and no more than 200
	// times its own size once that is more than 1 GB.
	MaxUnpacked int64

	at string // of LandTree: where it lies in the local staging folder
}

// ItemError is why a job could not be landed: it could not with one of its files.
type ItemError struct {
	Path string // at the source
	Err  error
}

func (e *ItemError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ItemError) Unwrap() error { return e.Err }

// Land copies the items to their place and returns all files that have landed
// for the job, those of earlier calls included, sorted by file, date and path.
// Items that have landed in the same version are not read again.
//
// With an error nothing new has landed, and what was copied is gone, as far as the
// place allows; a file that was landed before and has a newer version may be
// either, whole. An *[ItemError] names the file that is to blame, if one is. The
// fault is NotReady for a file that is gone, is another version than the one
// listed, or changes while it is read; SourceError where it cannot be read, or is
// not what its manifest says, or a store cannot be reached; Misconfigured where the
// landing may not be written to; Failed for a full or broken disk (errors.Is finds
// syscall.ENOSPC), and where somebody else's manifest stands.
func (l *Lander) Land(ctx context.Context, j Job) ([]File, error) {
	op := "land " + j.Courier + " of " + j.Run
	if err := check(j.Items); err != nil {
		return nil, l.wrap(op, err)
	}
	g := l.journal(j.Run, Escape(j.Courier))
	defer g.close()
	landed, err := l.resume(ctx, g, j)
	if err != nil {
		return nil, l.wrap(op, err)
	}
	work := l.scratch.name(j.Run, j.Courier)
	if err := l.scratch.discard(work); err != nil {
		return nil, diskFault(op, err)
	}
	todo, err := landed.missing(ctx, l, j)
	if err != nil {
		return nil, l.wrap(op, err)
	}
	if landed != nil && len(todo) == 0 {
		return landed.Files, nil
	}
	files, err := l.land(ctx, g, j, landed, work, todo)
	_ = l.scratch.discard(work) // landed or not, the next attempt begins without it
	if err != nil {
		return nil, l.wrap(op, err)
	}
	return files, nil
}

// land is an attempt at landing items, beside what has landed before.
func (l *Lander) land(ctx context.Context, g *journal, j Job, landed *Manifest, work string, items []Item) ([]File, error) {
	a, err := l.place.begin(ctx, g, l.Dir(j), work, landed == nil)
	if err != nil {
		return nil, err
	}
	files, err := l.copyAll(ctx, a, j, items, landed)
	if err != nil {
		a.abandon(ctx)
		return nil, err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	for i := range files {
		files[i].LandedAt = now
	}
	all := landed.with(files)
	text, err := json.MarshalIndent(Manifest{
		FormatVersion: FormatVersion, Run: j.Run, Group: j.Group, Courier: j.Courier, Range: j.Range, Files: all,
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	old, err := a.strays(files)
	if err != nil {
		a.abandon(ctx)
		return nil, err
	}
	g.doom(append(old, landed.superseded(all)...))
	err = a.commit(ctx, files, append(text, '\n'))
	var stands *standsError
	switch {
	case errors.As(err, &stands):
		return l.giveWay(ctx, g, j, all, stands.text)
	case err != nil:
		return nil, err
	}
	// Not before the manifest stands, and nobody else's can.
	g.clear(ctx, l.place, &Manifest{Files: all})
	return all, nil
}

// giveWay looks at a manifest that was written while the job was landed. One of the
// same files is as good as our own.
func (l *Lander) giveWay(ctx context.Context, g *journal, j Job, ours []File, text []byte) ([]File, error) {
	name := path.Join(l.Dir(j), manifestName)
	m, err := parseManifest(name, text, j)
	if err != nil {
		return nil, err
	}
	g.clear(ctx, l.place, m)
	same := slices.EqualFunc(m.Files, ours, func(a, b File) bool {
		a.LandedAt = b.LandedAt
		return a.slot() == b.slot() && a.URL == b.URL && a.Size == b.Size && a.SHA256 == b.SHA256 && a.Version == b.Version
	})
	if !same {
		at := ""
		if len(m.Files) > 0 {
			at = " at " + m.Files[0].LandedAt.Format(time.RFC3339)
		}
		return nil, value.Failed.Errorf("write "+name, "another process has landed other files of courier %s of run %s there%s; let one process land in a place", m.Courier, m.Run, at)
	}
	return m.Files, nil
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
