package cron_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

func FuzzParse(f *testing.F) {
	for _, expr := range []string{
		"*/15 9-17 * * MON-FRI", "0 0 L,15W * *", "0 0 * * 5L,1#2", "@daily", "5/15 0 ? * 7",
		"*,abc * * * *", "0 0 30 2 *", "1-2-3 * * * *", "0\u00a00 * * * *", "@every 5m", "0 22-2 * * *", "0 30 2 * * *", "",
	} {
		f.Add(expr)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		e, err := cron.Parse(expr)
		if err != nil {
			problem := err.(*cron.Error)
			if problem.Code == "" || problem.Message == "" {
				t.Errorf("an error without code or message: %#v", problem)
			}
			if problem.Offset < 0 || problem.Length < 0 || problem.Offset+problem.Length > len(expr) {
				t.Errorf("%#v points outside the expression", problem)
			}
			return
		}
		again, err := cron.Parse(e.String())
		if err != nil || !again.Equal(e) || again.String() != e.String() || again.Or() != e.Or() {
			t.Errorf("printed as %q and parsed again: %v, %v", e, again, err)
		}
		if sentence := e.Describe(); !strings.HasSuffix(sentence, ".") {
			t.Errorf("described as %q", sentence)
		}
		for _, n := range e.Notes() {
			if n.Message == "" || n.Offset < 0 || n.Offset+n.Length > len(expr) {
				t.Errorf("note %#v", n)
			}
		}
	})
}

func FuzzNext(f *testing.F) {
	f.Add("30 2 * * *", uint16(0), int64(1773000000), uint32(10_000_000))
	f.Add("*/15 * * * *", uint16(77), int64(1793000000), uint32(300_000))
	f.Add("0 0 29 2 *", uint16(200), int64(4102444800), uint32(400_000_000))
	f.Add("0 0 * * 1#1", uint16(593), int64(-1800000000), uint32(50_000_000))
	f.Add("59 23 L * *", uint16(590), int64(1325000000), uint32(1_000_000))
	names := cron.Zones()
	f.Fuzz(func(t *testing.T, expr string, zone uint16, at int64, length uint32) {
		e, err := cron.Parse(expr)
		if err != nil {
			return
		}
		// A few thousand firings at most, in the years 1 to 9999.
		at %= 250_000_000_000
		from := time.Unix(max(at, -60_000_000_000), 0)
		to := from.Add(time.Duration(length) * time.Second)
		z := load(t, names[int(zone)%len(names)])
		for _, p := range policies() {
			s := cron.New(e, z, p)
			if s.Count(from, to) > 3000 {
				to = from.Add(time.Duration(length) % (48 * time.Hour))
			}
			properties(t, s, from, to)
		}
		relations(t, e, z, from, to)
	})
}

// properties checks the ways of asking one schedule against each other.
func properties(t *testing.T, s *cron.Schedule, from, to time.Time) {
	t.Helper()
	list := slices.Collect(s.Between(from, to))
	at := from
	for i, f := range list {
		next, ok := s.Next(at)
		if !ok || next != f || !next.Instant.After(at) {
			t.Fatalf("firing %d after %v: Next has %v, Between %v", i, at, next, f)
		}
		if prev, ok := s.Prev(f.Instant); ok && prev.Instant.After(at) {
			t.Fatalf("Prev(Next(%v)) is %v", at, prev)
		}
		if back, ok := s.Prev(f.Instant.Add(time.Nanosecond)); !ok || back != f {
			t.Fatalf("Prev just after %v is %v", f, back)
		}
		at = f.Instant
	}
	if next, ok := s.Next(at); ok && !next.Instant.After(to) {
		t.Fatalf("Next has %v, Between has nothing after %v", next, at)
	}
	if n := s.Count(from, to); n != len(list) {
		t.Fatalf("Count %d, Between %d", n, len(list))
	}
	middle := from.Add(to.Sub(from) / 3)
	split := slices.AppendSeq(slices.Collect(s.Between(from, middle)), s.Between(middle, to))
	if !slices.Equal(split, list) {
		t.Fatalf("split at %v: %v, whole %v", middle, split, list)
	}
	instants := s.AppendUnix(nil, from, to)
	for i, f := range list {
		if instants[i] != f.Instant.Unix() {
			t.Fatalf("AppendUnix has %v, Between %v", instants, list)
		}
	}
}

