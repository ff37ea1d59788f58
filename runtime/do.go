package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// RefusedError says why a command was not carried out.
type RefusedError struct{ Command store.Command }

func (e *RefusedError) Error() string { return e.Command.Message }

// Send appends a command for the holder, who looks for commands several times a
// second, and returns it with its number. A command with a token that was sent
// before is not sent again: the earlier one is returned. Where that was another
// command, of another group or with other arguments, the error is a
// *RefusedError.
func (r *Runtime) Send(ctx context.Context, c store.Command) (sent store.Command, err error) {
	c.At = time.Now().UTC()
	if c.By == "" {
		c.By = r.options.Actor
	}
	err = r.store.Update(ctx, func(tx *store.Tx) error {
		sent, err = tx.Send(c)
		return err
	})
	if err != nil {
		return sent, err
	}
	if why := otherwise(c, sent); why != "" {
		c.State, c.Message = store.CommandRefused, why
		return c, &RefusedError{Command: c}
	}
	return sent, nil
}

// otherwise says how a command that was sent before with the same token differs
// from this one; empty where it does not.
func otherwise(c, sent store.Command) string {
	switch {
	case sent.Verb != c.Verb || sent.Group != c.Group:
		return fmt.Sprintf("the token %q is that of a %s of %s already; give another --token", c.Token, sent.Verb, sent.Group)
	case sameDocument(sent.Args, c.Args):
		return ""
	case sent.Run == "":
		return fmt.Sprintf("the token %q is that of a %s of %s with other arguments; give another --token", c.Token, sent.Verb, sent.Group)
	}
	return fmt.Sprintf("the token %q is that of %s, which was asked for other data; give another --token",
		c.Token, graph.ShortRun(sent.Run))
}

// sameDocument reports whether two JSON objects say the same. None at all is an
// empty one.
func sameDocument(a, b json.RawMessage) bool {
	var one, other map[string]any
	if store.Parse(a, &one) != nil || store.Parse(b, &other) != nil {
		return string(a) == string(b)
	}
	return len(one) == 0 && len(other) == 0 || reflect.DeepEqual(one, other)
}

// Do sends a command and sees it through: until it is carried out, and until
// the runs that it made have ended or are blocked. progress, which may be nil, is
// told of the events of those runs, each run's in order, from one goroutine.
//
// Where nobody holds the store, this process takes the lease, carries out this
// command and its run and nothing else, and gives the lease back. When ctx ends
// meanwhile, the run is stopped, as nobody would go on with it. Where there is
// a holder, Do only watches, and leaves the run alone when ctx ends. It goes on with
// what that holder had begun when nobody holds the store any more, and nobody comes
// back to it for a minute.
//
// The error is a *RefusedError for a command that was refused.
func (r *Runtime) Do(ctx context.Context, c store.Command, progress func(store.Event)) (store.Command, error) {
	sent, err := r.Send(ctx, c)
	if err != nil {
		return sent, err
	}
	w := &watcher{runtime: r, command: sent.ID, progress: progress}
	for {
		lease, err := w.takeUp(ctx)
		switch {
		case err != nil:
			return sent, err
		case lease != nil:
			return r.alone(ctx, lease, w)
		}
		over, err := w.look(ctx)
		if over || err != nil {
			return w.result(err)
		}
		select {
		case <-ctx.Done():
			return w.result(ctx.Err())
		case <-time.After(r.options.Poll):
		}
	}
}

// comesBack is how long whoever served has to do so again before a watcher goes on
// with what it sees: as the holder for one run it would keep a server away.
const comesBack = time.Minute

// takeUp takes the lease for a command, where nobody has it and whoever had taken the
// command up does not come back; else it returns nil.
func (w *watcher) takeUp(ctx context.Context) (*store.Lease, error) {
	s, now := w.runtime.store, time.Now()
	if w.last.State != "" && w.last.State != store.CommandPending {
		if _, held, err := s.Holder(ctx); held || err != nil {
			w.alone = time.Time{}
			return nil, err
		}
		if w.alone.IsZero() {
			w.alone = now
		}
		if now.Sub(w.alone) < comesBack {
			return nil, nil
		}
	}
	lease, err := s.Acquire(ctx, w.runtime.options.Actor, now)
	var held *store.HeldError
	if errors.As(err, &held) {
		return nil, nil
	}
	return lease, err
}

