package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// chain is three groups: "reports" waits for "lake", and "other" for nobody.
func chain() *graph.Graph {
	g := daily("0 13 * * *", "UTC")
	g.Couriers = []graph.Courier{filedrop("a", "a-{yyyy}{MM}{dd}.csv"), filedrop("b", "b-{yyyy}{MM}{dd}.csv"), filedrop("c", "c-{yyyy}{MM}{dd}.csv")}
	g.Groups = []graph.Group{
		group("lake", "0 4 * * *", "UTC", member("a", graph.Offset{})),
		group("other", "0 5 * * *", "UTC", member("b", graph.Offset{})),
		group("reports", "0 6 * * *", "UTC", member("c", graph.Offset{})),
	}
	g.Groups[2].After = []graph.After{{Name: "lake", Group: "courier_group.lake", OnMissing: graph.OnMissingStop, Gate: graph.GateDownstream}}
	return g
}

func addrs(names ...string) (list []graph.Addr) {
	for _, n := range names {
		list = append(list, graph.GroupAddr(n))
	}
	return list
}

func TestViewOfGroups(t *testing.T) {
	t.Parallel()
	old, now := chain(), chain()
	for i := range now.Groups {
		now.Groups[i].PastDayOnly = true
	}
	now.Landing = "elsewhere"
	for name, tt := range map[string]struct {
		groups, exclude []string
		shown           string
	}{
		"upstream":   {[]string{"reports"}, nil, "lake reports"},
		"downstream": {[]string{"lake"}, nil, "lake reports"},
		"alone":      {[]string{"other"}, nil, "other"},
		"two":        {[]string{"other", "lake"}, nil, "lake other reports"},
		"exclude":    {nil, []string{"other"}, "lake reports"},
		"both":       {[]string{"reports"}, []string{"lake"}, "reports"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{Deployed: applied(old), Graph: now, At: at("2026-06-15T00:00:00Z"), Groups: addrs(tt.groups...), Exclude: addrs(tt.exclude...)})
			var shown, changed []string
			for _, g := range p.Groups {
				shown = append(shown, g.Group.Name())
			}
			for _, c := range p.Changes {
				if c.Address.Kind() == graph.KindGroup {
					changed = append(changed, c.Address.Name())
				}
			}
			if got := strings.Join(shown, " "); got != tt.shown || got != strings.Join(changed, " ") {
				t.Errorf("shows %q with changes of %q, want %q", got, changed, tt.shown)
			}
			if !p.View.Partial() {
				t.Error("it could be applied")
			}
			if whole := slices.ContainsFunc(p.Changes, func(c plan.Change) bool { return c.Address == plan.Workspace }); whole == (len(tt.groups) > 0) {
				t.Errorf("the settings are shown: %v", whole)
			}
		})
	}
}

