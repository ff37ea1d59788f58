package plan

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// These tests compare what hazards work out with what a walk over every run of the
// horizon finds.

var exactNow = time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)

var exactZones = []string{
	"America/Los_Angeles", "America/New_York", "Europe/Berlin", "UTC", "Africa/Cairo", "America/Santiago",
	"Australia/Lord_Howe", "America/Nuuk", "Australia/Sydney", "Asia/Kolkata", "America/Havana", "Atlantic/Azores",
}

func surveyOf(t testing.TB, groups ...graph.Group) *survey {
	t.Helper()
	for i := range groups {
		if groups[i].Addr == "" {
			groups[i].Addr = graph.GroupAddr(fmt.Sprintf("g%03d", i))
		}
		groups[i].Active, groups[i].FileDates = true, "UTC"
	}
	w, problems := newWorld(Input{Graph: &graph.Graph{Groups: groups}, At: exactNow}, exactNow.Add(DefaultHorizon))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return newSurvey(w)
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func randomDST(r *rand.Rand) graph.DST {
	return graph.DST{Gap: pick(r, "next_valid", "shift", "skip"), Fold: pick(r, "first", "second", "both")}
}

// firings is every run of the horizon.
func firings(s *survey, c *window.Calendar) []cron.Firing {
	return slices.Collect(c.Schedule().Between(s.in.At, s.until))
}

// Of any two daily groups of a zone whose times are next to each other, the later
// one is reported if and only if on some date it does not start later.
func TestOrderIsExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	reported := 0
	for range 300 {
		zone := pick(r, exactZones...)
		var groups []graph.Group
		for range 2 + r.IntN(6) {
			groups = append(groups, graph.Group{Timezone: zone, DST: randomDST(r),
				Schedule: fmt.Sprintf("%d %d * * *", pick(r, 0, 1, 15, 30, 45, 59), pick(r, 0, 1, 1, 1, 2, 2, 2, 3, 23))})
		}
		for i := 1; i < len(groups); i++ {
			if r.IntN(4) == 0 {
				groups[i].After = []graph.After{{Name: "a", Group: graph.GroupAddr(fmt.Sprintf("g%03d", r.IntN(i)))}}
			}
		}
		s := surveyOf(t, groups...)
		var got []string
		for _, d := range order(s) {
			got = append(got, string(d.Code)+" "+d.Address)
		}
		want := inversionsByWalking(s)
		reported += len(want)
		sort.Strings(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s %+v\n%s", zone, groups, diff)
		}
	}
	if reported < 50 {
		t.Errorf("only %d inversions: the test does not test much", reported)
	}
}

func inversionsByWalking(s *survey) []string {
	type run struct {
		group   graph.Addr
		nominal cron.Wall
		at      time.Time
	}
	days := map[cron.Wall][]run{} // runs by nominal date; those with one run that date
	for _, c := range s.ticking {
		perDate := map[cron.Wall][]run{}
		for _, f := range firings(s, c) {
			date := f.Nominal.Midnight()
			perDate[date] = append(perDate[date], run{c.Group().Addr, f.Nominal, f.Instant})
		}
		for date, runs := range perDate {
			if len(runs) == 1 {
				days[date] = append(days[date], runs[0])
			}
		}
	}
	found := map[string]bool{}
	for date, runs := range days {
		// A late run of a date can pass the first ones of the next.
		runs = append(slices.Clone(runs), days[date.AddDays(1)]...)
		for _, b := range runs {
			last := cron.Wall(-1)
			for _, a := range runs {
				if a.nominal < b.nominal {
					last = max(last, a.nominal)
				}
			}
			for _, a := range runs {
				if a.nominal != last || a.at.Before(b.at) || newLinks(s.in.Graph).joined(a.group, b.group) {
					continue
				}
				code := diag.DSTOrderInversion
				for _, t := range s.transitions(s.ticking[0].Zone()) {
					if from, to, fold := t.Fold(); fold && a.nominal >= from && a.nominal < to {
						code = diag.DSTFoldOrder
					}
				}
				found[string(code)+" "+string(b.group)] = true
			}
		}
	}
	var list []string
	for k := range found {
		list = append(list, k)
	}
	sort.Strings(list)
	return list
}

