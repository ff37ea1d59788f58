package plan

import (
	"bytes"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// handoverNames is how many files of a Handover are listed.
const handoverNames = 50

// handover compares how far a courier has been read with where its reading goes
// on. What has a range meets at instants; dated files meet at dates, by the names
// they stand for: a file that covers a day is read once its day begins.
func (q *Consequence) handover(was, is *reading) {
	if !was.known || was.courier.IgnoresRange || is.courier.IgnoresRange {
		return // nothing was read yet, or everything is each time
	}
	if len(was.courier.Files) == 0 || len(is.courier.Files) == 0 {
		if len(was.courier.Files)+len(is.courier.Files) == 0 {
			q.meet(was, is, Handover{}, was.at, is.at, nil, nil)
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
	next, first := old.NextDate(was.at, oldZone), now.NextDate(is.at, newZone)
	h := Handover{File: f[1].Name}
	switch {
	case was.id() != is.id():
		h.Cause = CauseReader
	case old.Unit() != now.Unit():
		h.Cause = CausePattern
	default:
		h.Cause = CauseFileDates
	}
	h.LandedOnce = was.id() == is.id() && f[0].Pattern == f[1].Pattern &&
		bytes.Equal(encode(was.courier.Filedrop), encode(is.courier.Filedrop))
	switch {
	case first < next:
		q.meet(was, is, h, window.Stamp(next, newZone), window.Stamp(first, newZone), is, &f[1])
	case first > next:
		q.meet(was, is, h, window.Stamp(next, oldZone), window.Stamp(first, oldZone), was, &f[0])
	}
}

// meet adds what lies between the end of one reading and the beginning of the
// next. named is the reading whose names the files of it have; it is nil where
// there are none.
func (q *Consequence) meet(was, is *reading, h Handover, end, begin time.Time, named *reading, file *graph.File) {
	if end.Equal(begin) {
		return
	}
	h.Name, h.Courier, h.Reader = is.member.Name, is.member.Courier, was.reader()
	if was.id() == is.id() {
		h.Reader = Reader{}
	}
	if h.Cause == "" {
		h.Cause = CauseReader
	}
	h.Range = window.Range{Start: begin.UTC(), End: end.UTC()}
	never := begin.After(end)
	if never {
		h.Range, h.LandedOnce = window.Range{Start: end.UTC(), End: begin.UTC()}, false
	}
	h.Local = localRange(h.Range, is.course.cal)
	if file != nil {
		one := *named.courier
		one.Files = []graph.File{*file}
		want, err := named.course.cal.Want(&one, h.Range)
		if err != nil || len(want.Names()) == 0 {
			return // days and except leave all of it out
		}
		h.name(want.Names())
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
	if was.id() == is.id() {
		return
	}
	now := is.course.world.in.At
	last, ok := was.course.cal.Schedule().Prev(now.Add(time.Second))
	if !ok {
		return
	}
	h := Handover{File: f.Name, Cause: CauseReader, Files: []string{f.Pattern},
		Name: is.member.Name, Courier: is.member.Courier, Reader: was.reader()}
	if begin := is.at; begin.Before(last.Instant) {
		h.Range = window.Range{Start: begin.UTC(), End: last.Instant.UTC()}
		h.Local = localRange(h.Range, is.course.cal)
		q.Twice = append(q.Twice, h)
	} else if begin.After(last.Instant) {
		h.Range = window.Range{Start: last.Instant.UTC(), End: begin.UTC()}
		h.Local = localRange(h.Range, is.course.cal)
		q.Never = append(q.Never, h)
	}
}

// name fills in the names of files, the first few of many.
func (h *Handover) name(all []string) {
	h.Files = all[:min(handoverNames, len(all))]
	h.More = len(all) - len(h.Files)
}

func localRange(r window.Range, c *window.Calendar) LocalRange {
	return LocalRange{Start: clockText(r.Start, c.RangeZone()), End: clockText(r.End, c.RangeZone()), Zone: c.RangeZone().Name()}
}

func clockText(t time.Time, z *cron.Zone) string { return t.In(z.Location()).Format(time.RFC3339) }
