package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// past_day_only at 13:00 in Los Angeles loses an hour each autumn where the file
// dates follow UTC, and nothing where they follow the schedule.
func TestPastDayOnlyLosesHours(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fileDates string
		lost      time.Duration
		holes     int
		holds     bool
		codes     []string
	}{
		{"UTC", 10 * time.Hour, 10, false, []string{"WB401"}},
		{losAngeles, 0, 0, true, nil},
	} {
		p := plan.Make(plan.Input{At: at("2026-11-22T00:00:00Z"), Graph: daily("0 13 * * *", losAngeles, func(g *graph.Group) {
			g.PastDayOnly, g.FileDates = true, test.fileDates
			g.Accept = []string{"WB308"}
		})})
		c := p.Coverage[0]
		if c.Lost.Std() != test.lost || c.Holes != test.holes || c.Holds != test.holds || c.Runs != 3653 || c.Twice != 0 {
			t.Errorf("file dates in %s: %+v", test.fileDates, c)
		}
		if diff := cmp.Diff(test.codes, codes(p)); diff != "" {
			t.Errorf("file dates in %s: %s", test.fileDates, diff)
		}
	}
}

func TestCoverageCodes(t *testing.T) {
	t.Parallel()
	local := func(g *graph.Group) { g.FileDates = g.Timezone }
	for name, tt := range map[string]struct {
		schedule, zone string
		edit           func(*graph.Group)
		want           []string
	}{
		"afternoon":         {"0 13 * * *", losAngeles, func(*graph.Group) {}, nil},
		"near midnight UTC": {"0 17 * * *", losAngeles, func(*graph.Group) {}, []string{"WB407"}},
		"on the same clock": {"0 17 * * *", losAngeles, local, nil},
		"24 hours":          {"30 0 * * *", losAngeles, func(g *graph.Group) { local(g); g.Members[0].Offset = elapsed(24 * time.Hour) }, []string{"WB407", "WB408"}},
		"one day":           {"30 0 * * *", losAngeles, func(g *graph.Group) { local(g); g.Members[0].Offset = graph.Offset{Days: 1} }, nil},
		"accepted": {"30 0 * * *", losAngeles, func(g *graph.Group) {
			local(g)
			g.Members[0].Offset, g.Accept = elapsed(24*time.Hour), []string{"WB308", "WB407", "WB408"}
		}, nil},
		"short max_range":  {"0 13 * * *", losAngeles, func(g *graph.Group) { g.MaxRange = graph.Duration(24 * time.Hour) }, []string{"WB409"}},
		"long max_range":   {"0 13 * * *", losAngeles, func(g *graph.Group) { g.MaxRange = graph.Duration(25 * time.Hour) }, nil},
		"past day, weekly": {"0 13 * * 1", "UTC", func(g *graph.Group) { g.PastDayOnly = true }, []string{"WB401"}},
		"inactive":         {"0 17 * * *", losAngeles, func(g *graph.Group) { g.Active = false }, nil},
		"skipped runs":     {"30 2 * * *", losAngeles, func(g *graph.Group) { local(g); g.DST.Gap = "skip"; g.Accept = append(g.Accept, "WB301", "WB305") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := daily(tt.schedule, tt.zone, func(g *graph.Group) { g.Accept = []string{"WB308"} }, tt.edit)
			p := plan.Make(plan.Input{Graph: g, At: at("2026-11-22T00:00:00Z")})
			if diff := cmp.Diff(tt.want, codes(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a diagnostic of coverage says: which runs, what of which data, what to write.
func TestCoverageText(t *testing.T) {
	t.Parallel()
	g := daily("30 23 * * *", losAngeles, func(g *graph.Group) {
		g.FileDates, g.Accept = losAngeles, []string{"WB308", "WB408"}
		g.Members[0].Offset = elapsed(24 * time.Hour)
		other := g.Members[0]
		other.Name = "twin"
		third := other
		third.Name, third.Offset = "later", elapsed(23*time.Hour+45*time.Minute)
		g.Members = append(g.Members, other, third)
	})
	p := plan.Make(plan.Input{Graph: g, At: at("2026-11-22T00:00:00Z")})
	if len(p.Diagnostics) != 1 {
		t.Fatalf("%v", codes(p))
	}
	d := p.Diagnostics[0]
	want := `The runs of courier_group.daily look for some files a day or more earlier or later than usual, since clocks change. For orders, twin, up to 2036-11-22:

- the run of 2027-11-07 23:30 PST (2027-11-08 07:30 UTC) looks for orders of 2027-11-07 1 day early
- the run of 2028-11-05 23:30 PST (2028-11-06 07:30 UTC) looks for orders of 2028-11-05 1 day early
- the run of 2029-11-04 23:30 PST (2029-11-05 07:30 UTC) looks for orders of 2029-11-04 1 day early
- and 7 more

To cure it, write

  offset { days = 1 }

in the blocks of couriers orders, twin of the group.

For later there are 10.
To cure it, write

  schedule = "30 22 * * *"

in the group.`
	if diff := cmp.Diff(want, d.Detail); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("10 of 3,653 files of orders are looked for early", d.Summary); diff != "" {
		t.Error(diff)
	}
}
