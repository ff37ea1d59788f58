package plan_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// handed are the handovers of a plan: member, range and files.
func handed(list []plan.Handover) []string {
	var out []string
	for _, h := range list {
		files := ""
		if len(h.Files) > 0 {
			files = " " + h.Files[0]
			if n := len(h.Files) + h.More; n > 1 {
				files += " … " + h.Files[len(h.Files)-1]
			}
		}
		once := ""
		if h.LandedOnce {
			once = " once"
		}
		out = append(out, h.Name+" "+h.Range.Start.Format("01-02T15")+" "+h.Range.End.Format("01-02T15")+files+" "+string(h.Cause)+once)
	}
	return out
}

// What is read twice or never when the daily group, which has read up to 13:00 of
// the 14th, becomes another one.
func TestHandover(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		edit         func(*graph.Graph)
		twice, never []string
	}{
		"nothing":   {func(g *graph.Graph) { g.Groups[0].Members[0].Wait++ }, nil, nil},
		"days":      {func(g *graph.Graph) { g.Couriers[0].Files[0].Pattern = "{yyyy}-{MM}-{dd}.csv.gz" }, nil, nil},
		"to hours":  {func(g *graph.Graph) { g.Couriers[0].Files[0].Pattern = "{yyyy}{MM}{dd}{HH}" }, []string{"orders 06-14T13 06-15T00 2026061413 … 2026061423 pattern"}, nil},
		"to months": {func(g *graph.Graph) { g.Couriers[0].Files[0].Pattern = "{yyyy}-{MM}" }, nil, []string{"orders 06-15T00 07-01T00 2026-06-15.csv … 2026-06-30.csv pattern"}},
		"arrival":   {func(g *graph.Graph) { g.Couriers[0].Files[0].Pattern = "*.csv" }, nil, nil},
		"east":      {func(g *graph.Graph) { g.Groups[0].FileDates = "Pacific/Auckland" }, nil, []string{"orders 06-15T00 06-16T00 2026-06-15.csv file_dates"}},
		"renamed": {func(g *graph.Graph) { g.Groups[0].Addr, g.Groups[0].Schedule = "courier_group.other", "0 5 * * *" },
			nil, nil},
		"renamed, and slow": {func(g *graph.Graph) { g.Groups[0].Addr, g.Groups[0].Schedule = "courier_group.other", "0 5 * * 1" },
			[]string{"orders 06-09T00 06-15T00 2026-06-09.csv … 2026-06-14.csv reader"}, nil},
		"with an offset": {func(g *graph.Graph) { g.Groups[0].Members[0].Offset.Days = 1 }, nil, nil},
		"another name": {func(g *graph.Graph) { g.Groups[0].Members[0].Name, g.Groups[0].Members[0].Offset.Days = "o", 2 },
			[]string{"o 06-13T00 06-15T00 2026-06-13.csv … 2026-06-14.csv reader"}, nil},
		"from the past": {func(g *graph.Graph) {
			from := at("2026-06-12T00:00:00Z")
			g.Groups[0].Addr, g.Groups[0].StartFrom = "courier_group.other", &from
		}, []string{"orders 06-12T00 06-15T00 2026-06-12.csv … 2026-06-14.csv reader"}, nil},
		"by range": {func(g *graph.Graph) {
			g.Couriers[0].Filedrop, g.Couriers[0].Files, g.Couriers[0].RestAPI = nil, nil, &graph.RestAPI{HTTP: graph.HTTP{URL: graph.Text("https://x")}}
		}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := daily("0 13 * * *", "UTC")
			now := clone(t, old)
			tt.edit(now)
			p := plan.Make(plan.Input{Deployed: applied(old), Graph: now, Standing: standing("2026-06-14T13:00:00Z"), At: at("2026-06-15T00:30:00Z")})
			var twice, never []string
			for _, q := range p.Consequences {
				twice, never = append(twice, handed(q.Twice)...), append(never, handed(q.Never)...)
			}
			if diff := cmp.Diff(tt.twice, twice); diff != "" {
				t.Errorf("twice: %s", diff)
			}
			if diff := cmp.Diff(tt.never, never); diff != "" {
				t.Errorf("never: %s", diff)
			}
		})
	}
}

