// Package flow says in which order the tasks of a run go: which of them may begin
// by how the others stand, which end without having begun, and how the run ends.
// It computes; package runtime does what it says.
package flow

import (
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Flow is what the order of a started run depends on: its group, its graph and
// the tasks as they stand. It decides nothing by the clock.
type Flow struct {
	Group    *graph.Group
	Graph    *graph.Graph
	Tasks    []store.Task
	Stopping bool // an operator, or cancel_other, wants it to end
}

// Moves is what a flow wants done now.
type Moves struct {
	Start []string          // pending tasks that may begin
	End   map[string]Ending // tasks that end without having run to their end
	Final bool              // the barrier is passed, and steps follow it
	State string            // the state in which the run ends; "" while it goes on
}

// Ending is how a task ends that never got to its own end.
type Ending struct{ State, Why string }

// Next works out what follows from the tasks as they stand. A task that is
// running is left alone; ending the run waits for it.
func (f Flow) Next() Moves {
	m := Moves{End: map[string]Ending{}}
	why := f.halted()
	for _, t := range f.Tasks {
		switch {
		case t.State == store.Pending:
			f.place(t, why, &m)
		case t.State == store.Waiting && f.Stopping:
			m.End[t.Name] = Ending{store.Stopped, "the run was stopped"}
		case t.State == store.Waiting && why != "":
			m.End[t.Name] = Ending{store.Skipped, why}
		}
	}
	m.Final = why == "" && f.finalizing()
	if len(m.Start) == 0 && len(m.End) == 0 && !slices.ContainsFunc(f.Tasks, store.Task.Open) {
		m.State = f.outcome()
	}
	return m
}

// place decides about one pending task: it starts, ends, or stays.
func (f Flow) place(t store.Task, halted string, m *Moves) {
	if f.Stopping {
		m.End[t.Name] = Ending{store.Stopped, "the run was stopped"}
		return
	}
	if halted != "" {
		m.End[t.Name] = Ending{store.Skipped, halted}
		return
	}
	ready, why := f.ready(t)
	switch {
	case why != "":
		m.End[t.Name] = Ending{store.Skipped, why}
	case ready:
		m.Start = append(m.Start, t.Name)
	}
}

// ready reports whether a pending task may begin, or why it never will.
func (f Flow) ready(t store.Task) (bool, string) {
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
func (f Flow) all(stage func() (bool, string), t store.Task) (bool, string) {
	ready, why := stage()
	if why != "" {
		return false, why
	}
	step := f.Graph.Step(graph.Addr(t.Name))
	if step == nil {
		return false, "it is not in the graph of this run"
	}
	if step.RequireComplete && ready && f.warned() {
		return false, "the run has warnings and require_complete is set"
	}
	for _, a := range step.After {
		before, ok := f.Task(string(a))
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
func (f Flow) barrier() (bool, string) {
	ready := f.gatesOpen(graph.GateStart) && f.gatesOpen(graph.GateDownstream)
	for _, t := range f.Tasks {
		switch {
		case t.Kind != store.KindCourier && t.Kind != store.KindBridge:
		case t.Open():
			ready = false
		case t.Done():
		case t.Kind == store.KindCourier && Policy(f.Group, t) == graph.OnMissingContinue:
		default:
			return false, t.Name + " did not land"
		}
	}
	return ready, ""
}

// finalizing reports whether the barrier is passed and a process or an
// activation has not ended.
func (f Flow) finalizing() bool {
	ready, _ := f.barrier()
	return ready && slices.ContainsFunc(f.Tasks, func(t store.Task) bool {
		return t.Open() && (t.Kind == store.KindProcess || t.Kind == store.KindActivation)
	})
}

// processed reports whether the barrier is passed and every process succeeded.
func (f Flow) processed() (bool, string) {
	ready, why := f.barrier()
	for _, t := range f.Tasks {
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
func (f Flow) gatesOpen(kind string) bool {
	return !slices.ContainsFunc(f.Tasks, func(t store.Task) bool {
		a := After(f.Group, t)
		return a != nil && a.Gate == kind && t.Open()
	})
}

// halted names what ended the run's right to start anything, or "".
func (f Flow) halted() string {
	for _, t := range f.Tasks {
		if !t.Open() && f.broken(t) && Policy(f.Group, t) == graph.OnMissingStop {
			if t.Kind == store.KindGate {
				return t.Name + " was not met"
			}
			return t.Name + " " + t.State + " and its on_missing is \"stop\""
		}
	}
	return ""
}

// broken reports whether a task of loading came to a bad end of its own.
func (f Flow) broken(t store.Task) bool {
	switch t.Kind {
	case store.KindCourier, store.KindGate:
		return t.State == store.Missing || t.State == store.Failed
	default:
		return false
	}
}

// outcome is the state of a run whose tasks have all ended.
func (f Flow) outcome() string {
	if f.Stopping {
		return store.Stopped
	}
	for _, t := range f.Tasks {
		switch t.State {
		case store.Failed, store.Held, store.Stopped:
			return store.Failed
		case store.Missing:
			if Policy(f.Group, t) == graph.OnMissingStop {
				return store.Failed
			}
		}
	}
	if f.warned() {
		return store.SucceededWithWarnings
	}
	return store.Succeeded
}

// Summary says in a phrase why the run did not end well, or "".
func (f Flow) Summary() string {
	if why := f.halted(); why != "" {
		return why
	}
	for _, t := range f.Tasks {
		if t.State == store.Failed || t.State == store.Held {
			return t.Name + " " + t.State
		}
	}
	return ""
}

// warned reports whether anything is missing, optional files included, or was
// skipped by an operator.
func (f Flow) warned() bool {
	return slices.ContainsFunc(f.Tasks, func(t store.Task) bool {
		return t.State == store.Missing || t.Warnings > 0 || t.LeftUndone()
	})
}

// Task finds a task by its name.
func (f Flow) Task(name string) (store.Task, bool) {
	i := slices.IndexFunc(f.Tasks, func(t store.Task) bool { return t.Name == name })
	if i < 0 {
		return store.Task{}, false
	}
	return f.Tasks[i], true
}
