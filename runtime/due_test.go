package runtime_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// inGroups gives each of n groups a copy of the first one.
func inGroups(n int) func(*graph.Graph) {
	return func(g *graph.Graph) {
		one := g.Groups[0]
		g.Groups = nil
		for i := range n {
			one.Addr = graph.GroupAddr(fmt.Sprintf("g%03d", i))
			g.Groups = append(g.Groups, one)
		}
	}
}

// ends are the states of all runs that are over.
func (w *world) ends() map[string]int {
	w.Helper()
	runs, err := w.runtime.Runs(w.ctx, store.RunFilter{})
	if err != nil {
		w.Fatal(err)
	}
	count := map[string]int{}
	for _, r := range runs {
		if store.Ended(r.State) {
			count[r.State]++
		}
	}
	return count
}

// Many runs that are due at once, of which one piece of work at a time may be
// done, or whose process they all share, all get their turn.
func TestAllGetTheirTurn(t *testing.T) {
	const groups = 25
	for name, change := range map[string]func(*graph.Graph){
		"of the workspace": func(g *graph.Graph) { g.MaxConcurrent = 1 },
		"of the source":    func(g *graph.Graph) { g.Couriers[0].MaxConcurrent = 1 },
		"of the process":   func(*graph.Graph) {},
		"of a program that loads": func(g *graph.Graph) {
			g.Couriers[0].Filedrop, g.Couriers[0].Files, g.Couriers[0].MaxConcurrent = nil, nil, 1
			g.Couriers[0].Exec = &graph.Exec{Command: []graph.Value{graph.Text("./ok.sh")}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.drop("drop/orders-2000-01-01.csv", "1")
				w.drop("ok.sh", "#!/bin/sh\nexit 0\n")
				w.deploy(orders(withProcess("./ok.sh"), inGroups(groups), change))
				stop := w.serve()
				w.sleepUntil("2000-01-01T13:00:59Z") // before anything is looked for again
				stop()
				w.same("runs", map[string]int{store.Succeeded: groups}, w.ends())
			})
		})
	}
}

// What a holder leaves, in whatever state, the next one takes up, all of it.
func TestManyRunsAreTakenUp(t *testing.T) {
	inWorld(t, func(w *world) {
		const groups = 150 // more than are looked at in one pass
		w.drop("drop/orders-1999-12-31.csv", "yesterday's")
		w.deploy(orders(inGroups(groups)))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z")
		stop()
		w.drop("drop/orders-2000-01-01.csv", "1")
		stop = w.serve()
		w.sleepUntil("2000-01-01T13:20:00Z")
		stop()
		w.same("runs", map[string]int{store.Succeeded: groups}, w.ends())
	})
}

// Questions after jobs elsewhere count against what may be done at once.
func TestQuestionsAfterJobsAreLimited(t *testing.T) {
	inRealTime(t, func(w *world) {
		var now, most, asked atomic.Int64
		var mu sync.Mutex
		server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
			if in.Method == http.MethodGet {
				asked.Add(1)
				n := now.Add(1)
				mu.Lock()
				most.Store(max(most.Load(), n))
				mu.Unlock()
				<-time.After(5 * time.Millisecond)
				now.Add(-1)
			}
			_, _ = fmt.Fprintf(out, `{"state": %q}`, map[bool]string{true: "DONE", false: "RUNNING"}[asked.Load() > 30])
		}))
		defer server.Close()
		job := jobServer{Server: server}
		w.deploy(orders(func(g *graph.Graph) {
			g.MaxConcurrent, g.Groups[0].Members = 2, nil
			for i := range 6 {
				b := job.step(graph.Addr(fmt.Sprintf("bridge.b%d", i)))
				g.Bridges, g.Groups[0].Bridges = append(g.Bridges, b), append(g.Groups[0].Bridges, b.Addr)
			}
		}))
		w.same("state", store.Succeeded, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
		if most.Load() > 2 {
			t.Errorf("%d questions were asked at once", most.Load())
		}
	})
}

// A run begins at its instant, however seldom commands are looked for.
func TestARunBeginsAtItsInstant(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-02T13:00:00Z")
		stop()
		for _, day := range []string{"01", "02"} {
			key := "courier_group.daily@2000-01-" + day + "T13:00:00Z"
			if r := w.detail(key).Run; !r.StartedAt.Equal(r.ScheduledAt) {
				t.Errorf("%s began at %s", filepath.Base(key), strings.TrimSpace(r.StartedAt.String()))
			}
		}
	})
}
