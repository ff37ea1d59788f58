package cron_test

import (
	"slices"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// TestWrongAnswers is the cases that other engines get wrong: days before a gap at
// midnight, the second pass of an overlap, the hemisphere of an offset.
func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, expr, after string
		want              []string // in order, as the zone's clocks show them
	}{
		{"America/Santiago", "0 9 * * 1-5", "2026-09-04T12:00:00-04:00", []string{"2026-09-07T09:00:00-03:00"}},
		{"America/Santiago", "0 9 * * 0", "2026-09-05T12:00:00-04:00", []string{"2026-09-06T09:00:00-03:00"}},
		{"America/Santiago", "0 9 * * 1", "2026-09-05T12:00:00-04:00", []string{"2026-09-07T09:00:00-03:00"}},
		{"America/Santiago", "0 12 6 9 *", "2026-01-01T00:00:00-03:00", []string{"2026-09-06T12:00:00-03:00"}},
		{"America/Santiago", "0 9 15 * *", "2026-08-20T00:00:00-04:00", []string{"2026-09-15T09:00:00-03:00"}},
		{"America/Santiago", "0 9 10 * *", "2026-09-05T00:00:00-04:00", []string{"2026-09-10T09:00:00-03:00"}},
		{"America/Havana", "0 9 * * 1-5", "2027-03-13T00:00:00-05:00", []string{"2027-03-15T09:00:00-04:00"}},
		{"Atlantic/Azores", "0 9 * * 1", "2026-03-23T12:00:00-01:00", []string{"2026-03-30T09:00:00Z"}},
		{"Pacific/Apia", "0 9 * * 5", "2011-12-28T00:00:00-10:00", []string{"2012-01-06T09:00:00+14:00"}},
		{"America/Sao_Paulo", "0 9 4 11 *", "2018-11-01T00:00:00-03:00", []string{"2018-11-04T09:00:00-02:00"}},
		{"America/Asuncion", "0 9 * * 0", "2023-09-28T00:00:00-04:00", []string{"2023-10-01T09:00:00-03:00"}},
		{"America/New_York", "0 * * * *", "2026-11-01T00:30:00-04:00", []string{
			"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"Europe/London", "0 * * * *", "2026-10-25T00:00:00+01:00", []string{
			"2026-10-25T01:00:00+01:00", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"}},
		{"Europe/Berlin", "*/15 * * * *", "2026-10-25T01:45:00+02:00", []string{
			"2026-10-25T02:00:00+02:00", "2026-10-25T02:15:00+02:00", "2026-10-25T02:30:00+02:00",
			"2026-10-25T02:45:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:15:00+01:00"}},
		{"Antarctica/Troll", "0 * * * *", "2026-10-25T00:30:00+02:00", []string{
			"2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"}},
		{"America/Los_Angeles", "30 1 * * *", "2026-11-01T00:59:00-07:00", []string{
			"2026-11-01T01:30:00-07:00", "2026-11-02T01:30:00-08:00"}},
		{"America/Los_Angeles", "30 1 * * *", "2026-11-01T01:31:00-07:00", []string{"2026-11-02T01:30:00-08:00"}},
		{"Europe/London", "30 1 * * *", "2026-10-24T12:00:00+01:00", []string{
			"2026-10-25T01:30:00+01:00", "2026-10-26T01:30:00Z"}},
		{"America/Los_Angeles", "30 2 * * *", "2026-03-07T12:00:00-08:00", []string{
			"2026-03-08T03:00:00-07:00", "2026-03-09T02:30:00-07:00"}},
		{"America/Los_Angeles", "30 2 8 3 *", "2026-01-01T00:00:00-08:00", []string{
			"2026-03-08T03:00:00-07:00", "2027-03-08T02:30:00-08:00"}},
		{"Africa/Cairo", "0 0 * * 5", "2027-04-25T00:00:00+02:00", []string{"2027-04-30T01:00:00+03:00"}},
		{"America/Nuuk", "30 23 * * *", "2027-03-27T12:00:00-02:00", []string{
			"2027-03-28T00:00:00-01:00", "2027-03-28T23:30:00-01:00"}},
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00:00+10:30", []string{
			"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"Asia/Kathmandu", "0 0 29 2 *", "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00:00+05:45"}},
	} {
		t.Run(c.zone+" "+c.expr, func(t *testing.T) {
			t.Parallel()
			z := load(t, c.zone)
			s := schedule(t, c.expr, z, cron.Policy{})
			at, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			var last cron.Firing
			for range c.want {
				last, _ = s.Next(at)
				at = last.Instant
				got = append(got, last.Local(z).Format(time.RFC3339))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("after %s:\n got %q\nwant %q", c.after, got, c.want)
			}
			var back []string
			for at = at.Add(time.Second); len(back) < len(c.want); {
				f, _ := s.Prev(at)
				at = f.Instant
				back = append(back, f.Local(z).Format(time.RFC3339))
			}
			slices.Reverse(back)
			if !slices.Equal(back, c.want) {
				t.Errorf("backwards:\n got %q\nwant %q", back, c.want)
			}
		})
	}
}
