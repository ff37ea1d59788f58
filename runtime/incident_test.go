package runtime_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/store"
)

// hook is a server outside the bubble of fake time that keeps the messages it
// was sent.
type hook struct {
	*httptest.Server

	mu       sync.Mutex
	messages []alert.Message
	ids      []string
	refuse   int // what it answers instead of 200
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		var m alert.Message
		if len(body) > 0 {
			if err := json.Unmarshal(body, &m); err != nil {
				t.Error(err)
			}
		}
		h.messages, h.ids = append(h.messages, m), append(h.ids, r.Header.Get("Webhook-Id"))
		if h.refuse != 0 {
			w.WriteHeader(h.refuse)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

// answer sets what the server answers from now on; 0 is 200.
func (h *hook) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = status
}

// heard is what has been sent so far, as "01-01 14:00 opened missing: daily: …".
func (h *hook) heard() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, m := range h.messages {
		all = append(all, m.At.Format("01-02 15:04 ")+string(m.Phase)+" "+m.Event+": "+m.Title)
	}
	return all
}

// sent is the ids of all deliveries so far.
func (h *hook) sent() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ids)
}

// all is the messages so far.
func (h *hook) all() []alert.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.messages)
}

// last is the newest message.
func (h *hook) last(t *testing.T) alert.Message {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.messages) == 0 {
		t.Fatal("no message has come")
	}
	return h.messages[len(h.messages)-1]
}

// inWorldWithHook runs a test in a new world beside a server for its alerts.
func inWorldWithHook(t *testing.T, test func(w *world, h *hook)) {
	t.Helper()
	inWorldWithHookEvery(t, 5*time.Minute, test)
}

// inWorldWithHookEvery does so with a holder that looks for commands every poll.
func inWorldWithHookEvery(t *testing.T, poll time.Duration, test func(w *world, h *hook)) {
	t.Helper()
	t.Parallel()
	dir, h := t.TempDir(), newHook(t)
	synctest.Test(t, func(t *testing.T) {
		w := openWorld(t, dir, poll)
		w.drop("drop/readme.txt", "so that there is a folder")
		test(w, h)
	})
}

// telling gives the daily group an alert that listens for words.
func telling(h *hook, words ...string) func(*graph.Graph) {
	return func(g *graph.Graph) {
		g.Alerts = append(g.Alerts, graph.Alert{Addr: "alert.webhook.ops", Type: alert.TypeWebhook, On: words, Webhook: graph.Text(h.URL)})
		g.Groups[0].Alerts = append(g.Groups[0].Alerts, "alert.webhook.ops")
	}
}

var everything = []string{
	"failed", "missing", "late", "slow", "sla_missed", "not_started", "succeeded", "stopped", "blocked", "held", "source_error", "misconfigured",
}

// TestMissingIncident follows a file that is late, then missing, on two days,
// and comes on the third: one incident, a message for each thing that is new.
func TestMissingIncident(t *testing.T) {
	inWorldWithHook(t, func(w *world, h *hook) {
		w.deploy(orders(telling(h, everything...)))
		defer w.serve()()
		w.sleepUntil("2000-01-01T13:30:00Z")
		w.same("late", []string{"01-01 13:00 opened late: daily: orders is late"}, h.heard())
		m := h.last(t)
		w.same("names", []string{"orders-2000-01-01.csv"}, m.Names)
		w.sleepUntil("2000-01-02T14:30:00Z")
		w.same("two days", []string{
			"01-01 13:00 opened late: daily: orders is late",
			"01-01 14:00 updated missing: daily: orders is missing",
			"01-02 13:00 updated late: daily: orders is missing",
		}, h.heard())
		for _, day := range []string{"01", "02", "03"} {
			w.drop("drop/orders-2000-01-"+day+".csv", day)
		}
		w.sleepUntil("2000-01-03T13:30:00Z")
		w.same("the third day", []string{
			"01-03 13:00 closed missing: daily: orders is missing",
			"01-03 13:00 told succeeded: daily succeeded",
		}, h.heard()[3:])
		for i, m := range h.all()[:4] {
			if m.Incident != "daily/missing/orders#1" || !m.Since.Equal(instant(w.T, "2000-01-01T13:00:00Z")) {
				t.Errorf("message %d is about %s since %s", i, m.Incident, m.Since)
			}
		}
		w.same("the command", "waybill retry daily@2000-01-01T13:00:00Z", h.all()[1].Command)
		if !strings.Contains(h.all()[1].Text, `on_missing = "stop"`) {
			t.Errorf("what follows: %s", h.all()[1].Text)
		}
	})
}

