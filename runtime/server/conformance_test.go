package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/apply"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/client"
	"github.com/waybill-dev/waybill/runtime/server"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

const (
	daily = graph.Addr("courier_group.daily")
	token = "0123456789abcdef0123456789abcdef"
)

// remote is a runtime as commands use it, here or behind a server.
type remote interface {
	runtime.Interface
	Do(context.Context, store.Command, func(store.Event)) (store.Command, error)
	Now() time.Time
}

// world is a workspace with one runtime, seen in one of two ways.
type world struct {
	*testing.T
	dir   string
	ctx   context.Context
	local *runtime.Runtime
	url   string        // of the server in front of it
	holds chan struct{} // gets a signal when somebody serves
	remote
}

// Accept is for [hclog.SinkAdapter]: it listens for the line that says so.
func (w *world) Accept(_ string, _ hclog.Level, message string, _ ...any) {
	if message == "serving" {
		w.holds <- struct{}{}
	}
}

// everywhere runs a test against the runtime itself and through a server, while
// somebody serves.
func everywhere(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	for _, name := range []string{"local", "server"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			w.remote = w.local
			if name == "server" {
				w.remote = w.client(client.Options{})
			}
			w.serve()
			test(w)
		})
	}
}

// open makes a runtime and a server in front of it.
func open(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), ctx: t.Context(), holds: make(chan struct{}, 1)}
	log := hclog.NewInterceptLogger(&hclog.LoggerOptions{Output: io.Discard})
	log.RegisterSink(w)
	r, err := runtime.Open(w.ctx, filepath.Join(w.dir, ".waybill"),
		runtime.Options{Workspace: w.dir, Actor: "ann", Poll: 5 * time.Millisecond, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	w.local = r
	h := httptest.NewServer(checked(t, server.New(server.Options{
		Runtime: r, Tokens: tokens(t, "ci "+token+"\n"), Release: "v9.9.9", TZData: "2026c", Limits: server.Limits{Poll: 5 * time.Millisecond},
	})))
	t.Cleanup(h.Close)
	w.url = h.URL
	return w
}

func tokens(t *testing.T, text string) *server.Tokens {
	t.Helper()
	known, err := server.ReadTokens(tokensFile(t, text), hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func tokensFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// client is a client of the world's server.
func (w *world) client(o client.Options) *client.Client {
	w.Helper()
	if o.URL == "" {
		o.URL = w.url
	}
	if o.Token == "" {
		o.Token = token
	}
	o.Actor = "ann"
	c, err := client.New(o)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := c.Close(); err != nil {
			w.Error(err)
		}
	})
	return c
}

// serve acts on the store until the test ends.
func (w *world) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.local.Serve(ctx) }()
	<-w.holds
	w.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.Error(err)
		}
	})
}

// orders is a group that loads one file a day from the folder "drop".
func orders(change ...func(*graph.Graph)) *graph.Graph {
	hour := graph.Duration(time.Hour)
	g := &graph.Graph{
		FormatVersion: graph.FormatVersion, Landing: "landing", Runtime: graph.Runtime{Path: ".waybill"},
		Couriers: []graph.Courier{{
			Addr: "courier.orders", Filedrop: &graph.Filedrop{URL: graph.Text("drop")},
			Files:   []graph.File{{Name: "orders", Pattern: "orders-{yyyy}-{MM}-{dd}.csv", Require: graph.RequireEach}},
			Timeout: hour, Retry: graph.Retry{Attempts: 3, Backoff: hour, MaxBackoff: hour},
		}},
		Groups: []graph.Group{{
			Addr: daily, Schedule: "0 6 1 1 *", Timezone: "UTC", FileDates: "UTC", Active: true, RunType: graph.RunFull,
			DST:     graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"},
			Overlap: graph.BufferOne, CatchUp: graph.Coalesce,
			Members: []graph.Member{{Name: "orders", Courier: "courier.orders", OnMissing: graph.OnMissingStop}},
		}},
	}
	for _, c := range change {
		c(g)
	}
	return g
}

