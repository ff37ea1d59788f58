package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// scene is a run with everything that a piece of its work needs to know. It is
// a snapshot: results are written against the rows as they are then.
type scene struct {
	run      store.Run
	request  Request
	program  *program
	group    *graph.Group
	calendar *window.Calendar
	whole    window.Range // that of the run as a whole
	tasks    []store.Task
	polls    map[string]store.Poll
	jobs     map[string]store.Job
	secrets  *value.Secrets // of the piece of work that has it
}

func (e *engine) scene(ctx context.Context, key string) (s *scene, err error) {
	err = e.store.View(ctx, func(tx *store.Tx) error {
		s, err = readScene(tx, e.programs, key)
		return err
	})
	return s, err
}

// taskScene is the scene of one task: what other tasks of the run do is not in
// it.
func (e *engine) taskScene(ctx context.Context, j job) (s *scene, t store.Task, err error) {
	err = e.store.View(ctx, func(tx *store.Tx) error {
		r, err := mustRun(tx, j.run)
		if err != nil {
			return err
		}
		if s, err = newScene(tx, e.programs, r); err != nil {
			return err
		}
		if t, _, err = tx.Task(j.run, j.task); err != nil {
			return err
		}
		if s.whole.Start, s.whole.End, err = tx.Span(j.run); err != nil {
			return err
		}
		poll, found, err := tx.Poll(j.run, j.task)
		if err != nil {
			return err
		}
		if found {
			s.polls[t.Name] = poll
		}
		return s.readJob(tx, t)
	})
	return s, t, err
}

// newScene is the scene of a run without its tasks.
func newScene(tx *store.Tx, all *programs, r store.Run) (*scene, error) {
	p, err := all.of(tx, r)
	if err != nil {
		return nil, err
	}
	s := &scene{
		run: r, program: p, group: p.Group(r.Group), calendar: p.calendars[r.Group],
		polls: map[string]store.Poll{}, jobs: map[string]store.Job{},
	}
	return s, parse(r.Request, &s.request)
}

// readScene is the scene of a run with all its tasks.
func readScene(tx *store.Tx, all *programs, key string) (*scene, error) {
	r, err := mustRun(tx, key)
	if err != nil {
		return nil, err
	}
	s, err := newScene(tx, all, r)
	if err != nil {
		return nil, err
	}
	if s.tasks, err = tx.Tasks(key); err != nil {
		return nil, err
	}
	polls, err := tx.Polls(key)
	if err != nil {
		return nil, err
	}
	for _, p := range polls {
		s.polls[p.Task] = p
	}
	for _, t := range s.tasks {
		if err := s.readJob(tx, t); err != nil {
			return nil, err
		}
	}
	s.whole = reach(s.tasks)
	return s, nil
}

// readJob adds the job that a task has started elsewhere, where it has.
func (s *scene) readJob(tx *store.Tx, t store.Task) error {
	if t.State != store.Running || t.Kind == store.KindCourier || t.Kind == kindGate {
		return nil
	}
	job, found, err := tx.Job(t.Run, graph.Addr(t.Name))
	if found {
		s.jobs[t.Name] = job
	}
	return err
}

// courier is the courier of a task.
func (s *scene) courier(t store.Task) *graph.Courier {
	return s.program.Courier(s.group.Member(t.Name).Courier)
}

// landing is where a task's courier lands.
func (s *scene) landing(t store.Task) string {
	if t.Kind == store.KindCourier {
		if own := s.courier(t).Landing; own != "" {
			return own
		}
	}
	return s.program.Landing
}

// reach is the range of a run as a whole: from the earliest to the latest that any
// of its couriers reads.
func reach(tasks []store.Task) (all window.Range) {
	for _, t := range tasks {
		if t.Kind != store.KindCourier || t.RangeStart.IsZero() {
			continue
		}
		all.Start = earliest(all.Start, t.RangeStart)
		if t.RangeEnd.After(all.End) {
			all.End = t.RangeEnd
		}
	}
	return all
}

// dates are the calendar days of the range zone that begin in a range.
func (s *scene) dates(r window.Range) []string {
	zone := s.calendar.RangeZone()
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

// resolver gives the values of a task their text. landing is what run.landing
// says.
func (e *engine) resolver(s *scene, t store.Task, landing string) *value.Resolver {
	all := s.whole
	return &value.Resolver{
		Secrets: s.secrets,
		Zone:    s.calendar.RangeZone().Location(),
		Run: value.Run{
			ID: s.run.Key, Group: s.run.Group, ScheduledAt: s.run.ScheduledAt, StartedAt: s.run.StartedAt,
			Range: all, Dates: s.dates(all), Landing: landing,
		},
		Range: window.Range{Start: t.RangeStart, End: t.RangeEnd},
	}
}

// job is what a courier's task lands.
func (s *scene) job(t store.Task, source string) landing.Job {
	return landing.Job{
		Group: s.run.Group, Courier: t.Name, Run: s.run.Key, Source: source,
		Range: window.Range{Start: t.RangeStart, End: t.RangeEnd},
	}
}

// key is what outside systems are told to recognise repetitions by: it is the
// same in every attempt at a task.
func key(t store.Task) string { return t.Run + "/" + t.Name }

// record writes the result of a piece of work against the task as it is now, and
// what follows from it.
// It tries until it is written, or the process leaves: a result that is lost
// would be work done twice.
// A task that has ended meanwhile, because the run was stopped, stays as it is.
func (e *engine) record(ctx context.Context, t store.Task, write func(*desk, store.Task) error) error {
	for follows := true; ; {
		f := follower{engine: e, run: t.Run}
		err := e.desk(context.WithoutCancel(ctx), time.Now().UTC(), func(d *desk) error {
			now, found, err := d.tx.Task(t.Run, t.Name)
			if err != nil || !found || !open(now) {
				return err
			}
			if err = write(d, now); err == nil && follows {
				err = f.follow(d)
			}
			return err
		})
		switch {
		case err == nil:
			f.hand()
			return nil
		case errors.Is(err, store.ErrFenced) || errors.Is(err, store.ErrClosed):
			return err
		case f.failed: // the loop meets it again, and the result does not wait for that
			follows = false
			continue
		}
		select {
		case <-e.leaving: // ctx may have ended before, for another reason
			return err
		default:
		}
		e.log.Error("a result could not be written; trying again", "run", t.Run, "task", t.Name, "error", err)
		select {
		case <-e.leaving:
		case <-time.After(faultPause):
		}
	}
}

// attempt bounds one attempt at a task.
func attempt(ctx context.Context, limit graph.Duration) (context.Context, context.CancelFunc) {
	if limit == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, limit.Std(), fmt.Errorf("it took longer than %s: %w", limit, context.DeadlineExceeded))
}
