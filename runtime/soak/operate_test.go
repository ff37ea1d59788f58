package soak_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// operations are what operators do meanwhile, and what fails besides files that
// do not come.
func (h *history) operations(begin, end time.Time) (all []happening) {
	for range 6 + h.chance.IntN(12) {
		at := begin.Add(time.Duration(h.chance.Int64N(int64(end.Sub(begin)))))
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
			do = func() { h.decide(store.VerbRetry, []string{store.Failed, store.Stopped}) }
		case 4:
			do = func() { h.decide(store.VerbRestart, []string{store.Failed, store.Stopped}) }
		case 5:
			do = func() { h.say("backfill %s", group); h.send(store.VerbBackfill, group, nil) }
		case 6:
			do = func() { h.decide(store.VerbIgnore, []string{store.Running, store.Failed}) }
		case 7:
			do = func() { h.say("stop %s", group); h.send(store.VerbStop, group, nil) }
		}
		all = append(all, happening{at, do})
	}
	return all
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

// decide sends a verb about one of the last runs in some states.
func (h *history) decide(verb string, states []string) {
	runs, err := h.runtime.Runs(context.Background(), store.RunFilter{States: states, Limit: 4})
	if err != nil {
		h.Fatal(err)
	}
	if len(runs) == 0 {
		return
	}
	r := runs[h.chance.IntN(len(runs))]
	h.say("%s %s", verb, r.Key)
	h.send(verb, r.Group, runtime.IgnoreArgs{Run: r.Key}) // the run is all that these verbs need
}
