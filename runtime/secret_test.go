package runtime_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// withHelper gives the group a process that sends a token, for which it asks
// ./token.sh.
func withHelper(url string) func(*graph.Graph) {
	return func(g *graph.Graph) {
		g.Secrets = []graph.Secret{{Name: "token", Exec: &graph.SecretExec{
			Command: []string{"./token.sh"}, Output: graph.OutputFirstLine, TTL: hours(1), Timeout: hours(1),
		}}}
		step := program("process.send")
		step.Exec, step.HTTP = nil, &graph.HTTP{Method: "POST", URL: graph.Text(url), BearerToken: graph.Value{{Ref: "secret.token"}}}
		step.Retry.Backoff, step.Retry.MaxBackoff = 0, 0
		g.Processes = []graph.Step{step}
		g.Groups[0].Processes = []graph.Addr{step.Addr}
	}
}

// TestARefusedSecretIsAskedForAgain has a server take another token from now on:
// the run that still remembers the old one fetches the new one and succeeds.
func TestARefusedSecretIsAskedForAgain(t *testing.T) {
	inRealTime(t, func(w *world) {
		var good atomic.Value
		var calls atomic.Int32
		good.Store("canary-first-1c8f")
		there := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			if r.Header.Get("Authorization") != "Bearer "+good.Load().(string) {
				http.Error(rw, "I do not take "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			}
		}))
		w.Cleanup(there.Close)
		w.drop("token.sh", "#!/bin/sh\necho asked >> said\ncat token\n")
		w.drop("token", "canary-first-1c8f\n")
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(withHelper(there.URL)))
		w.same("first", store.Succeeded, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
		w.same("second", store.Succeeded, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
		w.same("asked for both", "asked", w.said())
		good.Store("canary-second-77ab")
		w.drop("token", "canary-second-77ab\n")
		third := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("third", store.Succeeded, third.Run.State)
		w.same("asked in all", "asked asked", w.said())
		w.same("requests", int32(4), calls.Load())
		good.Store("another one")
		w.same("fourth", store.Failed, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
		w.same("requests of a secret that is wrong", int32(6), calls.Load())
		for _, e := range third.Events {
			if strings.Contains(e.Message, "canary-") {
				t.Errorf("an event tells the secret: %s", e.Message)
			}
		}
	})
}

// TestWhoeverStopsWaitsForNoSecret stops a run, and then the server, while the
// program of a secret hangs.
func TestWhoeverStopsWaitsForNoSecret(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("token.sh", "#!/bin/sh\necho > started\nexec sleep 600\n")
		if err := syscall.Mkfifo(filepath.Join(w.dir, "started"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(withHelper("http://127.0.0.1:1")))
		stop := w.serve()
		w.send(store.VerbRun, runtime.RunArgs{Date: shipped})
		w.read("started")
		if _, err := w.do(store.VerbStop, daily, runtime.StopArgs{}); err != nil {
			t.Fatal(err)
		}
		w.send(store.VerbRun, runtime.RunArgs{Date: shipped}) // begins when the first has ended
		w.read("started")
		stop()
	})
}
