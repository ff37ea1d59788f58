package cron_test

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// usual is the expressions of the comparison in the design notes.
var usual = []string{
	"* * * * *", "*/15 * * * *", "0 * * * *", "30 2 * * *", "0 9 * * 1-5", "0 0 1 * *",
	"5,35 1-23/3 1,15 3,6,9 1-5", "0 0 1 1 *", "0 0 29 2 *",
}

// TestNoAllocations is that asking a schedule costs no memory, also across changes.
func TestNoAllocations(t *testing.T) {
	for _, expr := range append(usual, "30 1 * * *") {
		for _, policy := range policies() {
			s := schedule(t, expr, load(t, "America/Los_Angeles"), policy)
			at := time.Date(2027, 3, 13, 0, 0, 0, 0, time.UTC)
			instants := make([]int64, 0, 3000)
			if n := testing.AllocsPerRun(10, func() {
				f, _ := s.Next(at)
				s.Prev(f.Instant)
				s.Count(at, at.AddDate(1, 0, 0))
				instants = s.AppendUnix(instants[:0], at, at.Add(40*time.Hour))
			}); n != 0 {
				t.Errorf("%s %v: %v allocations", expr, policy, n)
			}
		}
	}
}

func BenchmarkNext(b *testing.B) {
	for _, zone := range []string{"UTC", "America/Los_Angeles"} {
		for _, expr := range usual {
			b.Run(zone+"/"+expr, func(b *testing.B) {
				b.ReportAllocs()
				s := schedule(b, expr, load(b, zone), cron.Policy{})
				start, end := time.Date(2026, 11, 21, 3, 4, 5, 0, time.UTC), time.Date(2110, 1, 1, 0, 0, 0, 0, time.UTC)
				at := start
				for b.Loop() {
					f, _ := s.Next(at)
					if at = f.Instant; at.After(end) {
						at = start
					}
				}
			})
		}
	}
}

func BenchmarkPrev(b *testing.B) {
	for _, expr := range usual {
		b.Run(expr, func(b *testing.B) {
			b.ReportAllocs()
			s := schedule(b, expr, load(b, "America/Los_Angeles"), cron.Policy{})
			start, end := time.Date(2110, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
			at := start
			for b.Loop() {
				f, _ := s.Prev(at)
				if at = f.Instant; at.Before(end) {
					at = start
				}
			}
		})
	}
}

// A year of a schedule, in Los Angeles, from and to its autumn.
var (
	yearStart = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	yearEnd   = time.Date(2027, 11, 21, 0, 0, 0, 0, time.UTC)
)

func BenchmarkYear(b *testing.B) {
	for _, expr := range []string{"* * * * *", "0 * * * *", "30 2 * * *"} {
		s := schedule(b, expr, load(b, "America/Los_Angeles"), cron.Policy{})
		n := s.Count(yearStart, yearEnd)
		perFiring := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/firing")
		}
		b.Run("Count/"+expr, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Count(yearStart, yearEnd)
			}
		})
		b.Run("AppendUnix/"+expr, func(b *testing.B) {
			b.ReportAllocs()
			var instants []int64
			for b.Loop() {
				instants = s.AppendUnix(instants[:0], yearStart, yearEnd)
			}
			perFiring(b)
		})
		b.Run("Between/"+expr, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for f := range s.Between(yearStart, yearEnd) {
					_ = f
				}
			}
			perFiring(b)
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, expr := range []string{"30 2 * * *", "5,35 1-23/3 1,15 3,6,9 1-5"} {
		b.Run(expr, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cron.Parse(expr); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInstant(b *testing.B) {
	z := load(b, "America/Los_Angeles")
	w := cron.WallOf(2027, 3, 14, 2, 30)
	b.ReportAllocs()
	for b.Loop() {
		z.Instant(w, cron.NextValid, cron.First)
	}
}

func BenchmarkHazards(b *testing.B) {
	s := schedule(b, "30 2 * * *", load(b, "America/Los_Angeles"), cron.Policy{})
	b.ReportAllocs()
	for b.Loop() {
		for h := range s.Hazards(yearStart, yearEnd) {
			_ = h
		}
	}
}
