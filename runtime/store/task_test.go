package store_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	run := tick(daily, 0, store.Running)
	full := store.Task{
		Run: run.Key, Name: "orders", Kind: store.KindCourier, State: store.Waiting, Attempt: 2, RangeStart: noon.Add(-time.Hour),
		RangeEnd: noon, Deadline: noon.Add(1), StartedAt: noon.Add(2), EndedAt: noon.Add(3), NextAt: noon.Add(4),
		Fault: store.FaultSource, Message: "no route", Warnings: 3, Data: json.RawMessage(`[1]`),
	}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutTask(full) }); err == nil {
		t.Error("a task without its run was written")
	}
	put(t, s, run)
	step := store.Task{Run: run.Key, Name: "activation.campaign.winback", Kind: store.KindActivation, State: store.Pending}
	update(t, s, func(tx *store.Tx) error { return errors.Join(putTask(tx, full), putTask(tx, step)) })
	tasks := func(tx *store.Tx) ([]store.Task, error) { return tx.Tasks(run.Key) }
	equal(t, read(t, s, tasks), []store.Task{step, full})

	full = store.Task{Run: run.Key, Name: "orders", Kind: store.KindCourier, State: store.Running}
	update(t, s, func(tx *store.Tx) error { return tx.PutTask(full) })
	view(t, s, func(tx *store.Tx) error {
		got, found, err := tx.Task(run.Key, "orders")
		equal(t, got, full)
		if _, other, _ := tx.Task(run.Key, "none"); !found || other {
			t.Errorf("orders is there: %v, none is there: %v", found, other)
		}
		return err
	})
}

// running writes a run with tasks.
func running(t testing.TB, s *store.Store, names ...string) string {
	t.Helper()
	run := tick(daily, 0, store.Running)
	put(t, s, run)
	update(t, s, func(tx *store.Tx) error {
		for _, name := range names {
			if err := putTask(tx, store.Task{Run: run.Key, Name: name, Kind: store.KindCourier, State: store.Waiting}); err != nil {
				return err
			}
		}
		return nil
	})
	return run.Key
}

func TestPolls(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	run := running(t, s, "a", "b", "c", "d")
	view(t, s, func(tx *store.Tx) error {
		if at, waits, err := tx.NextDue(noon.Add(-time.Hour)); waits || err != nil {
			t.Errorf("a poll waits: %v %v", at, err)
		}
		return nil
	})
	b := store.Poll{
		Run: run, Task: "b", NextAt: noon.Add(time.Second), Deadline: noon.Add(time.Hour), Looks: 3, LateSent: true,
		Sightings: json.RawMessage(`{"x":1}`), Last: json.RawMessage(`"seen"`),
	}
	a, c, d := store.Poll{Run: run, Task: "a", NextAt: noon.Add(time.Minute)}, store.Poll{
		Run: run, Task: "c", NextAt: noon, Looks: 1, Sightings: json.RawMessage(`{"y":1}`), Last: json.RawMessage(`"seen, too"`),
	}, store.Poll{Run: run, Task: "d"}
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.PutPoll(a), tx.PutPoll(b), tx.PutPoll(c), tx.PutPoll(c), tx.PutPoll(d))
	})
	due := func(at time.Time, limit int) (polls []store.Poll) {
		view(t, s, func(tx *store.Tx) error {
			all, err := tx.DuePolls(at, limit)
			for _, d := range all {
				p, _, _ := tx.Poll(d.Run, d.Task)
				equal(t, d, store.Due{Run: run, Task: p.Task, Group: daily, At: p.NextAt})
				polls = append(polls, p)
			}
			return err
		})
		return polls
	}
	equal(t, read(t, s, func(tx *store.Tx) ([]store.Poll, error) { return tx.Polls(run) }), []store.Poll{a, b, c, d})
	equal(t, due(noon.Add(-1), 0), nil)
	equal(t, due(noon, 0), []store.Poll{c})
	equal(t, due(noon.Add(time.Hour), 0), []store.Poll{c, b, a})
	equal(t, due(noon.Add(time.Hour), 2), []store.Poll{c, b})

	b.NextAt = noon.Add(2 * time.Minute)
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.PutPoll(b), tx.EndPoll(run, "c"), tx.EndPoll(run, "c"))
	})
	equal(t, due(noon.Add(time.Hour), 0), []store.Poll{a, b})
	view(t, s, func(tx *store.Tx) error {
		at, waits, err := tx.NextDue(noon)
		if !at.Equal(a.NextAt) || !waits {
			t.Errorf("next: %v %v", at, waits)
		}
		got, found, err2 := tx.Poll(run, "b")
		equal(t, got, b)
		ended, kept, err3 := tx.Poll(run, "c")
		c.NextAt, c.Sightings = time.Time{}, nil
		equal(t, ended, c)
		if !found || !kept {
			t.Errorf("b is there: %v, c is there: %v", found, kept)
		}
		return errors.Join(err, err2, err3)
	})
}

func TestJobs(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	step := graph.Addr("activation.campaign.winback")
	run := running(t, s, string(step))
	job := store.Job{Run: run, Step: step, State: "submitted", Response: json.RawMessage(`{"id":"j1"}`), NextAt: noon, Attempt: 1}
	get := func() (j store.Job, found bool) {
		view(t, s, func(tx *store.Tx) (err error) {
			j, found, err = tx.Job(run, step)
			return err
		})
		return j, found
	}
	for _, change := range []func(){func() {}, func() { job.State, job.NextAt, job.Attempt = "running", noon.Add(time.Minute), 2 }} {
		change()
		update(t, s, func(tx *store.Tx) error { return tx.PutJob(job) })
		got, found := get()
		equal(t, got, job)
		equal(t, found, true)
	}
	update(t, s, func(tx *store.Tx) error { return errors.Join(tx.DeleteJob(run, step), tx.DeleteJob(run, step)) })
	if _, found := get(); found {
		t.Error("the job is still there")
	}
}
