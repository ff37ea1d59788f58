package runtime

import (
	"context"
	"fmt"
	"slices"

	"github.com/waybill-dev/waybill/runtime/store"
)

// Progress is how far a command has come, and what has happened since somebody
// last asked.
type Progress struct {
	Command store.Command `json:"command"`
	Runs    []string      `json:"runs"`   // that it has made or touched, in the order in which they run
	Events  []store.Event `json:"events"` // of those runs, each run's in order
	Next    int64         `json:"next"`   // what to ask with next time, so that no event comes twice
	// Over says that the command was refused, or carried out and none of its runs
	// goes on.
	Over bool `json:"over"`
}

// eventsAtOnce bounds the events that are looked through in one question.
const eventsAtOnce = 1000

// Progress returns how far a command has come. after is Next of the answer
// before, 0 at first: then all events of its runs are told, those from before
// the command too. The error is [store.ErrNotFound] for an unknown command.
func (r *Runtime) Progress(ctx context.Context, command, after int64) (p Progress, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		p, err = progress(tx, command, after, nil)
		return err
	})
	return p, err
}

// progress is Progress, for one who may know the command's runs already.
func progress(tx *store.Tx, command, after int64, runs []string) (Progress, error) {
	p := Progress{Runs: runs, Events: []store.Event{}, Next: after}
	c, found, err := tx.Command(command)
	if err == nil && !found {
		err = fmt.Errorf("command %d: %w", command, store.ErrNotFound)
	}
	p.Command = c
	switch {
	case err != nil:
		return p, err
	case c.State == store.CommandRefused:
		p.Over = true
	case c.State == store.CommandDone:
		err = p.follow(tx)
	}
	if p.Runs == nil {
		p.Runs = []string{}
	}
	return p, err
}

// follow adds the runs of a command that was carried out and what has happened
// to them.
func (p *Progress) follow(tx *store.Tx) (err error) {
	if p.Runs == nil {
		if p.Runs, err = runsOf(tx, p.Command); err != nil {
			return err
		}
	}
	p.Over = true
	for _, key := range p.Runs {
		r, err := tx.KnownRun(key)
		if err != nil {
			return err
		}
		p.Over = p.Over && (store.Ended(r.State) || r.State == store.Blocked)
	}
	if p.Next == 0 {
		return p.tellAll(tx)
	}
	fresh, err := tx.EventsSince(p.Next, eventsAtOnce)
	for _, e := range fresh {
		p.Next = e.ID
		if slices.Contains(p.Runs, e.Run) {
			p.Events = append(p.Events, e)
		}
	}
	p.Over = p.Over && len(fresh) < eventsAtOnce
	return err
}

// tellAll adds every event of the runs.
func (p *Progress) tellAll(tx *store.Tx) (err error) {
	if p.Next, err = tx.LastEvent(); err != nil {
		return err
	}
	for _, key := range p.Runs {
		events, err := tx.Events(key, 0)
		if err != nil {
			return err
		}
		p.Events = append(p.Events, events...)
	}
	return nil
}
