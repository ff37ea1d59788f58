package runtime_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

const shipped = "1999-12-31" // the day of the file that these tests load

func TestAProcessGetsWhatHasLandedSinceItLastSucceeded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "a")
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("copy.sh", "#!/bin/sh\ncp \"$1\" \"seen-$(date +%N).json\"\ntest -f works\n")
		w.deploy(orders(withProcess("./copy.sh"), func(g *graph.Graph) {
			g.Processes[0].Exec.Command = append(g.Processes[0].Exec.Command, graph.Value{{Ref: "run.landing"}})
			g.Processes[0].Retry.Attempts = 1
		}))
		first := w.mustRun(runtime.RunArgs{Date: "1999-12-30"})
		w.same("first", store.Failed, first.Run.State)
		w.drop("works", "")
		second := w.mustRun(runtime.RunArgs{Date: "1999-12-31"})
		w.same("second", store.Succeeded, second.Run.State)
		third := w.mustRun(runtime.RunArgs{Date: "1999-12-31"})
		w.same("third", store.Succeeded, third.Run.State)
		w.same("files of the three runs", []int{1, 2, 0}, w.handed())
	})
}

// handed counts the files in the lists that copy.sh was given, in order.
func (w *world) handed() []int {
	w.Helper()
	lists, err := filepath.Glob(filepath.Join(w.dir, "landing", "daily", "_runs", "*", "*.json"))
	if err != nil {
		w.Fatal(err)
	}
	byTime := map[string]int{}
	for _, l := range lists {
		text, err := os.ReadFile(l)
		if err != nil {
			w.Fatal(err)
		}
		var h struct {
			Run   string
			Files []any
		}
		if err := json.Unmarshal(text, &h); err != nil {
			w.Fatal(err)
		}
		byTime[h.Run] = len(h.Files)
	}
	runs, err := w.runtime.Runs(w.ctx, store.RunFilter{Group: daily, Kind: store.KindAdHoc})
	if err != nil {
		w.Fatal(err)
	}
	counts := make([]int, len(runs))
	for _, r := range runs {
		counts[r.Queue-1] = byTime[r.Key]
	}
	return counts
}

func TestStepsFollowTheirOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("say.sh", "#!/bin/sh\necho $1 >> said\ntest \"$1\" != \"$(cat fail)\"\n")
		w.drop("fail", "none")
		w.deploy(orders(func(g *graph.Graph) {
			second, first := program("process.b", "./say.sh", "b"), program("process.a", "./say.sh", "a")
			second.After = []graph.Addr{"process.a"}
			first.Retry.Attempts = 1
			last, then := program("activation.campaign.y", "./say.sh", "y"), program("activation.campaign.z", "./say.sh", "z")
			last.After = []graph.Addr{"activation.campaign.z"}
			g.Processes, g.Activations = []graph.Step{first, second}, []graph.Step{last, then}
			g.Groups[0].Processes = []graph.Addr{"process.a", "process.b"}
			g.Groups[0].Activations = []graph.Addr{"activation.campaign.y", "activation.campaign.z"}
		}))
		w.same("state", store.Succeeded, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
		w.same("order", "a b z y", w.said())
		w.same("load only", []string{"orders landed"}, tasks(w.mustRun(runtime.RunArgs{Date: shipped, LoadOnly: true})))

		w.drop("fail", "a")
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("a failure stops its dependents", []string{
			"activation.campaign.y skipped", "activation.campaign.z skipped", "orders landed", "process.a failed", "process.b skipped",
		}, tasks(d))
		w.drop("fail", "none")
		if _, err := w.do(store.VerbRetry, daily, runtime.RetryArgs{Run: d.Run.Key}); err != nil {
			t.Fatal(err)
		}
		again := w.detail(d.Run.Key)
		w.same("retried", store.Succeeded, again.Run.State)
		w.same("attempt", 2, again.Run.Attempt)
		w.same("order", "a b z y a a b z y", w.said())
	})
}

