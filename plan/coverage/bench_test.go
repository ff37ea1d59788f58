package coverage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// BenchmarkCoverage1000 is ten years of a thousand groups with ten couriers each.
// No two groups have the same schedule; a courier's offset is its own in its group.
func BenchmarkCoverage1000(b *testing.B) {
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, bench := range []struct {
		name     string
		schedule func(i int) string
		edit     func(*graph.Group)
	}{
		{"daily", func(i int) string { return fmt.Sprintf("%d %d * * *", i%60, i/60+3) }, func(*graph.Group) {}},
		{"daily-local", func(i int) string { return fmt.Sprintf("%d %d * * *", i%60, i/60+3) }, func(g *graph.Group) { g.FileDates = g.Timezone }},
		{"past-day", func(i int) string { return fmt.Sprintf("%d %d * * *", i%60, i/60+3) }, func(g *graph.Group) { g.PastDayOnly, g.FileDates = true, g.Timezone }},
		{"weekdays", func(i int) string { return fmt.Sprintf("%d %d * * 1-5", i%60, i/60+3) }, func(*graph.Group) {}},
		{"monthly", func(i int) string { return fmt.Sprintf("%d %d 1 * *", i%60, i/60+3) }, func(*graph.Group) {}},
		{"quarter-hours", func(i int) string { return fmt.Sprintf("%d-59/15 0-%d * * *", i%15, i/60+3) }, func(*graph.Group) {}},
		{"minutely", func(i int) string { return fmt.Sprintf("* 0-%d * * *", i%24) }, func(*graph.Group) {}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			w, calendars := thousand(b, bench.schedule, bench.edit)
			b.ReportAllocs()
			for b.Loop() {
				p := coverage.New(w, at)
				for _, c := range calendars {
					p.Group(c)
				}
			}
		})
	}
}

func thousand(tb testing.TB, schedule func(int) string, edit func(*graph.Group)) (*graph.Graph, []*window.Calendar) {
	tb.Helper()
	w := &graph.Graph{Couriers: []graph.Courier{
		{Addr: "courier.orders", Filedrop: &graph.Filedrop{}, Files: []graph.File{{Name: "orders", Pattern: "{yyyy}-{MM}-{dd}.csv"}}},
	}}
	var calendars []*window.Calendar
	for i := range 1000 {
		g := graph.Group{Addr: graph.GroupAddr(fmt.Sprintf("g%04d", i)), Active: true, Schedule: schedule(i),
			Timezone: "America/Los_Angeles", FileDates: "UTC", CatchUp: graph.Coalesce}
		for j := range 10 {
			o := graph.Offset{Days: j / 2}
			if j%2 == 1 {
				o = graph.Offset{Elapsed: graph.Duration(time.Duration(j) * time.Hour)}
			}
			g.Members = append(g.Members, graph.Member{Name: fmt.Sprintf("m%d", j), Courier: "courier.orders", Offset: o})
		}
		edit(&g)
		c, err := window.NewCalendar(&g)
		if err != nil {
			tb.Fatal(err)
		}
		calendars = append(calendars, c)
	}
	return w, calendars
}
