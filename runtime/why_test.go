package runtime_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file of testdata, or writes it under -update.
func (w *world) golden(file, text string) {
	w.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			w.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	w.same(path, string(want), text)
}

const lake = graph.Addr("courier_group.lake")

// twoGroups is the daily group, behind another one that is asked to be done
// first.
func twoGroups(g *graph.Graph) {
	up := g.Groups[0]
	up.Addr, up.Schedule, up.Members = lake, "0 12 * * *", []graph.Member{{Name: "orders", Courier: "courier.orders", Wait: hours(20), OnMissing: graph.OnMissingStop}}
	g.Groups[0].After = []graph.After{{Name: "lake", Group: lake, Wait: hours(3), OnMissing: graph.OnMissingStop, Gate: graph.GateDownstream}}
	g.Groups = append(g.Groups, up)
}

// missingCourier has the group's courier read another folder.
func source(url graph.Value) func(*graph.Graph) {
	return func(g *graph.Graph) {
		g.Couriers[0].Filedrop = &graph.Filedrop{URL: url}
		g.Couriers[0].Retry.Attempts = 3
	}
}

// A situation is a store that somebody asks about.
var situations = []struct {
	name  string
	cause string
	ask   why.Question
	make  func(w *world)
}{
	{"scheduled", why.CauseNotDue, why.Question{}, func(w *world) {
		w.deploy(orders())
		w.drop("drop/x", "")
		w.until("2000-01-01T09:00:00Z", true)
	}},
	{"not-served", why.CauseNotServed, why.Question{}, func(w *world) {
		w.deploy(orders())
		w.sleepUntil("2000-01-01T14:30:00Z")
	}},
	{"paused", why.CausePaused, why.Question{}, func(w *world) {
		w.deploy(orders())
		w.mustDo(store.VerbPause, struct{}{})
		w.until("2000-01-01T15:00:00Z", true)
	}},
	{"unscheduled", why.CauseUnscheduled, why.Question{}, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Schedule = "" }))
	}},
	{"inactive", why.CauseInactive, why.Question{}, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Active = false }))
	}},
	{"not-deployed", why.CauseNotDeployed, why.Question{}, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders())
		w.token("one", runtime.RunArgs{Date: shipped})
		w.deploy(orders(func(g *graph.Graph) { g.Groups = nil }))
	}},
	{"absent", why.CauseAbsent, why.Question{}, func(w *world) {
		w.drop("drop/readme.txt", "not data")
		w.deploy(orders(withProcess("true"), func(g *graph.Graph) {
			g.Groups[0].Timezone, g.Groups[0].FileDates = "Europe/Berlin", "Europe/Berlin"
			g.Groups[0].Members[0].Offset = graph.Offset{Days: 1}
		}))
		w.until("2000-01-01T12:10:00Z", true)
	}},
	{"other-dates", why.CauseOtherDates, why.Question{}, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "of the day before")
		w.deploy(orders())
		w.until("2000-01-01T13:10:00Z", true)
	}},
	{"changing", why.CauseChanging, why.Question{}, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) { g.Couriers[0].Ready.StableFor = hours(1) / 6 }))
		w.sleepUntil("2000-01-01T12:58:00Z")
		w.drop("drop/orders-2000-01-01.csv", "half")
		now := time.Now()
		if err := os.Chtimes(filepath.Join(w.dir, "drop/orders-2000-01-01.csv"), now, now); err != nil {
			w.Fatal(err)
		}
		w.until("2000-01-01T13:02:00Z", true)
	}},
	{"no-done-marker", why.CauseNoMarker, why.Question{}, func(w *world) {
		w.deploy(orders(withReady(graph.Ready{DoneMarker: "{file}.done"})))
		w.drop("drop/orders-2000-01-01.csv", "b")
		w.until("2000-01-01T13:10:00Z", true)
	}},
	{"queued", why.CauseQueued, why.Question{Run: "courier_group.daily@second"}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders())
		w.until("2000-01-01T10:00:00Z", true)
		for _, name := range []string{"first", "second"} {
			if _, err := w.runtime.Send(w.ctx, store.Command{Verb: store.VerbRun, Group: daily, Token: name, Args: []byte(`{"date":"2000-01-05"}`)}); err != nil {
				w.Fatal(err)
			}
		}
		w.sleepUntil("2000-01-01T10:20:00Z")
	}},
	{"gate", why.CauseGate, why.Question{}, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "b")
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(twoGroups, withProcess("true"), func(g *graph.Graph) {
			g.Couriers = append([]graph.Courier{g.Couriers[0]}, g.Couriers[0])
			g.Couriers[0].Addr, g.Couriers[0].Files = "courier.lake", []graph.File{{Name: "lake", Pattern: "lake-{yyyy}-{MM}-{dd}.csv", Require: graph.RequireEach}}
			g.Groups[1].Members[0].Courier = "courier.lake"
		}))
		w.until("2000-01-01T13:10:00Z", true)
	}},
	{"upstream", why.CauseAbsent, why.Question{Group: lake}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders(twoGroups))
		w.until("2000-01-01T13:10:00Z", true)
	}},
	{"source-error", why.CauseSource, why.Question{}, func(w *world) {
		w.deploy(orders(source(graph.Text("nowhere"))))
		w.until("2000-01-01T13:00:30Z", true)
	}},
	{"misconfigured", why.CauseMisconfigured, why.Question{}, func(w *world) {
		w.deploy(orders(source(graph.Value{{Ref: "secret.where"}}), func(g *graph.Graph) {
			g.Secrets = []graph.Secret{{Name: "where", Env: "WAYBILL_TEST_NOT_SET"}}
		}))
		w.until("2000-01-01T13:10:00Z", true)
	}},
	{"retry-pause", why.CauseRetry, why.Question{}, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "b")
		w.deploy(orders(withProcess("false")))
		w.until("2000-01-01T13:00:30Z", true)
	}},
	{"failed", why.CauseFailed, why.Question{}, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "b")
		w.deploy(orders(withProcess("false"), func(g *graph.Graph) { g.Processes[0].Retry.Attempts = 1 }))
		w.until("2000-01-01T13:10:00Z", true)
	}},
	{"deadline-passed", why.CauseMissing, why.Question{}, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "old")
		w.deploy(orders(withProcess("true")))
		w.until("2000-01-01T15:00:00Z", true)
	}},
	{"passed", why.CauseMissing, why.Question{Run: "courier_group.daily@2000-01-01T13:00:00Z"}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders())
		w.until("2000-01-01T14:10:00Z", false)
		w.drop("drop/orders-2000-01-01.csv", "late")
		w.drop("drop/orders-2000-01-02.csv", "b")
		w.until("2000-01-02T13:10:00Z", false)
	}},
	{"blocked", why.CauseBlocked, why.Question{}, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) {
			start := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
			g.Groups[0].StartFrom = &start
		}))
		w.until("2000-01-01T13:10:00Z", true)
	}},
	{"skipped", why.CauseSkipped, why.Question{Run: "courier_group.daily@2000-01-01T13:00:00Z"}, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "b")
		w.drop("drop/orders-2000-01-02.csv", "b")
		w.deploy(orders())
		w.sleepUntil("2000-01-02T13:10:00Z")
		w.until("2000-01-02T13:20:00Z", false)
	}},
	{"succeeded", why.CauseDone, why.Question{Run: "courier_group.daily@2000-01-01T13:00:00Z", Courier: "orders"}, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "b")
		w.deploy(orders())
		w.until("2000-01-01T13:10:00Z", false)
	}},
	{"stopped", why.CauseStopped, why.Question{}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders(withProcess("true")))
		w.sleepUntil("2000-01-01T12:55:00Z")
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z")
		w.mustDo(store.VerbStop, runtime.StopArgs{Run: firstTick})
		w.sleepUntil("2000-01-01T13:20:00Z")
		stop()
	}},
	{"ignored", why.CauseDone, why.Question{Run: firstTick}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders(withProcess("true")))
		w.sleepUntil("2000-01-01T12:55:00Z")
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:10:00Z")
		w.mustDo(store.VerbIgnore, runtime.IgnoreArgs{Run: firstTick})
		stop()
	}},
	{"asked-for", why.CauseAbsent, why.Question{}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders(withProcess("true")))
		w.until("2000-01-01T10:00:00Z", true)
		if _, err := w.runtime.Send(w.ctx, store.Command{Verb: store.VerbRun, Group: daily, Token: "one", Args: []byte(`{"date":"2000-01-05"}`)}); err != nil {
			w.Fatal(err)
		}
		w.sleepUntil("2000-01-01T10:20:00Z")
	}},
	{"asked-for-missing", why.CauseMissing, why.Question{}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders())
		w.token("one", runtime.RunArgs{Date: "2000-01-05"})
	}},
	{"went-on", why.CauseDone, why.Question{Run: firstTick}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Members[0].OnMissing = graph.OnMissingContinue }))
		w.until("2000-01-01T14:10:00Z", false)
	}},
	{"came-later", why.CauseDone, why.Question{Run: firstTick}, func(w *world) {
		w.deploy(orders(func(g *graph.Graph) { g.Groups[0].Members[0].OnMissing = graph.OnMissingContinue }))
		w.drop("drop/orders-2000-01-02.csv", "b")
		w.sleepUntil("2000-01-01T12:55:00Z")
		stop := w.serve()
		w.sleepUntil("2000-01-01T15:00:00Z")
		w.drop("drop/orders-2000-01-01.csv", "a")
		w.sleepUntil("2000-01-02T13:10:00Z")
		stop()
	}},
	{"courier", why.CauseNotDue, why.Question{Courier: "orders"}, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "b")
		w.drop("drop/orders-2000-01-01b.csv", "another")
		w.deploy(orders())
		w.until("2000-01-01T15:00:00Z", true)
	}},
	{"courier-new", why.CauseNotDue, why.Question{Courier: "orders"}, func(w *world) {
		w.deploy(orders())
		w.until("2000-01-01T09:00:00Z", true)
	}},
	{"left", why.CauseNotServed, why.Question{}, func(w *world) {
		w.drop("drop/x", "")
		w.deploy(orders())
		w.until("2000-01-01T13:10:00Z", false)
	}},
}

