package store

import (
	"fmt"
	"slices"
	"strings"
)

// The states of a Run.
const (
	Scheduled             = "scheduled" // with Queue 0: expected, nobody has taken it
	Waiting               = "waiting"
	Running               = "running"
	Finalizing            = "finalizing"
	Stopping              = "stopping"
	Blocked               = "blocked"
	Succeeded             = "succeeded"
	SucceededWithWarnings = "succeeded_with_warnings"
	Failed                = "failed"
	Stopped               = "stopped"
	Canceled              = "canceled"
	Skipped               = "skipped"
)

// The states of a Task besides Waiting, Running, Succeeded, Failed, Stopped and
// Skipped, which it shares with runs.
const (
	Pending = "pending" // not begun
	Landed  = "landed"  // courier: done
	Missing = "missing" // courier: not ready at the deadline
	Held    = "held"    // step: an answer was lost, an operator decides
)

// Machine is what the rows of one kind may do. The store refuses every other
// change of state.
type Machine struct {
	Of     string // "run" or "task"
	States []State
	Moves  []Move

	sources map[string]string // of each state, those it is entered from, itself included: "|waiting|running|"
	made    map[string]bool   // in which a row may be made
}

// State is one of the states of a Machine.
type State struct {
	Name  string
	Ended bool // the work is over; only an operator brings it back
	Means string
}

// Move is a change from one state to another, and one of its causes. A row that
// keeps its state makes no move.
type Move struct {
	From  string // empty: the row is made
	To    string
	Event string // the type of the one event in its transaction; empty for a tick that is expected, which Expects says
	OfRun bool   // of a task: the event is its run's, and stands for all its tasks
	Cause string
}

// Expects are the types of the events with which a tick is expected, in one
// transaction: of a deployment, a pause that is lifted, or the tick before.
var Expects = []string{"deployed", "resumed", "queued", "skipped"}

// RunMachine returns what runs may do. It is shared and must not be changed.
func RunMachine() *Machine { return runMachine }

// TaskMachine returns what tasks may do. It is shared and must not be changed.
func TaskMachine() *Machine { return taskMachine }

// Names returns the names of the states in their order.
func (m *Machine) Names() []string {
	var names []string
	for _, s := range m.States {
		names = append(names, s.Name)
	}
	return names
}

// Allows reports whether a row may go from one state to another; from "" it is
// made. Staying is no move, and allowed.
func (m *Machine) Allows(from, to string) bool {
	return from == to && m.sources[to] != "" || slices.ContainsFunc(m.Moves, func(v Move) bool { return v.From == from && v.To == to })
}

// Way returns the states by which a row comes to a state soonest, from the one
// in which it is made to that state itself; none for an unknown state.
func (m *Machine) Way(to string) []string {
	ways := [][]string{{""}}
	seen := map[string]bool{}
	for len(ways) > 0 {
		way := ways[0]
		ways = ways[1:]
		last := way[len(way)-1]
		if last == to {
			return way[1:]
		}
		for _, v := range m.Moves {
			if v.From == last && !seen[v.To] {
				seen[v.To] = true
				ways = append(ways, append(slices.Clone(way), v.To))
			}
		}
	}
	return nil
}

// Ended reports whether a run in this state is over.
func Ended(state string) bool {
	i := slices.IndexFunc(runMachine.States, func(s State) bool { return s.Name == state })
	return i >= 0 && runMachine.States[i].Ended
}

// TransitionError refuses a change of state that the Machine does not have.
type TransitionError struct {
	Of, Name string // "run" and its key, or "task", its run's key and its name
	From, To string // From is empty where there is no such row
}

func (e *TransitionError) Error() string {
	if e.From == "" {
		return fmt.Sprintf("store: the %s %s is not there and may not begin as %q", e.Of, e.Name, e.To)
	}
	return fmt.Sprintf("store: the %s %s is %s and may not become %q", e.Of, e.Name, e.From, e.To)
}

func newMachine(of string, states []State, moves []Move) *Machine {
	m := &Machine{Of: of, States: states, Moves: moves, sources: map[string]string{}, made: map[string]bool{}}
	for _, s := range states {
		from := []string{"", s.Name}
		for _, v := range moves {
			switch {
			case v.To != s.Name:
			case v.From == "":
				m.made[s.Name] = true
			default:
				from = append(from, v.From)
			}
		}
		m.sources[s.Name] = strings.Join(append(from, ""), "|")
	}
	return m
}