func (w *world) deploy(g *graph.Graph) graph.Deployment {
	w.Helper()
	d, err := w.Deployment(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	next, err := w.Deploy(w.ctx, graph.Deployment{Serial: d.Serial, Graph: g, AppliedBy: "ann", Tool: "v9.9.9"})
	if err != nil {
		w.Fatal(err)
	}
	return next
}

func must[T any](value T, err error) func(*world) T {
	return func(w *world) T {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		return value
	}
}

func (w *world) drop(names ...string) {
	w.Helper()
	folder := filepath.Join(w.dir, "drop")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		w.Fatal(err)
	}
	for _, name := range names {
		file := filepath.Join(folder, name)
		old := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if err := errors.Join(os.WriteFile(file, []byte("a\n1\n"), 0o644), os.Chtimes(file, old, old)); err != nil {
			w.Fatal(err)
		}
	}
}

func command(verb string, args any) store.Command {
	text, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	return store.Command{Verb: verb, Group: daily, Args: text}
}

// by is how the actor is recorded: with the token's name where there is one.
func (w *world) by() string {
	if w.remote == remote(w.local) {
		return "ann"
	}
	return "ann (ci)"
}

func TestDeploy(t *testing.T) {
	everywhere(t, func(w *world) {
		empty, err := w.Deployment(w.ctx)
		if err != nil || empty.Serial != 0 || empty.Graph == nil || empty.Store == "" {
			w.Fatalf("before the first deployment there is %+v, %v", empty, err)
		}
		first := w.deploy(orders())
		if first.Serial != 1 || first.AppliedBy != w.by() || first.AppliedAt.IsZero() || first.Digest != orders().Digest() {
			w.Errorf("deployed as %+v", first)
		}
		again, err := w.Deployment(w.ctx)
		if err != nil {
			w.Fatal(err)
		}
		if diff := cmp.Diff(orders(), again.Graph, cmp.AllowUnexported(graph.Graph{})); diff != "" {
			w.Errorf("the graph came back otherwise:\n%s", diff)
		}
		large := orders(func(g *graph.Graph) { g.Groups[0].Description = strings.Repeat("long ", 100_000) })
		if w.deploy(large); len(must(w.Deployment(w.ctx))(w).Graph.Groups[0].Description) != 500_000 {
			w.Error("a large graph came back otherwise")
		}
		w.deploy(orders())
		for _, base := range []int64{0, 7} {
			_, err = w.Deploy(w.ctx, graph.Deployment{Serial: base, Graph: orders()})
			var stale *graph.StaleError
			if !errors.As(err, &stale) || stale.Base != base || stale.Current.Serial != 3 || stale.Current.AppliedBy != w.by() {
				w.Errorf("based on serial %d the error is %v", base, err)
			}
		}
	})
}

// TestApply applies two plans that were made from the same base.
func TestApply(t *testing.T) {
	everywhere(t, func(w *world) {
		made := func(schedule string) *plan.Plan {
			d, err := w.Deployment(w.ctx)
			if err != nil {
				w.Fatal(err)
			}
			g := orders(func(g *graph.Graph) { g.Groups[0].Schedule = schedule })
			return plan.Make(plan.Input{Deployed: d, Graph: g, At: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Tool: "v9.9.9"})
		}
		one, other := made("0 6 1 1 *"), made("0 7 1 1 *")
		errs := make(chan error, 2)
		for _, p := range []*plan.Plan{one, other} {
			go func() {
				_, err := apply.Apply(w.ctx, p, "eve", w)
				errs <- err
			}()
		}
		won := 0
		for range 2 {
			var stale *graph.StaleError
			switch err := <-errs; {
			case err == nil:
				won++
			case !errors.As(err, &stale) || !strings.Contains(err.Error(), strings.Replace(w.by(), "ann", "eve", 1)+" applied serial 1 at "):
				w.Errorf("the one that came second is told %v", err)
			}
		}
		if won != 1 {
			w.Errorf("%d of two plans were applied, want 1", won)
		}
	})
}

