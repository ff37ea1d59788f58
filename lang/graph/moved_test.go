package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestSplitMember(t *testing.T) {
	t.Parallel()
	for _, group := range []graph.Addr{"courier_group.daily", graph.GroupAddr("daily").Instance(`a.courier.b"].courier.c\`)} {
		for _, name := range []string{"orders", `feed["x"]`} {
			a := graph.MemberAddr(group, name)
			if g, n, ok := a.SplitMember(); !ok || g != group || n != name {
				t.Errorf("%s is %s of %s (%v)", a, n, g, ok)
			}
		}
		if _, _, ok := group.SplitMember(); ok {
			t.Errorf("%s is a courier of a group", group)
		}
	}
	if _, _, ok := graph.Addr("courier.courier.x").SplitMember(); ok {
		t.Error("a courier is a courier of a group")
	}
}

func with(moved []graph.Moved, groups ...graph.Group) *graph.Graph {
	return &graph.Graph{Groups: groups, Moved: moved}
}

func of(addr graph.Addr, members ...string) graph.Group {
	g := graph.Group{Addr: addr}
	for _, m := range members {
		g.Members = append(g.Members, graph.Member{Name: m, Courier: graph.NewAddr(graph.KindCourier, m)})
	}
	return g
}

func TestRenamesOf(t *testing.T) {
	t.Parallel()
	move := func(pairs ...graph.Addr) (list []graph.Moved) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, graph.Moved{From: pairs[i], To: pairs[i+1]})
		}
		return list
	}
	a, b, c := graph.GroupAddr("a"), graph.GroupAddr("b"), graph.GroupAddr("c")
	for name, tt := range map[string]struct {
		before, after   *graph.Graph
		blocks, members []graph.Moved
	}{
		"one":            {with(nil, of(a)), with(move(a, b), of(b)), move(a, b), nil},
		"chain":          {with(nil, of(a)), with(move(a, b, b, c), of(c)), move(a, c), nil},
		"middle":         {with(nil, of(b)), with(move(a, b, b, c), of(c)), move(b, c), nil},
		"stale":          {with(nil, of(b)), with(move(a, b), of(b)), nil, nil},
		"both applied":   {with(nil, of(a), of(b)), with(move(a, b), of(b)), nil, nil},
		"never applied":  {with(nil), with(move(a, b), of(b)), nil, nil},
		"all instances":  {with(nil, of(a.Instance("x")), of(a.Instance("y"))), with(move(a, b), of(b.Instance("x"))), move(a.Instance("x"), b.Instance("x")), nil},
		"to an instance": {with(nil, of(a)), with(move(a, a.Instance("x")), of(a.Instance("x"))), move(a, a.Instance("x")), nil},
		"courier of a group": {with(nil, of(a, "x")), with(move(graph.MemberAddr(a, "x"), graph.MemberAddr(a, "y")), of(a, "y")),
			nil, move(graph.MemberAddr(a, "x"), graph.MemberAddr(a, "y"))},
		"courier of a group that moves": {with(nil, of(a, "x")), with(move(a, b, graph.MemberAddr(b, "x"), graph.MemberAddr(b, "y")), of(b, "y")),
			move(a, b), move(graph.MemberAddr(a, "x"), graph.MemberAddr(b, "y"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := graph.RenamesOf(tt.before, tt.after)
			if diff := cmp.Diff(graph.Renames{Blocks: tt.blocks, Members: tt.members}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A courier takes its name in its groups with it, where the name is its own.
func TestRenamedCourier(t *testing.T) {
	t.Parallel()
	before := with(nil, of("courier_group.a", "old"))
	before.Groups[0].Members = append(before.Groups[0].Members, graph.Member{Name: "own", Courier: "courier.old"})
	before.Couriers = []graph.Courier{{Addr: "courier.old"}}
	after := with([]graph.Moved{{From: "courier.old", To: "courier.new"}}, of("courier_group.a", "new"))
	after.Groups[0].Members = append(after.Groups[0].Members, graph.Member{Name: "own", Courier: "courier.new"})
	after.Couriers = []graph.Courier{{Addr: "courier.new"}}
	r := graph.RenamesOf(before, after)
	want := *after
	want.Moved = nil
	if diff := cmp.Diff(&want, before.Renamed(r), cmp.AllowUnexported(graph.Graph{})); diff != "" {
		t.Error(diff)
	}
	standing := graph.Standing{
		Watermarks: []graph.Watermark{{Group: "courier_group.a", Courier: "new"}, {Group: "courier_group.a", Courier: "old"}, {Group: "courier_group.a", Courier: "own"}},
	}
	standing.Watermarks[1].At = standing.Watermarks[1].At.AddDate(1, 0, 0)
	got := standing.Renamed(r)
	if len(got.Watermarks) != 2 || got.Watermarks[0].Courier != "new" || !got.Watermarks[0].At.Equal(standing.Watermarks[1].At) {
		t.Errorf("watermarks %v", got.Watermarks)
	}
}

// Whoever may not rename a group now is told what to end, and what keeps the next
// run from coming: of a group that was removed there is none.
func TestBusyErrorSaysWhatToEnd(t *testing.T) {
	t.Parallel()
	own := &graph.BusyError{Group: "courier_group.daily", To: "courier_group.sales", Run: "courier_group.daily@2000-01-01T13:00:00Z"}
	for _, part := range []string{"courier_group.daily cannot become courier_group.sales now", "`waybill stop courier_group.daily@2000-01-01T13:00:00Z`", "`waybill pause daily`"} {
		if !strings.Contains(own.Error(), part) {
			t.Errorf("%q is not in: %s", part, own)
		}
	}
	aside := &graph.BusyError{Group: "courier_group.daily", To: "courier_group.sales", Run: "courier_group.sales@2000-01-01T13:00:00Z"}
	if text := aside.Error(); strings.Contains(text, "pause") || !strings.Contains(text, "that was the name of a removed group") {
		t.Errorf("advice for a group that is gone: %s", text)
	}
}
