package window_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// script plays events against a group that ticks at 13:00 UTC and collects the
// decisions, one line each; instants are days of June 2026.
type script struct {
	tb       testing.TB
	calendar *window.Calendar
	state    window.State
}

func june(t time.Time) string {
	if t.Hour() == 13 && t.Minute() == 0 {
		return t.Format("2")
	}
	return t.Format("2T15:04")
}

func name(key string) string {
	if _, instant, ok := strings.Cut(key, "@"); ok {
		return june(at(instant))
	}
	return key
}

func (s *script) play(e window.Event) string {
	s.tb.Helper()
	before := s.state
	before.Open = slices.Clone(s.state.Open)
	next, decisions := s.calendar.Step(s.state, e)
	if diff := cmp.Diff(before, s.state); diff != "" {
		s.tb.Fatalf("Step changed its input:\n%s", diff)
	}
	again, _ := s.calendar.Step(s.state, e)
	if diff := cmp.Diff(next, again); diff != "" {
		s.tb.Fatalf("Step is not a function:\n%s", diff)
	}
	s.state = next
	var out []string
	for _, d := range decisions {
		switch d := d.(type) {
		case window.Expect:
			out = append(out, "expect "+june(d.Firing.Instant))
		case window.Unexpect:
			out = append(out, "unexpect "+june(d.At))
		case window.Take:
			text := "take " + name(d.Key)
			if d.Keep {
				text += " keep"
			}
			if !d.Since.Equal(d.Firing.Instant) {
				text += " since " + june(d.Since)
			}
			out = append(out, text)
		case window.Skip:
			text := "skip " + name(d.Key)
			if d.Into != "" {
				text += " into " + name(d.Into)
			}
			if d.Why == "" {
				s.tb.Errorf("no reason for %+v", d)
			}
			out = append(out, text)
		case window.Start:
			out = append(out, "start "+name(d.Key))
		case window.Cancel:
			out = append(out, "cancel "+name(d.Key))
		case window.Advance:
			out = append(out, "advance "+june(d.Through))
		default:
			s.tb.Fatalf("unknown decision %T", d)
		}
	}
	return strings.Join(out, ", ")
}

// event reads "due 16", "due 16T14:00", "deploy 15", "resume 20", "pause",
// "end 15", "block 15", "unblock 15", "ask x"; days stand for 13:00.
func event(text string) window.Event {
	verb, arg, _ := strings.Cut(text, " ")
	instant := func() time.Time {
		day, clock, ok := strings.Cut(arg, "T")
		if !ok {
			clock = "13:00"
		}
		return at(fmt.Sprintf("2026-06-%02sT%sZ", day, clock))
	}
	key := arg
	if arg != "" && arg[0] >= '0' && arg[0] <= '9' {
		key = graph.RunKey("courier_group.daily", instant().Format(time.RFC3339))
	}
	switch verb {
	case "due":
		return window.Due{Now: instant()}
	case "deploy":
		return window.Deployed{Now: instant()}
	case "resume":
		return window.Resumed{Now: instant()}
	case "pause":
		return window.Paused{}
	case "end":
		return window.Ended{Key: key}
	case "block":
		return window.Blocked{Key: key}
	case "unblock":
		return window.Unblocked{Key: key}
	case "ask":
		return window.Asked{Key: key}
	}
	panic("event: " + text)
}

