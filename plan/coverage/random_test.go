package coverage_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan/coverage"
)

var zones = []string{"UTC", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo",
	"America/Nuuk", "Atlantic/Azores", "Asia/Kolkata", "Africa/Casablanca", "America/Havana", "Pacific/Chatham", "Antarctica/Troll", "Pacific/Apia"}

var schedules = []string{"0 13 * * *", "0 17 * * *", "0 16 * * *", "30 2 * * *", "30 1 * * *", "30 0 * * *", "0 0 * * *", "30 23 * * *", "15 6 * * 1",
	"0 9 * * 1-5", "30 2 * * 0", "0 4 1 * *", "0 3 31 * *", "0 * * * *", "0 */6 * * *", "5,35 5,17 * * *", "*/40 * * * *", "0 6,18 * * 1,4", "0 12 1,15 * *", "45 23 * * 6"}

var patterns = []string{"{yyyy}-{MM}-{dd}.csv", "{yyyy}-{MM}-{dd}.csv", "{yyyy}/{MM}/{dd}/{HH}.csv", "{yyyy}-{MM}.csv", "{yyyy}.csv"}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// arbitrary is a group with one courier, of anything that the language can say.
func arbitrary(r *rand.Rand) (graph.Group, graph.Courier) {
	zone, elsewhere := pick(r, zones), pick(r, zones)
	if r.IntN(3) == 0 {
		zone, elsewhere = pick(r, cron.Zones()), pick(r, cron.Zones())
	}
	schedule := pick(r, schedules)
	if r.IntN(3) == 0 {
		schedule = fmt.Sprintf("%d %d,%d %s", r.IntN(60), r.IntN(24), r.IntN(24), pick(r, []string{"* * *", "* * *", "* * 0", "* * 2-6", "1-7 * *", "10,31 * *", "* * 5#2", "* * 6L"}))
	}
	g := graph.Group{Addr: "courier_group.g", Active: true, Schedule: schedule, Timezone: zone, FileDates: pick(r, []string{"UTC", zone, elsewhere}),
		PastDayOnly: r.IntN(3) == 0, CatchUp: graph.Coalesce,
		DST: graph.DST{Gap: pick(r, []string{"next_valid", "shift", "skip"}), Fold: pick(r, []string{"first", "second", "both"}), Class: pick(r, []string{"auto", "fixed", "interval"})}}
	if r.IntN(8) == 0 {
		g.MaxRange = graph.Duration(pick(r, []time.Duration{12, 24, 25, 30, 24 * 6, 24 * 8})) * graph.Duration(time.Hour)
	}
	o := pick(r, []graph.Offset{{}, {}, {Days: 1}, {Days: 2}, {Weeks: 1}, {Months: 1}, {Months: 2, Days: 1},
		{Elapsed: graph.Duration(time.Duration(pick(r, []int{1, 60, 13 * 60, 24 * 60, 24*60 + 30, 48 * 60, 30 * 24 * 60})) * time.Minute)},
		{Days: 1, Elapsed: graph.Duration(90 * time.Minute)}})
	g.Members = []graph.Member{{Name: "c", Courier: "courier.c", Offset: o}}
	c := graph.Courier{Addr: "courier.c", Filedrop: &graph.Filedrop{}}
	for i := range 1 + r.IntN(2) {
		f := graph.File{Name: fmt.Sprintf("f%d", i), Pattern: pick(r, patterns), Require: graph.RequireEach}
		if r.IntN(4) == 0 {
			f.Days = []string{"mon", "tue", "wed", "thu", "fri"}
			f.Except = []string{"2026-12-25", "2027-03-15", "2027-03-27"}
		}
		c.Files = append(c.Files, f)
	}
	return g, c
}

func prove(t testing.TB, g *graph.Group, c graph.Courier, from, until time.Time) (coverage.Coverage, *window.Calendar) {
	t.Helper()
	cal, err := window.NewCalendar(g)
	if err != nil {
		t.Fatal(err)
	}
	w := &graph.Graph{Couriers: []graph.Courier{c}, Groups: []graph.Group{*g}}
	list := coverage.Between(w, from, until).Group(cal)
	if len(list) != 1 {
		t.Fatalf("%d results", len(list))
	}
	return list[0], cal
}

// The prover agrees with what happens when every run happens. WAYBILL_PROVE=1
// tries many more groups.
func TestAgainstEnumeration(t *testing.T) {
	t.Parallel()
	n := uint64(300)
	if os.Getenv("WAYBILL_PROVE") != "" {
		n = 20_000
	}
	seen := map[string]int{}
	for seed := range n {
		for _, kind := range compare(t, seed) {
			seen[kind]++
		}
	}
	for _, kind := range []string{"holds", "lost", "never", "early", "late", "blocked"} {
		if seen[kind] < int(n)/200 {
			t.Errorf("%d of %d groups have %q: the groups are not arbitrary any more", seen[kind], n, kind)
		}
	}
}

func FuzzCoverage(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { compare(t, seed) })
}

// compare proves an arbitrary group and says what was found.
func compare(t *testing.T, seed uint64) (kinds []string) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	g, c := arbitrary(r)
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(900*24*60)) * time.Minute)
	until := from.Add(time.Duration(1+r.IntN(400)) * 24 * time.Hour)
	if r.IntN(12) == 0 { // Apia leaves a date out
		from, until = time.Date(2011, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2012, 3, 1, 0, 0, 0, 0, time.UTC)
	}
	got, cal := prove(t, &g, c, from, until)
	want := naive(t, cal, g.Members[0], &c, from, until)
	for kind, n := range counts(got) {
		if n > 0 {
			kinds = append(kinds, kind)
		}
	}
	got.Group, got.Courier, got.Name, got.Cure, got.Conditions = "", "", "", "", nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seed %d: %s in %s, file dates %s, dst %v, offset %s, past_day_only %v, max_range %s, files %v, %s to %s: -enumerated +proved\n%s",
			seed, g.Schedule, g.Timezone, g.FileDates, g.DST, g.Members[0].Offset, g.PastDayOnly, g.MaxRange, c.Files, from, until, diff)
	}
	return kinds
}

func counts(c coverage.Coverage) map[string]int {
	n := map[string]int{"lost": c.Holes, "blocked": c.Blocked}
	if c.Holds {
		n["holds"] = 1
	}
	for _, d := range c.Dates {
		n["never"] += d.Never
		n["early"] += d.Early
		n["late"] += d.Late
		n["repeated"] += d.Repeated
	}
	return n
}
