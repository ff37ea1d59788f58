package runtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// exclusive is a program that notes when another one runs beside it.
const exclusive = "#!/bin/sh\nmkdir lock || { echo overlap >> overlaps; exit 0; }\nsleep 0.03\nrmdir lock\n"

func (w *world) overlaps() bool {
	_, err := os.Stat(filepath.Join(w.dir, "overlaps"))
	return err == nil
}

func TestMaxConcurrent(t *testing.T) {
	bridges := func(g *graph.Graph) {
		for i := range 4 {
			b := program(graph.Addr(fmt.Sprintf("bridge.b%02d", i)), "./exclusive.sh")
			g.Bridges, g.Groups[0].Bridges = append(g.Bridges, b), append(g.Groups[0].Bridges, b.Addr)
		}
		g.Groups[0].Members = nil
	}
	couriers := func(g *graph.Graph) {
		g.Couriers[0].Filedrop, g.Couriers[0].Files = nil, nil
		g.Couriers[0].Exec = &graph.Exec{Command: []graph.Value{graph.Text("./exclusive.sh")}}
		for i := range 3 {
			m := g.Groups[0].Members[0]
			m.Name = fmt.Sprintf("orders%d", i)
			g.Groups[0].Members = append(g.Groups[0].Members, m)
		}
	}
	for name, change := range map[string]func(*graph.Graph){
		"of the workspace": func(g *graph.Graph) { bridges(g); g.MaxConcurrent = 1 },
		"of a group":       func(g *graph.Graph) { bridges(g); g.Groups[0].MaxConcurrent = 1 },
		"of a source":      func(g *graph.Graph) { couriers(g); g.Couriers[0].MaxConcurrent = 1 },
		"of all kinds": func(g *graph.Graph) {
			couriers(g)
			members := g.Groups[0].Members
			bridges(g)
			g.Groups[0].Members, g.MaxConcurrent = members, 1
		},
	} {
		t.Run(name, func(t *testing.T) {
			inRealTime(t, func(w *world) {
				w.drop("exclusive.sh", exclusive)
				w.deploy(orders(change))
				w.same("state", store.Succeeded, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
				w.same("overlaps", false, w.overlaps())
			})
		})
	}
}

// A piece of work that ends while the loop looks at its run is not begun again.
func TestEveryStepIsDoneOnce(t *testing.T) {
	inRealTime(t, func(w *world) {
		var mu sync.Mutex
		requests := map[string]int{}
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, in *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			requests[in.Header.Get("Idempotency-Key")]++
		}))
		defer server.Close()
		const steps, runs = 40, 5
		w.deploy(orders(func(g *graph.Graph) {
			for i := range steps {
				b := program(graph.Addr(fmt.Sprintf("bridge.b%02d", i)))
				b.Exec, b.HTTP = nil, &graph.HTTP{Method: "POST", URL: graph.Text(server.URL)}
				g.Bridges, g.Groups[0].Bridges = append(g.Bridges, b), append(g.Groups[0].Bridges, b.Addr)
			}
			g.Groups[0].Members = nil
		}))
		for range runs {
			w.same("state", store.Succeeded, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
		}
		w.same("keys", steps*runs, len(requests))
		for key, n := range requests {
			if n != 1 {
				t.Errorf("%s was sent %d times", key, n)
			}
		}
	})
}

// jobServer accepts jobs, and says that a job is done as often as it is told.
type jobServer struct {
	*httptest.Server
	mu       sync.Mutex
	refuse   int // so many requests first
	accepted int
	open     int           // jobs that run
	most     int           // at once
	answers  chan struct{} // one for each job that is done
}

func newJobServer(t *testing.T) *jobServer {
	s := &jobServer{answers: make(chan struct{}, 10)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *jobServer) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := "RUNNING"
	switch {
	case in.Method == http.MethodGet:
		select {
		case <-s.answers:
			state = "DONE"
			s.open--
		default:
		}
	case s.refuse > 0:
		s.refuse--
		out.WriteHeader(http.StatusServiceUnavailable)
		return
	default:
		s.accepted++
		s.open++
		s.most = max(s.most, s.open)
	}
	_ = json.NewEncoder(out).Encode(map[string]any{"state": state})
}

