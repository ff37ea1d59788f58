package window

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Judge says what a look is worth. Before is the Sightings of the last verdict of
// the same run and courier, nil at the first look.
//
// The courier is ready when every expected date of every required file block has
// a file (one date for require = "any", one new file for a pattern that goes by
// arrival) and no file of such a date is still changing, too small, without its marker
// or not as its manifest says. A version that landed earlier counts as there and is not taken again. Where all
// blocks are optional and one of them expects a date, one file must be there.
// A courier of which nothing is expected is ready at once.
func (w Want) Judge(l Look, before map[string]Sighting, ready graph.Ready, h History) Verdict {
	marker, _ := ParseMarker(ready.DoneMarker) // Want has refused a bad one
	j := &judge{
		want: w, look: l, before: before, ready: ready, history: h, marker: marker, there: marker.listing(l.Objects),
		found:   make([]map[cron.Wall]*finding, len(w.Files)),
		verdict: Verdict{Ready: true, At: l.At, Listed: len(l.Objects), Sightings: map[string]Sighting{}},
	}
	for i := range j.found {
		j.found[i] = map[cron.Wall]*finding{}
	}
	lists, _ := ParseMarker(ready.Manifest)
	j.readLists(lists)
	for _, o := range l.Objects {
		j.place(o)
	}
	j.demand()
	j.decide()
	j.verdict.Passed, j.verdict.PassedInAll = j.passed.list(), j.passed.count
	slices.SortFunc(j.verdict.Take, func(a, b Taken) int {
		return cmp.Or(strings.Compare(a.Date, b.Date), strings.Compare(a.Object.Path, b.Object.Path))
	})
	return j.verdict
}

// judge is one Judge under way.
type judge struct {
	want    Want
	look    Look
	before  map[string]Sighting
	ready   graph.Ready
	history History
	marker  *Marker
	there   *listing
	lists   lists
	found   []map[cron.Wall]*finding // by file block and date
	passed  passed
	verdict Verdict
}

// finding is what is there of one date of one file block.
type finding struct {
	whole   int // files that are ready or have landed
	pending []pending
}

// pending is a file that is there and not ready; settles is when a look decides
// it, zero where it waits for its marker.
type pending struct {
	path    string
	why     string
	detail  string
	settles time.Time
}

// place puts an object to the date of each file block that it belongs to. The
// first block takes it: a version lands once.
func (j *judge) place(o Object) {
	if j.marker.is(o.Path, j.want.Files) || j.lists.name.is(o.Path, j.want.Files) {
		j.passed.add(near{Passed: Passed{Path: o.Path, Size: o.Size, ModTime: o.ModTime, Why: TellsOf}})
		return
	}
	taken, waits := false, false
	for i, f := range j.want.Files {
		date, ok := f.Pattern.Match(o.Path)
		if !ok || !j.want.selects(f, date, o, j.history) {
			continue
		}
		found := j.found[i][date]
		if found == nil {
			found = &finding{}
			j.found[i][date] = found
		}
		if j.history.landed(o) {
			found.whole++
			continue
		}
		text := f.Pattern.Unit().Format(date)
		check, wait := j.pending(o, date, f.Pattern.Unit())
		if wait != nil {
			found.pending = append(found.pending, *wait)
			if !waits {
				j.passed.add(near{Passed: Passed{
					Path: o.Path, Size: o.Size, ModTime: o.ModTime, File: f.File.Name, Date: text, Why: wait.why, Detail: wait.detail,
				}})
			}
			waits = true
			continue
		}
		found.whole++
		if !taken {
			j.verdict.Take = append(j.verdict.Take, Taken{File: f.File.Name, Date: text, Object: o, Check: check})
			taken = true
		}
	}
	if !taken && !waits {
		j.passOver(o)
	}
}

// pending is nil for a file that is whole; it then comes with what is checked
// when it lands.
func (j *judge) pending(o Object, date cron.Wall, u Unit) (*Check, *pending) {
	settles := j.sight(o)
	switch {
	case !j.marker.marks(o.Path, date, u, j.there):
		return nil, &pending{path: o.Path, why: NoMarker}
	case settles.After(j.look.At):
		return nil, &pending{path: o.Path, why: StillChanging, settles: settles, detail: "whole at " + settles.UTC().Format(time.RFC3339) + " if it stays as it is"}
	}
	check, wait := j.listed(o, date, u)
	if wait == nil && o.Size < int64(j.ready.MinSize) {
		wait = &pending{path: o.Path, why: TooSmall, detail: fmt.Sprintf("%s, and min_size is %s", graph.Size(o.Size), j.ready.MinSize)}
	}
	return check, wait
}