func TestRunAndWatch(t *testing.T) {
	everywhere(t, func(w *world) {
		w.deploy(orders())
		w.drop("orders-2026-01-05.csv")
		began := w.Now()
		var told []string
		run := command(store.VerbRun, runtime.RunArgs{Date: "2026-01-05"})
		run.Token = "one"
		done, err := w.Do(w.ctx, run, func(e store.Event) { told = append(told, e.Type) })
		if err != nil {
			w.Fatal(err)
		}
		if done.Run != "courier_group.daily@one" || done.State != store.CommandDone || done.By != w.by() || done.At.Before(began) {
			w.Errorf("the command ended as %+v, it was sent after %s", done, began)
		}
		d, err := w.remote.Run(w.ctx, done.Run)
		if err != nil || d.Run.State != store.Succeeded || len(d.Landings) != 1 {
			w.Fatalf("the run is %+v, %v", d, err)
		}
		var events []string
		for _, e := range d.Events {
			events = append(events, e.Type)
		}
		if diff := cmp.Diff(events, told); diff != "" {
			w.Errorf("events that happened (-), that were told (+):\n%s", diff)
		}

		again, err := w.Send(w.ctx, run)
		if err != nil || again.ID != done.ID {
			w.Errorf("with the same token it is command %d, %v; want %d", again.ID, err, done.ID)
		}
		run.Args = command("", runtime.RunArgs{Date: "2026-01-06"}).Args
		refused(w, errorOf(w.Send(w.ctx, run)), `the token "one" is that of daily@one, which was asked for other data`)
		pause := command(store.VerbPause, struct{}{})
		pause.Token = "one"
		refused(w, errorOf(w.Send(w.ctx, pause)), `the token "one" is that of a run of courier_group.daily already`)
	})
}

func errorOf(_ store.Command, err error) error { return err }

// refused checks that an error is a refusal and says why.
func refused(w *world, err error, why string) {
	w.Helper()
	var no *runtime.RefusedError
	if !errors.As(err, &no) || !strings.Contains(err.Error(), why) {
		w.Errorf("the error is %v (%T), want a refusal with %q", err, err, why)
	} else if no.Command.State != store.CommandRefused {
		w.Errorf("the refused command is %q", no.Command.State)
	}
}

func TestRefusals(t *testing.T) {
	everywhere(t, func(w *world) {
		w.deploy(orders())
		w.drop("orders-2026-01-05.csv")
		run := command(store.VerbRun, runtime.RunArgs{Date: "2026-01-05"})
		done, err := w.Do(w.ctx, run, nil)
		if err != nil {
			w.Fatal(err)
		}
		other := command(store.VerbPause, struct{}{})
		other.Group = "courier_group.other"
		for why, c := range map[string]store.Command{
			"only a failed or stopped one can be tried again": command(store.VerbRetry, runtime.RetryArgs{Run: done.Run}),
			"there is no run courier_group.daily@none":        command(store.VerbRetry, runtime.RetryArgs{Run: "courier_group.daily@none"}),
			"has ended (succeeded)":                           command(store.VerbStop, runtime.StopArgs{Run: done.Run}),
			"has no run to stop":                              command(store.VerbStop, runtime.StopArgs{}),
			"is not paused":                                   command(store.VerbResume, struct{}{}),
			"courier_group.other is not deployed":             other,
			`has no courier "ordres"`:                         command(store.VerbBackfill, runtime.BackfillArgs{Courier: "ordres"}),
			"say why with --reason":                           command(store.VerbAdvance, runtime.AdvanceArgs{To: "2026-01-01T00:00:00Z"}),
			"tomorrow":                                        command(store.VerbRun, runtime.RunArgs{Date: "tomorrow"}),
		} {
			refused(w, errorOf(w.Do(w.ctx, c, nil)), why)
		}
		if _, err := w.remote.Run(w.ctx, "courier_group.daily@none"); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("the error for an unknown run is %v", err)
		}
	})
}

func TestPauseStopRetry(t *testing.T) {
	everywhere(t, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Members[0].Wait = graph.Duration(time.Hour) }))
		w.drop()
		if _, err := w.Do(w.ctx, command(store.VerbPause, struct{}{}), nil); err != nil {
			w.Fatal(err)
		}
		s, err := w.Standing(w.ctx)
		if err != nil || len(s.Paused) != 1 || s.Paused[0].By != w.by() {
			w.Errorf("the standing is %+v, %v", s, err)
		}
		if h, held, err := w.Holder(w.ctx); err != nil || !held || h.Owner != "ann" {
			w.Errorf("the holder is %+v, %t, %v", h, held, err)
		}
		if _, err := w.Do(w.ctx, command(store.VerbResume, struct{}{}), nil); err != nil {
			w.Fatal(err)
		}

		run := command(store.VerbRun, runtime.RunArgs{Date: "2026-01-05"})
		run.Token = "a/b c" // what is not at home in a path
		waiting, ended := make(chan struct{}), make(chan error)
		go func() {
			_, err := w.Do(w.ctx, run, func(e store.Event) {
				if e.Type == runtime.EventTaskWaiting {
					close(waiting)
				}
			})
			ended <- err
		}()
		<-waiting
		key := "courier_group.daily@a/b c"
		if _, err := w.Do(w.ctx, command(store.VerbStop, runtime.StopArgs{Run: key}), nil); err != nil {
			w.Error(err)
		}
		if err := <-ended; err != nil {
			w.Errorf("the stopped run ended its command with %v", err)
		}
		w.drop("orders-2026-01-05.csv")
		if _, err := w.Do(w.ctx, command(store.VerbRetry, runtime.RetryArgs{Run: key}), nil); err != nil {
			w.Error(err)
		}
		if d, err := w.remote.Run(w.ctx, key); err != nil || d.Run.State != store.Succeeded || d.Run.Attempt != 2 {
			w.Errorf("the run is %+v, %v", d.Run, err)
		}
	})
}

