package plan

import (
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// stand takes over where the runtime stands. It is false for a group that does
// not move: somebody must let it.
func (s *simulation) stand() bool {
	standing := &s.in.Standing
	for _, m := range standing.Watermarks {
		if m.Group == s.group.Addr {
			s.marks[m.Courier] = m.At
		}
	}
	for _, p := range standing.Paused {
		if p.Group == s.group.Addr {
			s.state = Paused
			s.notes = append(s.notes, fmt.Sprintf("paused by %s at %s; nothing runs until `waybill resume %s`",
				p.By, p.At.UTC().Format(time.RFC3339), s.group.Addr.Name()))
			return false
		}
	}
	for _, e := range standing.Expected {
		if e.Group == s.group.Addr {
			s.steps.Expected = e.At
		}
	}
	for _, r := range standing.Open {
		if r.Group == s.group.Addr && !s.open(r) {
			return false
		}
	}
	return true
}

// open takes over a run that has not ended. It is false for a blocked one.
func (s *simulation) open(r graph.OpenRun) bool {
	scheduled := isScheduled(r)
	o := window.Open{Key: r.Key, Tick: r.ScheduledAt, Status: window.StatusQueued, Asked: !scheduled,
		Keep: !scheduled || s.group.CatchUp == graph.Each}
	switch r.State {
	case "blocked":
		s.state = Blocked
		s.notes = append(s.notes, fmt.Sprintf("run %s is blocked: its range is longer than max_range; nothing runs until `waybill backfill %s` or `waybill advance %[2]s`",
			r.Key, s.group.Addr.Name()))
		return false
	case "running", "finalizing", "stopping":
		o.Status = window.StatusRunning
		s.running = append(s.running, r.Key)
		if scheduled {
			s.finish(r)
			scheduled = false // it has its range, and its watermarks are moved
		}
		s.notes = append(s.notes, fmt.Sprintf("run %s is %s and taken to succeed before the next one", r.Key, r.State))
	}
	if scheduled {
		s.ticks[r.Key] = &ticked{firing: s.firing(r.ScheduledAt)}
	}
	s.steps.Open = append(s.steps.Open, o)
	return true
}

// finish moves the watermarks to where a run under way takes them. It reads by the
// deployment that it was started with.
func (s *simulation) finish(r graph.OpenRun) {
	cal := s.cal
	if s.earlier != nil {
		if c := s.earlier.calendar(s.group.Addr); c != nil {
			cal = c
		}
	}
	for _, m := range cal.Group().Members {
		if mark, ok := s.marks[m.Name]; ok {
			s.marks[m.Name] = cal.Read(mark, r.ScheduledAt, m.Offset).Range.End
		}
	}
}

// firing is the tick at an instant, which an earlier schedule may have set.
func (s *simulation) firing(at time.Time) cron.Firing {
	if f, ok := s.cal.Schedule().Next(at.Add(-time.Second)); ok && f.Instant.Equal(at) {
		return f
	}
	return cron.Firing{Instant: at.UTC(), Nominal: s.cal.Zone().Wall(at), Reason: cron.Normal}
}
