package runtime_test

import (
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// withActivations adds a process and two activations, of which one wants complete
// data.
func withActivations(g *graph.Graph) {
	withProcess("true")(g)
	whole := program("activation.campaign.whole", "true")
	whole.RequireComplete = true
	g.Activations = []graph.Step{program("activation.campaign.any", "true"), whole}
	g.Groups[0].Activations = []graph.Addr{"activation.campaign.any", "activation.campaign.whole"}
}

// A scheduled run does what its type says, and an activation that wants complete
// data leaves out a run with warnings.
func TestRunTypes(t *testing.T) {
	const processed = "process.mark succeeded"
	for name, test := range map[string]struct {
		runType string
		lacks   bool
		want    []string
	}{
		"full":            {graph.RunFull, false, []string{"activation.campaign.any succeeded", "activation.campaign.whole succeeded", "orders landed", processed}},
		"full, not whole": {graph.RunFull, true, []string{"activation.campaign.any succeeded", "activation.campaign.whole skipped", "orders landed", processed}},
		"refresh":         {graph.RunRefresh, false, []string{"orders landed", processed}},
		"source":          {graph.RunSource, false, []string{"orders landed"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.drop("drop/orders-2000-01-01.csv", "1")
				w.deploy(orders(withActivations, func(g *graph.Graph) {
					g.Groups[0].RunType = test.runType
					if test.lacks {
						g.Couriers[0].Files = append([]graph.File{{Name: "maybe", Pattern: "maybe-{yyyy}-{MM}-{dd}.csv", Optional: true}}, g.Couriers[0].Files...)
					}
				}))
				stop := w.serve()
				defer stop()
				w.sleepUntil("2000-01-01T13:00:30Z")
				w.same("tasks", test.want, tasks(w.detail(firstTick)))
				w.drop("drop/orders-1999-12-30.csv", "0")
				w.same("load only", []string{"orders landed"}, tasks(w.mustRun(runtime.RunArgs{Date: "1999-12-30", LoadOnly: true})))
				w.same("state", map[bool]string{true: store.SucceededWithWarnings, false: store.Succeeded}[test.lacks], w.detail(firstTick).Run.State)
			})
		})
	}
}
