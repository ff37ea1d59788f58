// Package apply keeps plans in files and hands them to a runtime.
//
// A saved plan is applied as it was reviewed or not at all. [Read] refuses a file
// that is not whole and unaltered, [Check] a plan that was not made to be
// applied, [Apply] one whose base is no longer what the runtime has. The package
// knows a runtime only as a [Deployer].
package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// Deployer is a runtime, as far as applying goes.
type Deployer interface {
	// Deployment is what is applied now.
	Deployment(context.Context) (graph.Deployment, error)
	// Deploy makes d what is applied, if the serial in d is still the current one,
	// and returns it as stored: with its new serial and the time. Otherwise the
	// error is a *graph.StaleError and nothing has changed.
	Deploy(ctx context.Context, d graph.Deployment) (graph.Deployment, error)
}

// Apply makes the plan's graph what the runtime has applied, in the name of by,
// and returns the new deployment. Where the runtime has that graph already, and not
// from another release of the zone data, it changes nothing and returns the
// deployment as it is, with the serial that the plan was made from.
//
// The error is a *RefusedError for a plan that [Check] refuses, a
// *graph.StaleError when something was applied since the plan was made, a
// *MismatchError when the runtime is not the one it was made against, and
// otherwise a fault of the runtime. Nothing has changed then, unless the fault
// struck while the runtime stored the deployment.
func Apply(ctx context.Context, p *plan.Plan, by string, d Deployer) (graph.Deployment, error) {
	if problems := Check(p); problems.HasErrors() {
		return graph.Deployment{}, &RefusedError{Problems: problems}
	}
	current, err := d.Deployment(ctx)
	if err != nil {
		return graph.Deployment{}, fmt.Errorf("apply: ask what is applied: %w", err)
	}
	if err := compare(p.Base, current); err != nil {
		return graph.Deployment{}, err
	}
	if current.Serial != 0 && current.Digest == p.GraphDigest && (current.TZData == "" || current.TZData == p.TZData) {
		return current, nil
	}
	next, err := d.Deploy(ctx, graph.Deployment{
		Store:     current.Store,
		Serial:    p.Base.Serial,
		Digest:    p.GraphDigest,
		AppliedBy: by,
		Tool:      p.Tool,
		TZData:    p.TZData,
		Zones:     p.Zones,
		Graph:     p.Graph,
	})
	var stale *graph.StaleError
	switch {
	case errors.As(err, &stale): // as where compare finds it
		return graph.Deployment{}, err
	case err != nil:
		return graph.Deployment{}, fmt.Errorf("apply: %w", err)
	}
	return next, nil
}

// compare asks whether a runtime still has what a plan was made against. A plan
// from before the store existed fits any store in which nothing was applied.
func compare(base plan.Base, current graph.Deployment) error {
	other := base.Store != current.Store && (base.Store != "" || base.Serial != 0)
	if other {
		return &MismatchError{Base: base, Current: bare(current), OtherStore: true}
	}
	if base.Serial != current.Serial {
		return &graph.StaleError{Base: base.Serial, Current: bare(current)}
	}
	if base.Digest != current.Digest {
		return &MismatchError{Base: base, Current: bare(current)}
	}
	return nil
}

func bare(d graph.Deployment) graph.Deployment {
	d.Graph = nil
	return d
}