func TestStep(t *testing.T) {
	t.Parallel()
	set := func(overlap, catchUp string) func(*graph.Group) {
		return func(g *graph.Group) {
			if overlap != "" {
				g.Overlap = overlap
			}
			if catchUp != "" {
				g.CatchUp = catchUp
			}
		}
	}
	for _, test := range []struct {
		name string
		edit func(*graph.Group)
		play [][2]string // event, decisions
	}{
		{"one run after the other", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15T12:59", ""},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 15", ""},
			{"end 15", ""},
			{"due 16T13:05", "take 16, expect 17, start 16"},
		}},
		{"deployed at the instant of a tick", nil, [][2]string{{"deploy 15", "expect 16"}}},

		{"catch-up: coalesce", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 18T14:00", "skip 15 into 18, skip 16 into 18, skip 17 into 18, take 18 since 15, expect 19, start 18"},
		}},
		{"catch-up: each", set("", graph.Each), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 17T14:00", "take 15 keep, take 16 keep, take 17 keep, expect 18, start 15"},
			{"end 15", "start 16"},
			{"due 18", "take 18, expect 19"},
			{"due 19", "skip 18 into 19, take 19, expect 20"},
			{"end 16", "start 17"},
			{"end 17", "start 19"},
		}},
		{"catch-up: skip", set("", graph.SkipCatchUp), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 18T14:00", "skip 15, skip 16, skip 17, advance 17, take 18, expect 19, start 18"},
		}},
		{"catch-up: a single late tick is no catch-up", set("", graph.SkipCatchUp), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 16T12:59", "take 15, expect 16, start 15"},
		}},

		{"overlap: buffer one", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "take 16, expect 17"},
			{"due 17", "skip 16 into 17, take 17, expect 18"},
			{"end 15", "start 17"},
			{"end 17", ""},
		}},
		{"overlap: buffer all", set(graph.BufferAll, ""), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "take 16, expect 17"},
			{"due 17", "take 17, expect 18"},
			{"end 15", "start 16"},
			{"end 16", "start 17"},
		}},
		{"overlap: skip", set(graph.SkipOverlap, ""), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "skip 16, expect 17"},
			{"end 15", ""},
			{"due 17", "take 17, expect 18, start 17"},
		}},
		{"overlap: cancel other", set(graph.CancelOther, ""), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "cancel 15, take 16, expect 17"},
			{"due 17", "skip 16 into 17, take 17, expect 18"},
			{"end 15", "start 17"},
		}},
		{"overlap: cancel other leaves what was asked for", set(graph.CancelOther, ""), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"ask x", "start x"},
			{"due 15", "take 15, expect 16"},
			{"end x", "start 15"},
		}},
		{"overlap: skip counts what was asked for", set(graph.SkipOverlap, ""), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"ask x", "start x"},
			{"due 15", "skip 15, expect 16"},
		}},

		{"holder gone during a run: coalesce, buffer one", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "take 16, expect 17"},
			{"due 19", "skip 17 into 19, skip 18 into 19, skip 16 into 19, take 19 since 17, expect 20"},
			{"end 15", "start 19"},
		}},
		{"holder gone during a run: coalesce, skip", set(graph.SkipOverlap, ""), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 18", "skip 16, skip 17, skip 18, expect 19"},
		}},
		{"holder gone during a run: each, skip", set(graph.SkipOverlap, graph.Each), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 17", "take 16 keep, take 17 keep, expect 18"},
			{"due 18", "skip 18, expect 19"},
			{"end 15", "start 16"},
		}},
		{"holder gone during a run: skip, cancel other", set(graph.CancelOther, graph.SkipCatchUp), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 18", "skip 16, skip 17, cancel 15, take 18, expect 19"},
			{"end 15", "start 18"},
		}},

		{"holder gone with a run waiting: skip passes nothing over", set(graph.BufferAll, graph.SkipCatchUp), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "take 16, expect 17"},
			{"due 19", "skip 17, skip 18, take 19, expect 20"},
			{"end 15", "start 16"},
			{"end 16", "start 19"},
		}},

		{"asked: in order", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"ask x", ""},
			{"ask y", ""},
			{"ask x", ""},
			{"due 16", "take 16, expect 17"},
			{"due 17", "skip 16 into 17, take 17, expect 18"},
			{"end 15", "start x"},
			{"end x", "start y"},
			{"end y", "start 17"},
		}},

		{"pause holds ticks, not what was asked for", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"pause", ""},
			{"due 15", ""},
			{"due 16", ""},
			{"ask x", "start x"},
			{"end x", ""},
			{"resume 17T15:00", "skip 15 into 17, skip 16 into 17, take 17 since 15, expect 18, start 17"},
		}},
		{"pause holds a waiting tick", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "take 16, expect 17"},
			{"pause", ""},
			{"end 15", ""},
			{"resume 16T20:00", "start 16"},
		}},
		{"resume after the next tick", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "take 16, expect 17"},
			{"pause", ""},
			{"end 15", ""},
			{"resume 17", "skip 16 into 17, take 17, expect 18, start 17"},
		}},

		{"blocked: later ticks coalesce into it", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"due 16", "take 16, expect 17"},
			{"block 15", "skip 16 into 15"},
			{"due 18", "skip 17 into 15, skip 18 into 15, expect 19"},
			{"ask backfill", "start backfill"},
			{"due 19", "skip 19 into 15, expect 20"},
			{"end backfill", ""},
			{"unblock 15", "start 15"},
			{"end 15", ""},
			{"due 20", "take 20, expect 21, start 20"},
		}},
		{"blocked: ended by an operator", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"block 15", ""},
			{"end 15", ""},
			{"due 16", "take 16, expect 17, start 16"},
		}},
		{"blocked: the rest of a catch-up", set("", graph.Each), [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 17", "take 15 keep, take 16 keep, take 17 keep, expect 18, start 15"},
			{"ask x", ""},
			{"block 15", "skip 16 into 15, skip 17 into 15, start x"},
		}},
		{"blocked: not what was asked for", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"ask x", "start x"},
			{"due 15", "take 15, expect 16"},
			{"block x", "start 15"},
			{"due 16", "take 16, expect 17"},
		}},
		{"blocked and again", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"block 15", ""},
			{"unblock 15", "start 15"},
			{"unblock 15", ""},
			{"block nobody", ""},
		}},

		{"deploy: again and again", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"deploy 15T11:00", ""},
			{"deploy 15T12:59", ""},
		}},
		{"deploy: a due tick stays", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"deploy 15T13:30", ""},
			{"due 15T13:31", "take 15, expect 16, start 15"},
		}},
		{"deploy: the clock was set back", nil, [][2]string{
			{"deploy 15T10:00", "expect 15"},
			{"due 15", "take 15, expect 16, start 15"},
			{"deploy 15T12:00", ""},
		}},
		{"inactive", func(g *graph.Group) { g.Active = false }, [][2]string{
			{"deploy 15T10:00", ""}, {"due 16", ""}, {"resume 16", ""}, {"ask x", "start x"}, {"end x", ""},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &script{tb: t, calendar: calendar(t, test.edit)}
			for _, line := range test.play {
				if diff := cmp.Diff(line[1], s.play(event(line[0]))); diff != "" {
					t.Fatalf("%s: -want +got:\n%s", line[0], diff)
				}
			}
		})
	}
}

