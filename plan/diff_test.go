package plan_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// lines writes changes as "action address path before -> after".
func lines(p *plan.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		if c.Action != plan.Modify {
			out = append(out, fmt.Sprintf("%s %s", c.Action, c.Address))
		}
		for _, a := range c.Attributes {
			if c.Action == plan.Modify {
				out = append(out, fmt.Sprintf("%s %s %s -> %s", c.Address, a.Path, a.Before, a.After))
			}
		}
	}
	return out
}

func TestChanges(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		edit func(*graph.Graph)
		want []string
	}{
		"attribute": {func(g *graph.Graph) { g.Groups[0].Schedule = "0 14 * * *" },
			[]string{`courier_group.daily schedule "0 13 * * *" -> "0 14 * * *"`}},
		"of a courier of a group": {func(g *graph.Graph) { g.Groups[0].Members[0].Offset.Days = 1 },
			[]string{`courier_group.daily courier.orders.offset.days  -> 1`}},
		"of a file": {func(g *graph.Graph) { g.Couriers[0].Files[0].Optional = true },
			[]string{`courier.orders file.orders.optional  -> true`}},
		"text with run-time parts": {func(g *graph.Graph) {
			g.Couriers[0].Filedrop.Password = graph.Value{{Literal: "x"}, {Ref: "secret.key"}}
		},
			[]string{`courier.orders filedrop.password  -> "x${secret.key}"`}},
		"list": {func(g *graph.Graph) { g.Groups[0].Alerts = []graph.Addr{"alert.slack.ops"} },
			[]string{`courier_group.daily alerts  -> ["alert.slack.ops"]`}},
		"command": {func(g *graph.Graph) { g.Processes[0].Exec.Command[1] = graph.Value{{Ref: "run.landing"}} },
			[]string{`process.stitch exec.command ["./stitch.sh","all"] -> ["./stitch.sh","${run.landing}"]`}},
		"condition": {func(g *graph.Graph) {
			g.Processes[0].Exec = nil
			g.Processes[0].HTTP = &graph.HTTP{Method: "POST", URL: graph.Text("https://x"), Poll: &graph.Poll{
				Done: graph.Condition{Op: "and", All: []graph.Condition{{Op: "==", Left: graph.Text("a")}}}}}
		}, []string{
			`process.stitch exec.command ["./stitch.sh","all"] -> `,
			`process.stitch http.method  -> "POST"`,
			`process.stitch http.poll.done.all[0].left  -> "a"`,
			`process.stitch http.poll.done.all[0].op  -> "=="`,
			`process.stitch http.poll.done.op  -> "and"`,
			`process.stitch http.poll.every  -> "0s"`,
			`process.stitch http.poll.success.op  -> ""`,
			`process.stitch http.poll.url  -> null`,
			`process.stitch http.url  -> "https://x"`,
		}},
		"workspace": {func(g *graph.Graph) { g.Landing = "s3://lake" },
			[]string{`waybill landing "landing" -> "s3://lake"`}},
		"blocks come and go": {func(g *graph.Graph) {
			g.Secrets = []graph.Secret{{Name: "token", Env: "TOKEN"}}
			g.Couriers = append(g.Couriers, filedrop("partner", "x.csv"))
			g.Processes = nil
		}, []string{"add courier.partner", "remove process.stitch", "add secret.token"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := daily("0 13 * * *", "UTC")
			old.Processes = []graph.Step{{Addr: "process.stitch", Exec: &graph.Exec{Command: []graph.Value{graph.Text("./stitch.sh"), graph.Text("all")}}}}
			now := clone(t, old)
			tt.edit(now)
			p := plan.Make(plan.Input{Deployed: applied(old), Graph: now, At: at("2026-06-15T00:00:00Z")})
			if diff := cmp.Diff(tt.want, lines(p)); diff != "" {
				t.Error(diff)
			}
			if n := p.Summary.Add + p.Summary.Change + p.Summary.Remove; n != len(p.Changes) || p.Empty() {
				t.Errorf("summary %+v of %d changes", p.Summary, len(p.Changes))
			}
		})
	}
}

// The order of files, couriers and alerts means nothing.
func TestFirstDeploymentAddsEverything(t *testing.T) {
	t.Parallel()
	for _, d := range []graph.Deployment{{}, {Graph: &graph.Graph{}}, {Store: "s", Graph: &graph.Graph{}}} {
		p := plan.Make(plan.Input{Deployed: d, Graph: daily("0 13 * * *", "UTC"), At: at("2026-06-15T00:00:00Z")})
		want := []string{"add courier.orders", "add courier_group.daily", "add waybill"}
		if diff := cmp.Diff(want, lines(p)); diff != "" {
			t.Error(diff)
		}
	}
}

