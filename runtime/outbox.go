package runtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// How messages are delivered.
const (
	deliveriesAtOnce = 4
	firstRetry       = 10 * time.Second
	longestRetry     = time.Hour
	longestRefused   = 12 * time.Hour // between attempts at what was refused
	giveUpAfter      = 7 * 24 * time.Hour
	leastAttempts    = 5               // before a message is given up, however old it is
	leaveGrace       = 5 * time.Second // for what is on its way when the process ends
	drainFor         = 10 * time.Second
)

// outbox delivers the messages of the store's outbox, for as long as its holder
// acts. Each alert has one message on its way at a time, so that a slow one
// holds up nobody else. A message is marked as sent after the other side has
// taken it: what dies in between sends that one again, under the same keys.
type outbox struct {
	engine *engine
	sender *alert.Sender
	room   chan struct{} // a place for each delivery at once
	woken  chan struct{} // there may be something to deliver
	work   sync.WaitGroup

	mu   sync.Mutex
	busy map[graph.Addr]bool
	rest map[graph.Addr]time.Time // until when an alert that failed is left alone
}

func newOutbox(e *engine) *outbox {
	return &outbox{
		engine: e, sender: alert.NewSender(), room: make(chan struct{}, deliveriesAtOnce), woken: make(chan struct{}, 1),
		busy: map[graph.Addr]bool{}, rest: map[graph.Addr]time.Time{},
	}
}

// wake makes the outbox look for something to deliver. It never waits.
func (o *outbox) wake() {
	select {
	case o.woken <- struct{}{}:
	default:
	}
}

// run delivers until ctx ends; what is on its way then may take a moment longer.
func (o *outbox) run(ctx context.Context) {
	sending, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer func() {
		timer := time.AfterFunc(leaveGrace, func() { cancel(errLeaving) })
		o.work.Wait()
		timer.Stop()
		cancel(nil)
	}()
	for ctx.Err() == nil {
		next, err := o.round(ctx, sending)
		if err != nil && ctx.Err() == nil {
			o.engine.log.Error("cannot read the outbox; trying again", "error", err)
			next = time.Now().Add(faultPause)
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-ctx.Done():
		case <-o.woken:
		case <-timer:
		}
	}
}

// round starts what can be delivered now, and returns when there is more.
func (o *outbox) round(ctx, sending context.Context) (next time.Time, err error) {
	var due []store.AlertRow
	now := time.Now().UTC()
	err = o.engine.store.View(ctx, func(tx *store.Tx) error {
		due, next, err = tx.DueAlerts(now)
		return err
	})
	for _, row := range due {
		if rest := o.resting(row.Alert); rest.After(now) {
			next = earliest(next, rest)
			continue
		}
		select {
		case o.room <- struct{}{}:
		default:
			return next, err // the end of a delivery wakes the loop
		}
		if !o.claim(row.Alert) {
			<-o.room
			continue
		}
		o.work.Go(func() {
			defer o.wake()
			defer func() { <-o.room }()
			defer o.free(row.Alert)
			var broken *defect
			switch err := o.attempt(sending, row); {
			case errors.As(err, &broken):
				o.restUntil(row.Alert, time.Now().Add(longestRetry))
			case err != nil && !errors.Is(err, store.ErrFenced) && !errors.Is(err, store.ErrClosed):
				o.engine.log.Error("cannot deliver an alert; trying again", "alert", row.Alert, "error", err)
				o.restUntil(row.Alert, time.Now().Add(faultPause))
			}
		})
	}
	return next, err
}

// drain delivers what is due before an errand ends, for a while: nobody may come
// after it.
func (o *outbox) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), drainFor, errLeaving)
	defer cancel()
	if o.engine.lease.Update(ctx, func(*store.Tx) error { return nil }) != nil {
		return // another process acts now, and delivers
	}
	for ctx.Err() == nil {
		if _, err := o.round(ctx, ctx); err != nil {
			return // it stays in the outbox
		}
		o.mu.Lock()
		idle := len(o.busy) == 0
		o.mu.Unlock()
		if idle {
			return
		}
		select {
		case <-ctx.Done():
		case <-o.woken:
		}
	}
	o.work.Wait()
}

// claim takes an alert for one delivery; false: it has one on its way.
func (o *outbox) claim(a graph.Addr) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy[a] {
		return false
	}
	o.busy[a] = true
	return true
}

func (o *outbox) free(a graph.Addr) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.busy, a)
}

func (o *outbox) resting(a graph.Addr) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.rest[a]
}

func (o *outbox) restUntil(a graph.Addr, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest[a] = at
}

// attempt is deliver for a message over which Waybill may break: then it counts as
// one that was not delivered. Where even that cannot be written, the error is a
// *defect.
func (o *outbox) attempt(ctx context.Context, row store.AlertRow) error {
	err := guard(func() error { return o.deliver(ctx, row) })
	var broken *defect
	if !errors.As(err, &broken) {
		return err
	}
	o.engine.log.Error("Waybill broke over a message", "alert", row.Alert, "about", row.Key, "panic", broken.value, "stack", string(broken.stack))
	return guard(func() error { return o.recordFailure(ctx, []store.AlertRow{row}, errors.New(broken.why())) })
}

