package runtime_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestDeliveryIsTriedAgain checks that nothing is lost while the other side is
// down, that an attempt more is the same message, and that the order is kept.
func TestDeliveryIsTriedAgain(t *testing.T) {
	inWorldWithHook(t, func(w *world, h *hook) {
		w.deploy(orders(telling(h, "late", "missing")))
		h.answer(http.StatusServiceUnavailable)
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z")
		if n := len(h.sent()); n < 4 || n > 8 {
			t.Errorf("%d attempts in ten minutes", n)
		}
		w.same("all the same message", 1, len(slices.Compact(h.sent())))
		stop() // what is left of it is in the store
		defer w.serve()()
		w.sleepUntil("2000-01-01T14:01:00Z")
		h.answer(0)
		before := len(h.sent())
		w.sleepUntil("2000-01-01T16:00:00Z")
		w.same("messages", []string{
			"01-01 13:00 opened late: daily: orders is late",
			"01-01 14:00 updated missing: daily: orders is missing",
		}, h.heard()[before:])
		w.same("the first has kept its id", h.sent()[0], h.sent()[before])
	})
}

// TestRefusedAndGivenUp checks that a message that the other side will not have
// is told of at once, and given up aloud after a week.
func TestRefusedAndGivenUp(t *testing.T) {
	inWorldWithHookEvery(t, time.Hour, func(w *world, h *hook) {
		w.deploy(orders(telling(h, "missing"), func(g *graph.Graph) { g.Groups[0].Schedule = "0 13 1 * *" }))
		h.answer(http.StatusNotFound)
		stop := w.serve()
		w.sleepUntil("2000-01-01T14:10:00Z")
		const run = "courier_group.daily@2000-01-01T13:00:00Z"
		w.same("events", 1, count(w.detail(run), runtime.EventAlertRefused))
		stop() // a message is old then, but was hardly tried
		w.sleepUntil("2000-01-09T00:00:00Z")
		defer w.serve()()
		w.sleepUntil("2000-01-09T12:00:00Z")
		w.same("events of giving up too soon", 0, count(w.detail(run), runtime.EventAlertGivenUp))
		w.sleepUntil("2000-01-10T00:00:00Z")
		d := w.detail(run)
		w.same("events of giving up", 1, count(d, runtime.EventAlertGivenUp))
		w.same("events of refusal", 1, count(d, runtime.EventAlertRefused))
		before := len(h.sent())
		w.sleepUntil("2000-01-11T00:00:00Z")
		w.same("attempts after that", before, len(h.sent()))
	})
}

func count(d store.Detail, kind string) (n int) {
	for _, have := range types(d) {
		if have == kind {
			n++
		}
	}
	return n
}

// TestSlowAlertHoldsUpNobody checks that one alert that does not answer leaves
// the others, and the runs, alone.
func TestSlowAlertHoldsUpNobody(t *testing.T) {
	t.Parallel()
	slow, quick := newHook(t), newHook(t)
	answer, asked, told := make(chan struct{}), make(chan struct{}, 1), make(chan struct{}, 10)
	slow.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-answer })
	quick.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told <- struct{}{} })
	w := openWorld(t, t.TempDir(), 5*time.Millisecond)
	w.deploy(orders(telling(slow, "source_error", "misconfigured"), func(g *graph.Graph) {
		g.Couriers[0].Filedrop.URL = graph.Value{{Ref: "secret.absent"}}
		g.Alerts = append(g.Alerts, graph.Alert{
			Addr: "alert.webhook.quick", Type: alert.TypeWebhook, On: []string{"misconfigured"}, Webhook: graph.Text(quick.URL),
		})
		g.Groups[0].Alerts = append(g.Groups[0].Alerts, "alert.webhook.quick")
	}))
	defer w.serve()()
	defer close(answer)
	for range 3 { // an incident each, for the incident of before is closed by a deployment without the group
		if c, err := w.do(store.VerbRun, daily, runtime.RunArgs{Date: "2000-01-01"}); err != nil || c.State != store.CommandDone {
			t.Fatal(c, err)
		}
		<-told
		d, err := w.runtime.Deployment(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		without := *d.Graph
		without.Groups = nil
		w.deploy(&without)
		<-told
		w.deploy(d.Graph)
	}
	<-asked
}

