package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

func TestHazards(t *testing.T) {
	t.Parallel()
	none := func(*graph.Group) {}
	state := func(gap, fold string) func(*graph.Group) {
		return func(g *graph.Group) {
			if gap != "" {
				g.DST.Gap, g.DST.Stated.Gap = gap, true
			}
			if fold != "" {
				g.DST.Fold, g.DST.Stated.Fold = fold, true
			}
		}
	}
	for name, tt := range map[string]struct {
		schedule, zone string
		edit           func(*graph.Group)
		want           []string
	}{
		"gap":                       {"30 2 * * *", losAngeles, none, []string{"WB301"}},
		"gap, stated":               {"30 2 * * *", losAngeles, state("next_valid", ""), nil},
		"gap, the other one stated": {"30 2 * * *", losAngeles, state("", "first"), []string{"WB301"}},
		"gap, accepted":             {"30 2 * * *", losAngeles, func(g *graph.Group) { g.Accept = []string{"WB301"} }, nil},
		"gap, inactive":             {"30 2 * * *", losAngeles, func(g *graph.Group) { g.Active = false }, nil},
		"fold":                      {"30 1 * * *", losAngeles, none, []string{"WB302"}},
		"fold, stated":              {"30 1 * * *", losAngeles, state("", "second"), nil},
		"gap and fold":              {"30 1,2 * * *", losAngeles, none, []string{"WB301", "WB302"}},
		"gap and fold, one stated":  {"30 1,2 * * *", losAngeles, state("shift", ""), []string{"WB302"}},
		"midnight":                  {"0 0 * * *", "Africa/Cairo", none, []string{"WB303"}},
		"next date":                 {"30 23 * * *", "America/Nuuk", none, []string{"WB302", "WB304"}},
		"lost weekly run":           {"30 2 * * 0", losAngeles, state("skip", ""), []string{"WB305"}},
		"lost weekly run, accepted": {"30 2 * * 0", losAngeles, func(g *graph.Group) { state("skip", "")(g); g.Accept = []string{"WB305"} }, nil},
		"interval":                  {"*/30 * * * *", losAngeles, none, nil},
		"afternoon":                 {"0 13 * * *", losAngeles, none, nil},
		"zone without changes":      {"30 2 * * *", "Asia/Kolkata", none, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{Graph: daily(tt.schedule, tt.zone, tt.edit), At: at("2026-11-21T00:00:00Z")})
			if diff := cmp.Diff(tt.want, codes(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A hazard names dates, local time, instants, what happens, and what to write.
func TestHazardText(t *testing.T) {
	t.Parallel()
	g := daily("30 2 * * *", losAngeles)
	place := diag.Range{Filename: "main.hcl", Start: diag.Pos{Line: 3, Column: 1}}
	g.SetPlace("courier_group.daily", "schedule", place)
	d := plan.Make(plan.Input{Graph: g, At: at("2027-02-01T00:00:00Z")}).Diagnostics[0]
	if d.Severity != diag.Warning || d.Address != "courier_group.daily" || d.Range == nil || *d.Range != place {
		t.Errorf("%+v", d)
	}
	for _, want := range []string{"2027-03-14", "02:30", "03:00 PDT", "10:00 UTC", "dst {\n    gap = \"next_valid\"\n  }", `"shift" or "skip"`, "not between 02:00 and 03:00"} {
		if !strings.Contains(d.Detail, want) {
			t.Errorf("no %q in\n%s", want, d.Detail)
		}
	}
}

// Evening jobs: the UTC date of a tick is another one than the group's, and nobody
// said whose dates the file names have.
func TestEveningDates(t *testing.T) {
	t.Parallel()
	unstated := func(g *graph.Group) { g.FileDatesStated = false }
	for name, tt := range map[string]struct {
		schedule, zone string
		edit           func(*graph.Group)
		want           []string
	}{
		"evening":             {"0 18 * * *", losAngeles, unstated, []string{"WB420"}},
		"only in winter":      {"30 16 * * *", losAngeles, unstated, []string{"WB420"}},
		"morning":             {"0 9 * * *", losAngeles, unstated, nil},
		"east, early morning": {"0 5 * * *", "Asia/Tokyo", unstated, []string{"WB420"}},
		"stated":              {"0 18 * * *", losAngeles, func(*graph.Group) {}, nil},
		"UTC":                 {"0 23 * * *", "UTC", unstated, nil},
		"accepted":            {"0 18 * * *", losAngeles, func(g *graph.Group) { unstated(g); g.Accept = []string{"WB420"} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{Graph: daily(tt.schedule, tt.zone, tt.edit), At: at("2026-06-15T00:00:00Z")})
			if diff := cmp.Diff(tt.want, codes(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
	undated := daily("0 18 * * *", losAngeles, unstated)
	undated.Couriers[0].Files[0].Pattern = "*.csv"
	if got := codes(plan.Make(plan.Input{Graph: undated, At: at("2026-06-15T00:00:00Z")})); got != nil {
		t.Errorf("undated files: %v", got)
	}
}