// TestDecisions skips a task, ignores what is missing, and restarts.
func TestDecisions(t *testing.T) {
	everywhere(t, func(w *world) {
		w.deploy(orders())
		w.drop()
		failed := func(token string) string {
			run := command(store.VerbRun, runtime.RunArgs{Date: "2026-01-05"})
			run.Token = token
			done, err := w.Do(w.ctx, run, nil)
			if err != nil {
				w.Fatal(err)
			}
			return done.Run
		}
		ends := func(c store.Command, key, state string) store.Detail {
			w.Helper()
			done, err := w.Do(w.ctx, c, nil)
			if err != nil || done.By != w.by() || done.Run != key {
				w.Fatalf("%s ended as %+v, %v", c.Verb, done, err)
			}
			d, err := w.remote.Run(w.ctx, key)
			if err != nil || d.Run.State != state || d.Run.Attempt != 2 {
				w.Fatalf("after %s the run is %+v, %v", c.Verb, d.Run, err)
			}
			return d
		}
		key := failed("skipped")
		refused(w, errorOf(w.Do(w.ctx, command(store.VerbSkip, runtime.SkipArgs{Run: key, Task: "orders"}), nil)), "say why with --reason")
		d := ends(command(store.VerbSkip, runtime.SkipArgs{Run: key, Task: "orders", Reason: "a holiday"}), key, store.SucceededWithWarnings)
		if v := d.Tasks[0].Waiver; v == nil || v.By != w.by() || v.Reason != "a holiday" || v.Was != store.Missing {
			w.Errorf("what was decided is %+v", v)
		}
		key = failed("ignored")
		d = ends(command(store.VerbIgnore, runtime.IgnoreArgs{Run: key, Courier: "orders"}), key, store.SucceededWithWarnings)
		if v := d.Tasks[0].Waiver; d.Tasks[0].State != store.Missing || v == nil || v.What != store.WaivedMissing {
			w.Errorf("the courier is %+v", d.Tasks[0])
		}
		if got, err := w.Why(w.ctx, why.Question{Run: key, Courier: "orders"}); err != nil || got.Cause != why.CauseDone || len(got.Couriers) != 1 {
			w.Errorf("the answer about the run is %+v, %v", got, err)
		}
		key = failed("restarted")
		if got, err := w.Why(w.ctx, why.Question{Group: daily}); err != nil || got.Cause != why.CauseMissing || got.Run != key {
			w.Errorf("the answer about the group is %+v, %v", got, err)
		}
		if _, err := w.Why(w.ctx, why.Question{Group: "courier_group.other"}); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("the error for an unknown group is %v", err)
		}
		w.drop("orders-2026-01-05.csv")
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Description = "other" }))
		if d = ends(command(store.VerbRestart, runtime.RestartArgs{Run: key}), key, store.Succeeded); d.Run.Serial != 2 {
			w.Errorf("it went on with serial %d", d.Run.Serial)
		}
	})
}