// deliver sends a message, with those that are held together with it, and writes
// what became of it.
func (o *outbox) deliver(ctx context.Context, row store.AlertRow) error {
	var batch []store.AlertRow
	var p *scene.Program
	err := o.engine.store.View(ctx, func(tx *store.Tx) (err error) {
		if batch, err = tx.Batch(row); err != nil {
			return err
		}
		p, _, err = o.engine.programs.Current(tx)
		return err
	})
	if err != nil || len(batch) == 0 || batch[0].NextAt.After(time.Now()) {
		return err // or an earlier delivery has ended since the row was read
	}
	a := p.Alert(row.Alert)
	if a == nil {
		return o.record(ctx, batch, func(tx *store.Tx, now time.Time, row *store.AlertRow) error {
			row.Error = "the alert is no longer applied"
			return giveUp(tx, now, row)
		})
	}
	d := alert.Delivery{ID: fmt.Sprintf("%s-%d", o.engine.store.ID(), batch[len(batch)-1].ID), Store: o.engine.store.ID()}
	if d.Message, err = digestOf(batch); err != nil {
		return err
	}
	secrets := o.engine.secretsOf(ctx, p)
	answer, err := o.sender.Send(ctx, a, secrets, d)
	if err != nil && errors.Is(context.Cause(ctx), errLeaving) {
		return nil
	}
	if err != nil {
		var refused *alert.Error
		if errors.As(err, &refused) && refused.Permanent && secrets.Refused() {
			refused.Permanent = false // it may take the secret that is asked for next time
		}
		return o.recordFailure(ctx, batch, err)
	}
	o.engine.log.Info("alert sent", "alert", row.Alert, "about", row.Key, "answer", answer)
	o.restUntil(row.Alert, time.Time{})
	return o.record(ctx, batch, func(tx *store.Tx, now time.Time, row *store.AlertRow) error {
		row.Attempts, row.SentAt, row.Error = row.Attempts+1, now, ""
		_, err := tx.PutAlert(*row)
		return err
	})
}

// digestOf reads the messages of a batch as one.
func digestOf(batch []store.AlertRow) (alert.Message, error) {
	var all []alert.Message
	for _, row := range batch {
		var m alert.Message
		if err := store.Parse(row.Body, &m); err != nil {
			return m, err
		}
		all = append(all, m)
	}
	return alert.Digest(all), nil
}

// recordFailure writes that a message was not delivered, and when it is tried
// again. That the other side will not have it is an event at once; that it was
// tried for days in vain is one, too.
func (o *outbox) recordFailure(ctx context.Context, batch []store.AlertRow, failure error) error {
	refused, pause := false, backoffAlert(batch[0].Attempts+1)
	var e *alert.Error
	if errors.As(failure, &e) {
		refused, pause = e.Permanent, max(pause, e.RetryAfter)
		if e.Permanent {
			pause = min(longestRetry<<min(batch[0].Attempts, 4), longestRefused)
		}
	}
	first := batch[0]
	o.engine.log.Warn("alert not sent", "alert", first.Alert, "about", first.Key, "attempt", first.Attempts+1, "error", failure, "again in", pause.Round(time.Second))
	if !refused {
		o.restUntil(first.Alert, time.Now().Add(pause))
	}
	return o.record(ctx, batch, func(tx *store.Tx, now time.Time, row *store.AlertRow) error {
		if refused && row.Attempts == 0 && row.ID == first.ID {
			if err := note(tx, now, row.Run, "", EventAlertRefused, "%s will not take the message about %s: %s", row.Alert, row.Key, failure); err != nil {
				return err
			}
		}
		row.Attempts++
		row.Error, row.NextAt = failure.Error(), now.Add(pause)
		if row.Attempts >= leastAttempts && now.Sub(row.At) >= giveUpAfter {
			return giveUp(tx, now, row)
		}
		_, err := tx.PutAlert(*row)
		return err
	})
}

// giveUp ends the delivery of a message in vain, which is an event.
func giveUp(tx *store.Tx, now time.Time, row *store.AlertRow) error {
	row.DeadAt = now
	if _, err := tx.PutAlert(*row); err != nil {
		return err
	}
	return note(tx, now, row.Run, "", EventAlertGivenUp, "the message of %s to %s about %s was not delivered: %s", words.Stamp(row.At), row.Alert, row.Key, row.Error)
}

// record writes what became of a batch. It tries until that is written, or the
// process leaves: a delivery that is not recorded would be done again.
func (o *outbox) record(ctx context.Context, batch []store.AlertRow, write func(*store.Tx, time.Time, *store.AlertRow) error) error {
	for {
		now := time.Now().UTC()
		err := o.engine.lease.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
			for _, row := range batch {
				if err := write(tx, now, &row); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil || errors.Is(err, store.ErrFenced) || errors.Is(err, store.ErrClosed) {
			return err
		}
		o.engine.log.Error("the delivery of an alert could not be written; trying again", "error", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(faultPause):
		}
	}
}

// backoffAlert is the pause after a failed attempt: it doubles from the first to
// the longest, and is a fifth shorter or longer by chance.
func backoffAlert(attempt int) time.Duration {
	pause := firstRetry
	for i := 1; i < attempt && pause < longestRetry; i++ {
		pause *= 2
	}
	const spread = 0.2
	return time.Duration(float64(min(pause, longestRetry)) * (1 - spread + 2*spread*rand.Float64()))
}