// TestCrashAfterDelivery takes the store as it is while a message is being
// answered, as after a kill: the next holder sends that one again, under the
// same keys, and no other.
func TestCrashAfterDelivery(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	inner, killed := h.Config.Handler, t.TempDir()
	w := openWorld(t, t.TempDir(), 5*time.Millisecond)
	h.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if len(h.heard()) == 1 { // it is the second message
			if err := os.CopyFS(filepath.Join(killed, ".waybill"), os.DirFS(filepath.Join(w.dir, ".waybill"))); err != nil {
				t.Error(err)
			}
		}
		inner.ServeHTTP(rw, r)
	})
	w.writeProgram("mark.sh", "exit 0")
	w.deploy(orders(telling(h, "succeeded"), withProcess("./mark.sh")))
	for _, day := range []string{"01", "02"} {
		w.drop("drop/orders-2000-01-"+day+".csv", day)
		w.mustRun(runtime.RunArgs{Date: "2000-01-" + day})
	}
	w.same("messages", 2, len(h.heard()))

	again := make(chan struct{}, 10)
	h.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(rw, r)
		again <- struct{}{}
	})
	next, err := runtime.Open(t.Context(), filepath.Join(killed, ".waybill"), runtime.Options{Workspace: killed, Actor: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- next.Serve(ctx) }()
	<-again
	cancel()
	if err := errors.Join(<-ended, next.Close()); err != nil {
		t.Fatal(err)
	}
	w.same("messages after the crash", 3, len(h.heard()))
	w.same("what was repeated", h.sent()[1], h.sent()[2])
	w.same("its run", h.all()[1].Run, h.all()[2].Run)
}

// quietly gives the first alert quiet hours.
func quietly(from, until string, except ...string) func(*graph.Graph) {
	return func(g *graph.Graph) {
		g.Alerts[0].Quiet = &graph.Quiet{From: from, Until: until, Timezone: "UTC", Except: except}
	}
}

// TestQuiet checks that what happens in quiet hours is one message for each
// incident at their end, that what is over by then says so, and that an excepted
// event goes out with what was held of its incident.
func TestQuiet(t *testing.T) {
	t.Run("held", func(t *testing.T) {
		inWorldWithHook(t, func(w *world, h *hook) {
			w.deploy(orders(telling(h, "late", "missing"), quietly("12:00", "07:00")))
			defer w.serve()()
			w.sleepUntil("2000-01-02T06:55:00Z")
			w.same("in quiet hours", 0, len(h.heard()))
			w.sleepUntil("2000-01-02T07:01:00Z")
			w.same("at their end", []string{"01-01 14:00 opened missing: daily: orders is missing"}, h.heard())
			w.same("what happened", 2, len(h.last(t).Log))
		})
	})
	t.Run("over", func(t *testing.T) {
		inWorldWithHook(t, func(w *world, h *hook) {
			w.deploy(orders(telling(h, "late", "missing"), quietly("12:00", "07:00")))
			defer w.serve()()
			w.sleepUntil("2000-01-01T13:20:00Z")
			w.drop("drop/orders-2000-01-01.csv", "1")
			w.sleepUntil("2000-01-02T07:01:00Z")
			m := h.last(t)
			w.same("messages", 1, len(h.heard()))
			w.same("phase", alert.Closed, m.Phase)
			if !strings.Contains(m.Text, "That is over: ") {
				t.Errorf("the message is %q", m.Text)
			}
		})
	})
	t.Run("except", func(t *testing.T) {
		inWorldWithHook(t, func(w *world, h *hook) {
			w.deploy(orders(telling(h, "late", "missing"), quietly("12:00", "07:00", "missing")))
			defer w.serve()()
			w.sleepUntil("2000-01-01T14:05:00Z")
			w.same("at once", []string{"01-01 14:00 opened missing: daily: orders is missing"}, h.heard())
			w.same("what happened", 2, len(h.last(t).Log))
			w.sleepUntil("2000-01-02T07:05:00Z")
			w.same("at the end of quiet", 1, len(h.heard()))
		})
	})
}

