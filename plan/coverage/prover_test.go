package coverage_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan/coverage"
)

var (
	begin = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	end   = begin.AddDate(coverage.Years, 0, 0)
)

const losAngeles = "America/Los_Angeles"

func elapsed(d time.Duration) graph.Offset { return graph.Offset{Elapsed: graph.Duration(d)} }

// group has one courier c; files are dated as its schedule unless an edit says
// otherwise.
func group(schedule, zone string, edits ...func(*graph.Group)) *graph.Group {
	g := &graph.Group{Addr: "courier_group.g", Active: true, Schedule: schedule, Timezone: zone, FileDates: zone, CatchUp: graph.Coalesce,
		DST: graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"}, Members: []graph.Member{{Name: "c", Courier: "courier.c"}}}
	for _, edit := range edits {
		edit(g)
	}
	return g
}

func drop(patterns ...string) graph.Courier {
	c := graph.Courier{Addr: "courier.c", Filedrop: &graph.Filedrop{}}
	for _, p := range patterns {
		c.Files = append(c.Files, graph.File{Name: p, Pattern: p})
	}
	return c
}

func offset(o graph.Offset) func(*graph.Group) {
	return func(g *graph.Group) { g.Members[0].Offset = o }
}

func utc(g *graph.Group)     { g.FileDates = "UTC" }
func pastDay(g *graph.Group) { g.PastDayOnly = true }
func skip(g *graph.Group)    { g.DST.Gap = "skip" }

const (
	dayFile  = "{yyyy}{MM}{dd}.csv"
	hourFile = "{yyyy}{MM}{dd}{HH}.csv"
)

// Ten years of what people write, what is wrong with it, and what cures it. Each
// is compared with an enumeration as well.
func TestTenYears(t *testing.T) {
	t.Parallel()
	type want struct {
		Holds                                bool
		Lost                                 string
		Never, Early, Late, Repeated, Blocks int
		Cure                                 string
	}
	holds := want{Holds: true, Lost: "0s"}
	for name, tt := range map[string]struct {
		group *graph.Group
		file  string
		want  want
	}{
		"afternoon":            {group("0 13 * * *", losAngeles), dayFile, holds},
		"afternoon, UTC files": {group("0 13 * * *", losAngeles, utc), dayFile, holds},
		"in the gap":           {group("30 2 * * *", losAngeles), dayFile, holds},
		"hourly, UTC files":    {group("0 * * * *", losAngeles, utc), hourFile, holds},
		"monthly":              {group("0 3 31 * *", "Europe/Berlin"), "{yyyy}-{MM}.csv", holds},
		"months":               {group("0 4 * * *", "Europe/Berlin", offset(graph.Offset{Months: 1})), dayFile, holds},
		"Samoa, one day":       {group("0 4 * * *", "Pacific/Apia", offset(graph.Offset{Days: 1})), dayFile, holds},
		"24 hours after midnight": {group("30 0 * * *", losAngeles, offset(elapsed(24*time.Hour))), dayFile,
			want{Lost: "0s", Late: 10, Cure: "offset { days = 1 }"}},
		"24 hours before midnight": {group("30 23 * * *", losAngeles, offset(elapsed(24*time.Hour))), dayFile,
			want{Lost: "0s", Early: 10, Cure: "offset { days = 1 }"}},
		"evening, UTC files": {group("0 17 * * *", losAngeles, utc), dayFile,
			want{Lost: "0s", Early: 1273, Cure: `file_dates = "schedule"`}},
		"evening, UTC files stated": {group("0 17 * * *", losAngeles, utc, func(g *graph.Group) { g.FileDatesStated = true }), dayFile,
			want{Lost: "0s", Early: 1273, Cure: `schedule = "0 18 * * *"`}},
		"past day, UTC files":    {group("0 13 * * *", losAngeles, utc, pastDay), dayFile, want{Lost: "10h", Cure: `file_dates = "schedule"`}},
		"past day":               {group("0 13 * * *", losAngeles, pastDay), dayFile, holds},
		"past day, weekly":       {group("0 13 * * 1", "UTC", pastDay), dayFile, want{Lost: "3132d", Never: 3132, Cure: "past_day_only = false"}},
		"past day, skip":         {group("30 2 * * *", losAngeles, pastDay, skip), dayFile, want{Lost: "9d19h", Never: 10, Cure: `schedule = "30 3 * * *"`}},
		"skip":                   {group("30 2 * * *", losAngeles, skip), dayFile, want{Lost: "0s", Late: 10, Cure: `dst { gap = "next_valid" }`}},
		"hours that repeat":      {group("0 * * * *", losAngeles), hourFile, want{Lost: "0s", Repeated: 10, Cure: "offset { hours = 1 }"}},
		"hours, read once a day": {group("0 13 * * *", losAngeles), hourFile, holds},
		"max_range of a day": {group("0 13 * * *", losAngeles, func(g *graph.Group) { g.MaxRange = graph.Duration(24 * time.Hour) }), dayFile,
			want{Lost: "0s", Blocks: 10, Cure: `max_range = "7d"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := drop(tt.file)
			r, cal := prove(t, tt.group, source, begin, end)
			d := r.Dates[0]
			got := want{r.Holds, r.Lost.String(), d.Never, d.Early, d.Late, d.Repeated, r.Blocked, r.Cure}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s\n%+v", diff, r)
			}
			r.Group, r.Courier, r.Name, r.Cure, r.Conditions = "", "", "", "", nil
			if diff := cmp.Diff(naive(t, cal, tt.group.Members[0], &source, begin, end), r); diff != "" {
				t.Errorf("-enumerated +proved\n%s", diff)
			}
		})
	}
}

// What nothing is claimed of, and what a claim depends on.
func TestBases(t *testing.T) {
	t.Parallel()
	full := graph.Courier{Addr: "courier.c", RestAPI: &graph.RestAPI{}, IgnoresRange: true}
	rest := graph.Courier{Addr: "courier.c", RestAPI: &graph.RestAPI{}}
	for name, tt := range map[string]struct {
		group  *graph.Group
		source graph.Courier
		want   coverage.Coverage
	}{
		"by arrival": {group("0 13 * * *", "UTC"), drop("*.csv"), coverage.Coverage{Basis: coverage.ByArrival, Runs: 3653, Unproved: []string{"*.csv"}}},
		"full load":  {group("0 13 * * *", "UTC", pastDay), full, coverage.Coverage{Basis: coverage.FullLoad, Runs: 3653, Holds: true}},
		"range":      {group("0 13 * * *", "UTC"), rest, coverage.Coverage{Basis: coverage.ByRange, Runs: 3653, Holds: true}},
		"catch_up": {group("0 13 * * *", "UTC", func(g *graph.Group) { g.CatchUp = graph.SkipCatchUp }), rest,
			coverage.Coverage{Basis: coverage.ByRange, Runs: 3653, Holds: true, Conditions: []string{`what falls due while nothing serves is dropped: catch_up = "skip"`}}},
		"never": {group("30 2 8-14 3 */7", losAngeles, skip), rest, coverage.Coverage{Basis: coverage.ByRange}},
		"mixed": {group("0 13 * * *", "UTC"), drop("{yyyy}.csv", "b"), coverage.Coverage{Basis: coverage.ByRange, Runs: 3653, Holds: true,
			Dates: []coverage.Dates{{File: "{yyyy}.csv", Unit: "year", Expected: 10}}, Unproved: []string{"b"}}},
	} {
		got, _ := prove(t, tt.group, tt.source, begin, end)
		tt.want.Group, tt.want.Courier, tt.want.Name, tt.want.From, tt.want.Until = "courier_group.g", "courier.c", "c", begin, end
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	idle := group("0 13 * * *", "UTC", func(g *graph.Group) { g.Active = false })
	cal, err := window.NewCalendar(idle)
	if err != nil {
		t.Fatal(err)
	}
	if list := coverage.New(&graph.Graph{Couriers: []graph.Courier{rest}}, begin).Group(cal); list != nil {
		t.Errorf("an inactive group has %v", list)
	}
}

// A cure does not break what holds.
func TestCureLeavesOthersWhole(t *testing.T) {
	t.Parallel()
	g := group("0 17 * * *", losAngeles, utc, func(g *graph.Group) {
		// in UTC the dates of the second courier are all read in time; on the clocks
		// of Los Angeles they would not be
		g.Members = append(g.Members, graph.Member{Name: "other", Courier: "courier.c", Offset: elapsed(17 * time.Hour)})
	})
	cal, err := window.NewCalendar(g)
	if err != nil {
		t.Fatal(err)
	}
	list := coverage.Between(&graph.Graph{Couriers: []graph.Courier{drop(dayFile)}}, begin, end).Group(cal)
	if list[0].Holds || !list[1].Holds {
		t.Fatalf("%+v", list)
	}
	if list[0].Cure != `schedule = "0 18 * * *"` {
		t.Errorf("cure %q", list[0].Cure)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	r, _ := prove(t, group("0 13 * * *", losAngeles, utc, pastDay), drop(dayFile), begin, end)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back coverage.Coverage
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Error(diff)
	}
}
