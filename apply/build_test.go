package apply_test

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// workspace is a small one with one group.
func workspace(schedule string) *graph.Graph {
	return &graph.Graph{
		FormatVersion: graph.FormatVersion, Landing: "landing", Runtime: graph.Runtime{Path: ".waybill"},
		Couriers: []graph.Courier{{Addr: "courier.orders", Filedrop: &graph.Filedrop{URL: graph.Text("drop")},
			Files: []graph.File{{Name: "orders", Pattern: "{yyyy}-{MM}-{dd}.csv", Require: graph.RequireEach}}}},
		Groups: []graph.Group{{Addr: "courier_group.daily", Schedule: schedule, Timezone: "UTC", FileDates: "UTC", Active: true, RunType: graph.RunFull,
			DST: graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"}, Overlap: graph.BufferOne, CatchUp: graph.Coalesce,
			Members: []graph.Member{{Name: "orders", Courier: "courier.orders", OnMissing: graph.OnMissingStop}}}},
	}
}

// small is a plan that may be applied to base.
func small(base graph.Deployment, g *graph.Graph) *plan.Plan {
	return plan.Make(plan.Input{Deployed: base, Graph: g, At: at("2026-11-21T20:00:00Z"), Tool: "0.1.0", PerGroup: 1})
}

// runtime is a Deployer with one deployment.
type runtime struct {
	current graph.Deployment
	deploys int
	// meanwhile happens between the look at what is applied and the swap.
	meanwhile func(*runtime)
}

func (r *runtime) Deployment(context.Context) (graph.Deployment, error) {
	d := r.current
	if r.meanwhile != nil {
		r.meanwhile(r)
	}
	return d, nil
}

func (r *runtime) Deploy(_ context.Context, d graph.Deployment) (graph.Deployment, error) {
	if d.Serial != r.current.Serial {
		return graph.Deployment{}, &graph.StaleError{Base: d.Serial, Current: r.current}
	}
	r.deploys++
	d.Serial++
	d.AppliedAt = at("2026-11-21T20:05:00Z")
	r.current = d
	return d, nil
}

// serving is a runtime in which somebody applied g as serial 4.
func serving(g *graph.Graph) *runtime {
	return &runtime{current: graph.Deployment{Store: "store-1", Serial: 4, Digest: g.Digest(), AppliedAt: at("2026-11-20T09:12:00Z"), AppliedBy: "ana@laptop", Graph: g}}
}
