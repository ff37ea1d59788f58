package flow

import (
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// GateName is the task name of an `after` block.
func GateName(label string) string { return "after." + label }

// After is the `after` block of a group that a task stands for; nil: none.
func After(g *graph.Group, t store.Task) *graph.After {
	if t.Kind != store.KindGate {
		return nil
	}
	i := slices.IndexFunc(g.After, func(a graph.After) bool { return GateName(a.Name) == t.Name })
	if i < 0 {
		return nil
	}
	return &g.After[i]
}

// Policy is the on_missing that governs a courier or a gate; empty for a step.
func Policy(g *graph.Group, t store.Task) string {
	if a := After(g, t); a != nil {
		return a.OnMissing
	}
	if t.Kind == store.KindCourier {
		return OnMissing(g, t)
	}
	return ""
}

// OnMissing is what a courier's task does about what is missing: what its group
// says, unless an operator has decided for this run.
func OnMissing(g *graph.Group, t store.Task) string {
	if t.IgnoresMissing() {
		return graph.OnMissingContinue
	}
	if m := g.Member(t.Name); m != nil {
		return m.OnMissing
	}
	return ""
}