// Activations of every kind come after all processes, and in their own order.
func TestActivationsOfEveryKindFollowTheirOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("say.sh", "#!/bin/sh\necho $1 >> said\n")
		w.deploy(orders(func(g *graph.Graph) {
			process := program("process.work", "./say.sh", "work")
			campaign, send, index := program("activation.campaign.winback", "./say.sh", "campaign"), program("activation.orchestration.braze", "./say.sh", "orchestration"), program("activation.profile_api.index", "./say.sh", "index")
			campaign.Type, send.Type, index.Type = "campaign", "orchestration", "profile_api"
			send.After = []graph.Addr{index.Addr}
			campaign.After = []graph.Addr{send.Addr, index.Addr}
			g.Processes, g.Activations = []graph.Step{process}, []graph.Step{campaign, send, index}
			g.Groups[0].Processes = []graph.Addr{process.Addr}
			g.Groups[0].Activations = []graph.Addr{campaign.Addr, send.Addr, index.Addr}
		}))
		w.same("state", store.Succeeded, w.mustRun(runtime.RunArgs{Date: shipped}).Run.State)
		w.same("order", "work index orchestration campaign", w.said())
	})
}

func (w *world) said() string {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "said"))
	if err != nil {
		w.Fatal(err)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

func TestAnUnsetSecretIsMisconfigured(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("other/x", "x")
		w.deploy(orders(func(g *graph.Graph) {
			g.Secrets = []graph.Secret{{Name: "where", Env: "WAYBILL_TEST_NOT_SET"}}
			g.Couriers = append([]graph.Courier{g.Couriers[0]}, g.Couriers[0])
			g.Couriers[1].Addr, g.Couriers[1].Filedrop = "courier.secret", &graph.Filedrop{URL: graph.Value{{Ref: "secret.where"}}}
			g.Groups[0].Members = append(g.Groups[0].Members, graph.Member{Name: "secret", Courier: "courier.secret", OnMissing: graph.OnMissingContinue})
		}))
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("tasks", []string{"orders landed", "secret failed"}, tasks(d))
		w.same("state", store.Failed, d.Run.State)
		w.same("fault", store.FaultMisconfigured, d.Tasks[1].Fault)
		if !strings.Contains(d.Tasks[1].Message, "WAYBILL_TEST_NOT_SET") {
			t.Errorf("the message does not name the variable: %s", d.Tasks[1].Message)
		}
	})
}

func TestAnExecCourierLandsWhatItWrites(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("fetch.sh", "#!/bin/sh\ntest -f ready || exit 75\necho data > \"$WAYBILL_LANDING/$1.csv\"\n")
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers[0].Filedrop, g.Couriers[0].Files = nil, nil
			g.Couriers[0].Exec = &graph.Exec{Command: []graph.Value{graph.Text("./fetch.sh"), {{Ref: "range.start", Format: "YYYYMMDD"}}}}
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z")
		w.same("not ready", []string{"orders waiting"}, tasks(w.detail("courier_group.daily@2000-01-01T13:00:00Z")))
		w.drop("ready", "")
		w.sleepUntil("2000-01-01T13:20:00Z")
		stop()
		w.same("landed", []string{"daily/orders/courier_group.daily@2000-01-01T13%3A00%3A00Z/data/19991231.csv"}, w.landed())
		w.same("state", store.Succeeded, w.detail("courier_group.daily@2000-01-01T13:00:00Z").Run.State)
	})
}

