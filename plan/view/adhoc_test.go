package view_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

// adhocCases are runs that people ask for. Each has golden files of its name.
var adhocCases = []struct {
	name string
	in   func() plan.AdHocInput
}{
	{"adhoc", adhocInput},
	{"adhoc-range", func() plan.AdHocInput {
		in := adhocInput()
		in.Ask, in.Facts.Held = window.Ask{From: "2026-10-20", To: "2026-11-21", ApplyOffsets: true}, true
		in.Facts.Paused = &graph.Pause{Group: "courier_group.daily", By: "ana@laptop", At: at("2026-11-19T08:00:00Z")}
		in.Facts.Open = []graph.QueuedRun{
			{Key: "courier_group.daily@2026-11-20T22:00:00Z", State: "running"}, {Key: "courier_group.daily@again", State: "waiting", Asked: true},
		}
		orders := in.Facts.Courier("orders")
		for day := at("2026-10-20T09:00:00Z"); day.Before(at("2026-11-19T00:00:00Z")); day = day.Add(24 * time.Hour) {
			orders.Objects = append(orders.Objects, graph.Object{Path: day.Format("orders-2006-01-02.csv"), Size: 1_200_000 + int64(day.Day()), ModTime: day})
		}
		return in
	}},
	{"adhoc-refused", func() plan.AdHocInput {
		in := adhocInput()
		in.Ask, in.Couriers, in.LoadOnly = window.Ask{}, []string{"orders"}, true
		in.Facts.Open = []graph.QueuedRun{{Key: "courier_group.daily@2026-11-20T22:00:00Z", State: "running"}}
		in.Facts.Courier("orders").NotLooked, in.Facts.Courier("orders").LookedAt = "open source drop: the folder drop does not exist", time.Time{}
		return in
	}},
	{"adhoc-changing", func() plan.AdHocInput {
		in := adhocInput()
		in.Couriers = []string{"orders", "partner"}
		in.Graph.Groups[0].Members[2].Wait = 0
		in.Facts.Courier("orders").Landings = nil
		for _, name := range in.Couriers {
			objects := in.Facts.Courier(name).Objects
			for i := range objects {
				objects[i].ModTime = in.Facts.At.Add(-4 * time.Second)
			}
			in.Graph.Courier(graph.NewAddr(graph.KindCourier, name)).Ready.StableFor = graph.Duration(10 * time.Second)
		}
		return in
	}},
	{"adhoc-all", func() plan.AdHocInput {
		in := adhocInput()
		in.Ask, in.Reload = window.Ask{All: true}, true
		return in
	}},
}

