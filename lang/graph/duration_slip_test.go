package graph_test

import (
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
)

// What people write for a duration from habit is told with what to write.
func TestParseDurationSlips(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":        `write for example "30m"`,
		"h":       `a number is missing before "h"`,
		"90":      `"90" has no unit`,
		"2hrs":    `write "2h"`,
		"2 hours": `write "2h"`,
		"5min":    `write "5m"`,
		"5 m":     `write "5m"`,
		"1h30min": `write "30m"`,
		"1month":  `"month" is not a unit`,
		"1.5h":    "its numbers are whole",
		"2H":      "units are small letters; write h",
		"3y":      "is not a unit",
		"30m1h":   "comes too late",
	} {
		_, err := graph.ParseDuration(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
