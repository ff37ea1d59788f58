package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
		"gap and fold":              {"30 1,2 * * *", losAngeles, none, []string{"WB301", "WB302", "WB602"}},
		"gap and fold, one stated":  {"30 1,2 * * *", losAngeles, state("shift", ""), []string{"WB302"}},
		"midnight":                  {"0 0 * * *", "Africa/Cairo", none, []string{"WB303", "WB509"}},
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
			if diff := cmp.Diff(tt.want, warnings(p)); diff != "" {
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
	g.SetPlace("courier_group.daily", "schedule", &place)
	d := only(t, plan.Make(plan.Input{Graph: g, At: at("2027-02-01T00:00:00Z")}), diag.DSTGap)
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
		"only in winter":      {"30 16 * * *", losAngeles, unstated, []string{"WB407", "WB420"}},
		"morning":             {"0 9 * * *", losAngeles, unstated, nil},
		"east, early morning": {"0 5 * * *", "Asia/Tokyo", unstated, []string{"WB420"}},
		"stated":              {"0 18 * * *", losAngeles, func(*graph.Group) {}, nil},
		"UTC":                 {"0 23 * * *", "UTC", unstated, nil},
		"accepted":            {"0 18 * * *", losAngeles, func(g *graph.Group) { unstated(g); g.Accept = []string{"WB420"} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{Graph: daily(tt.schedule, tt.zone, tt.edit), At: at("2026-06-15T00:00:00Z")})
			if diff := cmp.Diff(tt.want, warnings(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
	undated := daily("0 18 * * *", losAngeles, unstated)
	undated.Couriers[0].Files[0].Pattern = "*.csv"
	if got := warnings(plan.Make(plan.Input{Graph: undated, At: at("2026-06-15T00:00:00Z")})); got != nil {
		t.Errorf("undated files: %v", got)
	}
}

// warnings are the codes of a plan's diagnostics that are more than notes.
func warnings(p *plan.Plan) []string {
	var list []string
	for _, d := range p.Diagnostics {
		if d.Severity != diag.Info {
			list = append(list, string(d.Code))
		}
	}
	return list
}

// only is the one diagnostic of a code.
func only(t *testing.T, p *plan.Plan, code diag.Code) diag.Diagnostic {
	t.Helper()
	var found diag.List
	for _, d := range p.Diagnostics {
		if d.Code == code {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s: %d diagnostics of %v", code, len(found), codes(p))
	}
	return found[0]
}

// An ordinary group in a zone with daylight saving has one note and no warning.
func TestOrdinaryGroupsAreQuiet(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		schedule, zone string
		want           []string
	}{
		"daily":                {"0 6 * * *", losAngeles, []string{"WB308"}},
		"daily in UTC":         {"0 6 * * *", "UTC", nil},
		"working days":         {"0 6 * * 1-5", losAngeles, []string{"WB411"}}, // its file is daily
		"weekly":               {"0 6 * * 1", losAngeles, []string{"WB411"}},
		"every quarter":        {"*/15 * * * *", "UTC", []string{"WB601", "WB410"}}, // it waits 30 minutes
		"in office hours":      {"0 8-18/2 * * *", losAngeles, []string{"WB410"}},
		"often in the daytime": {"*/30 9-17 * * *", losAngeles, []string{"WB410"}},
	} {
		p := plan.Make(plan.Input{Graph: daily(tt.schedule, tt.zone), At: at("2026-11-21T20:00:00Z")})
		if diff := cmp.Diff(tt.want, codes(p)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	many := daily("0 6 * * *", losAngeles)
	for i := range 15 {
		g := group(fmt.Sprintf("g%02d", i), fmt.Sprintf("%d 6 * * *", i), losAngeles)
		many.Groups = append(many.Groups, g)
	}
	if got := codes(plan.Make(plan.Input{Graph: many, At: at("2026-11-21T20:00:00Z")})); len(got) != 1 {
		t.Errorf("sixteen daily groups of one zone: %v", got)
	}
}

// A limit of a day is a warning where days are not all as long.
func TestLimitOfADay(t *testing.T) {
	t.Parallel()
	for limit, want := range map[time.Duration]diag.Severity{
		6 * time.Hour: diag.Info, 23 * time.Hour: diag.Info, 24 * time.Hour: diag.Warning, 25 * time.Hour: diag.Warning, 26 * time.Hour: diag.Info,
	} {
		g := daily("0 6 * * *", losAngeles, func(g *graph.Group) { g.SLA = graph.Duration(limit) })
		if d := only(t, plan.Make(plan.Input{Graph: g, At: at("2026-11-21T20:00:00Z")}), diag.DSTUnevenDay); d.Severity != want {
			t.Errorf("an sla of %v: %s", limit, d.Severity)
		}
	}
}

// A deployment keeps the rules of its zones, and a plan with the same rules has
// nothing to say about them.
func TestRecordedRules(t *testing.T) {
	t.Parallel()
	g := daily("0 6 * * *", losAngeles)
	first := plan.Make(plan.Input{Graph: g, At: at("2026-11-21T20:00:00Z")})
	if len(first.Zones) != 1 || first.Zones[0].Zone != losAngeles || first.Zones[0].Offset != -8*3600 || len(first.Zones[0].Changes) != 2 {
		t.Errorf("zones %+v", first.Zones)
	}
	deployed := applied(g)
	deployed.TZData, deployed.Zones = "2020a", first.Zones
	later := plan.Input{Deployed: deployed, Graph: g, At: at("2027-01-21T20:00:00Z")}
	if got := codes(plan.Make(later)); !slices.Equal(got, []string{"WB308"}) {
		t.Errorf("the same rules by another release: %v", got)
	}
	later.Deployed.Zones = nil
	if d := only(t, plan.Make(later), diag.ZoneDataChanged); d.Severity != diag.Info {
		t.Errorf("rules that were not recorded: %+v", d)
	}
	later.Deployed.TZData = ""
	if got := codes(plan.Make(later)); !slices.Equal(got, []string{"WB308"}) {
		t.Errorf("no release recorded: %v", got)
	}
}
