package plan

import (
	"bytes"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// handover compares how far a courier has been read, and from where on it would be
// read, with where its reading goes on. What has a range meets at instants; dated
// files meet at dates, by the names they stand for: a file that covers a day is
// read once its day begins.
func (q *Consequence) handover(was, is *reading) {
	if was.courier.IgnoresRange || is.courier.IgnoresRange {
		return // everything is read each time
	}
	if len(was.courier.Files) == 0 || len(is.courier.Files) == 0 {
		if len(was.courier.Files)+len(is.courier.Files) == 0 {
			q.ranges(was, is)
		}
		return
	}
	for _, f := range filePairs(was.courier.Files, is.courier.Files) {
		old, err := window.ParsePattern(f[0].Pattern)
		now, err2 := window.ParsePattern(f[1].Pattern)
		if err != nil || err2 != nil || (old.Unit() == window.None) != (now.Unit() == window.None) {
			continue
		}
		if old.Unit() == window.None {
			q.arrivals(was, is, f[1])
			continue
		}
		q.dates(was, is, f, old, now)
	}
}

// ranges compares the readings of what has no files.
func (q *Consequence) ranges(was, is *reading) {
	h := Handover{Cause: CauseReader}
	if was.id() == is.id() {
		h.Cause = CauseDropped
	}
	if begin := latest(is.next, was.mark.From); was.known && begin.Before(was.mark.At) {
		h.Partly = begin.Before(was.whole())
		q.meet(was, is, h, window.Range{Start: begin, End: was.mark.At}, false, nil)
	} else if is.next.After(was.next) {
		for _, r := range was.reads(window.Range{Start: was.next, End: is.next}) {
			q.meet(was, is, h, r, true, nil)
		}
	}
}

// reads is what is left of a range without what the runs of the course leave out,
// as far as they are listed.
func (r *reading) reads(all window.Range) []window.Range {
	var list []window.Range
	for i := range r.course.sim.runs {
		for _, c := range r.course.sim.runs[i].Couriers {
			if c.Name != r.member.Name || c.Dropped == nil || !c.Dropped.End.After(all.Start) {
				continue
			}
			if piece := (window.Range{Start: all.Start, End: earliest(c.Dropped.Start, all.End)}); !piece.Empty() {
				list = append(list, piece)
			}
			all.Start = latest(all.Start, c.Dropped.End)
		}
	}
	if !all.Empty() {
		list = append(list, all)
	}
	return list
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// whole is from where on the reading has left nothing out. Where it began before
// that was kept, it may have left out anything.
func (r *reading) whole() time.Time {
	if r.mark.Whole.IsZero() && !r.mark.From.IsZero() {
		return r.mark.At
	}
	return r.mark.Whole
}

// filePairs is which file block was which: by label, else the only one left.
func filePairs(before, after []graph.File) (pairs [][2]graph.File) {
	var left, right []graph.File
	for _, f := range before {
		i := slices.IndexFunc(after, func(o graph.File) bool { return o.Name == f.Name })
		if i < 0 {
			left = append(left, f)
		} else {
			pairs = append(pairs, [2]graph.File{f, after[i]})
		}
	}
	for _, f := range after {
		if !slices.ContainsFunc(before, func(o graph.File) bool { return o.Name == f.Name }) {
			right = append(right, f)
		}
	}
	if len(left) == 1 && len(right) == 1 {
		pairs = append(pairs, [2]graph.File{left[0], right[0]})
	}
	return pairs
}

// dates compares the first date that would be looked for next with the first that
// will be.
func (q *Consequence) dates(was, is *reading, f [2]graph.File, old, now *window.Pattern) {
	oldZone, newZone := was.course.cal.RangeZone(), is.course.cal.RangeZone()
	due, first := old.NextDate(was.next, oldZone), now.NextDate(is.next, newZone)
	same := was.id() == is.id()
	h := Handover{File: f[1].Name, Cause: CauseFileDates}
	switch {
	case !same:
		h.Cause = CauseReader
	case is.known && now.NextDate(is.mark.At, newZone) < first:
		h.Cause = CauseDropped
	case old.Unit() != now.Unit():
		h.Cause = CausePattern
	case was.next != is.next && oldZone.Name() == newZone.Name():
		h.Cause = CauseReader // it has not begun, and begins elsewhere
	}
	if first > due {
		for _, r := range was.reads(window.Range{Start: window.Stamp(due, oldZone), End: window.Stamp(first, oldZone)}) {
			r = window.Range{Start: window.Stamp(old.NextDate(r.Start, oldZone), oldZone), End: window.Stamp(old.NextDate(r.End, oldZone), oldZone)}
			q.meet(was, is, h, r, true, &f[0])
		}
		return
	}
	if !was.known {
		return // it has read nothing
	}
	next := old.NextDate(was.mark.At, oldZone)
	if !was.mark.From.IsZero() {
		first = max(first, old.NextDate(was.mark.From, oldZone))
	}
	if first >= next {
		return
	}
	h.LandedOnce = same && f[0].Pattern == f[1].Pattern && bytes.Equal(encode(was.courier.Filedrop), encode(is.courier.Filedrop))
	h.Partly = !was.whole().IsZero() && first < old.NextDate(was.whole(), oldZone)
	q.meet(was, is, h, window.Range{Start: window.Stamp(first, newZone), End: window.Stamp(next, newZone)}, false, &f[1])
}

// meet adds what lies between the end of one reading and the beginning of the
// next: what is never read by the names of the one, what is read twice by those of
// the other. file is nil where there are no names.
func (q *Consequence) meet(was, is *reading, h Handover, r window.Range, never bool, file *graph.File) {
	if r.Empty() {
		return
	}
	h.Name, h.Courier = is.member.Name, is.member.Courier
	if was.id() != is.id() {
		h.Reader = was.reader()
	}
	h.Range = window.Range{Start: r.Start.UTC(), End: r.End.UTC()}
	h.Local = localRange(h.Range, is.course.cal)
	if file != nil {
		named := is
		if never {
			named = was
		}
		one := *named.courier
		one.Files = []graph.File{*file}
		want, err := named.course.cal.Want(&one, h.Range)
		if err != nil || len(want.Names()) == 0 {
			return // days and except leave all of it out
		}
		h.name(want.Names(), is.course.world.perGroup)
	}
	if never {
		q.Never = append(q.Never, h)
	} else {
		q.Twice = append(q.Twice, h)
	}
}

// arrivals compares readings of files that go by arrival. The same reading goes
// on from what it has seen and landed. Another one takes what was changed since
// its first watermark, whoever has landed it; what came between the last run of
// the old and that is nobody's.
func (q *Consequence) arrivals(was, is *reading, f graph.File) {
	if was.id() == is.id() && was.known {
		return
	}
	h := Handover{File: f.Name, Cause: CauseReader}
	begin, last := is.arrivesFrom(), was.arrivesFrom()
	if was.known && was.mark.At.After(was.mark.From) {
		last = was.looked()
	}
	switch first := latest(begin, was.mark.From); {
	case begin.After(last):
		h.Files = []string{f.Pattern}
		q.meet(was, is, h, window.Range{Start: last, End: begin}, true, nil)
	case was.known && first.Before(last):
		h.Files = []string{f.Pattern}
		q.meet(was, is, h, window.Range{Start: first, End: last}, false, nil)
	}
}

// looked is when the last run of a course looked at its sources: at the tick
// before the one that is due, or that it is blocked at.
func (r *reading) looked() time.Time {
	w := r.course.world
	next := w.in.At.Add(time.Second)
	for _, e := range w.in.Standing.Expected {
		if e.Group == r.course.group.Addr && e.At.Before(next) {
			next = e.At
		}
	}
	for _, o := range w.in.Standing.Open {
		if o.Group == r.course.group.Addr && !o.ScheduledAt.IsZero() && o.ScheduledAt.Before(next) && (isQueued(o.State) || o.State == "blocked") {
			next = o.ScheduledAt
		}
	}
	f, ok := r.course.cal.Schedule().Prev(next)
	if !ok {
		return r.at()
	}
	return f.Instant
}

// arrivesFrom is from when on files that go by arrival are taken: past_day_only
// leaves out dates, and not what arrives.
func (r *reading) arrivesFrom() time.Time {
	if r.known {
		return r.mark.At
	}
	for i := range r.course.sim.runs {
		for _, c := range r.course.sim.runs[i].Couriers {
			if c.Name == r.member.Name {
				if c.Dropped != nil {
					return c.Dropped.Start
				}
				return c.Range.Start
			}
		}
	}
	return r.next
}

// name fills in the names of files, the first of many.
func (h *Handover) name(all []string, most int) {
	h.Files = all[:min(most, len(all))]
	h.More = len(all) - len(h.Files)
}

func localRange(r window.Range, c *window.Calendar) LocalRange {
	return LocalRange{Start: clockText(r.Start, c.RangeZone()), End: clockText(r.End, c.RangeZone()), Zone: c.RangeZone().Name()}
}

func clockText(t time.Time, z *cron.Zone) string { return t.In(z.Location()).Format(time.RFC3339) }
