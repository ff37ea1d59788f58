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
	if pruned != 6 || batches < 4 {
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
		"succeeded": none, "failed": none, "failed, ad hoc": none, "coalesced": none, "the last to succeed": none, "missing": {1, 0, 0},
		"open": all, "failed, none after it": all, "young": all,
	})
	update(t, s, func(tx *store.Tx) error {
		n, more, err := tx.Prune(noon.Add(10*time.Hour), noon.Add(200*time.Hour), 2)
		equal(t, n, nil)
		equal(t, more, false)
		return err
	})
}
