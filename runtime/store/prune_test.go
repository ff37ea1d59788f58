package store_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestPrune removes what old runs have left behind, in several batches, and
// wants everything that somebody may still ask for.
func TestPrune(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	applyNext(t, s, "1")
	lonely := graph.GroupAddr("lonely") // a group in which nothing ever succeeded
	adhoc := tick(daily, 2, store.Failed)
	adhoc.Key, adhoc.Kind, adhoc.ScheduledAt = "courier_group.daily@once", store.KindAdHoc, time.Time{}
	coalesced := tick(daily, 7, store.Skipped)
	coalesced.Into = tick(daily, 8, "").Key
	runs := map[string]store.Run{
		"succeeded":             tick(daily, 0, store.Succeeded),
		"failed":                tick(daily, 1, store.Failed),
		"failed, ad hoc":        adhoc,
		"open":                  tick(daily, 3, store.Blocked),
		"missing":               tick(daily, 4, store.SucceededWithWarnings),
		"stopped, forgone":      tick(daily, 6, store.Stopped),
		"failed, none after it": tick(lonely, 5, store.Failed),
		"coalesced":             coalesced,
		"the last to succeed":   tick(daily, 8, store.Succeeded),
		"young":                 tick(daily, 20, store.Succeeded),
	}
	for name, r := range runs {
		put(t, s, r)
		update(t, s, func(tx *store.Tx) error {
			orders := store.Task{Run: r.Key, Name: "orders", Kind: store.KindCourier, State: store.Landed}
			if name == "missing" {
				orders.State, orders.Data = store.Missing, json.RawMessage(`{"missing":[{"name":"x"}]}`)
			}
			if name == "stopped, forgone" { // in an attempt before its last
				orders.State, orders.Forgone = store.Stopped, json.RawMessage(`{"missing":[{"name":"x"}]}`)
			}
			step := store.Task{Run: r.Key, Name: "process.p", Kind: store.KindProcess, State: store.Succeeded}
			_, landed := tx.PutLanding(store.Landing{Group: r.Group, Courier: "orders", Run: r.Key, Path: name, Version: "1", LandedAt: noon})
			return errors.Join(putTask(tx, orders), putTask(tx, step), tx.PutPoll(store.Poll{Run: r.Key, Task: "orders"}),
				tx.PutJob(store.Job{Run: r.Key, Step: "process.p"}), appendEvent(r.Key)(tx), landed,
				tx.SetStepMark(r.Group, "process.p", 1, r.Key), tx.SetWatermark(r.Group, "orders", noon, r.Key))
		})
	}
	covered := func() (got []bool) {
		for hour := range 10 {
			got = append(got, read(t, s, func(tx *store.Tx) (bool, error) { return tx.Covered(daily, noon.Add(time.Duration(hour)*time.Hour)) }))
		}
		return got
	}
	before, pruned, batches := covered(), 0, 0
	for more := true; more; batches++ {
		update(t, s, func(tx *store.Tx) (err error) {
			var n []string
			n, more, err = tx.Prune(noon.Add(10*time.Hour), noon.Add(100*time.Hour), 2)
			pruned += len(n)
			return err
		})
	}
	if pruned != 7 || batches < 4 {
		t.Errorf("%d runs were pruned in %d batches", pruned, batches)
	}
	equal(t, covered(), before)
	left := map[string][]int{} // tasks, polls, events
	for name, r := range runs {
		view(t, s, func(tx *store.Tx) error {
			d, found, err := tx.Detail(r.Key)
			at, gone, err2 := tx.Pruned(r.Key)
			if !found || d.Run.State != r.State || len(d.Landings) != 1 || gone != (len(d.Events) == 0) || gone && !at.Equal(noon.Add(100*time.Hour)) {
				t.Errorf("%s: %+v, pruned %v at %s", name, d, gone, at)
			}
			left[name] = []int{len(d.Tasks), len(d.Polls), len(d.Events)}
			return errors.Join(err, err2)
		})
	}
	none, all := []int{0, 0, 0}, []int{2, 1, 1}
	equal(t, left, map[string][]int{
		"succeeded": none, "failed": none, "failed, ad hoc": none, "coalesced": none, "the last to succeed": none, "missing": {1, 0, 0}, "stopped, forgone": {1, 0, 0},
		"open": all, "failed, none after it": all, "young": all,
	})
	update(t, s, func(tx *store.Tx) error {
		n, more, err := tx.Prune(noon.Add(10*time.Hour), noon.Add(200*time.Hour), 2)
		equal(t, n, nil)
		equal(t, more, false)
		return err
	})
}

// TestForget removes what old commands and events of no run have left behind, and
// keeps the tokens that name runs, what is not done, and what is watched.
func TestForget(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	applyNext(t, s, "1")
	open := tick(daily, 3, store.Running)
	put(t, s, open)
	late := noon.Add(100 * time.Hour)
	ids := map[string]int64{}
	send := func(name string, c store.Command, state string, at time.Time) {
		c.Group, c.By, c.At = daily, "ann", at
		update(t, s, func(tx *store.Tx) error {
			sent, err := tx.Send(c)
			ids[name] = sent.ID
			if err != nil || state == store.CommandPending {
				return err
			}
			return tx.Finish(sent.ID, state, "", c.Run, at)
		})
	}
	once := store.Command{Verb: store.VerbRun, Token: "once", Run: "courier_group.daily@once"}
	send("old", store.Command{Verb: store.VerbPause, Token: "pause-1"}, store.CommandDone, noon)
	send("refused", store.Command{Verb: store.VerbRun, Token: "no"}, store.CommandRefused, noon)
	send("a run by its token", once, store.CommandDone, noon)
	send("of an open run", store.Command{Verb: store.VerbRetry, Run: open.Key}, store.CommandDone, noon)
	send("not done", store.Command{Verb: store.VerbStop}, store.CommandPending, noon)
	send("young", store.Command{Verb: store.VerbResume}, store.CommandDone, late)
	happen := func(at time.Time) {
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.AppendEvent(store.Event{At: at, Type: "paused"})
			return err
		})
	}
	for range 3 {
		happen(noon)
	}
	happen(late)
	update(t, s, appendEvent(open.Key))

	for n := int64(1); n > 0; {
		update(t, s, func(tx *store.Tx) (err error) {
			n, err = tx.Forget(noon.Add(50*time.Hour), 2)
			return err
		})
	}
	view(t, s, func(tx *store.Tx) error {
		for name, id := range ids {
			_, found, err := tx.Command(id)
			if err != nil || found == (name == "old" || name == "refused") {
				t.Errorf("%s: there %t, %v", name, found, err)
			}
		}
		events, err := tx.EventsSince(0, 0)
		var left []time.Time
		for _, e := range events {
			if e.Run == "" && e.Type == "paused" {
				left = append(left, e.At)
			}
		}
		equal(t, left, []time.Time{late})
		equal(t, events[len(events)-1].Run, open.Key)
		return err
	})
	update(t, s, func(tx *store.Tx) error {
		if _, err := tx.Forget(late.Add(time.Hour), 10); err != nil {
			return err
		}
		e, err := tx.AppendEvent(store.Event{At: late, Type: "resumed"})
		if e.Seq < 2 {
			t.Errorf("the events of no run begin anew at %d", e.Seq)
		}
		return err
	})
}
