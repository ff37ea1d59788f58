package plan_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

const losAngeles = "America/Los_Angeles"

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func elapsed(d time.Duration) graph.Offset { return graph.Offset{Elapsed: graph.Duration(d)} }

func filedrop(name, pattern string) graph.Courier {
	return graph.Courier{Addr: graph.NewAddr(graph.KindCourier, name), Filedrop: &graph.Filedrop{URL: graph.Text("drop")},
		Files: []graph.File{{Name: name, Pattern: pattern, Require: graph.RequireEach}}}
}

func member(name string, o graph.Offset) graph.Member {
	return graph.Member{Name: name, Courier: graph.NewAddr(graph.KindCourier, name), Wait: graph.Duration(30 * time.Minute), Offset: o, OnMissing: graph.OnMissingStop}
}

func group(name, schedule, zone string, members ...graph.Member) graph.Group {
	return graph.Group{Addr: graph.GroupAddr(name), Schedule: schedule, Timezone: zone, Active: true, RunType: graph.RunFull, FileDates: "UTC", FileDatesStated: true,
		DST: graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"}, Members: members, Overlap: graph.BufferOne, CatchUp: graph.Coalesce}
}

// daily is a workspace of one group that pulls one dated file a day.
func daily(schedule, zone string, edits ...func(*graph.Group)) *graph.Graph {
	g := &graph.Graph{FormatVersion: graph.FormatVersion, Landing: "landing", Runtime: graph.Runtime{Path: ".waybill"},
		Couriers: []graph.Courier{filedrop("orders", "{yyyy}-{MM}-{dd}.csv")},
		Groups:   []graph.Group{group("daily", schedule, zone, member("orders", graph.Offset{}))}}
	for _, edit := range edits {
		edit(&g.Groups[0])
	}
	return g
}

func applied(g *graph.Graph) graph.Deployment {
	return graph.Deployment{Store: "s", Serial: 7, Digest: g.Digest(), AppliedAt: at("2026-01-01T00:00:00Z"), AppliedBy: "ana", Graph: g}
}

// standing is where the daily group stands after the run of a tick.
func standing(tick string) graph.Standing {
	return graph.Standing{
		Watermarks: []graph.Watermark{{Group: "courier_group.daily", Courier: "orders", At: at(tick)}},
		Expected:   []graph.Expected{{Group: "courier_group.daily", At: at(tick).Add(24 * time.Hour)}},
	}
}

// clone is a graph as another process would read it.
func clone(t *testing.T, g *graph.Graph) *graph.Graph {
	t.Helper()
	var out graph.Graph
	if err := json.Unmarshal(asJSON(t, g), &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// codes are the codes of a plan's diagnostics, in its order.
func codes(p *plan.Plan) []string {
	var list []string
	for _, d := range p.Diagnostics {
		list = append(list, string(d.Code))
	}
	return list
}
