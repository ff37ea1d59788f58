package landing

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path"
	"slices"
	"sync"

	"github.com/waybill-dev/waybill/runtime/bucket"
)

// journal keeps on this machine what the attempts at a job have begun in its place
// and not ended, whatever ended the process: the next attempt removes it. It knows
// of what this machine has made, so that nothing of another process is touched. It is
// kept as well as can be: what it misses is in nobody's way.
type journal struct {
	scratch *scratch
	name    string
	at      string // the landing: another one may have been written since

	mu   sync.Mutex
	left map[remains]bool
	disk *disk
	file *os.File // nil until there is something to write
}

// remains is a line of a journal: a write that has not ended, or where it has no ID,
// a file that is to go once the manifest stands.
type remains struct {
	At   string `json:"at"`
	Path string `json:"path"`
	ID   string `json:"id,omitempty"`
}

// entry of a journal.
type journalEntry struct {
	remains
	Ended bool `json:"ended,omitempty"`
}

// journalPrefix begins the names of journals, which no courier's staging does.
const journalPrefix = "%_journal-"

// journal opens that of something that a run makes: a courier's job, or a hand-over.
func (l *Lander) journal(run, what string) *journal {
	g := &journal{scratch: l.scratch, name: path.Join(l.scratch.prefix, Escape(run), journalPrefix+what), at: l.url, left: map[remains]bool{}}
	d, err := l.scratch.existing()
	if err != nil || d == nil {
		return g
	}
	text, err := d.root.ReadFile(g.name)
	if err != nil {
		return g
	}
	g.disk = d
	for line := range bytes.Lines(text) {
		var e journalEntry
		if json.Unmarshal(line, &e) != nil || e.At != g.at { // cut off, or of another place
			continue
		}
		if g.left[e.remains] = true; e.Ended {
			delete(g.left, e.remains)
		}
	}
	return g
}

// sweep removes what attempts that died have begun and not ended.
func (g *journal) sweep(ctx context.Context, p place) {
	var all []bucket.Unfinished
	for _, r := range g.sorted() {
		if r.ID != "" {
			all = append(all, bucket.Unfinished{Path: r.Path, ID: r.ID})
		}
	}
	if len(all) > 0 && p.sweep(ctx, all) == nil {
		for _, u := range all {
			g.end(remains{g.at, u.Path, u.ID})
		}
	}
}

// clear removes the files that were to go once the manifest stood, now that one
// stands, save those that it lists.
func (g *journal) clear(ctx context.Context, p place, standing *Manifest) {
	if standing == nil {
		return
	}
	listed := map[string]bool{}
	for _, f := range standing.Files {
		listed[f.URL] = true
	}
	var gone []remains
	var names []string
	for _, r := range g.sorted() {
		if r.ID != "" {
			continue
		}
		gone = append(gone, r)
		if !listed[r.Path] {
			names = append(names, r.Path)
		}
	}
	if len(gone) > 0 && p.drop(ctx, names) == nil {
		g.end(gone...)
	}
}

func (g *journal) sorted() []remains {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.SortedFunc(maps.Keys(g.left), func(a, b remains) int {
		return bytes.Compare([]byte(a.Path+"\x00"+a.ID), []byte(b.Path+"\x00"+b.ID))
	})
}

// begun notes a write that may leave something behind, until ended is called.
func (g *journal) begun(u bucket.Unfinished) (ended func()) {
	r := remains{g.at, u.Path, u.ID}
	g.write(false, r)
	return func() { g.end(r) }
}

// doom notes files that are to go once the manifest stands, durably: after that
// nobody looks for them any more.
func (g *journal) doom(names []string) {
	var all []remains
	for _, name := range names {
		all = append(all, remains{At: g.at, Path: name})
	}
	g.write(false, all...)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.file != nil && len(all) > 0 {
		_ = g.file.Sync()
	}
}

func (g *journal) end(all ...remains) { g.write(true, all...) }

func (g *journal) write(ended bool, all ...remains) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	for _, r := range all {
		if g.left[r] = true; ended {
			delete(g.left, r)
		}
		_ = out.Encode(journalEntry{r, ended}) // into memory
	}
	if g.file == nil && len(g.left) > 0 && len(all) > 0 {
		g.open()
	}
	if g.file != nil {
		_, _ = g.file.Write(text.Bytes())
	}
}

// open makes the file, or adds to one that is there.
func (g *journal) open() {
	d, err := g.scratch.open()
	if err != nil {
		return
	}
	g.disk = d
	for range 10 { // another courier of the run may remove the folder while nothing is in it
		if d.makeStaging(path.Dir(g.name)) != nil {
			return
		}
		if g.file, err = d.root.OpenFile(g.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err == nil {
			return
		}
		g.file = nil
	}
}

// close removes a journal with nothing left in it, and keeps any other.
func (g *journal) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.file != nil {
		_ = g.file.Close()
		g.file = nil
	}
	if g.disk != nil && len(g.left) == 0 {
		_ = g.disk.discard(g.name)
	}
}
