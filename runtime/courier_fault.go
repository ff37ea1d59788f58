package runtime

import (
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// courierFault decides what a fault of a courier means: wait on, try again, or
// fail.
func (d *desk) courierFault(s *scene, t store.Task, cause error) error {
	courier := s.courier(t)
	fault := value.FaultOf(cause)
	t.Fault, t.Message = string(fault), cause.Error()
	switch {
	case fault == value.NotReady:
		return d.waitAgain(s, t)
	case fault != value.Misconfigured && t.Attempt < courier.Retry.Attempts:
		pause := backoff(courier.Retry, t.Attempt)
		t.Attempt++
		return d.tryLater(t, pause)
	}
	return d.failTask(t)
}

// waitAgain sends a courier back to its wait: a file changed while it was read,
// or its program says that the data is not ready.
func (d *desk) waitAgain(s *scene, t store.Task) error {
	courier, member := s.courier(t), s.group.Member(t.Name)
	pause := max(courier.Ready.StableFor.Std(), time.Second)
	if courier.Exec != nil {
		pause = window.PollEvery(member.Wait, courier.PollEvery)
		if !d.now.Before(t.Deadline) {
			return d.missing(s, t, haul{Partial: true, Missing: []window.Missing{{Name: "the data of " + t.Name, Why: t.Message}}})
		}
		t.NextAt = earliest(d.now.Add(pause), t.Deadline)
		if err := d.tx.PutTask(t); err != nil {
			return err
		}
		return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "%s; asks again at %s", t.Message, stamp(t.NextAt))
	}
	t.State, t.Data = store.Waiting, nil
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	err := d.tx.PutPoll(store.Poll{
		Run: t.Run, Task: t.Name, NextAt: d.now.Add(pause), Deadline: t.Deadline, LateSent: true,
		Last: document(Look{At: d.now, Error: t.Message, Grace: !d.now.Before(t.Deadline)}),
	})
	if err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "%s; looks again", t.Message)
}

// tryLater lets a task that is running or waiting go on after a pause.
func (d *desk) tryLater(t store.Task, pause time.Duration) error {
	at := d.now.Add(pause)
	if poll, found, err := d.tx.Poll(t.Run, t.Name); err != nil {
		return err
	} else if found && t.State == store.Waiting {
		poll.NextAt = at
		if err := d.tx.PutPoll(poll); err != nil {
			return err
		}
	} else {
		t.NextAt = at
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskRetrying, "attempt %d at %s: %s", t.Attempt, stamp(at), t.Message)
}

// failTask ends a task that cannot be helped by trying again.
func (d *desk) failTask(t store.Task) error {
	t.State, t.EndedAt, t.NextAt = store.Failed, d.now, time.Time{}
	if err := d.tx.DeletePoll(t.Run, t.Name); err != nil {
		return err
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskFailed, "%s: %s", strings.ReplaceAll(t.Fault, "_", " "), t.Message)
}

// backoff is the pause after a failed attempt: the first backoff, doubled with
// each further one.
func backoff(r graph.Retry, attempt int) time.Duration {
	pause := r.Backoff.Std()
	for i := 1; i < attempt && pause < r.MaxBackoff.Std(); i++ {
		pause *= 2
	}
	return min(pause, max(r.MaxBackoff.Std(), r.Backoff.Std()))
}
