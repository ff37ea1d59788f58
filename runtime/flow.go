package runtime

import (
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// flow is what the order of a started run depends on: its group, its graph and
// the tasks as they stand. It decides nothing by the clock.
type flow struct {
	group    *graph.Group
	graph    *graph.Graph
	tasks    []store.Task
	stopping bool // an operator, or cancel_other, wants it to end
}

// moves is what a flow wants done now.
type moves struct {
	start []string          // pending tasks that may begin
	end   map[string]ending // tasks that end without having run to their end
	final bool              // the barrier is passed, and steps follow it
	state string            // the state in which the run ends; "" while it goes on
}

// ending is how a task ends that never got to its own end.
type ending struct{ state, why string }

// next works out what follows from the tasks as they stand. A task that is
// running is left alone; ending the run waits for it.
func (f flow) next() moves {
	m := moves{end: map[string]ending{}}
	why := f.halted()
	for _, t := range f.tasks {
		switch {
		case t.State == store.Pending:
			f.place(t, why, &m)
		case t.State == store.Waiting && f.stopping:
			m.end[t.Name] = ending{store.Stopped, "the run was stopped"}
		case t.State == store.Waiting && why != "":
			m.end[t.Name] = ending{store.Skipped, why}
		}
	}
	m.final = why == "" && f.finalizing()
	if len(m.start) == 0 && len(m.end) == 0 && !slices.ContainsFunc(f.tasks, store.Task.Open) {
		m.state = f.outcome()
	}
	return m
}

// place decides about one pending task: it starts, ends, or stays.
func (f flow) place(t store.Task, halted string, m *moves) {
	if f.stopping {
		m.end[t.Name] = ending{store.Stopped, "the run was stopped"}
		return
	}
	if halted != "" {
		m.end[t.Name] = ending{store.Skipped, halted}
		return
	}
	ready, why := f.ready(t)
	switch {
	case why != "":
		m.end[t.Name] = ending{store.Skipped, why}
	case ready:
		m.start = append(m.start, t.Name)
	}
}

// ready reports whether a pending task may begin, or why it never will.
func (f flow) ready(t store.Task) (bool, string) {
	switch t.Kind {
	case store.KindGate:
		return true, ""
	case store.KindCourier, store.KindBridge:
		return f.gatesOpen(graph.GateStart), ""
	case store.KindProcess:
		return f.all(f.barrier, t)
	default:
		return f.all(f.processed, t)
	}
}

// all joins a stage's condition with the task's own `after` list.
func (f flow) all(stage func() (bool, string), t store.Task) (bool, string) {
	ready, why := stage()
	if why != "" {
		return false, why
	}
	step := f.graph.Step(graph.Addr(t.Name))
	if step == nil {
		return false, "it is not in the graph of this run"
	}
	if step.RequireComplete && ready && f.warned() {
		return false, "the run has warnings and require_complete is set"
	}
	for _, a := range step.After {
		before, ok := f.task(string(a))
		switch {
		case !ok || before.Done():
		case before.Open():
			ready = false
		default:
			return false, string(a) + " did not succeed"
		}
	}
	return ready, ""
}

// barrier reports whether everything that loads has landed, or is missing
// where the group goes on without it.
func (f flow) barrier() (bool, string) {
	ready := f.gatesOpen(graph.GateStart) && f.gatesOpen(graph.GateDownstream)
	for _, t := range f.tasks {
		switch {
		case t.Kind != store.KindCourier && t.Kind != store.KindBridge:
		case t.Open():
			ready = false
		case t.Done():
		case t.Kind == store.KindCourier && f.policy(t) == graph.OnMissingContinue:
		default:
			return false, t.Name + " did not land"
		}
	}
	return ready, ""
}

// finalizing reports whether the barrier is passed and a process or an
// activation has not ended.
func (f flow) finalizing() bool {
	ready, _ := f.barrier()
	return ready && slices.ContainsFunc(f.tasks, func(t store.Task) bool {
		return t.Open() && (t.Kind == store.KindProcess || t.Kind == store.KindActivation)
	})
}

// processed reports whether the barrier is passed and every process succeeded.
func (f flow) processed() (bool, string) {
	ready, why := f.barrier()
	for _, t := range f.tasks {
		switch {
		case why != "" || t.Kind != store.KindProcess:
		case t.Open():
			ready = false
		case !t.Done():
			why = t.Name + " did not succeed"
		}
	}
	return ready, why
}

// gatesOpen reports whether every gate of a kind lets pass. A gate whose wait
// has ended lets pass under on_missing = "continue"; under "stop" halted has
// the word.
func (f flow) gatesOpen(kind string) bool {
	return !slices.ContainsFunc(f.tasks, func(t store.Task) bool {
		a := f.after(t)
		return a != nil && a.Gate == kind && t.Open()
	})
}

// halted names what ended the run's right to start anything, or "".
func (f flow) halted() string {
	for _, t := range f.tasks {
		if !t.Open() && f.broken(t) && f.policy(t) == graph.OnMissingStop {
			if t.Kind == store.KindGate {
				return t.Name + " was not met"
			}
			return t.Name + " " + t.State + " and its on_missing is \"stop\""
		}
	}
	return ""
}

// broken reports whether a task of loading came to a bad end of its own.
func (f flow) broken(t store.Task) bool {
	switch t.Kind {
	case store.KindCourier, store.KindGate:
		return t.State == store.Missing || t.State == store.Failed
	default:
		return false
	}
}

// policy is the on_missing that governs a courier or a gate.
func (f flow) policy(t store.Task) string {
	if a := f.after(t); a != nil {
		return a.OnMissing
	}
	if t.Kind == store.KindCourier {
		return onMissing(f.group, t)
	}
	return ""
}

func (f flow) after(t store.Task) *graph.After {
	if t.Kind != store.KindGate {
		return nil
	}
	i := slices.IndexFunc(f.group.After, func(a graph.After) bool { return gateName(a.Name) == t.Name })
	if i < 0 {
		return nil
	}
	return &f.group.After[i]
}

// outcome is the state of a run whose tasks have all ended.
func (f flow) outcome() string {
	if f.stopping {
		return store.Stopped
	}
	for _, t := range f.tasks {
		switch t.State {
		case store.Failed, store.Held, store.Stopped:
			return store.Failed
		case store.Missing:
			if f.policy(t) == graph.OnMissingStop {
				return store.Failed
			}
		}
	}
	if f.warned() {
		return store.SucceededWithWarnings
	}
	return store.Succeeded
}

// summary says in a phrase why the run did not end well, or "".
func (f flow) summary() string {
	if why := f.halted(); why != "" {
		return why
	}
	for _, t := range f.tasks {
		if t.State == store.Failed || t.State == store.Held {
			return t.Name + " " + t.State
		}
	}
	return ""
}

// warned reports whether anything is missing, optional files included, or was
// skipped by an operator.
func (f flow) warned() bool {
	return slices.ContainsFunc(f.tasks, func(t store.Task) bool {
		return t.State == store.Missing || t.Warnings > 0 || t.LeftUndone()
	})
}

func (f flow) task(name string) (store.Task, bool) {
	i := slices.IndexFunc(f.tasks, func(t store.Task) bool { return t.Name == name })
	if i < 0 {
		return store.Task{}, false
	}
	return f.tasks[i], true
}

// gateName is the task name of an `after` block.
func gateName(label string) string { return "after." + label }