// sight notes that an object was seen, and returns when it will have been the same
// for long enough.
func (j *judge) sight(o Object) time.Time {
	now := Sighting{Version: o.Version(), Since: j.look.At}
	if s, ok := j.before[o.Path]; ok && s.Version == now.Version {
		now.Since = s.Since
	}
	j.verdict.Sightings[o.Path] = now
	since := now.Since
	if !o.ModTime.IsZero() && o.ModTime.Before(since) {
		since = o.ModTime
	}
	return since.Add(j.ready.StableFor.Std())
}

// decide fills in Ready, Missing and Again.
func (j *judge) decide() {
	lone := j.onlyOptional() && !j.anyWhole()
	for i, f := range j.want.Files {
		switch {
		case j.want.All || f.arrives():
			j.decideBulk(f, j.found[i], lone)
		default:
			j.decideDated(f, j.found[i], lone)
		}
	}
	if lone {
		j.verdict.Ready = false
	}
	if j.verdict.Ready {
		j.verdict.Again = time.Time{}
	}
}

// onlyOptional reports whether every block is optional and some date is expected
// all the same.
func (j *judge) onlyOptional() bool {
	expects := false
	for _, f := range j.want.Files {
		if !f.File.Optional {
			return false
		}
		if !f.arrives() {
			expects = expects || j.want.All || slices.ContainsFunc(f.Dates, func(d Date) bool { return d.Expected })
		}
	}
	return expects
}

func (j *judge) anyWhole() bool {
	for _, dates := range j.found {
		for _, found := range dates {
			if found.whole > 0 {
				return true
			}
		}
	}
	return false
}

// decideDated decides a block with dates. Lone says that any file of the courier
// would do and none is there.
func (j *judge) decideDated(f FileWant, found map[cron.Wall]*finding, lone bool) {
	enough := f.File.Require == graph.RequireAny && slices.ContainsFunc(f.Dates, func(d Date) bool {
		return d.Expected && found[d.Wall] != nil && found[d.Wall].whole > 0
	})
	for _, d := range f.Dates {
		at := found[d.Wall]
		if at == nil {
			at = &finding{}
		}
		optional := f.File.Optional || !d.Expected
		j.wait(f, d.Wall, at.pending, optional, lone)
		if at.whole == 0 && len(at.pending) == 0 && d.Expected && !enough {
			j.miss(Missing{File: f.File.Name, Date: f.Pattern.Unit().Format(d.Wall), Name: d.Name, Why: Absent, Optional: optional})
		}
	}
}

// decideBulk decides a block of which one file of any date is enough. One that
// still changes does not hold back others: by arrival the next run takes it.
func (j *judge) decideBulk(f FileWant, found map[cron.Wall]*finding, lone bool) {
	whole, waiting := 0, 0
	for _, at := range found {
		whole += at.whole
		waiting += len(at.pending)
	}
	optional := f.File.Optional || whole > 0
	for _, date := range slices.Sorted(maps.Keys(found)) {
		if whole == 0 || j.want.All {
			j.wait(f, date, found[date].pending, optional, lone)
		}
	}
	if whole == 0 && waiting == 0 && !f.File.Optional {
		j.miss(Missing{File: f.File.Name, Name: f.Pattern.String(), Why: Absent})
	}
}

// wait names files that are there and not whole.
func (j *judge) wait(f FileWant, date cron.Wall, files []pending, optional, lone bool) {
	for _, p := range files {
		j.miss(Missing{File: f.File.Name, Date: f.Pattern.Unit().Format(date), Name: p.path, Why: p.why, Optional: optional})
		if !optional || lone {
			j.verdict.Again = later(j.verdict.Again, p.settles)
		}
	}
}

func (j *judge) miss(m Missing) {
	j.verdict.Missing = append(j.verdict.Missing, m)
	j.verdict.Ready = j.verdict.Ready && m.Optional
}