// token makes an ad hoc run of a name.
func (w *world) token(name string, args runtime.RunArgs) {
	w.Helper()
	c := store.Command{Verb: store.VerbRun, Group: daily, Token: name, Args: []byte(`{"date":"` + args.Date + `"}`)}
	if _, err := w.runtime.Do(w.ctx, c, nil); err != nil {
		w.Fatal(err)
	}
}

// until serves up to an instant, and leaves the store served or not. The morning
// before goes by unserved: nothing happens in it.
func (w *world) until(text string, served bool) {
	w.Helper()
	from := instant(w.T, text).Truncate(24 * time.Hour).Add(12*time.Hour + 55*time.Minute)
	if before := instant(w.T, text).Add(-5 * time.Minute); before.Before(from) {
		from = before
	}
	if time.Now().Before(from) {
		w.sleepUntil(from.Format(time.RFC3339))
	}
	stop := w.serve()
	w.sleepUntil(text)
	if !served {
		stop()
		return
	}
	w.stop = stop
}

// looks are by chance a little earlier or later; folders are of the test.
var looks = regexp.MustCompile(`((last|next) look  [-0-9]+ \d\d:)\d\d|(number )\d+|(after \d+m)(?:\d+s)?|(again at|comes at)[^(;]*`)

// steady takes from a text what differs from one test to the next.
func (w *world) steady(text string) string {
	return looks.ReplaceAllString(strings.ReplaceAll(text, w.dir, "DIR"), "$1$3$4$5…")
}