// What the store keeps of a reading bounds what is read twice of it.
func TestHandoverOfWhatWasRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		from, whole string // of the daily group, which has read up to 13:00 of the 14th
		edit        func(*graph.Graph)
		twice       []string
		never       []string
		partly      bool
	}{
		"from its beginning": {"2026-06-10T13:00:00Z", "2026-06-10T13:00:00Z", nil, []string{"orders 06-11T00 06-15T00 2026-06-11.csv … 2026-06-14.csv reader"}, nil, false},
		"left out":           {"2026-06-10T13:00:00Z", "2026-06-12T13:00:00Z", nil, []string{"orders 06-11T00 06-15T00 2026-06-11.csv … 2026-06-14.csv reader"}, nil, true},
		"whole not known":    {"2026-06-10T13:00:00Z", "", nil, []string{"orders 06-11T00 06-15T00 2026-06-11.csv … 2026-06-14.csv reader"}, nil, true},
		"not known":          {"", "", nil, []string{"orders 06-02T00 06-15T00 2026-06-02.csv … 2026-06-14.csv reader"}, nil, false},
		"nothing yet":        {"2026-06-14T13:00:00Z", "2026-06-14T13:00:00Z", nil, nil, nil, false},
		"by arrival": {"2026-06-10T13:00:00Z", "2026-06-10T13:00:00Z", func(g *graph.Graph) { g.Couriers[0].Files[0].Pattern = "*.csv" },
			[]string{"orders 06-10T13 06-14T13 *.csv reader"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := daily("0 13 * * *", "UTC")
			if tt.edit != nil {
				tt.edit(old)
			}
			now, from := clone(t, old), at("2026-06-01T13:00:00Z")
			now.Groups[0].Addr, now.Groups[0].StartFrom = "courier_group.other", &from
			s := standing("2026-06-14T13:00:00Z")
			if tt.from != "" {
				s.Watermarks[0].From = at(tt.from)
			}
			if tt.whole != "" {
				s.Watermarks[0].Whole = at(tt.whole)
			}
			p := plan.Make(plan.Input{Deployed: applied(old), Graph: now, Standing: s, At: at("2026-06-15T00:30:00Z")})
			q := p.Consequences[slices.IndexFunc(p.Consequences, func(q plan.Consequence) bool { return q.Group == "courier_group.other" })]
			if diff := cmp.Diff(tt.twice, handed(q.Twice)); diff != "" {
				t.Errorf("twice: %s", diff)
			}
			if diff := cmp.Diff(tt.never, handed(q.Never)); diff != "" {
				t.Errorf("never: %s", diff)
			}
			if len(q.Twice) > 0 && q.Twice[0].Partly != tt.partly {
				t.Errorf("partly: %v", q.Twice[0].Partly)
			}
		})
	}
}

// What a first run that has not come yet would have read, and the first run after
// the change does not.
func TestHandoverOfWhatHasNotBegun(t *testing.T) {
	t.Parallel()
	hourly := func(schedule string, edits ...func(*graph.Group)) *graph.Graph {
		g := daily(schedule, "UTC", edits...)
		g.Couriers[0].Files[0].Pattern = "{yyyy}{MM}{dd}{HH}"
		return g
	}
	weekly := func(g *graph.Group) { g.PastDayOnly = true }
	for name, tt := range map[string]struct {
		old, now *graph.Graph
		never    []string
	}{
		"later":        {hourly("0 6 * * *"), hourly("0 9 * * *"), []string{"orders 06-14T06 06-14T09 2026061406 … 2026061408 reader"}},
		"earlier":      {hourly("0 9 * * *"), hourly("0 6 * * *"), nil},
		"another name": {hourly("0 6 * * *"), hourly("0 9 * * *", func(g *graph.Group) { g.Addr = "courier_group.other" }), []string{"orders 06-14T06 06-14T09 2026061406 … 2026061408 reader"}},
		"leaves out":   {hourly("0 6 * * 3", weekly), hourly("0 6 * * 6", weekly), []string{"orders 06-16T06 06-19T06 2026061606 … 2026061807 reader"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{Deployed: applied(tt.old), Graph: tt.now, At: at("2026-06-15T00:30:00Z")})
			var twice, never []string
			for _, q := range p.Consequences {
				twice, never = append(twice, handed(q.Twice)...), append(never, handed(q.Never)...)
			}
			if diff := cmp.Diff(tt.never, never); diff != "" || twice != nil {
				t.Errorf("twice %v, never %s", twice, diff)
			}
		})
	}
}

// What a program that reads by range has had of an hour that another group begins
// with.
func TestHandoverOfRanges(t *testing.T) {
	t.Parallel()
	rest := func(group string, o graph.Offset) *graph.Graph {
		g := daily("0 * * * *", "UTC")
		g.Couriers[0].Filedrop, g.Couriers[0].Files, g.Couriers[0].RestAPI = nil, nil, &graph.RestAPI{HTTP: graph.HTTP{URL: graph.Text("https://x")}}
		g.Groups[0].Addr, g.Groups[0].Members[0].Offset = graph.GroupAddr(group), o
		return g
	}
	for name, tt := range map[string]struct {
		offset       graph.Offset
		mark         string
		twice, never []string
	}{
		"twice": {elapsed(time.Hour), "2026-06-15T10:00:00Z", []string{"orders 06-15T09 06-15T10 reader"}, nil},
		"never": {graph.Offset{}, "2026-06-15T07:00:00Z", nil, []string{"orders 06-15T07 06-15T10 reader"}},
		"whole": {graph.Offset{}, "2026-06-15T10:00:00Z", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graph.Standing{Watermarks: []graph.Watermark{{Group: "courier_group.daily", Courier: "orders", At: at(tt.mark)}}}
			p := plan.Make(plan.Input{Deployed: applied(rest("daily", graph.Offset{})), Graph: rest("other", tt.offset), Standing: s, At: at("2026-06-15T10:20:00Z")})
			q := p.Consequences[slices.IndexFunc(p.Consequences, func(q plan.Consequence) bool { return q.Group == "courier_group.other" })]
			if diff := cmp.Diff(tt.twice, handed(q.Twice)); diff != "" {
				t.Errorf("twice: %s", diff)
			}
			if diff := cmp.Diff(tt.never, handed(q.Never)); diff != "" {
				t.Errorf("never: %s", diff)
			}
		})
	}
}

