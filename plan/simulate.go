package plan

import (
	"maps"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// simulation lets one group run on from where it stands. It feeds the group's
// Step with the events that the runtime would see and carries its decisions out
// on watermarks of its own. Every run is taken to succeed, before anything else
// happens.
type simulation struct {
	*world
	cal   *window.Calendar
	group *graph.Group

	now        time.Time // of the event at hand
	steps      window.State
	marks      map[string]time.Time    // watermarks, by member
	initial    map[string]time.Time    // the watermarks before anything new begins
	dropped    map[string]window.Range // by member, what catch_up = "skip" leaves out
	ticks      map[string]*ticked      // taken and not yet started, by run key
	running    []string                // keys that end next, in order
	skipped    []time.Time             // ticks that no run stands for, since the last run
	skipReason string
	last       time.Time // newest tick that was taken
	hidden     int       // runs beyond the number that is listed

	state    GroupState
	runs     []Run
	notes    []string
	problems diag.List
}

// ticked is a tick that became a run.
type ticked struct {
	firing    cron.Firing
	since     time.Time // the earliest tick that it stands for; zero: its own
	coalesces []time.Time
}

// simulate runs a scheduled group from the plan's now to its end.
func simulate(w *world, c *window.Calendar) *simulation {
	s := &simulation{world: w, cal: c, group: c.Group(), now: w.in.At, state: Scheduled,
		marks: map[string]time.Time{}, dropped: map[string]window.Range{}, ticks: map[string]*ticked{}}
	if !s.group.Active {
		s.state = Inactive
		return s
	}
	moves := s.stand()
	s.initial = maps.Clone(s.marks)
	if !moves {
		return s
	}
	s.step(window.Deployed{Now: w.in.At})
	s.step(window.Due{Now: w.in.At})
	s.endAll()
	for s.state == Scheduled && len(s.runs) < w.perGroup {
		due := s.steps.Expected
		if due.IsZero() || due.After(w.until) {
			break
		}
		s.now = latest(due, w.in.At)
		s.step(window.Due{Now: s.now})
		s.endAll()
		if !s.steps.Expected.After(due) {
			break
		}
	}
	return s
}

// step tells the group of an event and carries out what it decides.
func (s *simulation) step(e window.Event) {
	next, decisions := s.cal.Step(s.steps, e)
	s.steps = next
	for _, d := range decisions {
		switch d := d.(type) {
		case window.Take:
			t := s.ticked(d.Key)
			t.firing, t.since = d.Firing, d.Since
			s.last = latest(s.last, d.Firing.Instant)
		case window.Skip:
			if d.Into != "" {
				t := s.ticked(d.Into)
				t.coalesces = append(t.coalesces, d.Firing.Instant)
			} else {
				s.skipped, s.skipReason = append(s.skipped, d.Firing.Instant), d.Why
			}
		case window.Advance:
			s.advance(d.Through)
		case window.Start:
			s.start(d.Key)
		}
	}
}

func (s *simulation) ticked(key string) *ticked {
	t := s.ticks[key]
	if t == nil {
		t = &ticked{}
		s.ticks[key] = t
	}
	return t
}

// endAll ends the runs that were started, and those that this starts.
func (s *simulation) endAll() {
	for len(s.running) > 0 && s.state == Scheduled {
		key := s.running[0]
		s.running = s.running[1:]
		if t := s.ticks[key]; t != nil {
			for _, m := range s.group.Members {
				s.marks[m.Name] = s.read(m, t).Range.End
			}
		}
		delete(s.ticks, key)
		s.step(window.Ended{Key: key})
	}
}

// read is what a member reads in the run of a tick. One that was never read
// starts one period before the earliest tick that the run stands for.
func (s *simulation) read(m graph.Member, t *ticked) window.Reading {
	mark, ok := s.marks[m.Name]
	if !ok {
		since := t.since
		if since.IsZero() {
			since = t.firing.Instant
		}
		mark = s.cal.Initial(since, m.Offset, s.startFrom())
	}
	return s.cal.Read(mark, t.firing.Instant, m.Offset)
}

// startFrom is the group's start_from while none of its couriers was read: one
// that is added later starts one period back.
func (s *simulation) startFrom() *time.Time {
	for _, m := range s.group.Members {
		if _, known := s.in.Standing.Watermark(s.group.Addr, m.Name); known {
			return nil
		}
	}
	return s.group.StartFrom
}

// advance moves every watermark to a tick without reading what it passes.
func (s *simulation) advance(through time.Time) {
	for _, m := range s.group.Members {
		if mark, ok := s.marks[m.Name]; ok {
			s.marks[m.Name], s.dropped[m.Name] = s.cal.Advanced(mark, through, m.Offset)
		}
	}
}

// start begins the run of a key.
func (s *simulation) start(key string) {
	t := s.ticks[key]
	if t == nil { // an ad hoc run that was queued: it has no tick and moves no watermark
		s.running = append(s.running, key)
		return
	}
	r := s.run(key, t)
	if r.Blocked {
		s.state = Blocked
		s.step(window.Blocked{Key: key})
	} else {
		s.running = append(s.running, key)
	}
	if len(s.runs) < s.perGroup {
		s.runs = append(s.runs, r)
	} else {
		s.hidden++
	}
}

// more is how many runs follow those that are listed.
func (s *simulation) more() int {
	if s.state != Scheduled || len(s.runs) == 0 {
		return 0
	}
	return s.hidden + s.cal.Schedule().Count(s.last, s.until)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
