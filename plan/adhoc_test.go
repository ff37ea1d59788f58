package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
)

const dailyGroup = graph.Addr("courier_group.daily")

// asked is a question about a run of the daily group, with facts about what its
// courier orders would find on 2026-11-20.
func asked(edits ...func(*plan.AdHocInput)) plan.AdHocInput {
	in := plan.AdHocInput{
		Graph: daily("0 6 * * *", losAngeles), Group: dailyGroup, Ask: window.Ask{Date: "2026-11-20"}, Tool: "0.1.0",
		Facts: graph.Facts{Group: dailyGroup, At: at("2026-11-21T12:00:00Z"), Serial: 7, Couriers: []graph.CourierFacts{{
			Courier: "orders", Place: "drop", LookedAt: at("2026-11-21T12:00:00Z"),
			Objects: []graph.Object{{Path: "2026-11-20.csv", Size: 10, ModTime: at("2026-11-21T01:00:00Z")}},
		}}},
	}
	for _, edit := range edits {
		edit(&in)
	}
	return in
}

func adhoc(t *testing.T, in plan.AdHocInput) *plan.AdHoc {
	t.Helper()
	a, err := plan.MakeAdHoc(in)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func landing(run, version string) graph.Landing {
	return graph.Landing{Path: "2026-11-20.csv", Version: version, Run: run, File: "orders", Date: "2026-11-20", Size: 9, At: at("2026-11-20T09:00:00Z")}
}

const thisVersion = "size:10,modified:2026-11-21T01:00:00Z"

// What becomes of the one file of a run, by what is known of it.
func TestAdHocFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edit func(*plan.AdHocInput, *graph.CourierFacts)
		want string
	}{
		{"there", func(*plan.AdHocInput, *graph.CourierFacts) {}, "lands: lands 2026-11-20.csv"},
		{"landed", func(_ *plan.AdHocInput, f *graph.CourierFacts) {
			f.Landings = []graph.Landing{landing("r1", thisVersion)}
		},
			"lands: landed 2026-11-20.csv by r1"},
		{"landed twice", func(_ *plan.AdHocInput, f *graph.CourierFacts) {
			f.Landings = []graph.Landing{landing("r1", thisVersion), landing("r2", thisVersion)}
		}, "lands: landed 2026-11-20.csv by r2"},
		{"changed since", func(_ *plan.AdHocInput, f *graph.CourierFacts) { f.Landings = []graph.Landing{landing("r1", "size:9")} },
			"lands: lands 2026-11-20.csv by r1"},
		{"reload", func(in *plan.AdHocInput, f *graph.CourierFacts) {
			in.Reload, f.Landings = true, []graph.Landing{landing("r1", thisVersion)}
		}, "lands: lands 2026-11-20.csv by r1 again"},
		{"gone", func(_ *plan.AdHocInput, f *graph.CourierFacts) {
			f.Objects, f.Landings = nil, []graph.Landing{landing("r1", thisVersion)}
		}, "waits: missing 2026-11-20.csv by r1"},
		{"absent", func(_ *plan.AdHocInput, f *graph.CourierFacts) { f.Objects = nil }, "waits: missing 2026-11-20.csv"},
		{"absent, no wait", func(in *plan.AdHocInput, f *graph.CourierFacts) {
			in.Graph.Groups[0].Members[0].Wait, f.Objects = 0, nil
		}, "missing: missing 2026-11-20.csv"},
		{"changing", func(in *plan.AdHocInput, _ *graph.CourierFacts) {
			in.Graph.Couriers[0].Ready.StableFor = graph.Duration(24 * time.Hour)
		}, "waits: not_ready 2026-11-20.csv (still changing), settles 2026-11-22T01:00:00Z"},
		{"changing, no wait", func(in *plan.AdHocInput, _ *graph.CourierFacts) {
			in.Graph.Groups[0].Members[0].Wait, in.Graph.Couriers[0].Ready.StableFor = 0, graph.Duration(24*time.Hour)
		}, "waits: not_ready 2026-11-20.csv (still changing), settles 2026-11-22T01:00:00Z"},
		{"changing, and another is absent", func(in *plan.AdHocInput, _ *graph.CourierFacts) {
			in.Graph.Couriers[0].Ready.StableFor = graph.Duration(24 * time.Hour)
			in.Graph.Couriers[0].Files = append(in.Graph.Couriers[0].Files, graph.File{Name: "rows", Pattern: "rows-{yyyy}-{MM}-{dd}.csv"})
		}, "waits: not_ready 2026-11-20.csv (still changing), missing rows-2026-11-20.csv"},
		{"changing, and an optional one is absent", func(in *plan.AdHocInput, _ *graph.CourierFacts) {
			in.Graph.Couriers[0].Ready.StableFor = graph.Duration(24 * time.Hour)
			in.Graph.Couriers[0].Files = append(in.Graph.Couriers[0].Files, graph.File{Name: "rows", Pattern: "rows-{yyyy}-{MM}-{dd}.csv", Optional: true})
		}, "waits: not_ready 2026-11-20.csv (still changing), missing rows-2026-11-20.csv, settles 2026-11-22T01:00:00Z"},
		{"no marker", func(in *plan.AdHocInput, _ *graph.CourierFacts) {
			in.Graph.Couriers[0].Ready.DoneMarker = "{file}.done"
		}, "waits: not_ready 2026-11-20.csv (no done marker)"},
		{"marker", func(in *plan.AdHocInput, f *graph.CourierFacts) {
			in.Graph.Couriers[0].Ready.DoneMarker = "{file}.done"
			f.Objects = append(f.Objects, graph.Object{Path: "2026-11-20.csv.done"})
		}, "lands: lands 2026-11-20.csv"},
		{"in no manifest", func(in *plan.AdHocInput, f *graph.CourierFacts) {
			in.Graph.Couriers[0].Ready.Manifest = "SUMS"
			f.Objects = append(f.Objects, graph.Object{Path: "SUMS"})
			f.Manifests = []graph.Manifest{{Path: "SUMS", Files: []graph.ListedFile{{Path: "2026-11-21.csv"}}}}
		}, "waits: not_ready 2026-11-20.csv (not in its manifest)"},
		{"in a manifest that lists more", func(in *plan.AdHocInput, f *graph.CourierFacts) {
			in.Graph.Couriers[0].Ready.Manifest, in.Graph.Couriers[0].Files[0].Pattern = "SUMS", "{yyyy}-{MM}-{dd}*.csv"
			f.Objects = append(f.Objects, graph.Object{Path: "SUMS"})
			f.Manifests = []graph.Manifest{{Path: "SUMS", Files: []graph.ListedFile{{Path: "2026-11-20.csv"}, {Path: "2026-11-20b.csv"}}}}
		}, "waits: lands 2026-11-20.csv as SUMS says, missing 2026-11-20b.csv"},
		{"too small", func(in *plan.AdHocInput, _ *graph.CourierFacts) {
			in.Graph.Couriers[0].Ready.MinSize = 1e6
		}, "waits: not_ready 2026-11-20.csv (too small)"},
		{"not looked", func(_ *plan.AdHocInput, f *graph.CourierFacts) {
			f.LookedAt, f.NotLooked, f.Objects = time.Time{}, "it burns", nil
		},
			"unknown: not looked: it burns"},
		{"program", func(in *plan.AdHocInput, f *graph.CourierFacts) {
			in.Graph.Couriers[0].Filedrop, in.Graph.Couriers[0].Files, in.Graph.Couriers[0].Exec = nil, nil, &graph.Exec{}
			*f = graph.CourierFacts{Courier: "orders", NotLooked: "it is a program"}
		}, "runs: not looked: it is a program"},
		{"by arrival", func(in *plan.AdHocInput, f *graph.CourierFacts) {
			in.Graph.Groups[0].Schedule, in.Ask = "", window.Ask{}
			in.Graph.Couriers[0].Files[0].Pattern = "*.csv"
			f.Objects = append(f.Objects, graph.Object{Path: "a.csv", Seen: true}, graph.Object{Path: "b.csv", Size: 1})
			f.Landings = []graph.Landing{landing("r1", thisVersion)}
		}, "lands: landed 2026-11-20.csv by r1, passed a.csv, lands b.csv"},
		{"of an empty range", func(in *plan.AdHocInput, _ *graph.CourierFacts) {
			in.Ask = window.Ask{From: "2026-11-20T01:00:00Z", To: "2026-11-20T02:00:00Z"}
		}, "lands:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := asked()
			c.edit(&in, &in.Facts.Couriers[0])
			if got := filesOf(adhoc(t, in).Couriers[0]); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func filesOf(c plan.AdHocPull) string {
	var list []string
	for _, f := range c.Files {
		s := f.State + " " + f.Name
		if f.Landed != nil {
			s += " by " + f.Landed.Run
		}
		if f.Again {
			s += " again"
		}
		if f.Manifest != "" {
			s += " as " + f.Manifest + " says"
		}
		if f.Why != "" {
			s += " (" + f.Why + ")"
		}
		list = append(list, s)
	}
	if c.NotLooked != "" {
		list = append(list, "not looked: "+c.NotLooked)
	}
	if !c.Settles.IsZero() {
		list = append(list, "settles "+c.Settles.Format(time.RFC3339))
	}
	return strings.TrimSpace(c.Then + ": " + strings.Join(list, ", "))
}

// When the run begins, by what stands before it and who is there.
func TestAdHocStart(t *testing.T) {
	t.Parallel()
	run := func(key, state string, byHand bool) graph.QueuedRun {
		return graph.QueuedRun{Key: key, State: state, Asked: byHand}
	}
	for _, c := range []struct {
		name   string
		open   []graph.QueuedRun
		paused bool
		served string // what comes of it where somebody serves
		alone  string
	}{
		{"free", nil, false, "now", "now"},
		{"paused", nil, true, "now", "now"},
		{"running", []graph.QueuedRun{run("a", "running", false)}, false, "queued a", "refused a"},
		{"running and queued", []graph.QueuedRun{run("a", "stopping", false), run("b", "waiting", true)}, false, "queued a b", "refused a b"},
		{"queued under a pause", []graph.QueuedRun{run("a", "waiting", false)}, true, "now", "refused a"},
		{"blocked", []graph.QueuedRun{run("a", "blocked", false)}, false, "now", "refused a"},
	} {
		for _, held := range []bool{true, false} {
			a := adhoc(t, asked(func(in *plan.AdHocInput) {
				in.Facts.Held, in.Facts.Open = held, c.open
				if c.paused {
					in.Facts.Paused = &graph.Pause{Group: dailyGroup, By: "ann", At: in.Facts.At}
				}
			}))
			got := []string{a.Start.State}
			for _, r := range a.Start.Ahead {
				got = append(got, r.Key)
			}
			want := c.alone
			if held {
				want = c.served
			}
			if s := strings.Join(got, " "); s != want || a.Start.Served != held {
				t.Errorf("%s, served %v: %s, want %s", c.name, held, s, want)
			}
		}
	}
}

// withSteps gives the daily group a step of every kind.
func withSteps(in *plan.AdHocInput) {
	g := in.Graph
	g.Bridges = []graph.Step{{Addr: "bridge.in"}}
	g.Processes = []graph.Step{{Addr: "process.a", RequireComplete: true}, {Addr: "process.b", After: []graph.Addr{"process.a"}}}
	g.Activations = []graph.Step{{Addr: "activation.campaign.mail"}}
	g.Groups[0].Bridges = []graph.Addr{"bridge.in"}
	g.Groups[0].Processes = []graph.Addr{"process.a", "process.b"}
	g.Groups[0].Activations = []graph.Addr{"activation.campaign.mail"}
	in.Facts.Steps = []graph.StepFacts{{Step: "process.b", Files: 3, Bytes: 30}}
}

func TestAdHocSteps(t *testing.T) {
	t.Parallel()
	optional := func(in *plan.AdHocInput) {
		in.Graph.Couriers[0].Files = append(in.Graph.Couriers[0].Files, graph.File{Name: "more", Pattern: "more-{yyyy}{MM}{dd}.csv", Optional: true})
	}
	gone := func(in *plan.AdHocInput) { in.Facts.Couriers[0].Objects = nil }
	hasty := func(in *plan.AdHocInput) { in.Graph.Groups[0].Members[0].Wait = 0 }
	for _, c := range []struct {
		name  string
		edits []func(*plan.AdHocInput)
		want  []string
	}{
		{"all is there", nil, []string{"runs 0", "runs 1", "runs 4", "runs 1"}},
		{"--load-only", []func(*plan.AdHocInput){func(in *plan.AdHocInput) { in.LoadOnly = true }}, []string{"runs 0", "off 0", "off 0", "off 0"}},
		{"refresh", []func(*plan.AdHocInput){func(in *plan.AdHocInput) { in.Graph.Groups[0].RunType = graph.RunRefresh }},
			[]string{"runs 0", "runs 1", "runs 4", "off 0"}},
		{"something optional is missing", []func(*plan.AdHocInput){optional}, []string{"runs 0", "skipped 1", "skipped 4", "skipped 1"}},
		{"it waits", []func(*plan.AdHocInput){gone}, []string{"runs 0", "depends 0", "depends 3", "depends 0"}},
		{"it is missing", []func(*plan.AdHocInput){gone, hasty}, []string{"runs 0", "skipped 0", "skipped 3", "skipped 0"}},
	} {
		var got []string
		for _, s := range adhoc(t, asked(append([]func(*plan.AdHocInput){withSteps}, c.edits...)...)).Steps {
			got = append(got, fmt.Sprint(s.State, " ", s.Files))
			if (s.State == plan.StepRuns) != (s.Why == "") {
				t.Errorf("%s: %s %s, why: %q", c.name, s.Step, s.State, s.Why)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: bridge, processes, activation (-want +got):\n%s", c.name, diff)
		}
	}
}

// What is unusual about a run is said.
func TestAdHocNotes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		edit func(*plan.AdHocInput)
		want string
	}{
		{func(in *plan.AdHocInput) { in.Ask = window.Ask{Date: "2026-12-01"} }, "The range of orders lies in the future."},
		{func(in *plan.AdHocInput) { in.Ask = window.Ask{Date: "2026-11-21"} }, "The range of orders ends in the future."},
		{func(in *plan.AdHocInput) { in.Ask = window.Ask{From: "2026-01-01", To: "2026-11-01"} }, "longer than max_range, 31d. That blocks scheduled runs, and not this one."},
		{func(in *plan.AdHocInput) { in.Facts.Couriers[0].Watermark = at("2026-11-20T14:00:00Z") }, "yet to read from the watermark of orders on"},
		{func(in *plan.AdHocInput) {
			in.Facts.Paused = &graph.Pause{Group: dailyGroup, By: "ann", At: in.Facts.At}
		}, "is paused since 2026-11-21T12:00:00Z by ann. That holds its schedule, and not this run."},
		{func(in *plan.AdHocInput) { in.Graph.Groups[0].Active = false }, "is not active."},
		{func(in *plan.AdHocInput) {
			in.Facts.Held, in.Facts.Open = true, []graph.QueuedRun{{Key: "courier_group.daily@t", State: "blocked"}}
		}, "This run neither waits for it nor ends it"},
		{func(in *plan.AdHocInput) { in.SLA = true }, "has no sla"},
		{func(in *plan.AdHocInput) { in.Edited = true }, "A run goes by what is applied."},
		{func(in *plan.AdHocInput) {
			withSteps(in)
			in.Facts.Couriers[0].Landings = []graph.Landing{landing("r1", thisVersion)}
		}, "Nothing new lands. The steps run all the same."},
	} {
		a := adhoc(t, asked(c.edit))
		if !slices.ContainsFunc(a.Notes, func(n string) bool { return strings.Contains(n, c.want) }) {
			t.Errorf("%q is not said in %q", c.want, a.Notes)
		}
	}
	if usual := adhoc(t, asked()); len(usual.Notes) > 0 {
		t.Errorf("of a usual run is said %q", usual.Notes)
	}
}

// Of a day to come is said until when its files are awaited.
func TestToCome(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]string{
		"2026-11-20": "",
		"2026-11-21": "The range of orders ends in the future: files that are not there are awaited until 2026-11-21 04:30 PST, if it starts now.",
		"2026-12-01": "The range of orders lies in the future: files that are not there are awaited until 2026-11-21 04:30 PST, if it starts now.",
	} {
		a := adhoc(t, asked(func(in *plan.AdHocInput) { in.Ask = window.Ask{Date: date} }))
		if got := strings.Join(a.ToCome(), "\n"); got != want {
			t.Errorf("%s: %q, want %q", date, got, want)
		}
	}
	hasty := adhoc(t, asked(func(in *plan.AdHocInput) {
		in.Ask, in.Graph.Groups[0].Members[0].Wait = window.Ask{Date: "2026-12-01"}, 0
	}))
	if got := strings.Join(hasty.ToCome(), "\n"); got != "The range of orders lies in the future: files that are not there are not awaited." {
		t.Errorf("without a wait: %q", got)
	}
}

