package runtime

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/runtime/store"
)

func TestJump(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var c wall
	for _, read := range []struct {
		wall, steady, want time.Duration
		what               string
	}{
		{0, 0, 0, "the first reading"},
		{250 * time.Millisecond, 250 * time.Millisecond, 0, "a pass later"},
		{1250 * time.Millisecond, 1300 * time.Millisecond, 0, "slewed"},
		{8 * time.Hour, 1550 * time.Millisecond, 8*time.Hour - 1500*time.Millisecond, "asleep: the steady clock stood still"},
		{8*time.Hour + time.Minute, 61550 * time.Millisecond, 0, "a pass that took a minute"},
		{time.Hour, 62 * time.Second, -7*time.Hour - time.Minute - 450*time.Millisecond, "set back"},
		{time.Hour + time.Second, 63 * time.Second, 0, "and on from there"},
	} {
		if got := c.jump(noon.Add(read.wall), read.steady); got != read.want {
			t.Errorf("%s: %s, want %s", read.what, got, read.want)
		}
	}
}

// TestTheClockIsSetBack finds waits of a clock that was an hour ahead.
func TestTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r, err := Open(t.Context(), dir, Options{Workspace: dir, Actor: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}()
		lease, err := r.store.Acquire(t.Context(), "ann", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = lease.Release(t.Context()) }()
		now := time.Now()
		run := store.Run{Key: "g@1", Group: "courier_group.g", Kind: store.KindAdHoc, CreatedAt: now}
		task := store.Task{Run: run.Key, Name: "orders", Kind: store.KindCourier, NextAt: now.Add(time.Hour), Deadline: now.Add(3 * time.Hour)}
		late := store.Poll{Run: run.Key, Task: task.Name, NextAt: now.Add(90 * time.Minute)}
		err = lease.Update(t.Context(), func(tx *store.Tx) (err error) {
			for _, run.State = range store.RunMachine().Way(store.Running) {
				err = errors.Join(err, tx.PutRun(run))
			}
			for _, task.State = range store.TaskMachine().Way(store.Waiting) {
				err = errors.Join(err, tx.PutTask(task))
			}
			return errors.Join(err, tx.PutPoll(late), tx.SetDue(run.Key, now.Add(61*time.Minute)))
		})
		if err != nil {
			t.Fatal(err)
		}
		e := r.engine(lease, nil)
		e.log = hclog.NewNullLogger()
		e.clock = wall{read: now.Add(time.Hour).Round(0), steady: time.Since(e.began)}
		if err := e.watchClock(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		err = r.store.View(t.Context(), func(tx *store.Tx) error {
			got, _, err1 := tx.Task(run.Key, task.Name)
			if !got.NextAt.Equal(now) || !got.Deadline.Equal(task.Deadline) {
				t.Errorf("the task goes on at %s, until %s", got.NextAt, got.Deadline)
			}
			poll, _, err2 := tx.Poll(run.Key, task.Name)
			if !poll.NextAt.Equal(now.Add(30 * time.Minute)) {
				t.Errorf("the next look is at %s", poll.NextAt)
			}
			due, err3 := tx.DueRuns(now.Add(time.Minute), 0)
			if len(due) != 1 {
				t.Errorf("due in a minute: %v", due)
			}
			return errors.Join(err1, err2, err3)
		})
		if err != nil {
			t.Error(err)
		}
	})
}