func TestUnknownGroup(t *testing.T) {
	t.Parallel()
	p := plan.Make(plan.Input{Graph: chain(), At: at("2026-06-15T00:00:00Z"), Groups: addrs("report"), Target: addrs("lake", "nothing_like_it")})
	var said []string
	for _, d := range p.Diagnostics {
		if d.Code == "WB933" {
			said = append(said, d.Detail)
		}
	}
	want := []string{
		"There is no courier_group.report, neither in the workspace nor in what is applied. Did you mean reports?",
		"There is no courier_group.nothing_like_it, neither in the workspace nor in what is applied. There are: lake, other, reports.",
	}
	slices.Sort(said)
	slices.Sort(want)
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	old := chain()
	for name, tt := range map[string]struct {
		edit   func(*graph.Graph)
		target []string
		want   []string // changes
		refuse string
	}{
		"one of two": {func(g *graph.Graph) {
			g.Groups[0].Schedule, g.Groups[1].Schedule, g.Landing = "0 1 * * *", "0 2 * * *", "elsewhere"
		}, []string{"other"}, []string{`courier_group.other schedule "0 5 * * *" -> "0 2 * * *"`}, ""},
		"with its courier": {func(g *graph.Graph) { g.Couriers[1].Files[0].Optional, g.Couriers[0].Files[0].Optional = true, true },
			[]string{"other"}, []string{`courier.b file.b.optional  -> true`}, ""},
		"a new one": {func(g *graph.Graph) {
			g.Couriers = append(g.Couriers, filedrop("d", "d.csv"), filedrop("e", "e.csv"))
			g.Groups = append(g.Groups, group("x", "0 1 * * *", "UTC", member("d", graph.Offset{})), group("y", "0 1 * * *", "UTC", member("e", graph.Offset{})))
		}, []string{"x"}, []string{"add courier.d", "add courier_group.x"}, ""},
		"one that goes": {func(g *graph.Graph) {
			g.Groups = slices.Delete(g.Groups, 1, 2)
			g.Couriers = slices.Delete(g.Couriers, 1, 2)
		},
			[]string{"other"}, []string{"remove courier.b", "remove courier_group.other"}, ""},
		"one that others need": {func(g *graph.Graph) { g.Groups, g.Couriers = g.Groups[1:2], g.Couriers[1:2] },
			[]string{"lake"}, nil, "- courier_group.reports needs courier_group.lake"},
		"with those": {func(g *graph.Graph) { g.Groups, g.Couriers = g.Groups[1:2], g.Couriers[1:2] },
			[]string{"lake", "reports"}, []string{"remove courier.a", "remove courier.c", "remove courier_group.lake", "remove courier_group.reports"}, ""},
		"one that needs a new one": {func(g *graph.Graph) {
			g.Groups = append(g.Groups, group("z", "0 1 * * *", "UTC", member("a", graph.Offset{})))
			g.Groups[2].After[0].Group = "courier_group.z"
		}, []string{"reports"}, nil, "- courier_group.reports needs courier_group.z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := chain()
			tt.edit(now)
			p := plan.Make(plan.Input{Deployed: applied(old), Graph: now, At: at("2026-06-15T00:00:00Z"), Target: addrs(tt.target...)})
			if tt.refuse != "" {
				i := slices.Index(codes(p), "WB934")
				if i < 0 || !strings.Contains(p.Diagnostics[i].Detail, tt.refuse) || p.Graph != nil {
					t.Errorf("not refused: %v", p.Diagnostics)
				}
				return
			}
			if p.Diagnostics.HasErrors() {
				t.Fatal(p.Diagnostics)
			}
			if diff := cmp.Diff(tt.want, lines(p)); diff != "" {
				t.Error(diff)
			}
			again := plan.Make(plan.Input{Deployed: applied(p.Graph), Graph: now, At: at("2026-06-15T00:00:00Z"), Target: addrs(tt.target...)})
			if slices.ContainsFunc(again.Diagnostics, func(d diag.Diagnostic) bool { return d.Code == "WB933" }) {
				return // what was targeted is gone
			}
			if !again.Empty() {
				t.Errorf("applied, and still: %v", lines(again))
			}
		})
	}
}

func TestHorizonBounds(t *testing.T) {
	t.Parallel()
	for horizon, refused := range map[time.Duration]bool{
		-time.Hour: true, time.Second: false, graph.MaxDuration.Std(): false, graph.MaxDuration.Std() + time.Second: true,
	} {
		p := plan.Make(plan.Input{Graph: chain(), At: at("2026-06-15T00:00:00Z"), Horizon: horizon})
		if slices.Contains(codes(p), "WB935") != refused {
			t.Errorf("%s: %v", horizon, codes(p))
		}
	}
}

// A group does not bring those along that wait for the same group as it does.
func TestViewLeavesSiblingsOut(t *testing.T) {
	t.Parallel()
	g := chain()
	sibling := *g.Group("courier_group.reports")
	sibling.Addr = "courier_group.siblings"
	g.Groups = append(g.Groups, sibling)
	p := plan.Make(plan.Input{Graph: g, At: at("2026-06-15T00:00:00Z"), Groups: addrs("reports")})
	var shown []string
	for _, g := range p.Groups {
		shown = append(shown, g.Group.Name())
	}
	if diff := cmp.Diff([]string{"lake", "reports"}, shown); diff != "" {
		t.Error(diff)
	}
}