// TestMissingContinues checks what an alert says where the run goes on: a command
// that is not refused once it has.
func TestMissingContinues(t *testing.T) {
	const undated = "waybill why daily@2000-01-01T13:00:00Z --courier orders"
	for _, test := range []struct {
		name, command, text string
		change              func(*graph.Graph)
	}{
		{"a dated file", "waybill run daily --courier orders --date 2000-01-01", `on_missing = "continue"`, func(*graph.Graph) {}},
		{"a file without a date", undated, "taken by the next run", func(g *graph.Graph) { g.Couriers[0].Files[0].Pattern = "orders-*.csv" }},
		{"a program", "waybill run daily --courier orders --from 1999-12-31T13:00:00Z --to 2000-01-01T13:00:00Z", `on_missing = "continue"`, func(g *graph.Graph) {
			g.Couriers[0].Filedrop, g.Couriers[0].Files = nil, nil
			g.Couriers[0].Exec = &graph.Exec{Command: []graph.Value{graph.Text("./later.sh")}}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorldWithHook(t, func(w *world, h *hook) {
				w.drop("later.sh", "#!/bin/sh\nexit 75\n")
				w.deploy(orders(telling(h, "missing", "succeeded"), test.change, func(g *graph.Graph) { g.Groups[0].Members[0].OnMissing = graph.OnMissingContinue }))
				defer w.serve()()
				w.sleepUntil("2000-01-01T14:30:00Z")
				w.same("messages", []string{
					"01-01 14:00 opened missing: daily: orders is missing",
					"01-01 14:00 told succeeded: daily succeeded with warnings",
				}, h.heard())
				m := h.all()[0]
				w.same("the command", test.command, m.Command)
				if !strings.Contains(m.Text, test.text) {
					t.Errorf("what follows: %s", m.Text)
				}
			})
		})
	}
}

// TestNotifyNobody checks that a courier of which nobody is to be told is no
// incident, and that its run still fails aloud.
func TestNotifyNobody(t *testing.T) {
	inWorldWithHook(t, func(w *world, h *hook) {
		w.deploy(orders(telling(h, "missing", "failed"), func(g *graph.Graph) { g.Groups[0].Members[0].NotifyMissing = false }))
		defer w.serve()()
		w.sleepUntil("2000-01-01T14:30:00Z")
		w.same("messages", []string{"01-01 14:00 opened failed: daily failed"}, h.heard())
	})
}

// TestOnlyFailed checks that an alert that listens for failures alone hears of
// what the run failed of, once, and of its end.
func TestOnlyFailed(t *testing.T) {
	inWorldWithHook(t, func(w *world, h *hook) {
		w.deploy(orders(telling(h, "failed")))
		defer w.serve()()
		w.sleepUntil("2000-01-01T14:30:00Z")
		w.same("messages", []string{"01-01 14:00 opened failed: daily: orders is missing"}, h.heard())
		w.drop("drop/orders-2000-01-01.csv", "1")
		if _, err := w.runtime.Send(w.ctx, command(store.VerbRetry, `{"run":"courier_group.daily@2000-01-01T13:00:00Z"}`)); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-01T15:00:00Z")
		w.same("after the retry", "closed", string(h.last(t).Phase))
	})
}

func command(verb, args string) store.Command {
	return store.Command{Verb: verb, Group: daily, Args: json.RawMessage(args), At: time.Now(), By: "ann"}
}

