package runtime

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/words"
)

// courierFault decides what a fault of a courier means: wait on, try again, or
// fail.
func (d *desk) courierFault(s *scene.Scene, t store.Task, cause error) error {
	courier := s.Courier(t)
	fault := value.FaultOf(cause)
	t.Fault, t.Message = string(fault), cause.Error()
	switch {
	case fault == value.NotReady && courier.Fetches():
		return d.askAgain(s, t, patience(cause))
	case fault == value.NotReady:
		return d.lookAgain(s, t, cause)
	}
	if t.State == store.Waiting {
		if err := d.lookFailed(t); err != nil {
			return err
		}
	}
	if fault != value.Misconfigured && t.Attempt < courier.Retry.Attempts {
		pause := max(backoff(courier.Retry, t.Attempt, rand.Float64()), patience(cause))
		t.Attempt++
		return d.tryLater(t, pause)
	}
	return d.failTask(t)
}

// lookFailed keeps, beside what the last look saw, why this one did not work.
func (d *desk) lookFailed(t store.Task) error {
	poll, found, err := d.tx.Poll(t.Run, t.Name)
	if err != nil || !found {
		return err
	}
	var last scene.Look
	if err := store.Parse(poll.Last, &last); err != nil {
		return err
	}
	last.Error, last.FailedAt = t.Message, d.now
	poll.Last = store.Document(last)
	return d.tx.PutPoll(poll)
}

// askAgain sends a courier back to its wait whose program or API says that the data
// is not ready, and for how long it will not be. Errors before that do not count any
// more.
func (d *desk) askAgain(s *scene.Scene, t store.Task, least time.Duration) error {
	if !d.now.Before(t.Deadline) {
		return d.missing(s, t, haul{Partial: true, Missing: []window.Missing{{Name: "the data of " + t.Name, Why: t.Message}}})
	}
	pause := max(window.PollEvery(s.Group.Member(t.Name).Wait, s.Courier(t).PollEvery), least)
	t.State, t.Attempt, t.NextAt = store.Waiting, 1, earliest(d.now.Add(pause), t.Deadline)
	if len(t.Data) == 0 { // the first time in this attempt of the run
		t.Data = store.Document(scene.Look{Error: t.Message, FailedAt: d.now})
		if err := note(d.tx, d.now, t.Run, t.Name, EventLate, "%s", t.Message); err != nil {
			return err
		}
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "%s; asks again at %s", t.Message, words.Stamp(t.NextAt))
}

// lookAgain sends a courier back to its wait one of whose files has changed
// since it was seen. After the deadline it gets one more look, as a file does
// that is not known to be whole; then that file is missing.
func (d *desk) lookAgain(s *scene.Scene, t store.Task, cause error) error {
	courier := s.Courier(t)
	over := !d.now.Before(t.Deadline)
	poll, _, err := d.tx.Poll(t.Run, t.Name)
	if err != nil {
		return err
	}
	var last scene.Look
	if err := store.Parse(poll.Last, &last); err != nil {
		return err
	}
	var unsteady *landing.ItemError
	if over && last.Grace && errors.As(cause, &unsteady) {
		return d.giveUpOn(s, t, unsteady.Path)
	}
	next := d.now.Add(max(courier.Ready.StableFor.Std(), time.Second))
	if !over {
		pause := max(courier.Ready.StableFor.Std(), window.PollEvery(s.Group.Member(t.Name).Wait, courier.PollEvery))
		next = earliest(d.now.Add(pause), t.Deadline)
	}
	t.State, t.Data = store.Waiting, nil
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	poll.NextAt, poll.LateSent, poll.Sightings = next, true, nil
	last.Error, last.FailedAt, last.Grace = t.Message, d.now, over
	poll.Last = store.Document(last)
	if err := d.tx.PutPoll(poll); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "%s; looks again at %s", t.Message, words.Stamp(next))
}

// giveUpOn takes a file that never stands still out of a haul: it is missing,
// or, where it is optional and not the only one, left out.
func (d *desk) giveUpOn(s *scene.Scene, t store.Task, path string) error {
	var h haul
	if err := store.Parse(t.Data, &h); err != nil {
		return err
	}
	left := haul{Partial: true, Missing: h.Missing}
	optional := false
	for _, taken := range h.Take {
		if taken.Object.Path != path {
			left.Take = append(left.Take, taken)
			continue
		}
		for _, f := range s.Courier(t).Files {
			optional = optional || f.Name == taken.File && f.Optional
		}
		left.Missing = append(left.Missing, window.Missing{
			File: taken.File, Date: taken.Date, Name: path, Why: window.StillChanging, Optional: optional && len(h.Take) > 1,
		})
	}
	if optional && len(left.Take) > 0 {
		left.Partial = h.Partial
		return d.startLanding(t, left)
	}
	return d.missing(s, t, left)
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
	return note(d.tx, d.now, t.Run, t.Name, EventTaskRetrying, "attempt %d at %s: %s", t.Attempt, words.Stamp(at), t.Message)
}

// failTask ends a task that cannot be helped by trying again.
func (d *desk) failTask(t store.Task) error {
	t.State, t.EndedAt, t.NextAt = store.Failed, d.now, time.Time{}
	if err := d.tx.EndPoll(t.Run, t.Name); err != nil {
		return err
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	why := t.Message
	if t.Fault != store.FaultFailed {
		why = words.State(t.Fault) + ": " + why
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskFailed, "%s", why)
}

// backoffPart is the part by which jitter shortens a pause between attempts at
// most, so that what failed together is not tried again together.
const backoffPart = 0.2

// backoff is the pause after a failed attempt: the first backoff, doubled with
// each further one up to the longest, and by up to a fifth shorter, with a jitter
// from 0 up to 1.
func backoff(r graph.Retry, attempt int, jitter float64) time.Duration {
	pause := r.Backoff.Std()
	for i := 1; i < attempt && pause < r.MaxBackoff.Std(); i++ {
		pause *= 2
	}
	pause = min(pause, max(r.MaxBackoff.Std(), r.Backoff.Std()))
	return pause - time.Duration(float64(pause)*backoffPart*jitter)
}
