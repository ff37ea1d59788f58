package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// seed is the worked example of the modelled system (domain.md section 2): cron
// 0 13 * * * UTC, four couriers whose sources stamp their data differently.
func seed(second graph.Offset) *graph.Graph {
	g := daily("0 13 * * *", "UTC")
	g.Couriers = []graph.Courier{
		{Addr: "courier.campaign_monitor", RestAPI: &graph.RestAPI{HTTP: graph.HTTP{URL: graph.Text("https://example.com")}}},
		filedrop("s3_today", "today-{yyyy}-{MM}-{dd}.csv"),
		filedrop("s3_yesterday", "yesterday-{yyyy}-{MM}-{dd}.csv"),
		{Addr: "courier.salesforce", RestAPI: &graph.RestAPI{HTTP: graph.HTTP{URL: graph.Text("https://example.com")}}, IgnoresRange: true},
	}
	g.Groups[0].Members = []graph.Member{
		member("campaign_monitor", elapsed(13*time.Hour)),
		member("s3_today", second),
		member("s3_yesterday", elapsed(24*time.Hour)),
		member("salesforce", graph.Offset{}),
	}
	return g
}

type read struct {
	Name, Start, End string
	Ignored          bool
	Files            []string
}

func reads(r plan.Run) []read {
	var list []read
	for _, c := range r.Couriers {
		list = append(list, read{c.Name, c.Range.Start.Format("01-02T15:04"), c.Range.End.Format("01-02T15:04"), c.RangeIgnored, c.Files})
	}
	return list
}

// The table of domain.md section 2, row by row, for both readings of courier #2.
func TestSeedTable(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		second            graph.Offset
		start, end, after string
	}{
		"as written, 30 minutes": {elapsed(30 * time.Minute), "06-14T12:30", "06-15T12:30", "06-16T12:30"},
		"as drawn, none":         {graph.Offset{}, "06-14T13:00", "06-15T13:00", "06-16T13:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{Graph: seed(tt.second), At: at("2026-06-15T00:00:00Z")})
			if got := p.Runs[0].ScheduledAt; !got.Equal(at("2026-06-15T13:00:00Z")) {
				t.Fatalf("first run at %v", got)
			}
			want := []read{
				{"campaign_monitor", "06-14T00:00", "06-15T00:00", false, []string{}},
				{"s3_today", tt.start, tt.end, false, []string{"today-2026-06-15.csv"}},
				{"s3_yesterday", "06-13T13:00", "06-14T13:00", false, []string{"yesterday-2026-06-14.csv"}},
				{"salesforce", "06-14T13:00", "06-15T13:00", true, []string{}},
			}
			if diff := cmp.Diff(want, reads(p.Runs[0])); diff != "" {
				t.Errorf("run of 06-15: %s", diff)
			}
			next := []read{
				{"campaign_monitor", "06-15T00:00", "06-16T00:00", false, []string{}},
				{"s3_today", tt.end, tt.after, false, []string{"today-2026-06-16.csv"}},
				{"s3_yesterday", "06-14T13:00", "06-15T13:00", false, []string{"yesterday-2026-06-15.csv"}},
				{"salesforce", "06-15T13:00", "06-16T13:00", true, []string{}},
			}
			if diff := cmp.Diff(next, reads(p.Runs[1])); diff != "" {
				t.Errorf("run of 06-16: %s", diff)
			}
		})
	}
}

// Neighbouring runs leave no gap and no overlap, whatever the offset and through
// both changes of the clock.
func TestRangesTile(t *testing.T) {
	t.Parallel()
	for _, o := range []graph.Offset{{}, elapsed(30 * time.Minute), {Days: 1}, {Weeks: 1, Elapsed: graph.Duration(time.Hour)}, {Months: 1}} {
		g := daily("30 1 * * *", losAngeles, func(g *graph.Group) {
			g.Members[0].Offset, g.FileDates, g.DST.Fold = o, losAngeles, "both"
		})
		p := plan.Make(plan.Input{Graph: g, At: at("2026-10-01T00:00:00Z"), Horizon: 200 * 24 * time.Hour, PerGroup: 1000})
		if len(p.Runs) < 200 {
			t.Fatalf("offset %v: %d runs", o, len(p.Runs))
		}
		for i, r := range p.Runs[1:] {
			if before := p.Runs[i].Couriers[0].Range; !r.Couriers[0].Range.Start.Equal(before.End) {
				t.Errorf("offset %v: the run of %s starts at %v, the one before ended at %v", o, r.Local, r.Couriers[0].Range.Start, before.End)
			}
		}
	}
}
