package coverage_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// TestFixedLookback is the table of what most others do: each run reads the last
// 24 hours, over ten years, under the two policies that most others have. It was
// first measured with the rules of 2025b; 2026f gives the same numbers, since none
// of its zones is among those that changed.
func TestFixedLookback(t *testing.T) {
	t.Parallel()
	type tiles struct {
		Gaps, Overlaps int
		Lost, Twice    int // hours
	}
	type row struct {
		schedule, zone string
		missing        int // days on which the wall time does not exist
		doubled        int // or occurs twice
		unix           tiles
		once           tiles
	}
	from := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	until := from.AddDate(coverage.Years, 0, 0)
	tile := func(want row, p cron.Policy) tiles {
		var got tiles
		var before time.Time
		var lost, twice time.Duration
		for f := range schedule(t, want.schedule, want.zone, p).Between(from, until) {
			switch more := f.Instant.Sub(before) - 24*time.Hour; {
			case before.IsZero() || more == 0:
			case more > 0:
				got.Gaps++
				lost += more
			default:
				got.Overlaps++
				twice -= more
			}
			before = f.Instant
		}
		got.Lost, got.Twice = int(lost.Hours()), int(twice.Hours())
		return got
	}
	for _, want := range []row{
		{"30 2 * * *", "America/Los_Angeles", 10, 0, tiles{20, 0, 240, 0}, tiles{10, 10, 10, 10}},
		{"30 1 * * *", "America/Los_Angeles", 0, 10, tiles{0, 20, 0, 240}, tiles{10, 10, 10, 10}},
		{"0 13 * * *", "America/Los_Angeles", 0, 0, tiles{10, 10, 10, 10}, tiles{10, 10, 10, 10}},
		{"30 2 * * *", "Europe/Berlin", 10, 10, tiles{10, 10, 230, 230}, tiles{10, 10, 10, 10}},
		{"0 0 * * *", "America/Santiago", 10, 0, tiles{20, 0, 240, 0}, tiles{10, 10, 10, 10}},
		{"15 2 * * *", "Australia/Lord_Howe", 10, 0, tiles{20, 0, 240, 0}, tiles{10, 10, 5, 5}},
		{"30 2 * * *", "Asia/Kolkata", 0, 0, tiles{}, tiles{}},
		{"30 2 * * *", "UTC", 0, 0, tiles{}, tiles{}},
	} {
		got := row{schedule: want.schedule, zone: want.zone,
			unix: tile(want, cron.Policy{Gap: cron.SkipGap, Fold: cron.Both}),
			once: tile(want, cron.Policy{Gap: cron.Shift, Fold: cron.First})}
		for f := range schedule(t, want.schedule, want.zone, cron.Policy{Gap: cron.Shift, Fold: cron.First}).Between(from, until) {
			switch f.Reason {
			case cron.GapMoved:
				got.missing++
			case cron.OverlapFirst:
				got.doubled++
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
			t.Errorf("%s in %s: -want +got\n%s", want.schedule, want.zone, diff)
		}
	}
}

func schedule(t testing.TB, text, zone string, p cron.Policy) *cron.Schedule {
	t.Helper()
	e, err := cron.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	z, err := cron.LoadZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	return cron.New(e, z, p)
}
