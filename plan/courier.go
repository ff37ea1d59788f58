package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// run is what the plan says of a run that starts now.
func (s *simulation) run(key string, t *ticked) Run {
	f := t.firing
	r := Run{
		Group:       s.group.Addr,
		Key:         key,
		ScheduledAt: f.Instant.UTC(),
		Local:       f.Local(s.cal.Zone()).Format(time.RFC3339),
		Nominal:     f.Nominal,
		Reason:      f.Reason,
		Overdue:     !f.Instant.After(s.in.At),
		Coalesces:   t.coalesces,
		Couriers:    make([]Courier, 0, len(s.group.Members)),
	}
	if r.Overdue {
		r.Notes = append(r.Notes, "overdue: it starts as soon as the runtime serves")
	}
	if n := len(t.coalesces); n > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("coalesces %s from %s on", graph.Count(n, "earlier tick"), s.clock(t.coalesces[0])))
	}
	if n := len(s.skipped); n > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%s from %s on skipped: %s", graph.Count(n, "earlier tick"), s.clock(s.skipped[0]), s.skipReason))
		s.skipped = nil
	}
	var tooLong []string
	for _, m := range s.group.Members {
		reading := s.read(m, t)
		source := s.in.Graph.Courier(m.Courier)
		if source != nil && s.cal.TooLong(reading.Range) && window.NeedsRange(source) {
			tooLong = append(tooLong, m.Name)
		}
		r.Couriers = append(r.Couriers, s.courier(m, reading, f.Instant))
	}
	if len(tooLong) > 0 {
		r.Blocked = true
		r.Notes = append(r.Notes, fmt.Sprintf("blocked: the range of %s is longer than max_range, %s; nothing runs until `waybill backfill %s`",
			strings.Join(tooLong, ", "), graph.Duration(s.cal.MaxRange()), s.group.Addr.Name()))
	}
	r.After = s.constraints(f.Instant)
	return r
}

// clock writes an instant as the group's clocks show it.
func (s *simulation) clock(t time.Time) string {
	local := t.In(s.cal.Zone().Location())
	return local.Format("Mon 2006-01-02 15:04 ") + ZoneText(local)
}

// courier is what one member does in the run of a tick.
func (s *simulation) courier(m graph.Member, reading window.Reading, tick time.Time) Courier {
	c := Courier{
		Courier:  m.Courier,
		Name:     m.Name,
		Range:    reading.Range,
		Files:    []string{},
		Wait:     m.Wait,
		Deadline: window.Deadline(m.Wait, tick, s.now).UTC(),
	}
	if d := union(s.dropped[m.Name], reading.Dropped); !d.Empty() {
		c.Dropped = &d
		delete(s.dropped, m.Name)
	}
	source := s.in.Graph.Courier(m.Courier)
	if source == nil {
		return c
	}
	c.RangeIgnored = source.IgnoresRange
	want, err := s.cal.Want(source, reading.Range)
	if err != nil {
		s.problems = append(s.problems, unplannable(s.in.Graph, source.Addr, err))
		return c
	}
	c.FileDetails = details(want)
	c.Files = make([]string, 0, len(c.FileDetails))
	for _, d := range c.FileDetails {
		if !d.Unexpected {
			c.Files = append(c.Files, d.Name)
		}
	}
	return c
}

// union joins two ranges of which the second begins where the first ends; either
// may be empty.
func union(a, b window.Range) window.Range {
	switch {
	case a.Empty():
		return b
	case b.Empty():
		return a
	}
	return window.Range{Start: a.Start, End: b.End}
}

// details lists the names of a want by date, then by file; undated ones last.
func details(want window.Want) []FileDetail {
	names := 0
	for _, f := range want.Files {
		names += max(1, len(f.Dates))
	}
	list := make([]FileDetail, 0, names)
	for _, f := range want.Files {
		base := FileDetail{File: f.File.Name, Optional: f.File.Optional}
		if f.Pattern.Unit() == window.None {
			base.Name, base.ByArrival = f.File.Pattern, true
			list = append(list, base)
			continue
		}
		for _, d := range f.Dates {
			one := base
			one.Name, one.Unexpected = d.Name, !d.Expected
			one.Date = f.Pattern.Unit().Format(d.Wall)
			one.Any = f.File.Require == graph.RequireAny
			list = append(list, one)
		}
	}
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b FileDetail) int {
		if a.ByArrival != b.ByArrival {
			if a.ByArrival {
				return 1
			}
			return -1
		}
		return cmp.Or(strings.Compare(a.Date, b.Date), strings.Compare(a.File, b.File))
	})
	return list
}

// constraints is the ticks of other groups that the run of a tick waits for.
func (s *simulation) constraints(tick time.Time) []After {
	var list []After
	for _, a := range s.group.After {
		upstream := s.calendar(a.Group)
		if upstream == nil || upstream.Schedule() == nil {
			continue
		}
		if t, ok := upstream.Upstream(s.cal, tick, a.Offset); ok {
			list = append(list, After{Group: a.Group, Tick: t.UTC(), Gate: a.Gate, Deadline: window.Deadline(a.Wait, tick, s.now).UTC()})
		}
	}
	return list
}
