package landing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// FormatVersion is the version of manifests and hand-overs. A reader refuses a
// newer one.
const FormatVersion = 1

// Manifest lists what one courier of one run has landed. Where there is none,
// nothing has.
type Manifest struct {
	FormatVersion int          `json:"format_version"`
	Run           string       `json:"run"`
	Group         graph.Addr   `json:"group"`
	Courier       string       `json:"courier"`
	Range         window.Range `json:"range"`
	Files         []File       `json:"files"` // sorted by file, date and path
}

// File is a file that has landed. Times are in UTC.
type File struct {
	File     string    `json:"file"`            // the file block, or "data"
	Date     string    `json:"date,omitempty"`  // 2026-11-21, 2026-11-21T05, or empty for an undated pattern
	Path     string    `json:"path"`            // at its source
	Entry    string    `json:"entry,omitempty"` // its path in the archive that it came in
	Source   string    `json:"source,omitempty"`
	URL      string    `json:"url"` // relative to the landing, with slashes, not percent-encoded
	Size     int64     `json:"size"`
	SHA256   string    `json:"sha256"`
	Rows     *int64    `json:"rows,omitempty"` // of CSV, TSV and JSON lines: how many lines, a header included save where it is known to be one
	Version  string    `json:"version"`
	Modified time.Time `json:"modified"` // at its source
	LandedAt time.Time `json:"landed_at"`
	Archive  *Archive  `json:"archive,omitempty"` // what it was decompressed from
}

// Landed returns what a job has landed, and whether it has: its manifest and
// every file in it are there. After a crash between the landing and the store's
// record of it, this is how the record is made up for.
func (l *Lander) Landed(ctx context.Context, j Job) ([]File, bool, error) {
	op := "read what " + j.Courier + " of " + j.Run + " landed"
	g := l.journal(j.Run, Escape(j.Courier))
	defer g.close()
	m, err := l.resume(ctx, g, j)
	if err != nil {
		return nil, false, l.wrap(op, err)
	}
	if m == nil {
		return nil, false, nil
	}
	there, err := l.place.holds(ctx, l.Dir(j), m.Files)
	if err != nil {
		return nil, false, l.wrap(op, err)
	}
	if slices.ContainsFunc(m.Files, func(f File) bool { return !there(f) }) {
		return nil, false, nil
	}
	return m.Files, true, nil
}

// resume returns a job's manifest, nil where there is none, and removes what attempts
// that died have left.
func (l *Lander) resume(ctx context.Context, g *journal, j Job) (*Manifest, error) {
	g.sweep(ctx, l.place)
	m, err := l.read(ctx, j)
	if err == nil {
		g.clear(ctx, l.place, m)
	}
	return m, err
}

// read returns a job's manifest, nil where there is none. One that cannot be
// read is refused and left alone: it is not of our making.
func (l *Lander) read(ctx context.Context, j Job) (*Manifest, error) {
	name := path.Join(l.Dir(j), manifestName)
	text, err := l.place.read(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, l.place.fault("read "+name, err)
	}
	return parseManifest(name, text, j)
}

func parseManifest(name string, text []byte, j Job) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, value.Failed.Errorf("read "+name, "it is not a manifest of Waybill (%w); move the folder away and try again", err)
	}
	if m.FormatVersion > FormatVersion || m.FormatVersion < 1 {
		return nil, value.Failed.Errorf("read "+name, "it has format %d, and this release of Waybill knows %d; use the release that wrote it", m.FormatVersion, FormatVersion)
	}
	if m.Run != j.Run || m.Courier != j.Courier {
		return nil, value.Failed.Errorf("read "+name, "it belongs to courier %s of run %s", m.Courier, m.Run)
	}
	return &m, nil
}

// listedIn are the URLs that the text of a manifest lists. One that nobody can read
// lists nothing.
func listedIn(text []byte) map[string]bool {
	var m Manifest
	_ = json.Unmarshal(text, &m)
	listed := map[string]bool{}
	for _, f := range m.Files {
		listed[f.URL] = true
	}
	return listed
}

// slot is what a run has one file, or archive, of per courier.
type slot struct{ block, path string }

