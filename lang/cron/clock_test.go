package cron_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// The shortest time between two firings is that of a walk over all of them, and
// the first pair that has it.
func TestShortest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for range 400 {
		zone := pick("America/Los_Angeles", "Africa/Cairo", "Australia/Lord_Howe", "UTC", "America/Nuuk", "Pacific/Apia")
		expr := fmt.Sprintf("%s %s %s * %s", pick("0", "30", "*/20", "5,50", "0-10"), pick("*", "1,2,3", "2", "*/6", "23,0"), pick("*", "1", "L", "13,14"), pick("*", "*", "1-5", "0"))
		policy := cron.Policy{Gap: cron.Gap(pick("next_valid", "shift", "skip")), Fold: cron.Fold(pick("first", "second", "both"))}
		s := schedule(t, expr, load(t, zone), policy)
		from := time.Date(2026, 1, 1, r.IntN(24), r.IntN(60), 0, 0, time.UTC).AddDate(0, 0, r.IntN(300))
		to := from.Add(time.Duration(r.IntN(400*24)) * time.Hour)
		var last, at time.Time
		least := time.Duration(-1)
		for f := range s.Between(from, to) {
			if gap := f.Instant.Sub(last); !last.IsZero() && (least < 0 || gap < least) {
				least, at = gap, last
			}
			last = f.Instant
		}
		before, after, ok := s.Shortest(from, to)
		if ok != (least >= 0) || ok && (after.Instant.Sub(before.Instant) != least || !before.Instant.Equal(at)) {
			t.Fatalf("%s %s %v from %v to %v: %v to %v, want %v from %v", expr, zone, policy, from, to, before.Instant, after.Instant, least, at)
		}
	}
	if _, _, ok := schedule(t, "0 0 1 1 *", load(t, "UTC"), cron.Policy{}).Shortest(time.Unix(0, 0), time.Unix(0, 0).AddDate(1, 0, 0)); ok {
		t.Error("two firings where there is one")
	}
}

// A zone made of the transitions of another is that zone, as far as they go.
func TestZoneOf(t *testing.T) {
	t.Parallel()
	from, to := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"} {
		z := load(t, name)
		made := cron.ZoneOf(name, z.Offset(from), z.Transitions(from, to))
		for _, expr := range []string{"30 1,2 * * *", "*/30 * * * *"} {
			want, got := schedule(t, expr, z, cron.Policy{}), schedule(t, expr, made, cron.Policy{})
			for f := range want.Between(from, to) {
				if g, _ := got.Next(f.Instant.Add(-time.Second)); g != f {
					t.Fatalf("%s %s: %v, want %v", name, expr, g, f)
				}
			}
		}
	}
	if made := cron.ZoneOf("Asia/Nowhere", 3600, nil); made.Offset(from) != 3600 || made.Location() != time.UTC {
		t.Error("a zone that the database does not have")
	}
}

func TestHourStep(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]int{"0 */2 * * *": 2, "0 8-18/2 * * *": 2, "0 * * * *": 0, "0 1,3,5 * * *": 0, "0 */30 * * *": 0, "0 0-23/1 * * *": 0} {
		if got := schedule(t, expr, load(t, "UTC"), cron.Policy{}).Expr().HourStep(); got != want {
			t.Errorf("%s: %d, want %d", expr, got, want)
		}
	}
}
