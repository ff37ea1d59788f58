package window

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// FileWant is what a run wants of one file block. Dates is empty for an undated
// pattern, and for a dated one of which nothing lies in the range.
type FileWant struct {
	File    graph.File
	Pattern *Pattern
	Dates   []Date
}

// Want is what a run looks for in one courier's source. Files is empty for
// sources that have no files to wait for: REST APIs, warehouses, programs.
type Want struct {
	Range Range
	Files []FileWant

	// All takes whatever matches, of any date; nothing is expected, but at least
	// one file of every block that is not optional.
	All bool

	// ByModTime selects the files of undated patterns by modification time in
	// Range, as ad hoc ranges do. Without it they go by arrival.
	ByModTime bool
}

// Want is what the scheduled run, or a backfill piece, with this range wants. It
// fails only for a courier that lang would have refused.
func (c *Calendar) Want(courier *graph.Courier, r Range) (Want, error) {
	w := Want{Range: r}
	if courier.RestAPI != nil || courier.Warehouse != nil || courier.Exec != nil {
		return w, nil
	}
	if _, err := ParseMarker(courier.Ready.DoneMarker); err != nil {
		return Want{}, fmt.Errorf("%s: done_marker: %w", courier.Addr, err)
	}
	if _, err := ParseMarker(courier.Ready.Manifest); err != nil {
		return Want{}, fmt.Errorf("%s: manifest: %w", courier.Addr, err)
	}
	for _, f := range courier.Files {
		p, err := c.pattern(f.Pattern)
		if err != nil {
			return Want{}, fmt.Errorf("%s: file %q: pattern: %w", courier.Addr, f.Name, err)
		}
		fw := FileWant{File: f, Pattern: p}
		if p.Unit() != None {
			if fw.Dates, err = dates(p, f, r, c.rangeZone); err != nil {
				return Want{}, fmt.Errorf("%s: %w", courier.Addr, err)
			}
		}
		if w.Files == nil {
			w.Files = make([]FileWant, 0, len(courier.Files))
		}
		w.Files = append(w.Files, fw)
	}
	return w, nil
}

// WantAdHoc is what an ad hoc run wants of a courier that its group uses with this
// offset.
func (c *Calendar) WantAdHoc(courier *graph.Courier, a AdHoc, o graph.Offset) (Want, error) {
	w, err := c.Want(courier, a.For(o, c))
	w.All = a.All
	w.ByModTime = !a.Range.Empty() || !a.Tick.IsZero()
	return w, err
}

// Nothing reports whether the run need not look at the source at all: the range is
// empty, and no pattern goes by arrival.
func (w Want) Nothing() bool {
	if w.All || !w.Range.Empty() {
		return false
	}
	return !slices.ContainsFunc(w.Files, FileWant.arrives)
}

// arrives reports whether the pattern has no date.
func (f FileWant) arrives() bool { return f.Pattern.Unit() == None }

// Names are the names that are expected, optional ones included, sorted by date,
// then file block. Those of undated patterns come first and keep their wildcards.
func (w Want) Names() []string {
	type named struct {
		wall cron.Wall
		file int
		name string
	}
	var all []named
	for i, f := range w.Files {
		if f.arrives() {
			all = append(all, named{wall: -1 << 62, file: i, name: f.Pattern.String()})
		}
		for _, d := range f.Dates {
			if d.Expected && !w.All {
				all = append(all, named{d.Wall, i, d.Name})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.wall, b.wall), cmp.Compare(a.file, b.file))
	})
	var names []string
	for _, n := range all {
		if !slices.Contains(names[max(0, len(names)-len(w.Files)):], n.name) {
			names = append(names, n.name)
		}
	}
	return names
}

// FirstSeen are the objects that the first look of a courier marks as seen: those
// that match an undated pattern and are older than the courier's first watermark.
// Runs by arrival then leave these versions alone.
func (w Want) FirstSeen(l Look, watermark time.Time) []Object {
	var seen []Object
	for _, o := range l.Objects {
		old := o.ModTime.Before(watermark) && slices.ContainsFunc(w.Files, func(f FileWant) bool {
			_, ok := f.Pattern.Match(o.Path)
			return ok && f.arrives()
		})
		if old {
			seen = append(seen, o)
		}
	}
	slices.SortFunc(seen, func(a, b Object) int { return strings.Compare(a.Path, b.Path) })
	return seen
}

// selects reports whether the run takes the file of this date (0 for an undated
// pattern).
func (w Want) selects(f FileWant, date cron.Wall, o Object, h History) bool {
	switch {
	case w.All:
		return true
	case f.arrives() && w.ByModTime:
		return w.Range.Contains(o.ModTime)
	case f.arrives():
		return !h.seen(o) && !h.landed(o)
	default:
		return f.has(date)
	}
}

// has reports whether a date is among those that lie in the range.
func (f FileWant) has(w cron.Wall) bool {
	_, ok := slices.BinarySearchFunc(f.Dates, w, func(d Date, w cron.Wall) int { return cmp.Compare(d.Wall, w) })
	return ok
}
