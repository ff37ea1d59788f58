package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/runtime/store"
)

// TestMoves tries every change of state of runs and of tasks: those of the
// tables are made, all others are refused and undo their transaction.
func TestMoves(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	owner := tick(daily, -1, store.Running)
	put(t, s, owner)
	for _, c := range []struct {
		machine *store.Machine
		write   func(tx *store.Tx, name, state string) error
		state   func(tx *store.Tx, name string) (string, error)
	}{
		{store.RunMachine(), func(tx *store.Tx, name, state string) error {
			run := tick(daily, 0, state)
			run.Key = name
			return tx.PutRun(run)
		}, func(tx *store.Tx, name string) (string, error) {
			run, _, err := tx.Run(name)
			return run.State, err
		}},
		{store.TaskMachine(), func(tx *store.Tx, name, state string) error {
			return tx.PutTask(store.Task{Run: owner.Key, Name: name, Kind: store.KindCourier, State: state})
		}, func(tx *store.Tx, name string) (string, error) {
			task, _, err := tx.Task(owner.Key, name)
			return task.State, err
		}},
	} {
		for _, from := range append([]string{""}, c.machine.Names()...) {
			way := c.machine.Way(from)
			if from == "" {
				way = nil
			}
			for _, to := range append(c.machine.Names(), "nonsense") {
				name := c.machine.Of + " from " + from + " to " + to
				var got string
				err := s.Update(t.Context(), func(tx *store.Tx) (err error) {
					for _, state := range way {
						if err := c.write(tx, name, state); err != nil {
							return err
						}
					}
					if c.write(tx, name, to) == nil { // an error that is ignored undoes the transaction all the same
						got, err = c.state(tx, name)
					}
					return err
				})
				want := to
				var refused *store.TransitionError
				switch allowed := c.machine.Allows(from, to); {
				case allowed && err != nil, !allowed && !errors.As(err, &refused):
					t.Errorf("%s: %v", name, err)
				case !allowed:
					want = ""
					if refused.From != from || refused.To != to || !strings.Contains(refused.Name, name) {
						t.Errorf("%s is told as %v", name, err)
					}
				}
				if got != want {
					t.Errorf("%s: it is %q", name, got)
				}
			}
		}
	}
}

// TestMachines wants of each table that every state is reached, that an open
// state is left again, and that nothing is said twice.
func TestMachines(t *testing.T) {
	t.Parallel()
	for _, m := range []*store.Machine{store.RunMachine(), store.TaskMachine()} {
		for i, v := range m.Moves {
			if slices.Index(m.Moves, v) != i || v.Cause == "" || v.From == v.To {
				t.Errorf("%s: the move %+v", m.Of, v)
			}
			for _, name := range []string{v.From, v.To} {
				if name != "" && !slices.Contains(m.Names(), name) {
					t.Errorf("%s: the move %+v is of a state that is not listed", m.Of, v)
				}
			}
		}
		for _, s := range m.States {
			leaves := slices.ContainsFunc(m.Moves, func(v store.Move) bool { return v.From == s.Name })
			if len(m.Way(s.Name)) == 0 || s.Means == "" || !s.Ended && !leaves {
				t.Errorf("%s: the state %+v, reached by %q, left %v", m.Of, s, m.Way(s.Name), leaves)
			}
			if m.Of == "run" {
				equal(t, store.Ended(s.Name), s.Ended)
			}
		}
	}
	equal(t, store.Ended("nonsense"), false)
}

// TestOpenStates wants the runs of every state that has not ended among the open
// ones.
func TestOpenStates(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var open []string
	for i, state := range store.RunMachine().Names() {
		put(t, s, tick(daily, i, state))
		if !store.Ended(state) {
			open = append(open, state)
		}
	}
	var got []string
	for _, r := range read(t, s, func(tx *store.Tx) ([]store.Run, error) { return tx.OpenRuns(daily) }) {
		got = append(got, r.State)
	}
	equal(t, got, open)
}