// The weeks in which a group finds another tick, or one with less time to it, are
// those of a walk: every pair of ticks against the most frequent distance.
func TestPartnersAreExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	others, shorters := 0, 0
	for range 300 {
		daily := func() graph.Group {
			return graph.Group{Timezone: pick(r, exactZones...), DST: graph.DST{Gap: "next_valid", Fold: "first"},
				Schedule: fmt.Sprintf("%d %d * * *", pick(r, 0, 15, 30), r.IntN(24))}
		}
		upstream, waiting := daily(), daily()
		upstream.Addr, waiting.Addr = "courier_group.a", "courier_group.b"
		waiting.After = []graph.After{{Name: "a", Group: upstream.Addr}}
		s := surveyOf(t, upstream, waiting)
		p := &pairing{survey: s, waiting: s.ticking[1], upstream: s.ticking[0], after: &s.ticking[1].Group().After[0]}
		p.apart = p.usualDistance()
		p.look()
		var got [2]int
		for _, e := range p.another {
			got[0] += e.runs
		}
		for _, e := range p.shorter {
			got[1] += e.runs
		}
		want, clear := partnersByWalking(s)
		if !clear {
			continue
		}
		others, shorters = others+want[0], shorters+want[1]
		if got != want {
			t.Fatalf("%s %s after %s %s: %v runs with another tick and with less time, want %v", waiting.Schedule, waiting.Timezone,
				upstream.Schedule, upstream.Timezone, got, want)
		}
	}
	if others < 100 || shorters < 100 {
		t.Errorf("only %d and %d runs: the test does not test much", others, shorters)
	}
}

// partnersByWalking is unclear where no distance of the ticks is the usual one: the
// zones are as often an hour closer as not.
func partnersByWalking(s *survey) (n [2]int, clear bool) {
	a, b := s.ticking[0], s.ticking[1]
	all := slices.Collect(a.Schedule().Between(s.in.At.Add(-48*time.Hour), s.until))
	lags := map[time.Duration]int{}
	var each []time.Duration
	for _, f := range firings(s, b) {
		var partner time.Time
		for _, u := range all {
			if !u.Instant.After(f.Instant) {
				partner = u.Instant
			}
		}
		lags[f.Instant.Sub(partner)]++
		each = append(each, f.Instant.Sub(partner))
	}
	usual, count := time.Duration(0), 0
	for lag, k := range lags {
		if k > count {
			usual, count = lag, k
		}
	}
	if count <= len(each)/2 {
		return n, false
	}
	for _, lag := range each {
		switch change := usual - lag; {
		case change.Abs() > time.Hour:
			n[0]++
		case change > 0 && a.Zone() != b.Zone():
			n[1]++
		}
	}
	return n, true
}