func (f File) slot() slot { return slot{f.File, f.Path} }

// missing returns the items of a job that have not landed in this version, or are
// no longer there.
func (m *Manifest) missing(ctx context.Context, l *Lander, j Job) ([]Item, error) {
	if m == nil {
		return j.Items, nil
	}
	there, err := l.place.holds(ctx, l.Dir(j), m.Files)
	if err != nil {
		return nil, err
	}
	landed := map[slot][]File{}
	for _, f := range m.Files {
		landed[f.slot()] = append(landed[f.slot()], f)
	}
	return slices.DeleteFunc(slices.Clone(j.Items), func(i Item) bool {
		files := landed[slot{i.block(), i.Object.Path}]
		return len(files) > 0 && !slices.ContainsFunc(files, func(f File) bool { return f.Version != i.Object.Version() || !there(f) })
	}), nil
}

// beside returns the URLs of what has landed, save that of items that land anew, and
// the files at the source that it comes from.
func (m *Manifest) beside(items []Item) map[string]string {
	urls := map[string]string{}
	if m == nil {
		return urls
	}
	anew := map[slot]bool{}
	for _, i := range items {
		anew[slot{i.block(), i.Object.Path}] = true
	}
	for _, f := range m.Files {
		if !anew[f.slot()] {
			urls[f.URL] = f.Path
		}
	}
	return urls
}

// with returns the manifest's files with new ones added or put in the place of
// earlier versions.
func (m *Manifest) with(files []File) []File {
	all, taken := make([]File, 0, len(files)), map[slot]bool{}
	for _, f := range files {
		all = append(all, f)
		taken[f.slot()] = true
	}
	if m != nil {
		for _, old := range m.Files {
			if !taken[old.slot()] {
				all = append(all, old)
			}
		}
	}
	slices.SortFunc(all, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Entry, b.Entry))
	})
	return all
}

// superseded returns the URLs that a newer manifest of these files lists no more, as
// where a newer version of an archive has less in it.
func (m *Manifest) superseded(now []File) (old []string) {
	if m == nil {
		return nil
	}
	listed := map[string]bool{}
	for _, f := range now {
		listed[f.URL] = true
	}
	for _, f := range m.Files {
		if !listed[f.URL] {
			old = append(old, f.URL)
		}
	}
	return old
}

// Handover tells a step what has landed since it last succeeded; run.landing
// leads to it.
type Handover struct {
	FormatVersion int        `json:"format_version"` // set by Handover
	Group         graph.Addr `json:"group"`
	Run           string     `json:"run"`
	Step          string     `json:"step"` // address of the step
	Files         []Landed   `json:"files"`
}

// Landed is a landed file in a Handover. Its place is Landing, "/" and URL;
// where Landing is a relative folder, it is relative to the workspace, which is
// the working folder of programs.
type Landed struct {
	Run     string `json:"run"`
	Courier string `json:"courier"`
	File    string `json:"file"`
	Date    string `json:"date,omitempty"`
	Rows    *int64 `json:"rows,omitempty"` // as in the manifest
	Landing string `json:"landing"`        // as written: couriers may land in different places
	URL     string `json:"url"`            // relative to Landing
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
}

// Handover writes the list that a step of a run is given and returns its URL,
// relative to the landing. A second call replaces the list as a whole.
func (l *Lander) Handover(ctx context.Context, h Handover) (string, error) {
	op := fmt.Sprintf("hand over to %s of %s", h.Step, h.Run)
	h.FormatVersion = FormatVersion
	if h.Files == nil {
		h.Files = []Landed{}
	}
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return "", value.Failed.Wrap(op, err)
	}
	to := HandoverURL(h.Group, h.Run, h.Step)
	work := path.Join(l.scratch.prefix, Escape(h.Run), "%_"+path.Base(to))
	g := l.journal(h.Run, "%_"+path.Base(to))
	defer g.close()
	g.sweep(ctx, l.place)
	if err := l.place.write(ctx, g, work, to, append(text, '\n')); err != nil {
		return "", l.place.fault(op, err)
	}
	return to, nil
}
