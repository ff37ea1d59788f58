package diag_test

import (
	"slices"
	"testing"

	"github.com/waybill-dev/waybill/lang/diag"
)

func TestSuggest(t *testing.T) {
	t.Parallel()
	attributes := []string{
		"schedule", "timezone", "timeout", "active", "run_type", "file_dates", "description", "retries", "entry",
		"overlap", "catch_up", "max_range", "start_from", "alerts", "accept", "processes", "activations", "couriers",
	}
	zones := []string{"America/Los_Angeles", "America/New_York", "Europe/London", "Europe/Berlin", "UTC"}
	for _, c := range []struct {
		given      string
		candidates []string
		want       string
	}{
		{"retry", attributes, "retries"},
		{"shedule", attributes, "schedule"},
		{"schedul", attributes, "schedule"},
		{"scheudle", attributes, "schedule"},
		{"Schedule", attributes, "schedule"},
		{"run-type", attributes, "run_type"},
		{"time_zone", attributes, "timezone"},
		{"desc", attributes, "description"},
		{"catchup", attributes, "catch_up"},
		{"curiers", attributes, "couriers"},
		{"activation", attributes, "activations"},
		{"overlaps", attributes, "overlap"},
		{"courier", []string{"courier_group", "courier", "bridge"}, "courier_group"},
		{"group", []string{"courier_group", "courier"}, ""},
		{"xyzzy", attributes, ""},
		{"", attributes, ""},
		{"active", []string{"active"}, ""},
		{"ordrs", []string{"orders", "returns"}, "orders"},
		{"c", []string{"courier", "a", "b"}, ""},
		{"az", []string{"ab", "b"}, "ab"},
		{"stich", []string{"stitch", "switch"}, "stitch"},
		{"America/Los_Angles", zones, "America/Los_Angeles"},
		{"america/los_angeles", zones, "America/Los_Angeles"},
		{"Europe/Londn", zones, "Europe/London"},
		{"Mars/Olympus", zones, ""},
		{"skp", []string{"next_valid", "shift", "skip"}, "skip"},
	} {
		for range 2 {
			if got := diag.Suggest(c.given, c.candidates); got != c.want {
				t.Errorf("Suggest(%q) = %q, want %q", c.given, got, c.want)
			}
			c.candidates = slices.Clone(c.candidates)
			slices.Reverse(c.candidates)
		}
	}
}