// A deployment derives the row of the next tick anew, whatever it changes.
func TestStepDeploysAnotherGroup(t *testing.T) {
	t.Parallel()
	daily := calendar(t, nil)
	for _, test := range []struct {
		name    string
		next    *window.Calendar
		first   string
		deploy  string
		want    string
		queued  string // decisions with a waiting tick besides
		holding string // an event after it
		then    string
	}{
		{"another time, not due", calendar(t, zoned("0 18 * * *", "UTC")), "15T10:00", "15T11:00", "unexpect 15, expect 15T18:00", "unexpect 17, expect 16T18:00", "due 15T18:00", "take 15T18:00, expect 16T18:00, start 15T18:00"},
		{"another time, due", calendar(t, zoned("0 18 * * *", "UTC")), "15T10:00", "15T14:00", "", "unexpect 17, expect 16T18:00", "due 15T14:01", "take 15, expect 15T18:00, start 15"},
		{"another time, due for long", calendar(t, zoned("0 18 * * *", "UTC")), "15T10:00", "15T14:00", "", "unexpect 17, expect 16T18:00", "due 16T20:00", "skip 15 into 16T18:00, skip 15T18:00 into 16T18:00, take 16T18:00 since 15, expect 17T18:00, start 16T18:00"},
		{"inactive", calendar(t, func(g *graph.Group) { g.Active = false }), "15T10:00", "15T11:00", "unexpect 15", "unexpect 17, skip 16", "due 16", ""},
		{"inactive, due", calendar(t, func(g *graph.Group) { g.Active = false }), "15T10:00", "15T14:00", "skip 15", "unexpect 17, skip 16", "due 16", ""},
		{"no schedule", calendar(t, zoned("", "UTC")), "15T10:00", "15T11:00", "unexpect 15", "unexpect 17, skip 16", "due 16", ""},
		{"gone", nil, "15T10:00", "15T11:00", "unexpect 15", "unexpect 17, skip 16", "due 16", ""},
		{"gone, due", nil, "15T10:00", "15T14:00", "unexpect 15", "unexpect 17, skip 16", "due 16", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &script{tb: t, calendar: daily}
			s.play(event("deploy " + test.first))
			s.calendar = test.next
			if diff := cmp.Diff(test.want, s.play(event("deploy "+test.deploy))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.then, s.play(event(test.holding))); diff != "" {
				t.Errorf("then: -want +got:\n%s", diff)
			}

			s = &script{tb: t, calendar: daily}
			for _, e := range []string{"deploy 15T10:00", "due 15", "due 16", "ask x"} {
				s.play(event(e))
			}
			s.calendar = test.next
			if diff := cmp.Diff(test.queued, s.play(event("deploy 16T14:00"))); diff != "" {
				t.Errorf("with a run waiting: -want +got:\n%s", diff)
			}
		})
	}
}