var runMachine = newMachine("run", []State{
	{Name: Scheduled, Means: "the next tick, expected"},
	{Name: Waiting, Means: "taken or asked for; waits for its turn in the group"},
	{Name: Running, Means: "under way, waits for files included"},
	{Name: Finalizing, Means: "everything that loads is done; processes and activations are under way"},
	{Name: Stopping, Means: "an operator, Ctrl-C or `cancel_other` ends it"},
	{Name: Blocked, Means: "its range is longer than `max_range`; somebody must decide"},
	{Name: Succeeded, Ended: true, Means: "everything was done"},
	{Name: SucceededWithWarnings, Ended: true, Means: "something was missing, and the run went on without it"},
	{Name: Failed, Ended: true, Means: "something failed, is missing under `stop`, or is held"},
	{Name: Stopped, Ended: true, Means: "it was stopped after it had begun"},
	{Name: Canceled, Ended: true, Means: "stopped before it first began; it cannot be retried"},
	{Name: Skipped, Ended: true, Means: "never ran: coalesced into another run, or passed over; the note says which"},
}, []Move{
	{"", Scheduled, "", false, "the schedule expects it"},
	{"", Waiting, "queued", false, "somebody asked for it, or its tick was taken late"},
	{"", Skipped, "skipped", false, "its tick was passed over"},
	{Scheduled, Waiting, "queued", false, "it is due"},
	{Scheduled, Skipped, "skipped", false, "coalesced, or passed over"},
	{Waiting, Running, "started", false, "its turn has come"},
	{Waiting, Blocked, "blocked", false, "longer than max_range"},
	{Waiting, Skipped, "skipped", false, "coalesced into another run"},
	{Waiting, Canceled, "ended", false, "stop, before it began"},
	{Waiting, Stopped, "ended", false, "stop, before a retry began"},
	{Waiting, Failed, "ended", false, "a later run went on with its data"},
	{Blocked, Waiting, "unblocked", false, "advance"},
	{Blocked, Skipped, "ended", false, "a backfill works it off"},
	{Blocked, Canceled, "ended", false, "stop, before it began"},
	{Running, Finalizing, "finalizing", false, "everything has landed"},
	{Running, Stopping, "stopping", false, "stop, Ctrl-C or cancel_other"},
	{Running, Succeeded, "ended", false, "nothing follows"},
	{Running, SucceededWithWarnings, "ended", false, "nothing follows, something is missing"},
	{Running, Failed, "ended", false, "something failed"},
	{Finalizing, Stopping, "stopping", false, "stop, Ctrl-C or cancel_other"},
	{Finalizing, Succeeded, "ended", false, "every step is done"},
	{Finalizing, SucceededWithWarnings, "ended", false, "every step is done, something is missing"},
	{Finalizing, Failed, "ended", false, "a step failed or is held"},
	{Stopping, Stopped, "ended", false, "nothing is under way any more"},
	{Failed, Waiting, "queued", false, "retry, restart, skip, ignore-missing"},
	{Stopped, Waiting, "queued", false, "retry, restart, skip, ignore-missing"},
})

var taskMachine = newMachine("task", []State{
	{Name: Pending, Means: "not begun, or begins again after a pause"},
	{Name: Waiting, Means: "a courier looks for files; an `after` waits for the other group"},
	{Name: Running, Means: "copies, runs a program, waits for an answer or a job, or rests between two attempts"},
	{Name: Landed, Ended: true, Means: "a courier is done, with or without files"},
	{Name: Succeeded, Ended: true, Means: "a step is done; the other group is done"},
	{Name: Missing, Ended: true, Means: "not ready at the deadline"},
	{Name: Failed, Ended: true, Means: "`show` has the fault: `source error`, `misconfigured`, `failed`, `timeout`, `unknown`"},
	{Name: Held, Ended: true, Means: "nobody knows whether it was done"},
	{Name: Skipped, Ended: true, Means: "not begun, because of something before it; or an operator goes on without it"},
	{Name: Stopped, Ended: true, Means: "ended with its run"},
}, []Move{
	{"", Pending, "started", true, "its run begins"},
	{Pending, Waiting, "task_waiting", false, "a courier or an `after` begins to wait"},
	{Pending, Running, "task_started", false, "a step or a program begins"},
	{Pending, Landed, "task_succeeded", false, "its range is empty"},
	{Pending, Skipped, "task_skipped", false, "something before it did not succeed"},
	{Pending, Stopped, "task_stopped", false, "its run is stopped"},
	{Waiting, Running, "task_started", false, "the files are there"},
	{Waiting, Succeeded, "task_succeeded", false, "the other group is done"},
	{Waiting, Missing, "task_missing", false, "the deadline"},
	{Waiting, Failed, "task_failed", false, "the source cannot be read"},
	{Waiting, Skipped, "task_skipped", false, "something before it did not succeed"},
	{Waiting, Stopped, "task_stopped", false, "its run is stopped"},
	{Running, Waiting, "task_waiting", false, "a file has changed since it was seen"},
	{Running, Pending, "task_retrying", false, "another attempt, after a pause"},
	{Running, Pending, "task_interrupted", false, "the process that did it died; it is done again"},
	{Running, Landed, "task_succeeded", false, "everything is copied"},
	{Running, Succeeded, "task_succeeded", false, "it is done"},
	{Running, Missing, "task_missing", false, "what was there is copied, the rest is missing"},
	{Running, Failed, "task_failed", false, "no attempt is left, or none would help"},
	{Running, Held, "task_held", false, "an answer was lost, and on_unknown is hold"},
	{Running, Stopped, "task_stopped", false, "its run is stopped"},
	{Missing, Pending, "started", true, "the next attempt of its run"},
	{Failed, Pending, "started", true, "the next attempt of its run"},
	{Held, Pending, "started", true, "the next attempt of its run: it is sent again"},
	{Skipped, Pending, "started", true, "the next attempt of its run"},
	{Stopped, Pending, "started", true, "the next attempt of its run"},
	{Held, Succeeded, "task_succeeded", false, "an operator says that it was done"},
	{Running, Skipped, "task_skipped", false, "an operator goes on without it, between two attempts"},
	{Failed, Skipped, "task_skipped", false, "an operator goes on without it"},
	{Missing, Skipped, "task_skipped", false, "an operator goes on without it"},
	{Stopped, Skipped, "task_skipped", false, "an operator goes on without it"},
	{Held, Skipped, "task_skipped", false, "its run is restarted, and its group has it no more"},
	{Skipped, Pending, "goes_on", true, "an operator has decided about what stood before it"},
	{Missing, Pending, "goes_on", true, "an operator lets it go on without what is missing"},
})