// Counts, steps and dates are those of a walk over every run.
func TestDaysAreExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		g := graph.Group{Timezone: pick(r, exactZones...), DST: randomDST(r), Schedule: pick(r,
			"0 * * * *", "*/20 * * * *", "0 */3 * * *", "0 9 * * *", "30 2 * * *", "15 1 * * *", "*/30 0-5 * * *", "0 0 * * *", "45 23 * * *", "0 1,13 * * 1-5", "30 23,0 1 * *")}
		s := surveyOf(t, g)
		c := s.ticking[0]
		all := firings(s, c)

		var shortest time.Duration
		for i, f := range all[1:] {
			if step := f.Instant.Sub(all[i].Instant); shortest == 0 || step < shortest {
				shortest = step
			}
		}
		before, after, ok := c.Schedule().Shortest(s.in.At, s.until)
		if got := after.Instant.Sub(before.Instant); !ok || got != shortest {
			t.Errorf("%s %s %+v: the shortest step is %v, want %v", g.Schedule, g.Timezone, g.DST, got, shortest)
		}

		_, low, high := unevenSteps(s, c)
		wantLow, wantHigh := 24*time.Hour, 24*time.Hour
		for i, f := range all[1:] {
			if step := f.Instant.Sub(all[i].Instant); c.Schedule().Fixed() && f.Nominal.Sub(all[i].Nominal) == 24*time.Hour {
				wantLow, wantHigh = min(wantLow, step), max(wantHigh, step)
			}
		}
		if low != wantLow || high != wantHigh {
			t.Errorf("%s %s %+v: days of %v to %v, want %v to %v", g.Schedule, g.Timezone, g.DST, low, high, wantLow, wantHigh)
		}

		want := 0
		for _, f := range all {
			if c.Zone().Wall(f.Instant).Midnight() != c.RangeZone().Wall(f.Instant).Midnight() {
				want++
			}
		}
		if _, got := otherDates(c, s.in.At, s.until); got != want {
			t.Errorf("%s %s: %d runs on another date, want %d", g.Schedule, g.Timezone, got, want)
		}
		if _, got := otherDatesOfTicks(s, c); got != want {
			t.Errorf("%s %s: %d ticks on another date, want %d", g.Schedule, g.Timezone, got, want)
		}

		for _, tr := range s.transitions(c.Zone()) {
			date, want := dateOf(tr), 0
			for f := range c.Schedule().Between(tr.At.Add(-72*time.Hour), tr.At.Add(72*time.Hour)) {
				if c.Zone().Wall(f.Instant).Midnight() == date {
					want++
				}
			}
			if got := runsOn(c, date); got != want {
				t.Errorf("%s %s: %d runs on %s, want %d", g.Schedule, g.Timezone, got, date.Date(), want)
			}
		}
	}
}

// The dates of the next year that an expression with two day fields means are those
// that a walk over the year finds.
func TestDatesAreExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	numbers := regexp.MustCompile(`\d+`)
	for range 200 {
		days := pick(r, "1-7", "15", "1,15", "L", "29-31", "13", "1W")
		weekdays := pick(r, "1", "1-5", "5", "0,6", "1#2", "5L")
		s := surveyOf(t, graph.Group{Schedule: "0 6 " + days + " * " + weekdays, Timezone: "UTC"})
		list := diag.List{{Code: diag.CronEitherDay, Address: "courier_group.g000"}}
		calendarFacts(s.world, list)
		byDay, byWeekday := parse(t, "0 6 "+days+" * *"), parse(t, "0 6 * * "+weekdays)
		var either, both, one, other int
		for w := cron.WallOf(2027, 1, 1, 0, 0); w < cron.WallOf(2028, 1, 1, 0, 0); w = w.AddDays(1) {
			d, wd := byDay.MatchesDate(w), byWeekday.MatchesDate(w)
			if d {
				one++
			}
			if wd {
				other++
			}
			if d || wd {
				either++
			}
			if d && wd {
				both++
			}
		}
		var got []int
		for _, text := range numbers.FindAllString(list[0].Detail, 6) {
			n, _ := strconv.Atoi(text)
			got = append(got, n)
		}
		if diff := cmp.Diff([]int{2027, either, both, one, other, both}, got); diff != "" {
			t.Errorf("%s: %s", list[0].Detail, diff)
		}
	}
}