func TestStepReasons(t *testing.T) {
	t.Parallel()
	s := &script{tb: t, calendar: calendar(t, nil)}
	s.play(event("deploy 15T10:00"))
	_, decisions := s.calendar.Step(s.state, event("due 16"))
	want := []window.Decision{
		window.Skip{Firing: firing("2026-06-15T13:00Z"), Key: "courier_group.daily@2026-06-15T13:00:00Z",
			Into: "courier_group.daily@2026-06-16T13:00:00Z", Why: "coalesced into courier_group.daily@2026-06-16T13:00:00Z"},
		window.Take{Firing: firing("2026-06-16T13:00Z"), Key: "courier_group.daily@2026-06-16T13:00:00Z", Since: at("2026-06-15T13:00Z")},
		window.Expect{Firing: firing("2026-06-17T13:00Z")},
		window.Start{Key: "courier_group.daily@2026-06-16T13:00:00Z"},
	}
	if diff := cmp.Diff(want, decisions); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A retry of an earlier run has still to read what catch_up = "skip" would pass
// over: nothing is. An ad hoc run has nothing to do with it.
func TestStepPassesNothingOverBeforeARetry(t *testing.T) {
	t.Parallel()
	g := graph.Group{
		Addr: "courier_group.g", Schedule: "0 6 * * *", Timezone: "UTC", Active: true, Overlap: graph.BufferOne, CatchUp: graph.SkipCatchUp,
		DST: graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"},
	}
	c, err := window.NewCalendar(&g)
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Date(2026, 6, n, 6, 0, 0, 0, time.UTC) }
	for _, test := range []struct {
		name string
		open []window.Open
		want bool
	}{
		{"alone", nil, true},
		{"an ad hoc run", []window.Open{{Key: "a", Status: window.StatusRunning, Keep: true, Asked: true}}, true},
		{"a retry", []window.Open{{Key: "r", Tick: day(14), Status: window.StatusRunning, Keep: true, Asked: true}}, false},
	} {
		_, decisions := c.Step(window.State{Expected: day(15), Open: test.open}, window.Due{Now: day(18)})
		advanced := false
		for _, d := range decisions {
			_, is := d.(window.Advance)
			advanced = advanced || is
		}
		if advanced != test.want {
			t.Errorf("%s: %v", test.name, decisions)
		}
	}
}