// TestQuietUntil checks the ends of quiet hours, also where clocks change.
func TestQuietUntil(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, until, zone, now, want string }{
		{"20:00", "07:00", "UTC", "2026-03-01T19:59:59Z", ""},
		{"20:00", "07:00", "UTC", "2026-03-01T20:00:00Z", "2026-03-02T07:00:00Z"},
		{"20:00", "07:00", "UTC", "2026-03-02T06:59:59Z", "2026-03-02T07:00:00Z"},
		{"20:00", "07:00", "UTC", "2026-03-02T07:00:00Z", ""},
		{"12:00", "13:00", "UTC", "2026-03-01T12:30:00Z", "2026-03-01T13:00:00Z"},
		{"12:00", "13:00", "UTC", "2026-03-01T20:30:00Z", ""},
		{"22:00", "00:00", "UTC", "2026-03-01T23:30:00Z", "2026-03-02T00:00:00Z"},
		{"20:00", "07:00", "Europe/Berlin", "2026-03-28T20:00:00Z", "2026-03-29T05:00:00Z"}, // the night is an hour shorter
		{"20:00", "07:00", "Europe/Berlin", "2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z"}, // and longer
		{"20:00", "02:30", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"}, // 02:30 does not come
		{"20:00", "02:30", "Europe/Berlin", "2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z"}, // 02:30 comes twice
		{"20:00", "02:30", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z"},
	} {
		at, err := runtime.QuietUntil(&graph.Quiet{From: c.from, Until: c.until, Timezone: c.zone}, instant(t, c.now))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if !at.IsZero() {
			got = at.UTC().Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s to %s in %s at %s: until %q, want %q", c.from, c.until, c.zone, c.now, got, c.want)
		}
	}
}

// TestNotStarted checks the ways in which a run does not start in time.
func TestNotStarted(t *testing.T) {
	t.Run("nobody served", func(t *testing.T) {
		inWorldWithHook(t, func(w *world, h *hook) {
			w.deploy(orders(telling(h, "not_started")))
			w.sleepUntil("2000-01-01T15:00:00Z")
			defer w.serve()()
			w.sleepUntil("2000-01-01T15:05:00Z")
			w.same("one message", []string{"01-01 15:00 closed not_started: daily: not started"}, h.heard())
			if text := h.last(t).Text; !strings.Contains(text, "nothing acted on the store") || !strings.Contains(text, "has begun") {
				t.Errorf("the message is %q", text)
			}
		})
	})
	t.Run("it started in time", func(t *testing.T) {
		inWorldWithHook(t, func(w *world, h *hook) {
			w.deploy(orders(telling(h, "not_started")))
			w.sleepUntil("2000-01-01T13:10:00Z")
			defer w.serve()()
			w.sleepUntil("2000-01-01T16:05:00Z")
			w.same("messages", 0, len(h.heard()))
		})
	})
	t.Run("the last run takes long", func(t *testing.T) {
		inWorldWithHook(t, func(w *world, h *hook) {
			w.deploy(orders(telling(h, "not_started"), func(g *graph.Graph) {
				g.Groups[0].Schedule, g.Groups[0].Members[0].Wait = "0 13,14 * * *", hours(2)
			}))
			defer w.serve()()
			w.sleepUntil("2000-01-01T16:00:00Z")
			w.same("messages", []string{
				"01-01 14:20 opened not_started: daily: not started",
				"01-01 15:00 closed not_started: daily: not started",
			}, h.heard())
			if text := h.all()[0].Text; !strings.Contains(text, "it waits for daily@2000-01-01T13:00:00Z, which is running") {
				t.Errorf("the message is %q", text)
			}
		})
	})
	t.Run("paused", func(t *testing.T) {
		inWorldWithHook(t, func(w *world, h *hook) {
			w.deploy(orders(telling(h, "not_started")))
			defer w.serve()()
			if _, err := w.runtime.Send(w.ctx, command(store.VerbPause, `{}`)); err != nil {
				t.Fatal(err)
			}
			w.sleepUntil("2000-01-01T16:00:00Z")
			if _, err := w.runtime.Send(w.ctx, command(store.VerbResume, `{}`)); err != nil {
				t.Fatal(err)
			}
			w.sleepUntil("2000-01-01T17:10:00Z")
			w.same("messages", 0, len(h.heard()))
		})
	})
}

// TestNotStartedAfterAPause checks that what a pause held back is not late before
// it had as long to begin as after a tick.
func TestNotStartedAfterAPause(t *testing.T) {
	paused := func(t *testing.T, change func(*graph.Group), test func(w *world, h *hook)) {
		inWorldWithHook(t, func(w *world, h *hook) {
			w.deploy(orders(telling(h, "not_started"), func(g *graph.Graph) { change(&g.Groups[0]) }))
			w.mustDo(store.VerbPause, struct{}{})
			w.sleepUntil("2000-01-01T16:00:00Z")
			test(w, h)
		})
	}
	once := func(*graph.Group) {}
	t.Run("it is resumed while nothing serves, which begins soon", func(t *testing.T) {
		paused(t, once, func(w *world, h *hook) {
			w.mustDo(store.VerbResume, struct{}{})
			w.sleepUntil("2000-01-01T16:10:00Z")
			defer w.serve()()
			w.sleepUntil("2000-01-01T17:10:00Z")
			w.same("messages", 0, len(h.heard()))
		})
	})
	t.Run("and late", func(t *testing.T) {
		paused(t, once, func(w *world, h *hook) {
			w.mustDo(store.VerbResume, struct{}{})
			w.sleepUntil("2000-01-01T17:00:00Z")
			defer w.serve()()
			w.sleepUntil("2000-01-01T17:10:00Z")
			w.same("one message", []string{"01-01 17:00 closed not_started: daily: not started"}, h.heard())
			if text := h.last(t).Text; !strings.Contains(text, "resumed at 2000-01-01T16:00:00Z") {
				t.Errorf("the message is %q", text)
			}
		})
	})
	t.Run("the run before it takes long", func(t *testing.T) {
		paused(t, func(g *graph.Group) {
			g.Schedule, g.Members[0].Wait, g.CatchUp = "0 13,14 * * *", hours(2), graph.Each
		}, func(w *world, h *hook) {
			defer w.serve()()
			w.mustDo(store.VerbResume, struct{}{})
			w.sleepUntil("2000-01-01T16:12:00Z")
			w.same("soon after", 0, len(h.heard()))
			w.sleepUntil("2000-01-01T16:30:00Z")
			w.same("later", 1, len(h.heard()))
		})
	})
}

// TestHeartbeat checks that the URL is called while the loop passes, also after
// it could not be for a while, and not when the loop is stuck.
func TestHeartbeat(t *testing.T) {
	t.Run("alive", func(t *testing.T) {
		inWorldWithHook(t, func(w *world, h *hook) {
			stop := w.serve()
			w.deploy(orders(func(g *graph.Graph) {
				g.Heartbeat = &graph.Heartbeat{URL: graph.Text(h.URL), Every: graph.Duration(10 * time.Minute)}
			}))
			w.sleepUntil("2000-01-01T01:01:00Z")
			if n := len(h.heard()); n < 6 || n > 7 {
				t.Errorf("%d calls in an hour, want one each 10 minutes", n)
			}
			h.answer(http.StatusServiceUnavailable)
			w.sleepUntil("2000-01-01T02:01:00Z")
			h.answer(0)
			before := len(h.heard())
			w.sleepUntil("2000-01-01T02:21:00Z")
			w.same("calls afterwards", 2, len(h.heard())-before)
			stop()
			before = len(h.heard())
			w.sleepUntil("2000-01-01T03:00:00Z")
			w.same("calls without a holder", before, len(h.heard()))
		})
	})
	t.Run("stuck", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			if !runtime.Stuck(t.Context(), time.Minute) {
				t.Error("the heartbeat was sent while the loop was stuck")
			}
		})
	})
}

// TestNoRoom checks that a run that has begun, and for whose work there was no
// room, counts as not started, and one that waits for another group does not.
func TestNoRoom(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*graph.Graph)
		want   []string
	}{
		{"no room", func(*graph.Graph) {}, []string{"daily@2000-01-01T13:00:00Z: max_concurrent leaves no room for its work"}},
		{"another group", func(g *graph.Graph) {
			twoGroups(g)
			g.Groups[0].After[0].Gate = graph.GateStart
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.deploy(orders(c.change))
				tick := instant(t, "2000-01-01T13:00:00Z")
				if err := w.runtime.TakeDue(w.ctx, daily, tick); err != nil {
					t.Fatal(err)
				}
				for after, want := range map[time.Duration][]string{14 * time.Minute: nil, 16 * time.Minute: c.want} {
					got, err := w.runtime.NotStarted(w.ctx, tick.Add(after))
					if err != nil {
						t.Fatal(err)
					}
					got = slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "daily") })
					w.same("after "+after.String(), len(want), len(got))
					for i := range min(len(want), len(got)) {
						w.same("what", want[i], got[i])
					}
				}
			})
		})
	}
}
