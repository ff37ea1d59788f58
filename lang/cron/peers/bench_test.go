// Package peers measures lang/cron against the cron libraries that Go programs
// use: adhocore/gronx and robfig/cron. It is a module of its own, so that they are
// no dependencies of Waybill. `make bench` runs it, and
//
//	make bench-peers COUNT=10 > peers.txt && benchstat -col /lib peers.txt
//
// sets the three side by side.
package peers_test

import (
	"testing"
	"time"

	"github.com/adhocore/gronx"
	robfig "github.com/robfig/cron/v3"

	"github.com/waybill-dev/waybill/lang/cron"
)

// usual is expressions of the kinds that schedules are made of.
var usual = []struct{ name, expr string }{
	{"minutely", "* * * * *"},
	{"quarter-hourly", "*/15 * * * *"},
	{"hourly", "0 * * * *"},
	{"daily", "30 2 * * *"},
	{"weekdays", "0 9 * * 1-5"},
	{"monthly", "0 0 1 * *"},
	{"lists", "5,35 1-23/3 1,15 3,6,9 1-5"},
	{"yearly", "0 0 1 1 *"},
	{"leap-day", "0 0 29 2 *"},
}

// zones are named without a slash, which divides the parts of a benchmark's name.
var zones = []struct{ name, zone string }{{"UTC", "UTC"}, {"Los_Angeles", "America/Los_Angeles"}}

// Each benchmark walks from start to end and begins again. To 2037 a zone's changes
// are listed in the database; behind it package time, which the others ask at every
// step, has to work them out and is slower.
var (
	start = time.Date(2026, 11, 21, 3, 4, 5, 0, time.UTC)
	end   = time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC)
)

// next is the first firing after a time, zero if there is none.
type next func(after time.Time) time.Time

// libraries compile an expression in a zone, as far as they can: gronx reads it
// anew at every question.
var libraries = []struct {
	name    string
	compile func(tb testing.TB, expr, zone string) next
}{
	{"waybill", waybill},
	{"gronx", gronxNext},
	{"robfig", robfigNext},
}

func waybill(tb testing.TB, expr, zone string) next {
	tb.Helper()
	e, err := cron.Parse(expr)
	if err != nil {
		tb.Fatal(err)
	}
	z, err := cron.LoadZone(zone)
	if err != nil {
		tb.Fatal(err)
	}
	s := cron.New(e, z, cron.Policy{})
	return func(after time.Time) time.Time {
		f, _ := s.Next(after)
		return f.Instant
	}
}

func gronxNext(tb testing.TB, expr, zone string) next {
	tb.Helper()
	loc := location(tb, zone)
	return func(after time.Time) time.Time {
		t, err := gronx.NextTickAfter(expr, after.In(loc), false)
		if err != nil {
			return time.Time{}
		}
		return t
	}
}

func robfigNext(tb testing.TB, expr, zone string) next {
	tb.Helper()
	s, err := robfig.ParseStandard(expr)
	if err != nil {
		tb.Fatal(err)
	}
	loc := location(tb, zone)
	return func(after time.Time) time.Time { return s.Next(after.In(loc)) }
}

// location is a zone of the embedded database, so that all read the same rules.
func location(tb testing.TB, zone string) *time.Location {
	tb.Helper()
	z, err := cron.LoadZone(zone)
	if err != nil {
		tb.Fatal(err)
	}
	return z.Location()
}

// TestSameAnswers is that what is measured is the same work: in UTC all agree.
func TestSameAnswers(t *testing.T) {
	t.Parallel()
	for _, u := range usual {
		at := start
		for range 40 {
			want := libraries[0].compile(t, u.expr, "UTC")(at)
			for _, l := range libraries[1:] {
				if got := l.compile(t, u.expr, "UTC")(at); !got.Equal(want) {
					t.Errorf("%s after %v: %s has %v, want %v", u.expr, at, l.name, got, want)
				}
			}
			if at = want; at.After(end) {
				break
			}
		}
	}
}

func BenchmarkNext(b *testing.B) {
	for _, z := range zones {
		for _, u := range usual {
			for _, l := range libraries {
				b.Run("zone="+z.name+"/expr="+u.name+"/lib="+l.name, func(b *testing.B) {
					b.ReportAllocs()
					next := l.compile(b, u.expr, z.zone)
					at := start
					for b.Loop() {
						if at = next(at); at.IsZero() || at.After(end) {
							at = start
						}
					}
				})
			}
		}
	}
}
