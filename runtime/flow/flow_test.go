package flow_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/store"
)

// flowGraph has two couriers, of which "loose" may be missing, a bridge, two
// processes in order and two activations.
func flowGraph() *graph.Graph {
	return &graph.Graph{
		Bridges:   []graph.Step{{Addr: "bridge.lake"}},
		Processes: []graph.Step{{Addr: "process.a"}, {Addr: "process.b", After: []graph.Addr{"process.a"}}},
		Activations: []graph.Step{
			{Addr: "activation.campaign.any"}, {Addr: "activation.campaign.whole", RequireComplete: true},
		},
		Groups: []graph.Group{{
			Addr: "courier_group.g",
			Members: []graph.Member{
				{Name: "loose", OnMissing: graph.OnMissingContinue}, {Name: "strict", OnMissing: graph.OnMissingStop},
			},
			After: []graph.After{
				{Name: "first", Gate: graph.GateStart, OnMissing: graph.OnMissingStop},
				{Name: "then", Gate: graph.GateDownstream, OnMissing: graph.OnMissingContinue},
			},
		}},
	}
}

// flowTasks are the tasks of that group in given states; those that are not
// named are pending, gates have succeeded.
func flowTasks(states map[string]string) []store.Task {
	kinds := map[string]string{
		"after.first": store.KindGate, "after.then": store.KindGate, "loose": store.KindCourier, "strict": store.KindCourier,
		"bridge.lake": store.KindBridge, "process.a": store.KindProcess, "process.b": store.KindProcess,
		"activation.campaign.any": store.KindActivation, "activation.campaign.whole": store.KindActivation,
	}
	var tasks []store.Task
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		t := store.Task{Name: name, Kind: kinds[name], State: store.Pending}
		if t.Kind == store.KindGate {
			t.State = store.Succeeded
		}
		if s, ok := states[name]; ok {
			t.State = s
		}
		tasks = append(tasks, t)
	}
	return tasks
}

func TestFlow(t *testing.T) {
	t.Parallel()
	const anyway, whole = "activation.campaign.any", "activation.campaign.whole"
	loaded := map[string]string{"loose": store.Landed, "strict": store.Landed, "bridge.lake": store.Succeeded}
	with := func(m map[string]string, more ...string) map[string]string {
		out := maps.Clone(m)
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	for _, test := range []struct {
		name     string
		states   map[string]string
		stopping bool
		start    []string
		end      []string
		state    string
	}{
		{name: "a start gate holds everything", states: map[string]string{"after.first": store.Waiting}},
		{name: "what loads starts together", start: []string{"bridge.lake", "loose", "strict"}},
		{name: "processes wait for the bridge", states: with(loaded, "bridge.lake", store.Running)},
		{name: "and for the downstream gate", states: with(loaded, "after.then", store.Waiting)},
		{name: "a gate missed under continue lets pass", states: with(loaded, "after.then", store.Missing), start: []string{"process.a"}},
		{name: "processes follow their order", states: loaded, start: []string{"process.a"}},
		{name: "activations wait for all processes", states: with(loaded, "process.a", store.Succeeded), start: []string{"process.b"}},
		{
			name: "then come activations", states: with(loaded, "process.a", store.Succeeded, "process.b", store.Succeeded),
			start: []string{anyway, whole},
		},
		{
			name:   "require_complete holds back after a warning",
			states: with(loaded, "loose", store.Missing, "process.a", store.Succeeded, "process.b", store.Succeeded),
			start:  []string{anyway}, end: []string{whole + " skipped"},
		},
		{
			name:   "a missing courier that stops halts all that has not begun",
			states: with(loaded, "strict", store.Missing, "loose", store.Waiting),
			end:    []string{anyway + " skipped", whole + " skipped", "loose skipped", "process.a skipped", "process.b skipped"},
		},
		{
			name:   "but not what is loading",
			states: with(loaded, "strict", store.Missing, "loose", store.Running, "process.a", store.Skipped, "process.b", store.Skipped, anyway, store.Skipped, whole, store.Skipped),
		},
		{
			name: "a failed courier that may be missing lets the run go on", states: with(loaded, "loose", store.Failed), start: []string{"process.a"},
		},
		{
			name: "a failed bridge stops what depends on it", states: with(loaded, "bridge.lake", store.Failed, "strict", store.Waiting),
			end: []string{anyway + " skipped", whole + " skipped", "process.a skipped", "process.b skipped"},
		},
		{
			name: "a failed process stops what depends on it", states: with(loaded, "process.a", store.Failed),
			end: []string{anyway + " skipped", whole + " skipped", "process.b skipped"},
		},
		{
			name: "stopping ends what has not begun", states: with(loaded, "process.a", store.Running), stopping: true,
			end: []string{anyway + " stopped", whole + " stopped", "process.b stopped"},
		},
		{
			name: "and waits for what runs", stopping: true,
			states: with(loaded, "process.a", store.Running, "process.b", store.Stopped, anyway, store.Stopped, whole, store.Stopped),
		},
		{
			name: "a stopped run", stopping: true, state: store.Stopped,
			states: with(loaded, "process.a", store.Stopped, "process.b", store.Stopped, anyway, store.Stopped, whole, store.Stopped),
		},
		{
			name: "a run that succeeded", state: store.Succeeded,
			states: with(loaded, "process.a", store.Succeeded, "process.b", store.Succeeded, anyway, store.Succeeded, whole, store.Succeeded),
		},
		{
			name: "with warnings", state: store.SucceededWithWarnings,
			states: with(loaded, "loose", store.Missing, "process.a", store.Succeeded, "process.b", store.Succeeded, anyway, store.Succeeded, whole, store.Skipped),
		},
		{
			name: "a failed courier fails the run that went on", state: store.Failed,
			states: with(loaded, "loose", store.Failed, "process.a", store.Succeeded, "process.b", store.Succeeded, anyway, store.Succeeded, whole, store.Succeeded),
		},
		{
			name: "a held activation fails the run", state: store.Failed,
			states: with(loaded, "process.a", store.Succeeded, "process.b", store.Succeeded, anyway, store.Held, whole, store.Succeeded),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := flowGraph()
			m := flow.Flow{Group: &g.Groups[0], Graph: g, Tasks: flowTasks(test.states), Stopping: test.stopping}.Next()
			var end []string
			for _, name := range slices.Sorted(maps.Keys(m.End)) {
				end = append(end, name+" "+m.End[name].State)
			}
			got := []any{m.Start, end, m.State}
			if diff := cmp.Diff([]any{test.start, test.end, test.state}, got); diff != "" {
				t.Errorf("start, end, state (-want +got):\n%s", diff)
			}
		})
	}
}