// step is a step that starts a job and asks after it all the time.
func (s *jobServer) step(addr graph.Addr) graph.Step {
	state := graph.Value{{Ref: "response.json.state"}}
	step := program(addr)
	step.Exec, step.HTTP = nil, &graph.HTTP{Method: "POST", URL: graph.Text(s.URL), Poll: &graph.Poll{
		URL:     graph.Text(s.URL),
		Done:    graph.Condition{Op: "!=", Left: state, Right: graph.Text("RUNNING")},
		Success: graph.Condition{Op: "==", Left: state, Right: graph.Text("DONE")},
	}}
	return step
}

// A server that asks to be left alone is, however soon the step or the courier would
// try again.
func TestAServerIsLeftAlone(t *testing.T) {
	for name, asks := range map[string]func(*graph.Graph, string){
		"step": func(g *graph.Graph, url string) {
			b := program("bridge.lake")
			b.Exec, b.HTTP = nil, &graph.HTTP{Method: "POST", URL: graph.Text(url)}
			g.Bridges, g.Groups[0].Bridges, g.Groups[0].Members = []graph.Step{b}, []graph.Addr{b.Addr}, nil
		},
		"courier": func(g *graph.Graph, url string) {
			c := &g.Couriers[0]
			c.Filedrop, c.Files = nil, nil
			c.RestAPI = &graph.RestAPI{HTTP: graph.HTTP{Method: "GET", URL: graph.Text(url)}}
		},
	} {
		t.Run(name, func(t *testing.T) { leftAlone(t, asks) })
	}
}

func leftAlone(t *testing.T, asks func(*graph.Graph, string)) {
	inRealTime(t, func(w *world) {
		server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Retry-After", "3600")
			out.WriteHeader(http.StatusForbidden)
		}))
		defer server.Close()
		w.deploy(orders(func(g *graph.Graph) { asks(g, server.URL) }))
		stop := w.serve()
		ctx, cancel := context.WithCancel(w.ctx)
		began := time.Now()
		var key string
		_, _ = w.runtime.Do(ctx, store.Command{Verb: store.VerbRun, Group: daily, Args: []byte(`{"date":"` + shipped + `"}`)}, func(e store.Event) {
			if key = e.Run; e.Type == runtime.EventTaskRetrying {
				cancel() // it is watched no more
			}
		})
		d, err := w.runtime.Run(w.ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		if rest := d.Tasks[0].NextAt.Sub(began); rest < 59*time.Minute || rest > 2*time.Hour {
			t.Errorf("it is tried again after %s: %s", rest, d.Tasks[0].Message)
		}
		stop()
	})
}

// A job has its whole timeout from when it was accepted, however long it took
// to get it accepted.
func TestAJobHasItsWholeTimeout(t *testing.T) {
	inRealTime(t, func(w *world) {
		server := newJobServer(t)
		server.refuse = 1
		w.deploy(orders(func(g *graph.Graph) {
			const second = graph.Duration(time.Second) // the shortest that a graph keeps
			b := server.step("bridge.lake")
			b.Timeout, b.Retry.Backoff, b.Retry.MaxBackoff = second, second, second
			g.Bridges, g.Groups[0].Bridges, g.Groups[0].Members = []graph.Step{b}, []graph.Addr{b.Addr}, nil
		}))
		time.AfterFunc(1300*time.Millisecond, func() { server.answers <- struct{}{} })
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("message", "", d.Tasks[0].Message)
		w.same("state", store.Succeeded, d.Run.State)
	})
}

// A process that two groups share never runs twice at once, also where it is a
// job elsewhere.
func TestASharedJobRunsOnceAtATime(t *testing.T) {
	inRealTime(t, func(w *world) {
		server := newJobServer(t)
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(func(g *graph.Graph) {
			p := server.step("process.shared")
			g.Processes, g.Groups[0].Processes = []graph.Step{p}, []graph.Addr{p.Addr}
			other := g.Groups[0]
			other.Addr = "courier_group.other"
			g.Groups = append(g.Groups, other)
		}))
		stop := w.serve()
		defer stop()
		var ended sync.WaitGroup
		for _, group := range []graph.Addr{daily, "courier_group.other"} {
			ended.Go(func() {
				if _, err := w.do(store.VerbRun, group, runtime.RunArgs{Date: shipped}); err != nil {
					t.Error(err)
				}
			})
		}
		time.AfterFunc(300*time.Millisecond, func() {
			server.answers <- struct{}{}
			server.answers <- struct{}{}
		})
		ended.Wait()
		w.same("jobs", 2, server.accepted)
		w.same("at once", 1, server.most)
	})
}
