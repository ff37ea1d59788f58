package words_test

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/words"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	const group, run = "courier_group.daily", "waybill run daily --courier orders"
	day := window.Range{
		Start: time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC),
		End:   time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC),
	}
	of := func(dates ...string) (all []window.Missing) {
		for _, d := range dates {
			all = append(all, window.Missing{File: "orders", Date: d})
		}
		return all
	}
	for _, test := range []struct {
		name    string
		over    window.Range
		missing []window.Missing
		want    string
	}{
		{"a day", day, of("2026-11-20"), run + " --date 2026-11-20"},
		{"an hour", day, of("2026-11-20T05"), run + " --date 2026-11-20"},
		{"a month", day, of("2026-11"), run + " --date 2026-11-01"},
		{"days in any order", day, of("2026-11-29", "2026-11-30", "2026-11-28"), run + " --from 2026-11-28 --to 2026-12-01"},
		{"an optional file besides", day, append(of("2026-11-20"), window.Missing{File: "returns", Date: "2026-11-19", Optional: true}), run + " --date 2026-11-20"},
		{"a file without a date", day, of(""), ""},
		{"a file without a date besides", day, of("2026-11-20", ""), run + " --date 2026-11-20"},
		{"what a program fetches", day, []window.Missing{{Name: "the data of orders"}}, run + " --from 2026-11-20T06:00:00Z --to 2026-11-21T06:00:00Z"},
		{"all that a program fetches", window.Range{}, []window.Missing{{Name: "the data of orders"}}, run + " --all"},
		{"nothing", day, nil, ""},
	} {
		if got := words.Load(group, "orders", test.over, test.missing); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
