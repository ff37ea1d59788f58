// Package scene is a run as it stands: the graph that it is pinned to, compiled,
// its rows, what it was asked for, and what its couriers look for. It reads
// within a transaction of its caller, and writes nothing.
package scene

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Scene is a run with everything that a piece of its work needs to know. It is
// a snapshot: results are written against the rows as they are then.
type Scene struct {
	Run      store.Run
	Request  Request
	Program  *Program
	Group    *graph.Group
	Calendar *window.Calendar
	Whole    window.Range // that of the run as a whole
	Tasks    []store.Task
	Polls    map[string]store.Poll
	Jobs     map[string]store.Job
	Secrets  *value.Secrets // of the piece of work that has it
}

// ReadTask reads the scene of one task, with it: what other tasks of the run do is
// not in it.
func ReadTask(tx *store.Tx, all *Programs, run, task string) (s *Scene, t store.Task, err error) {
	r, err := tx.KnownRun(run)
	if err != nil {
		return nil, t, err
	}
	if s, err = New(tx, all, r); err != nil {
		return nil, t, err
	}
	if t, _, err = tx.Task(run, task); err != nil {
		return nil, t, err
	}
	if s.Whole.Start, s.Whole.End, err = tx.Span(run); err != nil {
		return nil, t, err
	}
	poll, found, err := tx.Poll(run, task)
	if err != nil {
		return nil, t, err
	}
	if found {
		s.Polls[t.Name] = poll
	}
	return s, t, s.readJob(tx, t)
}

// New is the scene of a run without its tasks.
func New(tx *store.Tx, all *Programs, r store.Run) (*Scene, error) {
	p, err := all.Of(tx, r)
	if err != nil {
		return nil, err
	}
	s := &Scene{
		Run: r, Program: p, Group: p.Group(r.Group), Calendar: p.Calendars[r.Group],
		Polls: map[string]store.Poll{}, Jobs: map[string]store.Job{},
	}
	return s, store.Parse(r.Request, &s.Request)
}

// Read reads the scene of a run with all its tasks. The error is
// [store.ErrNotFound] where there is no such run.
func Read(tx *store.Tx, all *Programs, key string) (*Scene, error) {
	r, err := tx.KnownRun(key)
	if err != nil {
		return nil, err
	}
	s, err := New(tx, all, r)
	if err != nil {
		return nil, err
	}
	if s.Tasks, err = tx.Tasks(key); err != nil {
		return nil, err
	}
	polls, err := tx.Polls(key)
	if err != nil {
		return nil, err
	}
	for _, p := range polls {
		s.Polls[p.Task] = p
	}
	for _, t := range s.Tasks {
		if err := s.readJob(tx, t); err != nil {
			return nil, err
		}
	}
	s.Whole = reach(s.Tasks)
	return s, nil
}

// readJob adds the job that a task has started elsewhere, where it has.
func (s *Scene) readJob(tx *store.Tx, t store.Task) error {
	if t.State != store.Running || t.Kind == store.KindCourier || t.Kind == store.KindGate {
		return nil
	}
	job, found, err := tx.Job(t.Run, graph.Addr(t.Name))
	if found {
		s.Jobs[t.Name] = job
	}
	return err
}

// Want is what a courier's task looks for.
func (s *Scene) Want(t store.Task) (window.Want, error) {
	if s.Run.Kind == store.KindAdHoc {
		return s.Calendar.WantAdHoc(s.Courier(t), s.Request.AdHoc, s.Group.Member(t.Name).Offset)
	}
	return s.Calendar.Want(s.Courier(t), window.Range{Start: t.RangeStart, End: t.RangeEnd})
}

// Courier is the courier of a task.
func (s *Scene) Courier(t store.Task) *graph.Courier {
	return s.Program.Courier(s.Group.Member(t.Name).Courier)
}

// Landing is where a task's courier lands.
func (s *Scene) Landing(t store.Task) string {
	if t.Kind == store.KindCourier {
		if own := s.Courier(t).Landing; own != "" {
			return own
		}
	}
	return s.Program.Landing
}

// reach is the range of a run as a whole: from the earliest to the latest that any
// of its couriers reads.
func reach(tasks []store.Task) (all window.Range) {
	for _, t := range tasks {
		if t.Kind != store.KindCourier || t.RangeStart.IsZero() {
			continue
		}
		if all.Start.IsZero() || t.RangeStart.Before(all.Start) {
			all.Start = t.RangeStart
		}
		if t.RangeEnd.After(all.End) {
			all.End = t.RangeEnd
		}
	}
	return all
}

// Dates are the calendar days of the range zone that begin in a range.
func (s *Scene) Dates(r window.Range) []string {
	zone := s.Calendar.RangeZone()
	var dates []string
	day := zone.Wall(r.Start).Midnight()
	for ; len(dates) < maxDates; day = day.AddDays(1) {
		at, _ := zone.Instant(day, cron.NextValid, cron.First)
		if !at.Before(r.End) {
			break
		}
		if r.Contains(at) {
			dates = append(dates, day.String()[:len(time.DateOnly)])
		}
	}
	return dates
}

// maxDates bounds run.dates: ten years of days.
const maxDates = 3660

// Passed names a later scheduled run of the group that is past its barrier: it has
// gone on with the data of this one. Empty: there is none.
func Passed(tx *store.Tx, r store.Run) (string, error) {
	if r.Kind != store.KindScheduled {
		return "", nil
	}
	later, err := tx.Runs(store.RunFilter{Group: r.Group, Kind: store.KindScheduled, From: r.ScheduledAt.Add(time.Second)})
	if err != nil {
		return "", err
	}
	for _, l := range later {
		if l.State == store.Succeeded || l.State == store.SucceededWithWarnings {
			return l.Key, nil
		}
		tasks, err := tx.Tasks(l.Key)
		if err != nil {
			return "", err
		}
		for _, t := range tasks {
			if (t.Kind == store.KindProcess || t.Kind == store.KindActivation) && !t.StartedAt.IsZero() {
				return l.Key, nil
			}
		}
	}
	return "", nil
}
