package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestRandomHistories lets files come, be late and stay away, programs fail, and
// operators do what they can, at random. The guard of the world sees whether
// every change of state is a move of the tables with its one event.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	made := make(chan map[string]int, histories)
	t.Run("seeds", func(t *testing.T) {
		for seed := range uint64(histories) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					w := openWorld(t, dir, 2*time.Hour)
					h := history{world: w, rand: rand.New(rand.NewPCG(seed, 1))}
					h.walk(historySteps)
					made <- w.guard.verdict(t)
				})
			})
		}
	})
	close(made)
	all := map[string]int{}
	for m := range made {
		for move, n := range m {
			all[move] += n
		}
	}
	// What takes a death in the middle, or luck, is not here.
	var unseen []string
	for _, m := range []*store.Machine{store.RunMachine(), store.TaskMachine()} {
		for _, v := range m.Moves {
			if move := m.Of + ": " + v.From + " to " + v.To; all[move] == 0 && !slices.Contains(unseen, move) {
				unseen = append(unseen, move)
			}
		}
	}
	t.Logf("not seen: %q", unseen)
	if len(all) < 12 {
		t.Errorf("only %d kinds of moves were made: %v", len(all), all)
	}
}

type history struct {
	*world
	rand *rand.Rand
}

func (h *history) walk(steps int) {
	h.drop("ok.sh", "#!/bin/sh\ntest ! -e fail\n")
	h.deploy(h.graph())
	stop := h.serve()
	for range steps {
		h.step(&stop)
	}
	_ = os.Remove(filepath.Join(h.dir, "fail"))
	h.send(store.VerbPause, struct{}{})
	for range 2 { // what is under way comes to its end
		h.send(store.VerbStop, struct{}{})
		time.Sleep(26 * time.Hour)
	}
	synctest.Wait()
	stop()
	for _, state := range []string{store.Running, store.Finalizing, store.Stopping} {
		runs, err := h.runtime.Runs(h.ctx, store.RunFilter{States: []string{state}})
		if err != nil || len(runs) > 0 {
			h.Errorf("still %s: %+v %v", state, runs, err)
		}
	}
}

// graph is a group with all kinds of tasks, with some settings at random.
func (h *history) graph() *graph.Graph {
	pick := func(words ...string) string { return words[h.rand.IntN(len(words))] }
	return orders(withProcess("./ok.sh"), func(g *graph.Graph) {
		group := &g.Groups[0]
		group.Schedule = pick("0 13 * * *", "0 */8 * * *")
		group.Overlap = pick(graph.BufferOne, graph.CancelOther)
		group.CatchUp = pick(graph.Coalesce, graph.Each, graph.SkipCatchUp)
		group.MaxRange = graph.Duration(time.Duration(h.rand.IntN(2)) * 50 * time.Hour)
		group.Members[0].OnMissing = pick(graph.OnMissingStop, graph.OnMissingContinue)
		group.Members[0].Wait = hours(1 + h.rand.IntN(12))
		g.Processes[0].Retry.Attempts = 1 + h.rand.IntN(2)
		bridge, send := program("bridge.lake", "./ok.sh"), program("activation.send", "./ok.sh")
		send.OnUnknown = graph.OnUnknownHold
		g.Bridges, group.Bridges = []graph.Step{bridge}, []graph.Addr{bridge.Addr}
		g.Activations, group.Activations = []graph.Step{send}, []graph.Addr{send.Addr}
	})
}

// step does one thing at random, and lets some time pass.
func (h *history) step(stop *func()) {
	run := h.someRun()
	switch h.rand.IntN(15) {
	case 0, 1, 2:
		date := time.Now().AddDate(0, 0, -1-h.rand.IntN(3)).Format(time.DateOnly)
		h.drop("drop/orders-"+date+".csv", date)
	case 3:
		h.drop("fail", "")
	case 4:
		_ = os.Remove(filepath.Join(h.dir, "fail"))
	case 5:
		h.send(store.VerbRun, runtime.RunArgs{Date: "2000-01-01", LoadOnly: h.rand.IntN(2) == 0})
	case 6:
		h.send(store.VerbStop, runtime.StopArgs{Run: run})
	case 7:
		h.send(store.VerbRetry, runtime.RetryArgs{Run: run})
	case 8:
		h.send(store.VerbPause, struct{}{})
		time.Sleep(time.Duration(h.rand.IntN(60)) * time.Hour)
		h.send(store.VerbResume, struct{}{})
	case 9:
		h.send(store.VerbBackfill, runtime.BackfillArgs{})
	case 10:
		h.send(store.VerbAdvance, runtime.AdvanceArgs{To: time.Now().Format(time.DateOnly), Reason: "a test"})
	case 11:
		h.deploy(h.graph())
		(*stop)()
		time.Sleep(time.Duration(h.rand.IntN(60)) * time.Hour)
		*stop = h.serve()
	case 12:
		h.send(store.VerbRestart, runtime.RestartArgs{Run: run})
	case 13:
		task := []string{"orders", "bridge.lake", "process.mark", "activation.send"}[h.rand.IntN(4)]
		h.send(store.VerbSkip, runtime.SkipArgs{Run: run, Task: task, Reason: "a test"})
	case 14:
		h.send(store.VerbIgnore, runtime.IgnoreArgs{Run: run})
	}
	time.Sleep(time.Duration(h.rand.IntN(6*60)) * time.Minute)
	synctest.Wait()
}

// someRun is the key of one of the newest runs, or empty.
func (h *history) someRun() string {
	runs, err := h.runtime.Runs(h.ctx, store.RunFilter{Limit: 5})
	if err != nil {
		h.Fatal(err)
	}
	if len(runs) == 0 {
		return ""
	}
	return runs[h.rand.IntN(len(runs))].Key
}

// send sends a command, which may well be refused.
func (h *history) send(verb string, args any) {
	text, err := json.Marshal(args)
	if err != nil {
		h.Fatal(err)
	}
	_, err = h.runtime.Send(h.ctx, store.Command{Verb: verb, Group: daily, Args: text})
	if refused := new(runtime.RefusedError); err != nil && !errors.As(err, &refused) && !errors.Is(err, context.Canceled) {
		h.Fatal(err)
	}
	synctest.Wait()
}