// An API that answers 202 is asked again until the data is there, and the first time
// without it is late.
func TestAnAPIIsAskedUntilItsDataIsThere(t *testing.T) {
	inRealTime(t, func(w *world) {
		var asked atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) < 3 {
				out.WriteHeader(http.StatusAccepted)
				return
			}
			_, _ = io.WriteString(out, `{"items":[{"id":1}]}`)
		}))
		defer server.Close()
		w.deploy(orders(func(g *graph.Graph) {
			c := &g.Couriers[0]
			c.Filedrop, c.Files, c.PollEvery = nil, nil, graph.Duration(time.Second)
			c.RestAPI = &graph.RestAPI{HTTP: graph.HTTP{Method: "GET", URL: graph.Text(server.URL)}, Records: "items"}
		}))
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("state", store.Succeeded, d.Run.State)
		w.same("asked", int64(3), asked.Load())
		w.same("late", 1, count(d, runtime.EventLate))
	})
}

func TestAnHTTPJobIsAskedAfter(t *testing.T) {
	inRealTime(t, func(w *world) { testHTTPJob(w) })
}

func testHTTPJob(w *world) {
	var mu sync.Mutex
	var requests []string
	questions := 0
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		requests = append(requests, in.Method+" "+in.URL.Path+" "+in.Header.Get("Idempotency-Key"))
		state := "RUNNING"
		if in.Method == http.MethodGet {
			if questions++; questions == 2 {
				state = "DONE"
			}
		}
		_ = json.NewEncoder(out).Encode(map[string]any{"job_id": "j 1", "state": state})
	}))
	defer server.Close()
	w.drop("drop/orders-1999-12-31.csv", "b")
	w.deploy(orders(func(g *graph.Graph) {
		state := graph.Value{{Ref: "response.json.state"}}
		sync := program("bridge.lake")
		sync.Exec, sync.HTTP = nil, &graph.HTTP{
			Method: "POST", URL: graph.Text(server.URL + "/sync"),
			Poll: &graph.Poll{
				URL: graph.Value{{Literal: server.URL + "/jobs/"}, {Ref: "response.json.job_id"}}, Every: 0,
				Done:    graph.Condition{Op: "!=", Left: state, Right: graph.Text("RUNNING")},
				Success: graph.Condition{Op: "==", Left: state, Right: graph.Text("DONE")},
			},
		}
		g.Bridges, g.Groups[0].Bridges = []graph.Step{sync}, []graph.Addr{"bridge.lake"}
	}))
	d := w.mustRun(runtime.RunArgs{Date: shipped})
	w.same("tasks", []string{"bridge.lake succeeded", "orders landed"}, tasks(d))
	w.same("requests", []string{"POST /sync " + d.Run.Key + "/bridge.lake", "GET /jobs/j 1 ", "GET /jobs/j 1 "}, requests)
}

func TestAGateWaitsForTheOtherGroup(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-02.csv", "1")
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.drop("ok.sh", "#!/bin/sh\nexit 0\n")
		w.drop("slow.sh", "#!/bin/sh\ntest -f ready\n")
		w.deploy(orders(func(g *graph.Graph) {
			lake := g.Groups[0]
			lake.Addr, lake.Schedule, lake.Members, lake.Bridges = "courier_group.lake", "0 12 * * *", nil, []graph.Addr{"bridge.lake"}
			bridge := program("bridge.lake", "./slow.sh")
			bridge.Retry = graph.Retry{Attempts: 100, Backoff: hours(1) / 6, MaxBackoff: hours(1) / 6}
			g.Bridges = []graph.Step{bridge}
			g.Processes = []graph.Step{program("process.mark", "./ok.sh")}
			g.Groups[0].Processes = []graph.Addr{"process.mark"}
			g.Groups[0].After = []graph.After{{Name: "lake", Group: "courier_group.lake", Wait: hours(2), OnMissing: graph.OnMissingStop, Gate: graph.GateDownstream}}
			g.Groups = append(g.Groups, lake)
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:30:00Z")
		first := "courier_group.daily@2000-01-01T13:00:00Z"
		w.same("couriers load meanwhile", []string{"after.lake waiting", "orders landed", "process.mark pending"}, tasks(w.detail(first)))
		w.drop("ready", "")
		w.sleepUntil("2000-01-01T13:45:00Z")
		w.same("then it opens", []string{"after.lake succeeded", "orders landed", "process.mark succeeded"}, tasks(w.detail(first)))
		if err := os.Remove(filepath.Join(w.dir, "ready")); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-02T15:00:05Z")
		d := w.detail("courier_group.daily@2000-01-02T13:00:00Z")
		w.same("or it fails", []string{"after.lake missing", "orders landed", "process.mark skipped"}, tasks(d))
		w.same("state", store.Failed, d.Run.State)
		stop()
	})
}

func TestStopEndsARun(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "yesterday's")
		w.deploy(orders())
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z")
		if _, err := w.do(store.VerbStop, daily, runtime.StopArgs{}); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-01T13:20:00Z")
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("state", store.Stopped, d.Run.State)
		w.same("tasks", []string{"orders stopped"}, tasks(d))
		if _, err := w.do(store.VerbStop, daily, runtime.StopArgs{}); err == nil {
			t.Error("stopping a group without a run was not refused")
		}
		stop()
	})
}