// Planning what was just applied is empty, for random workspaces, with and without
// a digest, after a trip through JSON.
func TestNothingChangesInWhatIsApplied(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		g := random(r)
		d := applied(clone(t, g))
		if r.IntN(2) == 0 {
			d.Digest = ""
		}
		p := plan.Make(plan.Input{Deployed: d, Graph: g, At: at("2026-06-15T00:00:00Z")})
		if !p.Empty() || p.Summary != (plan.Summary{}) {
			t.Fatalf("changes in what is applied: %v", lines(p))
		}
	}
}

// Any difference between two graphs shows in the changes.
func TestEveryDifferenceShows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		a, b := random(r), random(r)
		p := plan.Make(plan.Input{Deployed: applied(a), Graph: b, At: at("2026-06-15T00:00:00Z")})
		if (a.Digest() == b.Digest()) != p.Empty() {
			t.Fatalf("digests equal: %v, changes: %v", a.Digest() == b.Digest(), lines(p))
		}
	}
}

func random(r *rand.Rand) *graph.Graph {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	g := daily(pick("0 13 * * *", "*/10 * * * *", "30 2 * * 1"), pick("UTC", losAngeles, "Africa/Cairo"))
	g.Landing = pick("landing", "s3://lake")
	for i := range r.IntN(4) {
		name := fmt.Sprintf("c%d", i)
		c := filedrop(name, pick("{yyyy}{MM}{dd}.csv", "*.csv", "{yyyy}/{MM}.csv"))
		c.Filedrop.URL = graph.Value{{Literal: pick("", "a")}, {Ref: pick("secret.a", "secret.b")}}
		g.Couriers = append([]graph.Courier{c}, g.Couriers...)
		m := member(name, graph.Offset{Days: r.IntN(2)})
		m.OnMissing = pick("stop", "continue")
		g.Groups[0].Members = append(g.Groups[0].Members, m)
	}
	for range r.IntN(2) {
		g.Secrets = []graph.Secret{{Name: pick("a", "b"), Env: "X"}}
		g.Alerts = []graph.Alert{{Addr: "alert.slack.ops", Type: "slack", On: []string{pick("failed", "late")}}}
		g.Groups[0].CatchUp = pick(graph.Coalesce, graph.Each)
	}
	return g
}

func TestReschedule(t *testing.T) {
	t.Parallel()
	old := daily("0 13 * * *", losAngeles)
	for name, tt := range map[string]struct {
		edit   func(*graph.Group)
		before int
		after  []string
	}{
		"schedule": {func(g *graph.Group) { g.Schedule = "0 14 * * *" }, 3, []string{"2026-06-15T14:00:00-07:00", "2026-06-16T14:00:00-07:00", "2026-06-17T14:00:00-07:00"}},
		"zone":     {func(g *graph.Group) { g.Timezone = "UTC" }, 3, []string{"2026-06-15T13:00:00Z", "2026-06-16T13:00:00Z", "2026-06-17T13:00:00Z"}},
		"inactive": {func(g *graph.Group) { g.Active = false }, 3, nil},
		"weekly":   {func(g *graph.Group) { g.Schedule = "0 13 * * 1" }, 3, nil},
		"twice":    {func(g *graph.Group) { g.Schedule = "0 13,18 * * *" }, 0, []string{"2026-06-14T18:00:00-07:00", "2026-06-15T18:00:00-07:00", "2026-06-16T18:00:00-07:00"}},
		"some":     {func(g *graph.Group) { g.Schedule = "0 13 14-16,18-31 * *" }, 3, nil},
		"same":     {func(g *graph.Group) { g.Schedule = "0 13 * * 0-6" }, 0, nil},
		"other":    {func(g *graph.Group) { g.PastDayOnly = true }, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := clone(t, old)
			tt.edit(&now.Groups[0])
			p := plan.Make(plan.Input{Deployed: applied(old), Graph: now, At: at("2026-06-15T00:00:00Z")})
			r := p.Changes[0].Reschedule
			if r == nil {
				r = &plan.Reschedule{}
			}
			var after []string
			for _, tick := range r.After {
				after = append(after, tick.Local)
			}
			if diff := cmp.Diff(tt.after, after); diff != "" || len(r.Before) != tt.before {
				t.Errorf("%d before; %s", len(r.Before), diff)
			}
		})
	}
}
