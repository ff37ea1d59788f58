package cron_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

func TestHazards(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		zone, expr string
		policy     cron.Policy
		want       []string // code, nominal, number affected, firings as the zone shows them
	}{
		{"America/Los_Angeles", "30 4 * * *", cron.Policy{}, nil},
		{"America/Phoenix", "30 2 * * *", cron.Policy{}, nil},
		{"America/Los_Angeles", "*/15 * * * *", cron.Policy{}, nil},
		{"America/Los_Angeles", "30 2 * * *", cron.Policy{Class: cron.IntervalClass}, nil},
		{"America/Los_Angeles", "30 2 * * *", cron.Policy{}, []string{"WB301 2027-03-14 02:30 1 [03:00 gap_moved]"}},
		{"America/Los_Angeles", "30 2 * * *", cron.Policy{Gap: cron.Shift}, []string{"WB301 2027-03-14 02:30 1 [03:30 gap_moved]"}},
		{"America/Los_Angeles", "30 2 * * *", cron.Policy{Gap: cron.SkipGap}, []string{"WB301 2027-03-14 02:30 1 []"}},
		{"America/Los_Angeles", "0,30 2-3 * * *", cron.Policy{}, []string{"WB301 2027-03-14 02:00 2 [03:00 normal]"}},
		{"America/Los_Angeles", "30 1 * * *", cron.Policy{}, []string{"WB302 2027-11-07 01:30 1 [01:30 overlap_first]"}},
		{"America/Los_Angeles", "30 1 * * *", cron.Policy{Fold: cron.Second}, []string{"WB302 2027-11-07 01:30 1 [01:30 overlap_second]"}},
		{"America/Los_Angeles", "0,30 1 * * *", cron.Policy{Fold: cron.Both}, []string{
			"WB302 2027-11-07 01:00 2 [01:00 overlap_first 01:00 overlap_second]"}},
		{"America/Los_Angeles", "0 2 * * 0", cron.Policy{}, []string{"WB301 2027-03-14 02:00 1 [03:00 gap_moved]"}},
		{"America/Los_Angeles", "0 2 * * 0", cron.Policy{Gap: cron.SkipGap}, []string{"WB305 2027-03-14 02:00 1 []"}},
		{"America/Los_Angeles", "0 2,4 * * 0", cron.Policy{Gap: cron.SkipGap}, []string{"WB301 2027-03-14 02:00 1 []"}},
		{"America/Los_Angeles", "30 2 14 3 *", cron.Policy{Gap: cron.SkipGap}, []string{"WB305 2027-03-14 02:30 1 []"}},
		{"Africa/Cairo", "@daily", cron.Policy{}, []string{"WB303 2027-04-30 00:00 1 [01:00 gap_moved]"}},
		{"America/Nuuk", "30 23 * * *", cron.Policy{}, []string{
			"WB304 2027-03-27 23:30 1 [00:00 gap_moved]", "WB302 2027-10-30 23:30 1 [23:30 overlap_first]"}},
		{"Australia/Lord_Howe", "15 2 * * *", cron.Policy{}, []string{"WB301 2027-10-03 02:15 1 [02:30 gap_moved]"}},
	} {
		t.Run(fmt.Sprintf("%s %s %v", c.zone, c.expr, c.policy), func(t *testing.T) {
			t.Parallel()
			z := load(t, c.zone)
			var got []string
			for h := range schedule(t, c.expr, z, c.policy).Hazards(from, from.AddDate(0, 0, 400)) {
				got = append(got, describe(h, z))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func describe(h cron.Hazard, z *cron.Zone) string {
	var fires []string
	for _, f := range h.Fires {
		fires = append(fires, f.Local(z).Format("15:04 ")+string(f.Reason))
	}
	return fmt.Sprintf("%s %v %d %v", h.Code, h.Nominal, h.Affected, fires)
}

func TestLongGap(t *testing.T) {
	t.Parallel()
	z := load(t, "Pacific/Apia")
	from, to := time.Date(2011, 12, 28, 0, 0, 0, 0, time.UTC), time.Date(2012, 1, 2, 0, 0, 0, 0, time.UTC)
	for _, gap := range []cron.Gap{cron.NextValid, cron.Shift, cron.SkipGap} {
		s := schedule(t, "30 9 * * *", z, cron.Policy{Gap: gap})
		var got []string
		for h := range s.Hazards(from, to) {
			got = append(got, describe(h, z))
		}
		if want := []string{"WB316 2011-12-30 09:30 1 []"}; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", gap, got, want)
		}
		for f := range s.Between(from, to) {
			if f.Reason != cron.Normal {
				t.Errorf("%s: %v", gap, f)
			}
		}
	}
}

// TestHazardsAreFacts is that the firings a hazard names are those that happen.
func TestHazardsAreFacts(t *testing.T) {
	t.Parallel()
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"America/Los_Angeles", "Europe/London", "Africa/Cairo", "America/Nuuk", "Antarctica/Troll", "Australia/Lord_Howe"} {
		z := load(t, name)
		for _, expr := range []string{"0 0 * * *", "0,30 0-3 * * *", "30 23 * * *", "59 1,2 * * 0", "*/20 0-3 * * *"} {
			for _, policy := range policies() {
				s := schedule(t, expr, z, policy)
				for h := range s.Hazards(from, from.AddDate(10, 0, 0)) {
					for _, f := range h.Fires {
						next, _ := s.Next(f.Instant.Add(-time.Second))
						if next != f {
							t.Errorf("%s %s %v: %v, but the schedule has %v", name, expr, policy, f, next)
						}
					}
				}
			}
		}
	}
}
