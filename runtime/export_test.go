package runtime

import (
	"context"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// QuietUntil is the end of the quiet hours in which an instant lies.
func QuietUntil(q *graph.Quiet, now time.Time) (time.Time, error) { return quietUntil(q, now) }

// Stuck reports whether the heartbeat of a holder whose loop does not pass is
// withheld.
func Stuck(ctx context.Context, within time.Duration) bool {
	e := &engine{wake: make(chan struct{}, 1), log: hclog.NewNullLogger()}
	return !newHeart(e).passes(ctx, within)
}

// Lists is how often a source was listed for the looks of couriers.
func (r *Runtime) Lists() int64 { return r.listings.made.Load() }

// TakeDue takes the ticks of a group that are due at an instant, as a holder
// does that then has no room to work on them.
func (r *Runtime) TakeDue(ctx context.Context, group graph.Addr, now time.Time) error {
	return r.store.Update(ctx, func(tx *store.Tx) error {
		d, err := newDesk(tx, now, &r.programs)
		if err != nil {
			return err
		}
		return d.step(group, window.Due{Now: now})
	})
}

// NotStarted lists, with why, the runs that should have begun long before an
// instant.
func (r *Runtime) NotStarted(ctx context.Context, now time.Time) (all []string, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		d, err := newDesk(tx, now, &r.programs)
		if err != nil {
			return err
		}
		keys, err := d.notStarted()
		for _, key := range keys {
			run, err := d.run(key)
			if err != nil {
				return err
			}
			why, err := d.whyNotStarted(run)
			if err != nil {
				return err
			}
			all = append(all, graph.ShortRun(key)+": "+why)
		}
		return err
	})
	return all, err
}
