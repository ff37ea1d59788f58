package runtime

import (
	"context"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Deployment returns what is applied.
func (r *Runtime) Deployment(ctx context.Context) (d graph.Deployment, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		d, err = tx.Deployment(0)
		return err
	})
	return d, err
}

// Deploy makes d what is applied, if d.Serial is still the serial of the newest
// deployment; else it fails with a [graph.StaleError]. What moved blocks rename goes
// on under its present name; that fails with a [graph.BusyError] while a run of it
// is under way. The rows of expected
// runs are derived anew in the same transaction, so that a run of the new
// schedule that nobody starts is late, not lost.
func (r *Runtime) Deploy(ctx context.Context, d graph.Deployment) (next graph.Deployment, err error) {
	d.AppliedAt = time.Now().UTC()
	if d.AppliedBy == "" {
		d.AppliedBy = r.options.Actor
	}
	err = r.store.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.Deployment(0)
		if err != nil {
			return err
		}
		if err := rename(tx, before, d); err != nil {
			return err
		}
		if next, err = tx.Deploy(d); err != nil {
			return err
		}
		return r.derive(tx, before.Graph, next)
	})
	return next, err
}

// derive tells every group, old and new, that there is another graph.
func (r *Runtime) derive(tx *store.Tx, before *graph.Graph, d graph.Deployment) error {
	desk, err := newDesk(tx, d.AppliedAt, &r.programs)
	if err != nil {
		return err
	}
	var groups []graph.Addr
	for _, g := range slices.Concat(before.Groups, d.Graph.Groups) {
		groups = append(groups, g.Addr)
	}
	slices.Sort(groups)
	for _, g := range slices.Compact(groups) {
		if err := desk.step(g, window.Deployed{Now: d.AppliedAt}); err != nil {
			return err
		}
	}
	if err := note(tx, d.AppliedAt, "", "", EventDeployed, "serial %d by %s", d.Serial, d.AppliedBy); err != nil {
		return err
	}
	return desk.raise()
}
