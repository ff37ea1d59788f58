package window_test

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// at reads an instant: "2026-06-15T13:00Z", or with seconds, or with an offset.
func at(s string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	panic("at: " + s)
}

func between(start, end string) window.Range { return window.Range{Start: at(start), End: at(end)} }

func zone(tb testing.TB, name string) *cron.Zone {
	tb.Helper()
	z, err := cron.LoadZone(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// group is an active group at 13:00 UTC with the defaults of the language,
// changed by edit.
func group(edit func(*graph.Group)) *graph.Group {
	g := &graph.Group{
		Addr: "courier_group.daily", Schedule: "0 13 * * *", Timezone: "UTC", FileDates: "UTC", Active: true,
		RunType: graph.RunFull, Overlap: graph.BufferOne, CatchUp: graph.Coalesce,
		DST: graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"},
	}
	if edit != nil {
		edit(g)
	}
	return g
}

func calendar(tb testing.TB, edit func(*graph.Group)) *window.Calendar {
	tb.Helper()
	c, err := window.NewCalendar(group(edit))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// zoned is a group whose schedule and file dates follow a zone.
func zoned(schedule, zone string) func(*graph.Group) {
	return func(g *graph.Group) { g.Schedule, g.Timezone, g.FileDates = schedule, zone, zone }
}

func hours(n int) graph.Offset {
	return graph.Offset{Elapsed: graph.Duration(n) * graph.Duration(time.Hour)}
}

func drop(files ...graph.File) *graph.Courier {
	for i := range files {
		if files[i].Require == "" {
			files[i].Require = graph.RequireEach
		}
	}
	return &graph.Courier{Addr: "courier.orders", Filedrop: &graph.Filedrop{URL: graph.Text("drop")}, Files: files}
}

func want(tb testing.TB, c *window.Calendar, courier *graph.Courier, r window.Range) window.Want {
	tb.Helper()
	w, err := c.Want(courier, r)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// firing is a tick of a group in UTC.
func firing(s string) cron.Firing {
	return cron.Firing{Instant: at(s), Nominal: cron.Wall(at(s).Unix()), Reason: cron.Normal}
}