// alone carries a command out as the holder of the lease.
func (r *Runtime) alone(ctx context.Context, lease *store.Lease, w *watcher) (store.Command, error) {
	defer func() { _ = lease.Release(context.WithoutCancel(ctx)) }()
	e := r.engine(lease, &errand{command: w.command, runs: map[string]bool{}})
	if err := e.adopt(ctx); err != nil {
		return w.result(err)
	}
	ended := make(chan error, 1)
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go func() { ended <- e.run(work) }()
	leave := func(err error) (store.Command, error) { // the lease is kept until all work has ended
		cancel()
		return w.result(errors.Join(err, <-ended))
	}
	interrupted := ctx.Done()
	for {
		select {
		case err := <-ended:
			_, looked := w.look(work)
			return w.result(errors.Join(err, looked, ctx.Err()))
		case <-interrupted:
			interrupted = nil
			if err := e.stopErrand(work); err != nil {
				return leave(err)
			}
		case <-time.After(r.options.Poll):
			if _, err := w.look(work); err != nil {
				return leave(err)
			}
		}
	}
}

// adopt makes the run of a command that an earlier process has carried out, and
// not seen through, the errand of this one; of a backfill, all its pieces. It is
// refused where the run waits for another one, which nobody is running.
func (e *engine) adopt(ctx context.Context) error {
	return e.store.View(ctx, func(tx *store.Tx) error {
		c, _, err := tx.Command(e.only.command)
		if err != nil || c.State != store.CommandDone || c.Run == "" {
			return err
		}
		e.only.claim(c.Run)
		r, err := tx.KnownRun(c.Run)
		if err != nil || r.State != store.Waiting {
			return err
		}
		open, err := tx.OpenRuns(r.Group)
		for _, before := range open {
			switch {
			case before.Expected() || before.State == store.Blocked || before.Queue >= r.Queue:
			case sameBackfill(before.Key, r.Key):
				e.only.claim(before.Key)
			default:
				c.Message = leftBehind(before)
				return &RefusedError{Command: c}
			}
		}
		return err
	})
}

// stopErrand stops the runs of an errand whose sender has gone.
func (e *engine) stopErrand(ctx context.Context) error {
	now := time.Now().UTC()
	err := e.desk(ctx, now, func(d *desk) error {
		c, _, err := d.tx.Command(e.only.command)
		if err != nil {
			return err
		}
		if c.State == store.CommandPending {
			return d.tx.Finish(c.ID, store.CommandRefused, "interrupted", "", now)
		}
		open, err := d.tx.OpenRuns("")
		if err != nil {
			return err
		}
		for i := len(open) - 1; i >= 0; i-- {
			if e.only.has(open[i].Key) {
				if err := d.stopRun(open[i].Key, "interrupted by "+c.By); err != nil {
					return err
				}
			}
		}
		return nil
	})
	e.wakeUp()
	return err
}

// watcher follows a command and the runs that it made.
type watcher struct {
	runtime  *Runtime
	command  int64
	progress func(store.Event)
	runs     []string // once they are known
	told     int64    // the last event that was reported
	last     store.Command
	alone    time.Time // since when nobody holds the store
}

// look reports what is new, and whether the command is seen through.
func (w *watcher) look(ctx context.Context) (over bool, err error) {
	var p Progress
	err = w.runtime.store.View(ctx, func(tx *store.Tx) (err error) {
		p, err = progress(tx, w.command, w.told, w.runs)
		return err
	})
	if err != nil {
		return false, err
	}
	w.last, w.told = p.Command, p.Next
	if p.Command.State == store.CommandDone {
		w.runs = p.Runs
	}
	for _, e := range p.Events {
		if w.progress != nil {
			w.progress(e)
		}
	}
	return p.Over, nil
}

// runsOf are the runs that a command has made: the one that is named with it,
// and of a backfill all pieces, in the order in which they run.
func runsOf(tx *store.Tx, c store.Command) ([]string, error) {
	if c.Run == "" || c.Verb != store.VerbBackfill {
		return slices.DeleteFunc([]string{c.Run}, func(key string) bool { return key == "" }), nil
	}
	last, err := tx.KnownRun(c.Run)
	if err != nil {
		return nil, err
	}
	all, err := tx.Runs(store.RunFilter{Group: last.Group, Kind: store.KindBackfill})
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, r := range slices.Backward(all) {
		if sameBackfill(r.Key, c.Run) {
			keys = append(keys, r.Key)
		}
	}
	return keys, nil
}

func (w *watcher) result(err error) (store.Command, error) {
	if err == nil && w.last.State == store.CommandRefused {
		err = &RefusedError{Command: w.last}
	}
	return w.last, err
}