// TestWhy holds what is said in every situation that an operator may meet.
func TestWhy(t *testing.T) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				s.make(w)
				if s.ask.Group == "" && s.ask.Run == "" {
					s.ask.Group = daily
				}
				got, err := w.runtime.Why(w.ctx, s.ask)
				if err != nil {
					t.Fatal(err)
				}
				if w.stop != nil {
					w.stop()
				}
				w.same("cause", s.cause, got.Cause)
				w.golden("why/"+s.name+".txt", w.steady(got.Text()))
			})
		})
	}
}

// TestWhyHeld is of a step of which nobody knows whether it was done.
func TestWhyHeld(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("hang.sh", "#!/bin/sh\nexec sleep 1000\n")
		w.deploy(orders(func(g *graph.Graph) {
			send := program("activation.campaign.send", "./hang.sh")
			send.OnUnknown, send.Timeout = graph.OnUnknownHold, hours(1)/3600
			g.Activations, g.Groups[0].Activations = []graph.Step{send}, []graph.Addr{send.Addr}
		}))
		w.token("one", runtime.RunArgs{Date: shipped})
		got, err := w.runtime.Why(w.ctx, why.Question{Group: daily})
		if err != nil {
			t.Fatal(err)
		}
		w.same("cause", why.CauseHeld, got.Cause)
		w.golden("why/held.txt", got.Text())
	})
}

