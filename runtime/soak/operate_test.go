package soak_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// operations are what operators do meanwhile, and what fails besides files that
// do not come.
func (h *history) operations(begin, end time.Time) (all []happening) {
	for range 6 + h.chance.IntN(12) {
		at := between(h.chance, begin, end)
		group := h.graph.Groups[h.chance.IntN(len(h.graph.Groups))].Addr
		how, length := h.chance.IntN(8), time.Duration(h.chance.Int64N(int64(9*time.Hour)))
		do := func() {}
		switch how {
		case 0:
			do = func() { h.say("programs fail"); h.breakPrograms() }
			all = append(all, happening{at.Add(length), func() { h.say("programs work"); h.mend() }})
		case 1:
			do = func() { h.say("the pager is down"); h.pager.answer(http.StatusServiceUnavailable) }
			all = append(all, happening{at.Add(length), func() { h.say("the pager is up"); h.pager.answer(http.StatusOK) }})
		case 2, 3:
			do = func() { h.decide(h.chance, store.VerbRetry, []string{store.Failed, store.Stopped}) }
		case 4:
			do = func() { h.decide(h.chance, store.VerbRestart, []string{store.Failed, store.Stopped}) }
		case 5:
			do = func() { h.say("backfill %s", group); h.send(store.VerbBackfill, group, nil) }
		case 6:
			do = func() { h.decide(h.chance, store.VerbIgnore, []string{store.Running, store.Failed}) }
		case 7:
			do = func() { h.say("stop %s", group); h.send(store.VerbStop, group, nil) }
		}
		all = append(all, happening{at, do})
	}
	return all
}

// reversals take away, for some hours, where the files land, and change what the
// couriers do that go on without a file; what has failed of it is tried again. Half
// of the histories have them.
func (h *history) reversals(begin, end time.Time) (all []happening) {
	chance := rand.New(rand.NewPCG(h.seed, 5))
	if chance.IntN(2) == 0 {
		return nil
	}
	for range 4 + chance.IntN(8) {
		at := between(chance, begin, end)
		length := time.Duration(chance.Int64N(int64(9 * time.Hour)))
		again := []string{store.VerbRetry, store.VerbRetry, store.VerbRestart}[chance.IntN(3)]
		switch chance.IntN(2) {
		case 0:
			all = append(all, happening{at, func() { h.say("the landing is gone"); h.loseLanding() }},
				happening{at.Add(length), func() { h.say("the landing is back"); h.findLanding() }})
		case 1:
			policy := []string{graph.OnMissingStop, graph.OnMissingContinue}[chance.IntN(2)]
			all = append(all, happening{at, func() {
				h.say("deploy on_missing = %s", policy)
				h.graph.Groups[0].Members[0].OnMissing, h.graph.Groups[1].Members[1].OnMissing = policy, policy
				h.deploy()
			}})
		}
		for _, share := range []time.Duration{3, 2, 1} {
			all = append(all, happening{at.Add(length / share), func() { h.decide(chance, again, []string{store.Failed, store.Stopped}) }})
		}
	}
	return all
}

// skips count tasks as done that are not. Half of the histories have them.
func (h *history) skips(begin, end time.Time) (all []happening) {
	chance := rand.New(rand.NewPCG(h.seed, 6))
	if chance.IntN(2) == 0 {
		return nil
	}
	for range 4 + chance.IntN(12) {
		at := between(chance, begin, end)
		all = append(all, happening{at, func() { h.skip(chance) }})
	}
	return all
}

// skip counts a task as done, which is not, of one of the last runs.
func (h *history) skip(chance *rand.Rand) {
	r, found := h.lately(chance, []string{store.Running, store.Finalizing, store.Failed, store.Stopped})
	if !found {
		return
	}
	d, err := h.runtime.Run(context.Background(), r.Key)
	if err != nil {
		h.Fatal(err)
	}
	undone := slices.DeleteFunc(d.Tasks, store.Task.Done)
	if len(undone) == 0 {
		return
	}
	t := undone[chance.IntN(len(undone))]
	h.say("skip %s of %s", t.Name, t.Run)
	h.send(store.VerbSkip, d.Run.Group, runtime.SkipArgs{Run: t.Run, Task: t.Name, Reason: "it is late"})
}

// loseLanding puts a file where the folder was that files land in.
func (h *history) loseLanding() {
	landing := filepath.Join(h.dir, "landing")
	if info, err := os.Stat(landing); err == nil && !info.IsDir() {
		return
	} else if err == nil {
		if err := os.Rename(landing, landing+".away"); err != nil {
			h.Fatal(err)
		}
	}
	if err := os.WriteFile(landing, nil, 0o600); err != nil {
		h.Fatal(err)
	}
}

// findLanding puts the folder back.
func (h *history) findLanding() {
	landing := filepath.Join(h.dir, "landing")
	if info, err := os.Stat(landing); err != nil || info.IsDir() {
		return
	}
	if err := os.Remove(landing); err != nil {
		h.Fatal(err)
	}
	if err := os.Rename(landing+".away", landing); err != nil && !errors.Is(err, os.ErrNotExist) {
		h.Fatal(err)
	}
}

func (h *history) breakPrograms() {
	if err := os.WriteFile(filepath.Join(h.dir, "broken"), nil, 0o600); err != nil {
		h.Fatal(err)
	}
}

func (h *history) mend() {
	if err := os.RemoveAll(filepath.Join(h.dir, "broken")); err != nil {
		h.Fatal(err)
	}
}

// lately is one of the last runs in some states.
func (h *history) lately(chance *rand.Rand, states []string) (r store.Run, found bool) {
	runs, err := h.runtime.Runs(context.Background(), store.RunFilter{States: states, Limit: 4})
	if err != nil {
		h.Fatal(err)
	}
	if len(runs) == 0 {
		return r, false
	}
	return runs[chance.IntN(len(runs))], true
}

// decide sends a verb about one of the last runs in some states.
func (h *history) decide(chance *rand.Rand, verb string, states []string) {
	r, found := h.lately(chance, states)
	if !found {
		return
	}
	h.say("%s %s", verb, r.Key)
	h.send(verb, r.Group, runtime.IgnoreArgs{Run: r.Key}) // the run is all that these verbs need
}