// TestIncidents lists what is wrong, what was, and the alerts that are told.
func TestIncidents(t *testing.T) {
	everywhere(t, func(w *world) {
		if all, err := w.Alerts(w.ctx); err != nil || len(all) != 0 {
			w.Errorf("before anything is applied the alerts are %+v, %v", all, err)
		}
		w.deploy(orders(func(g *graph.Graph) {
			g.Secrets = []graph.Secret{{Name: "hook", Env: "WAYBILL_NOT_SET"}}
			g.Alerts = []graph.Alert{
				{Addr: "alert.slack.quiet", Type: "slack", On: []string{"succeeded"}, Webhook: graph.Value{{Ref: "secret.hook"}}},
				{Addr: "alert.webhook.pager", Type: "webhook", On: []string{"missing"}, Webhook: graph.Value{{Ref: "secret.hook"}}},
			}
			g.Groups[0].Alerts = []graph.Addr{"alert.slack.quiet", "alert.webhook.pager"}
			g.Groups[0].Members[0].NotifyMissing = true
		}))
		w.drop()
		run := func() {
			w.Helper()
			if _, err := w.Do(w.ctx, command(store.VerbRun, runtime.RunArgs{Date: "2026-01-05"}), nil); err != nil {
				w.Fatal(err)
			}
		}
		keys := func(closed int) (all []string) {
			w.Helper()
			for _, i := range must(w.Incidents(w.ctx, closed))(w) {
				text := fmt.Sprint(i.Key(), " ", i.Events, " ", i.Runs)
				if !i.ClosedAt.IsZero() {
					text += " closed"
				}
				all = append(all, text)
			}
			return all
		}
		same := func(what string, want, got []string) {
			w.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				w.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		same("before", nil, keys(5))
		run()
		run()
		same("while it is missing", []string{"daily/missing/orders#1 [late missing failed] 2"}, keys(5))
		for waits := true; waits; { // until the first attempt has failed
			all := must(w.Alerts(w.ctx))(w)
			if len(all) != 2 || all[0].Waiting != 0 || all[1].Waiting != 1 || all[1].Alert != "alert.webhook.pager" || all[1].Oldest.IsZero() {
				w.Fatalf("the alerts stand as %+v", all)
			}
			if waits = all[1].Error == ""; !waits && (all[1].Next.IsZero() || !strings.Contains(all[1].Error, "WAYBILL_NOT_SET")) {
				w.Errorf("what failed is %+v", all[1])
			}
		}
		w.drop("orders-2026-01-05.csv")
		run()
		same("what is open", nil, keys(0))
		same("what was", []string{"daily/missing/orders#1 [late missing failed] 2 closed"}, keys(5))
	})
}

// TestLogs follows a run whose program prints something.
func TestLogs(t *testing.T) {
	everywhere(t, func(w *world) {
		w.drop("orders-2026-01-05.csv")
		w.deploy(orders(func(g *graph.Graph) {
			hour := graph.Duration(time.Hour)
			g.Processes = []graph.Step{{Addr: "process.say", Timeout: hour, OnUnknown: graph.OnUnknownRetry, Retry: graph.Retry{Attempts: 1, Backoff: hour, MaxBackoff: hour},
				Exec: &graph.Exec{Command: []graph.Value{graph.Text("sh"), graph.Text("-c"), graph.Text("echo one; echo two >&2")}}}}
			g.Groups[0].Processes = []graph.Addr{"process.say"}
		}))
		run := command(store.VerbRun, runtime.RunArgs{Date: "2026-01-05"})
		run.Token = "talks"
		if _, err := w.Send(w.ctx, run); err != nil {
			w.Fatal(err)
		}
		key := "courier_group.daily@talks"
		q := runtime.LogQuestion{Run: key, Wait: time.Minute}
		var said, events []string
		for over := false; !over; {
			page, err := w.Logs(w.ctx, q)
			if errors.Is(err, store.ErrNotFound) { // the command is not carried out yet
				continue
			}
			if err != nil {
				w.Fatal(err)
			}
			for _, l := range page.Lines {
				if l.Type == "" {
					said = append(said, l.Task+" "+l.Text)
				} else {
					events = append(events, l.Type)
				}
			}
			q.After, over = page.Next, page.Over
		}
		slices.Sort(said)
		if diff := cmp.Diff([]string{"process.say one", "process.say two"}, said); diff != "" {
			w.Errorf("what was said (-want +got):\n%s", diff)
		}
		if len(events) < 6 || events[0] != runtime.EventQueued || events[len(events)-1] != runtime.EventEnded {
			w.Errorf("the events are %v", events)
		}
		page, err := w.Logs(w.ctx, runtime.LogQuestion{Run: key, Task: "process.say"})
		if err != nil || len(page.Lines) != 4 || !page.Over {
			w.Errorf("the task alone says %+v, %v", page, err)
		}
		if page, err = w.Logs(w.ctx, runtime.LogQuestion{Run: key, After: page.Next, Wait: time.Minute}); err != nil || !page.Over {
			w.Errorf("behind the end is %+v, %v", page, err)
		}
		if _, err := w.Logs(w.ctx, runtime.LogQuestion{Run: key, Task: "process.none"}); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("the error for an unknown task is %v", err)
		}
		if _, err := w.Logs(w.ctx, runtime.LogQuestion{Run: key, After: "?"}); err == nil {
			w.Error("a position that was never given is read")
		}
	})
}

