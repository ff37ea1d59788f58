package window_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func TestBack(t *testing.T) {
	t.Parallel()
	elapsed := func(d time.Duration) graph.Duration { return graph.Duration(d) }
	for _, test := range []struct {
		name   string
		t      string
		offset graph.Offset
		zone   string
		want   string
	}{
		{"nothing", "2026-06-15T13:00Z", graph.Offset{}, "UTC", "2026-06-15T13:00Z"},
		{"elapsed", "2026-06-15T13:00Z", hours(24), "UTC", "2026-06-14T13:00Z"},
		{"day", "2026-06-15T13:00Z", graph.Offset{Days: 1}, "UTC", "2026-06-14T13:00Z"},
		{"week", "2026-06-15T13:00Z", graph.Offset{Weeks: 1}, "UTC", "2026-06-08T13:00Z"},
		{"31st of a shorter month", "2026-03-31T13:00Z", graph.Offset{Months: 1}, "UTC", "2026-02-28T13:00Z"},
		{"31st in a leap year", "2028-03-31T13:00Z", graph.Offset{Months: 1}, "UTC", "2028-02-29T13:00Z"},
		{"31st to 30th", "2026-07-31T13:00Z", graph.Offset{Months: 1}, "UTC", "2026-06-30T13:00Z"},
		{"months before days", "2026-03-31T13:00Z", graph.Offset{Months: 1, Days: 1}, "UTC", "2026-02-27T13:00Z"},
		{"months across a year", "2026-01-31T13:00Z", graph.Offset{Months: 2}, "UTC", "2025-11-30T13:00Z"},

		// Los Angeles leaves out 02:00-03:00 on 2026-03-08 and repeats 01:00-02:00 on 2026-11-01.
		{"day of 23 hours", "2026-03-08T13:00-07:00", graph.Offset{Days: 1}, "America/Los_Angeles", "2026-03-07T13:00-08:00"},
		{"24 hours over it", "2026-03-08T13:00-07:00", hours(24), "America/Los_Angeles", "2026-03-07T12:00-08:00"},
		{"day of 25 hours", "2026-11-01T13:00-08:00", graph.Offset{Days: 1}, "America/Los_Angeles", "2026-10-31T13:00-07:00"},
		{"into a gap", "2026-03-09T02:30-07:00", graph.Offset{Days: 1}, "America/Los_Angeles", "2026-03-08T03:00-07:00"},
		{"into a fold", "2026-11-02T01:30-08:00", graph.Offset{Days: 1}, "America/Los_Angeles", "2026-11-01T01:30-07:00"},
		{"into a gap, then elapsed", "2026-03-09T02:30-07:00", graph.Offset{Days: 1, Elapsed: elapsed(90 * time.Minute)}, "America/Los_Angeles", "2026-03-08T00:30-08:00"},
		{"month into a gap", "2026-04-08T02:30-07:00", graph.Offset{Months: 1}, "America/Los_Angeles", "2026-03-08T03:00-07:00"},
		{"week into a gap", "2026-03-15T02:30-07:00", graph.Offset{Weeks: 1}, "America/Los_Angeles", "2026-03-08T03:00-07:00"},
		{"second pass, elapsed only", "2026-11-01T01:30-08:00", hours(1), "America/Los_Angeles", "2026-11-01T01:30-07:00"},
		{"second pass stays with no calendar unit", "2026-11-01T01:30-08:00", graph.Offset{}, "America/Los_Angeles", "2026-11-01T01:30-08:00"},
		{"midnight gap", "2026-04-25T00:00+03:00", graph.Offset{Days: 1}, "Africa/Cairo", "2026-04-24T01:00+03:00"},
		{"a date that does not exist", "2011-12-31T10:00+14:00", graph.Offset{Days: 1}, "Pacific/Apia", "2011-12-31T00:00+14:00"},
		{"half an hour of gap", "2026-10-05T02:15+11:00", graph.Offset{Days: 1}, "Australia/Lord_Howe", "2026-10-04T02:30+11:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := window.Back(at(test.t), test.offset, zone(t, test.zone))
			if diff := cmp.Diff(at(test.want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got.Location() != time.UTC {
				t.Errorf("%v is not in UTC", got)
			}
		})
	}
}