func TestAdHocRefused(t *testing.T) {
	t.Parallel()
	_, err := plan.MakeAdHoc(asked(func(in *plan.AdHocInput) { in.Ask.All = true }))
	var no *window.AskError
	if !errors.As(err, &no) {
		t.Errorf("two forms at once: %v", err)
	}
	for _, edit := range []func(*plan.AdHocInput){
		func(in *plan.AdHocInput) { in.Group = "courier_group.dayly" },
		func(in *plan.AdHocInput) { in.Couriers = []string{"ordres"} },
	} {
		if a, err := plan.MakeAdHoc(asked(edit)); err == nil {
			t.Errorf("planned %+v", a)
		}
	}
}

// The JSON contract: the keys that others read, and no null.
func TestAdHocJSON(t *testing.T) {
	t.Parallel()
	text := asJSON(t, adhoc(t, asked(withSteps)))
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"format_version", "tool", "tzdata", "at", "group", "serial", "timezone", "file_dates", "data", "start", "couriers", "steps", "summary", "moves_watermarks"} {
		if document[key] == nil {
			t.Errorf("there is no %q", key)
		}
	}
	courier := document["couriers"].([]any)[0].(map[string]any)
	for _, key := range []string{"courier", "name", "source", "range", "expected", "files", "then", "wait", "deadline", "on_missing"} {
		if courier[key] == nil {
			t.Errorf("a courier has no %q", key)
		}
	}
	if empty := asJSON(t, adhoc(t, asked(func(in *plan.AdHocInput) { in.Graph.Groups[0].Members = nil }))); strings.Contains(string(empty), "null") {
		t.Errorf("a list is null: %s", empty)
	}
	var back plan.AdHoc
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(asJSON(t, &back))); diff != "" {
		t.Error(diff)
	}
}