// adhocInput is a day of which something has landed, something came later,
// something is missing and something cannot be listed.
func adhocInput() plan.AdHocInput {
	g := workspace(func(g *graph.Graph) {
		g.Couriers = []graph.Courier{
			rest("crm", "https://crm.example.com/export"),
			filedrop("orders", "drop", file("orders", "orders-{yyyy}-{MM}-{dd}.csv"), optional("returns", "returns-{yyyy}-{MM}-{dd}.csv")),
			filedrop("partner", "partner", file("catalog", "{yyyy}/{MM}/{dd}/catalog-of-the-partner-with-a-long-name-*.csv.gz")),
		}
		g.Processes = []graph.Step{{Addr: "process.stitch"}}
		g.Activations = []graph.Step{{Addr: "activation.campaign.winback", RequireComplete: true}}
		daily := group("daily", "0 14 * * *", losAngeles, member("crm", 0, graph.Offset{}), member("orders", hours(2), graph.Offset{Days: 1}), member("partner", hours(1), graph.Offset{}))
		daily.FileDates, daily.Processes, daily.Activations = losAngeles, []graph.Addr{"process.stitch"}, []graph.Addr{"activation.campaign.winback"}
		daily.After = []graph.After{{Name: "lake", Group: "courier_group.lake"}}
		daily.Members[2].OnMissing = graph.OnMissingContinue
		g.Groups = []graph.Group{daily}
	})
	now := at("2026-11-20T23:30:00Z")
	partner := "2026/11/19/catalog-of-the-partner-with-a-long-name-%d.csv.gz"
	return plan.AdHocInput{
		Graph: g, Group: "courier_group.daily", Ask: window.Ask{Date: "2026-11-19"}, Tool: "0.1.0",
		Facts: graph.Facts{
			Group: "courier_group.daily", At: now, Serial: 4,
			Couriers: []graph.CourierFacts{
				{Courier: "crm", NotLooked: "a source of the kind rest_api cannot be listed"},
				{Courier: "orders", Place: "drop", LookedAt: now, Watermark: at("2026-11-19T22:00:00Z"), Objects: []graph.Object{
					{Path: "orders-2026-11-19.csv", Size: 1_204_311, ModTime: at("2026-11-20T09:00:00Z")},
				}, Landings: []graph.Landing{
					{Path: "orders-2026-11-19.csv", Version: "size:1204311,modified:2026-11-20T09:00:00Z", Run: "courier_group.daily@2026-11-20T22:00:00Z",
						File: "orders", Date: "2026-11-19", Size: 1_204_311, At: at("2026-11-20T22:00:07Z")},
				}},
				{Courier: "partner", Place: "partner", LookedAt: now, Objects: []graph.Object{
					{Path: fmt.Sprintf(partner, 1), Size: 88_000_000, ModTime: at("2026-11-20T09:00:00Z")},
					{Path: fmt.Sprintf(partner, 2), Size: 912, ModTime: at("2026-11-20T09:00:00Z")},
					{Path: fmt.Sprintf(partner, 3), Size: 5_000, ModTime: now.Add(-time.Second)},
				}, Landings: []graph.Landing{
					{Path: fmt.Sprintf(partner, 2), Version: "size:900", Run: "courier_group.daily@first", File: "catalog", Date: "2026-11-19", Size: 900, At: at("2026-11-19T20:00:00Z")},
				}},
			},
			Steps: []graph.StepFacts{{Step: "activation.campaign.winback", Files: 2, Bytes: 2_000}},
		},
	}
}

func adhocText(t *testing.T, a *plan.AdHoc, o view.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := view.AdHoc(&b, a, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAdHocGolden(t *testing.T) {
	t.Parallel()
	for _, c := range adhocCases {
		a, err := plan.MakeAdHoc(c.in())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, c.name+".txt", []byte(adhocText(t, a, view.Options{Width: 100})))
		golden(t, c.name+".80.txt", []byte(adhocText(t, a, view.Options{Width: 80})))
		golden(t, c.name+".200.txt", []byte(adhocText(t, a, view.Options{Width: 200})))
		var document, brief bytes.Buffer
		if err := view.AdHocJSON(&document, a); err != nil {
			t.Fatal(err)
		}
		golden(t, c.name+".json", document.Bytes())
		if err := view.AdHocBrief(&brief, a, view.Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, c.name+".brief.txt", brief.Bytes())
	}
}

// No line is wider than the terminal, and colours take no columns and change no word.
func TestAdHocWidth(t *testing.T) {
	t.Parallel()
	for _, c := range adhocCases {
		a, err := plan.MakeAdHoc(c.in())
		if err != nil {
			t.Fatal(err)
		}
		for columns := 80; columns <= 200; columns++ {
			text := adhocText(t, a, view.Options{Width: columns})
			for line := range strings.Lines(text) {
				if n := displayed(strings.TrimRight(line, "\n")); n > columns {
					t.Fatalf("%s at %d columns: %d columns in %q", c.name, columns, n, line)
				}
			}
			colored := adhocText(t, a, view.Options{Width: columns, Color: true})
			if plain := uncolored(colored); plain != text || colored == text {
				t.Fatalf("%s at %d columns reads otherwise in colour:\n%s", c.name, columns, plain)
			}
		}
	}
}

// uncolored takes ANSI styles out.
func uncolored(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(after, "m")
	}
}