func TestRuns(t *testing.T) {
	everywhere(t, func(w *world) {
		w.deploy(orders())
		const runs = 7
		for i := range runs {
			name := fmt.Sprintf("orders-2026-01-%02d.csv", i+1)
			if i%2 == 0 {
				w.drop(name)
			}
			c := command(store.VerbRun, runtime.RunArgs{Date: fmt.Sprintf("2026-01-%02d", i+1)})
			c.Token = fmt.Sprint("n", i)
			if _, err := w.Do(w.ctx, c, nil); err != nil {
				w.Fatal(err)
			}
		}
		if last, err := w.LastRuns(w.ctx); err != nil || len(last) != 1 || last[0].Key != "courier_group.daily@n6" {
			w.Errorf("the last runs are %+v, %v", last, err)
		}
		middle, err := w.remote.Run(w.ctx, "courier_group.daily@n3")
		if err != nil {
			w.Fatal(err)
		}
		for want, f := range map[string]store.RunFilter{
			"n6 n5 n4 n3 n2 n1 n0": {Group: daily, Kind: store.KindAdHoc},
			"n6 n5 n4":             {Kind: store.KindAdHoc, Limit: 3},
			"n6 n4 n2 n0":          {States: []string{store.Succeeded}},
			"n5 n3 n1":             {States: []string{store.Failed, store.Canceled}},
			"n2 n1 n0":             {Kind: store.KindAdHoc, Before: middle.Run.Cursor()},
			"n2 n1":                {Kind: store.KindAdHoc, Before: middle.Run.Cursor(), Limit: 2},
			"n6 n5 n4 n3":          {Kind: store.KindAdHoc, From: middle.Run.CreatedAt},
			" n2 n1 n0":            {Kind: store.KindAdHoc, Until: middle.Run.CreatedAt},
			"n6 n5":                {RunType: graph.RunFull, Kind: store.KindAdHoc, Limit: 2},
			" ":                    {RunType: graph.RunSource, Kind: store.KindAdHoc},
			"":                     {Group: "courier_group.other"},
		} {
			found, err := w.Runs(w.ctx, f)
			if err != nil {
				w.Fatal(err)
			}
			var got []string
			for _, r := range found {
				got = append(got, strings.TrimPrefix(r.Key, "courier_group.daily@"))
			}
			if strings.Join(got, " ") != strings.TrimSpace(want) {
				w.Errorf("%+v selects %v, want %s", f, got, want)
			}
		}
	})
}

func TestBackfill(t *testing.T) {
	everywhere(t, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) { g.Couriers[0].Files[0].Optional = true }))
		w.drop()
		var told []string
		done, err := w.Do(w.ctx, command(store.VerbBackfill, runtime.BackfillArgs{From: "2024-01-01"}), func(e store.Event) {
			if e.Type == runtime.EventEnded {
				told = append(told, e.Run)
			}
		})
		if err != nil {
			w.Fatal(err)
		}
		pieces, err := w.Runs(w.ctx, store.RunFilter{Kind: store.KindBackfill})
		if err != nil || len(pieces) < 2 || len(told) != len(pieces) || told[len(told)-1] != done.Run {
			w.Errorf("of %d pieces %v were told to have ended, the last is %s, %v", len(pieces), told, done.Run, err)
		}
	})
}

// TestLeaveWatching ends the watch of a run; the run goes on.
func TestLeaveWatching(t *testing.T) {
	everywhere(t, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Members[0].Wait = graph.Duration(time.Hour) }))
		w.drop()
		ctx, cancel := context.WithCancel(w.ctx)
		run := command(store.VerbRun, runtime.RunArgs{Date: "2026-01-05"})
		run.Token = "one"
		_, err := w.Do(ctx, run, func(e store.Event) {
			if e.Type == runtime.EventTaskWaiting {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			w.Errorf("the error is %v", err)
		}
		if d, err := w.remote.Run(w.ctx, "courier_group.daily@one"); err != nil || store.Ended(d.Run.State) {
			w.Errorf("the run is %s, %v", d.Run.State, err)
		}
	})
}