// TestFailingEachRun checks that a cause that comes back with each run does not
// page with each.
func TestFailingEachRun(t *testing.T) {
	inWorldWithHook(t, func(w *world, h *hook) {
		w.deploy(orders(telling(h, "misconfigured", "source_error", "failed"), func(g *graph.Graph) {
			g.Groups[0].Schedule = "0 * * * *"
			g.Couriers[0].Filedrop.URL = graph.Value{{Ref: "secret.absent"}}
		}))
		defer w.serve()()
		w.sleepUntil("2000-01-02T01:35:00Z")
		w.same("messages of a day", []string{
			"01-01 01:00 opened misconfigured: daily: orders is misconfigured",
			"01-01 13:00 updated misconfigured: daily: orders is misconfigured",
			"01-02 01:00 updated misconfigured: daily: orders is misconfigured",
		}, h.heard())
		w.same("runs", 25, h.last(t).Runs)
	})
}

// TestSlowAndLate checks incidents of a run as a whole: they end with it.
func TestSlowAndLate(t *testing.T) {
	inWorldWithHook(t, func(w *world, h *hook) {
		w.deploy(orders(telling(h, "slow", "sla_missed"), func(g *graph.Graph) {
			g.Groups[0].RuntimeAlert, g.Groups[0].SLA = hours(1)/2, hours(1)/4
		}))
		defer w.serve()()
		w.sleepUntil("2000-01-01T13:40:00Z")
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.sleepUntil("2000-01-01T14:30:00Z")
		got := h.heard()
		w.same("messages", []string{
			"01-01 13:15 opened sla_missed: daily: not done in time",
			"01-01 13:30 opened slow: daily: the run is slow",
		}, got[:2])
		if len(got) != 4 || h.all()[2].Phase != alert.Closed || h.all()[3].Phase != alert.Closed {
			t.Errorf("their ends: %v", got[2:])
		}
	})
}

// TestStoppedIsTold checks that a run that somebody stops is a message and no
// incident.
func TestStoppedIsTold(t *testing.T) {
	inWorldWithHook(t, func(w *world, h *hook) {
		w.deploy(orders(telling(h, "stopped", "failed")))
		defer w.serve()()
		w.sleepUntil("2000-01-01T13:10:00Z")
		if _, err := w.runtime.Send(w.ctx, command(store.VerbStop, `{}`)); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-01T13:20:00Z")
		w.same("phase", alert.Told, h.last(t).Phase)
		w.same("title", "daily was stopped", h.last(t).Title)
		w.same("incident", "", h.last(t).Incident)
	})
}

// TestRemovedGroup checks that the incidents of a group end with it.
func TestRemovedGroup(t *testing.T) {
	inWorldWithHook(t, func(w *world, h *hook) {
		w.deploy(orders(telling(h, "missing")))
		defer w.serve()()
		w.sleepUntil("2000-01-01T14:30:00Z")
		w.deploy(orders(telling(h, "missing"), func(g *graph.Graph) { g.Groups[0].Addr = "courier_group.other" }))
		w.sleepUntil("2000-01-01T15:00:00Z")
		w.same("messages", []string{
			"01-01 14:00 opened missing: daily: orders is missing",
			"01-01 14:30 closed missing: daily: orders is missing",
		}, h.heard())
	})
}

// writeProgram puts a program into the workspace.
func (w *world) writeProgram(name, script string) {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		w.Fatal(err)
	}
}

// TestFailedStep checks the incidents of steps, with a server and without: the
// process that carries a command out by itself delivers, too.
func TestFailedStep(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	w := openWorld(t, t.TempDir(), 5*time.Millisecond)
	w.writeProgram("fail.sh", "echo broken >&2; exit 3")
	step := withProcess("./fail.sh")
	w.deploy(orders(telling(h, everything...), step, func(g *graph.Graph) { g.Processes[0].Retry.Attempts = 1 }))
	w.drop("drop/orders-2000-01-01.csv", "1")
	failed := w.mustRun(runtime.RunArgs{Date: "2000-01-01"})
	if len(h.all()) != 1 || h.all()[0].Title != "daily: process.mark failed" {
		t.Fatalf("messages: %v", h.heard())
	}
	w.writeProgram("fail.sh", "exit 0")
	if _, err := w.do(store.VerbRetry, daily, runtime.RetryArgs{Run: failed.Run.Key}); err != nil {
		t.Fatal(err)
	}
	if len(h.all()) != 3 || h.all()[1].Phase != alert.Closed || h.all()[2].Event != "succeeded" {
		t.Fatalf("messages: %v", h.heard())
	}
}