// instants are those of the machine's clock, unlike the range that a test has named.
var instants = regexp.MustCompile(`20\d\d-[-0-9]+ \d\d:\d\d`)

// TestWhyNoRoom is of a step that may begin, beside one for which there was room.
func TestWhyNoRoom(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("hang.sh", "#!/bin/sh\nexec sleep 1000\n")
		w.deploy(orders(withProcess("./hang.sh"), func(g *graph.Graph) {
			g.MaxConcurrent = 1
			g.Processes = append(g.Processes, program("process.other", "./hang.sh"))
			g.Groups[0].Processes = append(g.Groups[0].Processes, "process.other")
		}))
		stop := w.serve()
		ctx, cancel := context.WithCancel(w.ctx)
		run := store.Command{Verb: store.VerbRun, Group: daily, Token: "one", Args: []byte(`{"date":"` + shipped + `"}`)}
		_, err := w.runtime.Do(ctx, run, func(e store.Event) {
			if e.Type == runtime.EventTaskStarted && e.Task != "orders" {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			w.Fatal(err)
		}
		answer, err := w.runtime.Why(w.ctx, why.Question{Group: daily})
		if err != nil {
			w.Fatal(err)
		}
		w.same("cause", why.CauseRoom, answer.Cause)
		w.golden("why/no-room.txt", instants.ReplaceAllString(w.steady(answer.Text()), "…"))
		stop()
	})
}

// TestWhyWorking is of a step that is at work, and of a run that waits for room
// since a step never runs twice at once.
func TestWhyWorking(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("hang.sh", "#!/bin/sh\nexec sleep 1000\n")
		w.deploy(orders(withProcess("./hang.sh"), func(g *graph.Graph) {
			other := g.Groups[0]
			other.Addr = lake
			g.Groups = append(g.Groups, other)
		}))
		stop := w.serve()
		for _, c := range []struct {
			group                graph.Addr
			until, cause, answer string
		}{
			{daily, runtime.EventTaskStarted, why.CauseWorking, "process.mark"},
			{lake, runtime.EventFinalizing, why.CauseRoom, "a step never runs twice at once"},
		} {
			ctx, cancel := context.WithCancel(w.ctx)
			run := store.Command{Verb: store.VerbRun, Group: c.group, Args: []byte(`{"date":"` + shipped + `"}`)}
			_, err := w.runtime.Do(ctx, run, func(e store.Event) {
				if e.Type == c.until && e.Task != "orders" {
					cancel() // it is watched no more, and goes on
				}
			})
			if !errors.Is(err, context.Canceled) {
				w.Fatal(err)
			}
			got, err := w.runtime.Why(w.ctx, why.Question{Group: c.group})
			if err != nil {
				w.Fatal(err)
			}
			w.same("cause", c.cause, got.Cause)
			if !strings.Contains(got.Text(), c.answer) {
				w.Errorf("of %s it says\n%s", c.group, got.Text())
			}
		}
		stop()
	})
}

func TestWhyNeedsSomething(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders())
		run := w.mustRun(runtime.RunArgs{Date: shipped}).Run.Key
		for _, q := range []why.Question{{Group: lake}, {Run: "courier_group.daily@none"}, {Run: run, Courier: "ordres"}, {Group: daily, Courier: "ordres"}} {
			if _, err := w.runtime.Why(w.ctx, q); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%+v: the error is %v", q, err)
			}
		}
	})
}