// The way back does the opposite: what comes on the way there goes, and every
// attribute has its values exchanged.
func TestTheWayBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	opposite := map[plan.Action]plan.Action{plan.Add: plan.Remove, plan.Remove: plan.Add, plan.Modify: plan.Modify}
	for range 100 {
		a, b := random(r), random(r)
		there := plan.Make(plan.Input{Deployed: applied(a), Graph: b, At: at("2026-06-15T00:00:00Z")})
		back := plan.Make(plan.Input{Deployed: applied(b), Graph: a, At: at("2026-06-15T00:00:00Z")})
		var mirrored []plan.Change
		for _, c := range back.Changes {
			m := plan.Change{Address: c.Address, Action: opposite[c.Action]}
			for _, x := range c.Attributes {
				m.Attributes = append(m.Attributes, plan.Attribute{Path: x.Path, Before: x.After, After: x.Before})
			}
			mirrored = append(mirrored, m)
		}
		var straight []plan.Change
		for _, c := range there.Changes {
			c.Reschedule = nil
			straight = append(straight, c)
		}
		if diff := cmp.Diff(straight, mirrored); diff != "" {
			t.Fatalf("there and back: %s", diff)
		}
		for i, q := range there.Consequences {
			o := back.Consequences[i]
			x, y := q.Runs, o.Runs
			if x.Vanish != y.Appear || x.Appear != y.Vanish || x.Move != y.Move || x.Before != y.After || x.After != y.Before {
				t.Fatalf("there %+v, back %+v", x, y)
			}
		}
	}
}

// A plan is the same after a trip through JSON, and planning what it applies is
// empty, whatever was applied before.
func TestPlanningWhatWasApplied(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	for range 100 {
		p := plan.Make(plan.Input{Deployed: applied(random(r)), Graph: random(r), Standing: standing("2026-06-14T13:00:00Z"), At: at("2026-06-15T00:00:00Z")})
		var back plan.Plan
		if err := json.Unmarshal(asJSON(t, p), &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(asJSON(t, p)), string(asJSON(t, &back))); diff != "" {
			t.Fatal(diff)
		}
		again := plan.Make(plan.Input{Deployed: applied(back.Graph), Graph: p.Graph, Standing: standing("2026-06-14T13:00:00Z"), At: at("2026-06-15T00:00:00Z")})
		if !again.Empty() || len(again.Consequences) > 0 {
			t.Fatalf("changes in what is applied: %v %+v", lines(again), again.Consequences)
		}
	}
}

// A moved block is a rename, and the group goes on where it stood.
func TestMoved(t *testing.T) {
	t.Parallel()
	old := daily("0 13 * * *", "UTC")
	now := clone(t, old)
	now.Groups[0].Addr = "courier_group.sales"
	now.Couriers[0].Addr, now.Groups[0].Members[0].Courier, now.Groups[0].Members[0].Name = "courier.sales", "courier.sales", "sales"
	now.Moved = []graph.Moved{{From: "courier.orders", To: "courier.sales"}, {From: "courier_group.daily", To: "courier_group.sales"}, {From: "courier_group.x", To: "courier_group.y"}}
	in := plan.Input{Deployed: applied(old), Graph: now, Standing: standing("2026-06-14T13:00:00Z"), At: at("2026-06-15T00:00:00Z")}
	p := plan.Make(in)
	want := []string{"rename courier.sales", "rename courier_group.sales", "rename courier_group.sales.courier.sales"}
	if diff := cmp.Diff(want, lines(p)); diff != "" || p.Summary.Rename != 3 {
		t.Errorf("%+v %s", p.Summary, diff)
	}
	if r := p.Runs[0].Couriers[0].Range; !r.Start.Equal(at("2026-06-14T13:00:00Z")) {
		t.Errorf("it starts at %v", r.Start)
	}
	if !slices.Contains(codes(p), "WB931") {
		t.Errorf("codes %v", codes(p))
	}
	in.Deployed, in.Standing = applied(now), graph.Standing{}
	if p := plan.Make(in); !p.Empty() {
		t.Errorf("applied, and still: %v", lines(p))
	}
	now.Moved = nil
	if p := plan.Make(in); !p.Empty() {
		t.Errorf("without the moved blocks: %v", lines(p))
	}
}
