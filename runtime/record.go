package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// scene reads the scene of a run.
func (e *engine) scene(ctx context.Context, key string) (s *scene.Scene, err error) {
	err = e.store.View(ctx, func(tx *store.Tx) error {
		s, err = scene.Read(tx, e.programs, key)
		return err
	})
	return s, err
}

// taskScene reads the scene of one task, with it.
func (e *engine) taskScene(ctx context.Context, j job) (s *scene.Scene, t store.Task, err error) {
	err = e.store.View(ctx, func(tx *store.Tx) error {
		s, t, err = scene.ReadTask(tx, e.programs, j.run, j.task)
		return err
	})
	return s, t, err
}

// resolver gives the values of a task their text. landing is what run.landing
// says.
func (e *engine) resolver(s *scene.Scene, t store.Task, landing string) *value.Resolver {
	all := s.Whole
	return &value.Resolver{
		Secrets: s.Secrets,
		Zone:    s.Calendar.RangeZone().Location(),
		Run: value.Run{
			ID: s.Run.Key, Group: s.Run.Group, ScheduledAt: s.Run.ScheduledAt, StartedAt: s.Run.StartedAt,
			Range: all, Dates: s.Dates(all), Landing: landing,
		},
		Range: window.Range{Start: t.RangeStart, End: t.RangeEnd},
	}
}

// landingJob is what a courier's task lands.
func landingJob(s *scene.Scene, t store.Task, source string) landing.Job {
	return landing.Job{
		Group: s.Run.Group, Courier: t.Name, Run: s.Run.Key, Source: source,
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
			if err != nil || !found || !now.Open() {
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