// relations checks policies against each other.
func relations(t *testing.T, e *cron.Expr, z *cron.Zone, from, to time.Time) {
	t.Helper()
	instants := func(gap cron.Gap, fold cron.Fold) []int64 {
		return cron.New(e, z, cron.Policy{Gap: gap, Fold: fold, Class: cron.Fixed}).AppendUnix(nil, from, to)
	}
	skip := instants(cron.SkipGap, cron.First)
	for _, gap := range []cron.Gap{cron.NextValid, cron.Shift} {
		if all := instants(gap, cron.First); !subset(skip, all) {
			t.Errorf("%s lacks a run that skip has", gap)
		}
	}
	union := append(slices.Clone(skip), instants(cron.SkipGap, cron.Second)...)
	slices.Sort(union)
	both := instants(cron.SkipGap, cron.Both)
	if !slices.Equal(slices.Compact(union), both) {
		t.Error("first and second together are not both")
	}
	cadence := cron.New(e, z, cron.Policy{Class: cron.IntervalClass}).AppendUnix(nil, from, to)
	if !slices.Equal(cadence, both) {
		t.Error("the interval class is not skip and both")
	}
}

// subset reports whether a sorted list has all of another.
func subset(part, whole []int64) bool {
	for _, v := range part {
		if _, found := slices.BinarySearch(whole, v); !found {
			return false
		}
	}
	return true
}

// TestProperties is FuzzNext's properties over a random sample, a large one under
// WAYBILL_PROVE.
func TestProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	names := cron.Zones()
	samples := 300 / slowdown
	if proving != "" {
		samples *= 30
	}
	for range samples {
		z := load(t, names[r.IntN(len(names))])
		e, err := cron.Parse(randomExpr(r, nil).text)
		if err != nil {
			continue
		}
		from := time.Unix(r.Int64N(5_000_000_000)-1_000_000_000, 0)
		to := from.Add(time.Duration(r.Int64N(int64(4 * 24 * time.Hour))))
		for _, p := range policies() {
			properties(t, cron.New(e, z, p), from, to)
		}
		relations(t, e, z, from, to)
	}
}

// TestEndsOfTime is what a schedule answers at the ends of the years 1 to 9999.
func TestEndsOfTime(t *testing.T) {
	t.Parallel()
	first, last := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"UTC", "America/Los_Angeles", "Pacific/Auckland"} {
		s := schedule(t, "0 0 * * *", load(t, name), cron.Policy{})
		for _, at := range []time.Time{last.AddDate(0, 0, 2), last.AddDate(500, 0, 0)} {
			if f, ok := s.Next(at); ok {
				t.Errorf("%s: Next(%v) is %v", name, at, f)
			}
			if f, ok := s.Prev(at); !ok || f.Instant.Year() != 9999 {
				t.Errorf("%s: Prev(%v) is %v, %v", name, at, f, ok)
			}
		}
		for _, at := range []time.Time{first.AddDate(0, 0, -2), first.AddDate(-500, 0, 0)} {
			if f, ok := s.Prev(at); ok {
				t.Errorf("%s: Prev(%v) is %v", name, at, f)
			}
			if f, ok := s.Next(at); !ok || f.Instant.Year() != 1 {
				t.Errorf("%s: Next(%v) is %v, %v", name, at, f, ok)
			}
		}
		if n := s.Count(first.AddDate(-1, 0, 0), first.AddDate(-1, 1, 0)); n != 0 {
			t.Errorf("%s: %d firings before the year 1", name, n)
		}
		if n := s.Count(last, first); n != 0 {
			t.Errorf("%s: %d firings in an interval turned round", name, n)
		}
	}
}