func parse(t *testing.T, text string) *cron.Expr {
	t.Helper()
	e, err := cron.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The herd is that of the fullest minute of a walk.
func TestHerdsAreExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	found := 0
	for range 20 {
		var groups []graph.Group
		for range 60 {
			groups = append(groups, graph.Group{Timezone: pick(r, "UTC", "America/New_York", "Europe/Berlin"), DST: randomDST(r),
				Schedule: pick(r, "0 0 * * *", "0 5 * * *", "0 6 * * 1", "*/15 * * * *", "0 4 1 * *", "30 3 * * *")})
		}
		s := surveyOf(t, groups...)
		starts := map[int64]int{}
		most, minutes := 0, 0
		for _, c := range s.ticking {
			for f := range c.Schedule().Between(s.in.At, s.in.At.Add(herdHorizon)) {
				starts[f.Instant.Unix()]++
				most = max(most, starts[f.Instant.Unix()])
			}
		}
		for _, n := range starts {
			if n >= herdSize {
				minutes++
			}
		}
		want := ""
		if minutes > 0 {
			want = fmt.Sprintf("%d groups start in the same minute, %d times", most, minutes)
		}
		got := ""
		for _, d := range herds(s) {
			times := regexp.MustCompile(`in the same minute (once|[\d,]+)`).FindStringSubmatch(d.Detail)[1]
			if times == "once" {
				times = "1"
			}
			got = d.Summary + ", " + times + " times"
			found++
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if found == 0 {
		t.Error("no herd: the test does not test much")
	}
}

// The runs that new rules move are those of a walk.
func TestMovedRunsAreExact(t *testing.T) {
	t.Parallel()
	now, err := cron.LoadZone("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(6, 6))
	for range 50 {
		late := time.Duration(7*r.IntN(4)) * 24 * time.Hour // the old rules change their clocks earlier
		var old graph.ZoneSpans
		old.Zone, old.From, old.Until, old.Offset = "America/Los_Angeles", exactNow, exactNow.Add(HazardHorizon), now.Offset(exactNow)
		for _, tr := range now.Transitions(old.From, old.Until) {
			old.Changes = append(old.Changes, graph.ZoneChange{At: tr.At.Add(-late), Offset: tr.After})
		}
		g := graph.Group{Timezone: "America/Los_Angeles", DST: graph.DST{Gap: "next_valid", Fold: "first"}, Schedule: pick(r, "0 9 * * *", "0 6,18 * * *", "30 12 * * 1-5", "0 * * * *", "0 5 1 * *")}
		s := surveyOf(t, g)
		c := s.ticking[0]
		was := recorded(&old)
		before := cron.New(c.Schedule().Expr(), was, c.Schedule().Policy())
		want := 0
		for f := range before.Between(s.in.At, s.until) {
			if c.Schedule().Count(f.Instant.Add(-time.Second), f.Instant) == 0 {
				want++
			}
		}
		_, got := movedRuns(c, was, disagreements(&old, was, now, s.in.At))
		if got != want {
			t.Errorf("%s, rules %v earlier: %d runs move, want %d", g.Schedule, late, got, want)
		}
	}
}

// A thousand groups with ten couriers each: a mixture of zones and cadences, some
// of them minutely, some behind another.
func BenchmarkHazards(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 7))
	var groups []graph.Group
	var couriers []graph.Courier
	for i := range 1000 {
		g := graph.Group{Timezone: pick(r, exactZones...), DST: graph.DST{Gap: "next_valid", Fold: "first"}, Overlap: graph.BufferOne,
			Schedule: fmt.Sprintf("%d %d * * *", i%60, i%24), ExpectedRuntime: graph.Duration(time.Duration(i%90) * time.Minute)}
		switch i % 10 {
		case 0:
			g.Schedule = fmt.Sprintf("%d * * * *", i%60)
		case 1:
			g.Schedule = pick(r, "* * * * *", "*/15 * * * *", "*/5 * * * *", "*/2 * * * *")
		case 2:
			g.Schedule = pick(r, "0 0 1 * *", "0 6 * * 1-5", "30 2 * * 0", "0 0 1-7 * 1")
		case 3:
			g.After = []graph.After{{Name: "up", Group: graph.GroupAddr(fmt.Sprintf("g%03d", i-1))}}
		}
		for j := range 10 {
			name := fmt.Sprintf("c%04d", i*10+j)
			couriers = append(couriers, graph.Courier{Addr: graph.NewAddr(graph.KindCourier, name), Filedrop: &graph.Filedrop{},
				Files: []graph.File{{Name: name, Pattern: "{yyyy}-{MM}-{dd}.csv"}}})
			g.Members = append(g.Members, graph.Member{Name: name, Courier: graph.NewAddr(graph.KindCourier, name), Wait: graph.Duration(30 * time.Minute)})
		}
		groups = append(groups, g)
	}
	s := surveyOf(b, groups...)
	s.in.Graph.Couriers = couriers
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		hazards(s.world)
	}
}