func TestANewHolderGoesOn(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("hang.sh", "#!/bin/sh\ntest -f ready && exit 0\necho > started\nexec sleep 1000\n")
		if err := syscall.Mkfifo(filepath.Join(w.dir, "started"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.deploy(orders(func(g *graph.Graph) {
			held, again := program("activation.campaign.send", "./hang.sh"), program("process.mark", "./hang.sh")
			held.OnUnknown = graph.OnUnknownHold
			g.Activations, g.Processes = []graph.Step{held}, []graph.Step{again}
			g.Groups[0].Activations, g.Groups[0].Processes = []graph.Addr{held.Addr}, []graph.Addr{again.Addr}
		}))
		command := store.Command{Verb: store.VerbRun, Group: daily, Args: json.RawMessage(`{"date":"1999-12-31"}`), Token: "one"}
		stop := w.serve()
		if _, err := w.runtime.Send(w.ctx, command); err != nil {
			t.Fatal(err)
		}
		w.read("started")
		stop() // in the middle of the process
		w.drop("ready", "")
		stop = w.serve()
		done, err := w.runtime.Do(w.ctx, command, nil)
		if err != nil {
			t.Fatal(err)
		}
		d := w.detail(done.Run)
		w.same("tasks", []string{"activation.campaign.send succeeded", "orders landed", "process.mark succeeded"}, tasks(d))

		if err := os.Remove(filepath.Join(w.dir, "ready")); err != nil {
			t.Fatal(err)
		}
		w.drop("hang.sh", "#!/bin/sh\ncase $WAYBILL_KEY in *process*) exit 0;; esac\necho > started\nexec sleep 1000\n")
		command.Token = "two"
		if _, err := w.runtime.Send(w.ctx, command); err != nil {
			t.Fatal(err)
		}
		w.read("started")
		stop() // in the middle of the activation
		stop = w.serve()
		done, err = w.runtime.Do(w.ctx, command, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.same("an activation is held", []string{"activation.campaign.send held", "orders landed", "process.mark succeeded"}, tasks(w.detail(done.Run)))
		w.same("state", store.Failed, w.detail(done.Run).Run.State)
		stop()
	})
}

// read waits until a program has written to a pipe.
func (w *world) read(name string) {
	w.Helper()
	if _, err := os.ReadFile(filepath.Join(w.dir, name)); err != nil {
		w.Fatal(err)
	}
}

// A program that fails is tried again, and is nobody's source: what it says of
// itself is what stands with it.
func TestAProgramThatFails(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(withProcess("false"), func(g *graph.Graph) { g.Processes[0].Retry.Attempts = 2 }))
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("tasks", []string{"orders landed", "process.mark failed"}, tasks(d))
		failed := d.Tasks[1]
		w.same("its fault and attempts", []string{store.FaultFailed, "2"}, []string{failed.Fault, strconv.Itoa(failed.Attempt)})
		w.same("its message", "run false: it ended with exit status 1: nothing was written to standard error", failed.Message)
	})
}
