package runtime_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

const daily = graph.Addr("courier_group.daily")

// world is a workspace with a runtime, inside a bubble of fake time that begins
// at midnight UTC of 2000-01-01.
type world struct {
	*testing.T
	dir     string
	runtime *runtime.Runtime
	guard   guard
	ctx     context.Context
	serving chan struct{} // gets a signal when the server holds the store
	stop    func()        // ends the server that until has begun
}

// inWorld runs a test in a new world.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		test(openWorld(t, dir, time.Minute))
	})
}

// inRealTime runs a test in a world whose clock is the machine's: for programs
// and servers that take real time.
func inRealTime(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	test(openWorld(t, t.TempDir(), 5*time.Millisecond))
}

// openWorld opens a world whose holder looks for commands every poll.
func openWorld(t *testing.T, dir string, poll time.Duration) *world {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	w := &world{T: t, dir: dir, ctx: ctx, serving: make(chan struct{}, 1)}
	log := hclog.NewInterceptLogger(&hclog.LoggerOptions{Output: io.Discard})
	log.RegisterSink(onMessage("serving", w.serving))
	log.RegisterSink(&alarm{t, cancel})
	r, err := runtime.Open(context.Background(), filepath.Join(w.dir, ".waybill"), runtime.Options{Workspace: w.dir, Actor: "ann", Poll: poll, Logger: log})
	if err != nil {
		w.Fatal(err)
	}
	w.runtime, w.guard = r, watchOver(t, filepath.Join(w.dir, ".waybill"))
	t.Cleanup(func() {
		w.guard.verdict(t)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// orders is a group that loads one dated file a day from the folder "drop", at
// 13:00 UTC, and waits for it for an hour.
func orders(change ...func(*graph.Graph)) *graph.Graph {
	g := &graph.Graph{
		FormatVersion: graph.FormatVersion, Landing: "landing", Runtime: graph.Runtime{Path: ".waybill"},
		Couriers: []graph.Courier{{
			Addr: "courier.orders", Filedrop: &graph.Filedrop{URL: graph.Text("drop")},
			Files:   []graph.File{{Name: "orders", Pattern: "orders-{yyyy}-{MM}-{dd}.csv", Require: graph.RequireEach}},
			Timeout: hours(6), Retry: graph.Retry{Attempts: 3, Backoff: hours(1) / 60, MaxBackoff: hours(1)},
		}},
		Groups: []graph.Group{{
			Addr: daily, Schedule: "0 13 * * *", Timezone: "UTC", FileDates: "UTC", Active: true, RunType: graph.RunFull,
			DST:     graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"},
			Overlap: graph.BufferOne, CatchUp: graph.Coalesce,
			Members: []graph.Member{{Name: "orders", Courier: "courier.orders", Wait: hours(1), OnMissing: graph.OnMissingStop, NotifyMissing: true}},
		}},
	}
	for _, c := range change {
		c(g)
	}
	return g
}

func hours(n int) graph.Duration { return graph.Duration(time.Duration(n) * time.Hour) }

// program is a step that runs a program of the workspace.
func program(addr graph.Addr, argv ...string) graph.Step {
	s := graph.Step{
		Addr: addr, OnUnknown: graph.OnUnknownRetry, Timeout: hours(1), Exec: &graph.Exec{},
		Retry: graph.Retry{Attempts: 3, Backoff: hours(1) / 60, MaxBackoff: hours(1)},
	}
	for _, a := range argv {
		s.Exec.Command = append(s.Exec.Command, graph.Text(a))
	}
	return s
}

func (w *world) deploy(g *graph.Graph) {
	w.Helper()
	d, err := w.runtime.Deployment(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := w.runtime.Deploy(w.ctx, graph.Deployment{Serial: d.Serial, Graph: g}); err != nil {
		w.Fatal(err)
	}
}

// drop puts a file into the workspace that was written long ago, so that it is
// whole.
func (w *world) drop(name, content string) {
	w.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		w.Fatal(err)
	}
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, old, old); err != nil {
		w.Fatal(err)
	}
}

// signal is a log sink that passes on that one message was logged.
type signal struct {
	message string
	heard   chan<- struct{}
}

func onMessage(message string, heard chan<- struct{}) hclog.SinkAdapter {
	return signal{message, heard}
}

func (s signal) Accept(_ string, _ hclog.Level, message string, _ ...any) {
	if message == s.message {
		s.heard <- struct{}{}
	}
}

// serve runs the server until the returned function is called.
func (w *world) serve() (stop func()) {
	ctx, cancel := context.WithCancel(w.ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.runtime.Serve(ctx) }()
	<-w.serving
	return func() {
		w.Helper()
		cancel()
		if err := <-ended; err != nil {
			w.Errorf("serve: %v", err)
		}
	}
}

// sleepUntil lets the fake clock run to an instant.
func (w *world) sleepUntil(text string) {
	w.Helper()
	time.Sleep(time.Until(instant(w.T, text)))
	synctest.Wait()
}

// sleep lets the fake clock run for a while.
func (w *world) sleep(d time.Duration) {
	w.Helper()
	w.sleepUntil(time.Now().UTC().Add(d).Format(time.RFC3339))
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (w *world) do(verb string, group graph.Addr, args any) (store.Command, error) {
	text, err := json.Marshal(args)
	if err != nil {
		w.Fatal(err)
	}
	return w.runtime.Do(w.ctx, store.Command{Verb: verb, Group: group, Args: text}, nil)
}

// mustRun makes an ad hoc run and returns it when it has ended.
func (w *world) mustRun(args runtime.RunArgs) store.Detail {
	w.Helper()
	c, err := w.do(store.VerbRun, daily, args)
	if err != nil {
		w.Fatal(err)
	}
	return w.detail(c.Run)
}

func (w *world) detail(key string) store.Detail {
	w.Helper()
	d, err := w.runtime.Run(w.ctx, key)
	if err != nil {
		w.Fatal(err)
	}
	return d
}

// states are the runs of the daily group, oldest first: "13:00 of 01-01 failed".
func (w *world) states() []string {
	w.Helper()
	runs, err := w.runtime.Runs(w.ctx, store.RunFilter{Group: daily})
	if err != nil {
		w.Fatal(err)
	}
	var all []string
	for _, r := range slices.Backward(runs) {
		all = append(all, strings.TrimPrefix(r.Key, string(daily)+"@")+" "+r.State)
	}
	return all
}

// tasks are the tasks of a run: "orders landed".
func tasks(d store.Detail) []string {
	var all []string
	for _, t := range d.Tasks {
		all = append(all, t.Name+" "+t.State)
	}
	return all
}

// landed are the paths of all files below the landing, without manifests and
// hand-overs.
func (w *world) landed() []string {
	w.Helper()
	var all []string
	root := filepath.Join(w.dir, "landing")
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".json") {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all = append(all, rel)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		w.Fatal(err)
	}
	return all
}

func (w *world) same(what string, want, got any) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// withProcess adds a process that runs a program of the workspace.
func withProcess(argv ...string) func(*graph.Graph) {
	return func(g *graph.Graph) {
		g.Processes = append(g.Processes, program("process.mark", argv...))
		g.Groups[0].Processes = append(g.Groups[0].Processes, "process.mark")
	}
}

// types are the types of a run's events, in order.
func types(d store.Detail) []string {
	var all []string
	for _, e := range d.Events {
		all = append(all, e.Type)
	}
	return all
}

// watermark is that of the orders courier.
// message and courier are what late tells of a file.
func message(e store.Event) string { return e.Message }
func courier(e store.Event) string { return e.Task }

// late tells of the files that came after a run.
func (w *world) late(run string, tell func(store.Event) string) (all []string) {
	w.Helper()
	for _, e := range w.detail(run).Events {
		if e.Type == runtime.EventLateArrival {
			all = append(all, tell(e))
		}
	}
	return all
}

func (w *world) watermark() string {
	w.Helper()
	s, err := w.runtime.Standing(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	at, _ := s.Watermark(daily, "orders")
	return at.Format(time.RFC3339)
}
