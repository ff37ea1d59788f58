package window_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func TestAdHoc(t *testing.T) {
	t.Parallel()
	la := zoned("0 13 * * *", "America/Los_Angeles")
	hourly := zoned("0 * * * *", "UTC")
	none := zoned("", "UTC")
	now := at("2026-11-21T20:00Z")
	day := graph.Offset{Days: 1}
	for _, test := range []struct {
		name string
		edit func(*graph.Group)
		ask  window.Ask
		o    graph.Offset
		want window.Range
	}{
		{"date", nil, window.Ask{Date: "2026-11-20"}, day, between("2026-11-20T00:00Z", "2026-11-21T00:00Z")},
		{"date with offsets", nil, window.Ask{Date: "2026-11-20", ApplyOffsets: true}, day, between("2026-11-19T00:00Z", "2026-11-20T00:00Z")},
		{"date in the range zone", la, window.Ask{Date: "2026-11-01"}, day, between("2026-11-01T00:00-07:00", "2026-11-02T00:00-08:00")},
		{"date without midnight", zoned("", "Africa/Cairo"), window.Ask{Date: "2026-04-24"}, day, between("2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00")},
		{"from and to", nil, window.Ask{From: "2026-11-01", To: "2026-11-08"}, day, between("2026-11-01T00:00Z", "2026-11-08T00:00Z")},
		{"from alone", nil, window.Ask{From: "2026-11-01"}, day, between("2026-11-01T00:00Z", "2026-11-02T00:00Z")},
		{"an instant", nil, window.Ask{From: "2026-11-01T06:30:00Z"}, day, between("2026-11-01T06:30Z", "2026-11-02T06:30Z")},
		{"one day from an instant is a calendar day", la, window.Ask{From: "2026-10-31T13:00:00-07:00"}, day, between("2026-10-31T13:00-07:00", "2026-11-01T13:00-08:00")},
		{"mixed", la, window.Ask{From: "2026-11-01", To: "2026-11-01T20:00:00Z"}, day, between("2026-11-01T07:00Z", "2026-11-01T20:00Z")},
		{"from and to with offsets", nil, window.Ask{From: "2026-11-01", To: "2026-11-08", ApplyOffsets: true}, hours(6), between("2026-10-31T18:00Z", "2026-11-07T18:00Z")},
		{"at", nil, window.Ask{At: "2026-11-10T13:00:00Z"}, hours(24), between("2026-11-08T13:00Z", "2026-11-09T13:00Z")},
		{"at in another zone's clock", nil, window.Ask{At: "2026-11-10T08:00:00-05:00"}, graph.Offset{}, between("2026-11-09T13:00Z", "2026-11-10T13:00Z")},
		{"at the only tick of a day", la, window.Ask{At: "2026-11-01"}, graph.Offset{}, between("2026-10-31T13:00-07:00", "2026-11-01T13:00-08:00")},
		{"newest", nil, window.Ask{}, hours(24), between("2026-11-19T13:00Z", "2026-11-20T13:00Z")},
		{"newest, hourly", hourly, window.Ask{}, graph.Offset{}, between("2026-11-21T19:00Z", "2026-11-21T20:00Z")},
		{"all", nil, window.Ask{All: true}, day, window.Range{}},
		{"nothing needed", none, window.Ask{NoRange: true}, day, window.Range{}},
		{"date without schedule", none, window.Ask{Date: "2026-11-20"}, day, between("2026-11-20T00:00Z", "2026-11-21T00:00Z")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := calendar(t, test.edit)
			a, err := c.AdHoc(test.ask, now)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			var stored window.AdHoc
			if err := json.Unmarshal(text, &stored); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, stored.For(test.o, c)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", text, diff)
			}
			if a.All != test.ask.All {
				t.Errorf("All is %v", a.All)
			}
		})
	}
}

func TestAdHocRefused(t *testing.T) {
	t.Parallel()
	now := at("2026-11-21T20:00Z")
	none := zoned("", "UTC")
	for _, test := range []struct {
		name string
		edit func(*graph.Group)
		ask  window.Ask
		flag string
		want string
	}{
		{"no schedule", none, window.Ask{}, "", "has no schedule: say which data to read\n  --date"},
		{"no schedule, at", none, window.Ask{At: "2026-11-20T13:00:00Z"}, "at", "has no schedule"},
		{"date and all", nil, window.Ask{Date: "2026-11-20", All: true}, "all", "--date and --all exclude each other"},
		{"from and at", nil, window.Ask{From: "2026-11-20", At: "2026-11-20T13:00:00Z"}, "at", "exclude each other"},
		{"to alone", nil, window.Ask{To: "2026-11-20"}, "to", "--to needs --from"},
		{"no date", nil, window.Ask{Date: "yesterday"}, "date", `"yesterday" is not a date: write it like 2026-11-21`},
		{"an instant as date", nil, window.Ask{Date: "2026-11-20T00:00:00Z"}, "date", "not a date"},
		{"30 February", nil, window.Ask{Date: "2026-02-30"}, "date", "--date 2026-02-30: there is no such day"},
		{"31 November", nil, window.Ask{From: "2026-11-31T06:00:00Z"}, "from", "there is no such day"},
		{"29 February of a common year", nil, window.Ask{At: "2026-02-29"}, "at", "there is no such day"},
		{"date that was left out", zoned("", "Pacific/Apia"), window.Ask{Date: "2011-12-30"}, "date", "does not exist in Pacific/Apia"},
		{"bad from", nil, window.Ask{From: "20/11/2026"}, "from", "neither a date nor a time"},
		{"bad to", nil, window.Ask{From: "2026-11-20", To: "soon"}, "to", "neither a date nor a time"},
		{"backwards", nil, window.Ask{From: "2026-11-20", To: "2026-11-19"}, "to", "is empty"},
		{"empty", nil, window.Ask{From: "2026-11-20", To: "2026-11-20"}, "to", "is empty: the end is exclusive"},
		{"mistyped year", nil, window.Ask{From: "0026-11-20", To: "2026-11-20"}, "from", "the year must lie between 1970 and 2119"},
		{"far year", nil, window.Ask{Date: "2926-11-20"}, "date", "the year must lie between"},
		{"no tick", nil, window.Ask{At: "2026-11-20T12:00:00Z"}, "at", "is no tick of courier_group.daily; the one before is 2026-11-19T13:00:00Z; the one after is 2026-11-20T13:00:00Z"},
		{"not a time", nil, window.Ask{At: "13:00"}, "at", "is not a time"},
		{"several ticks", zoned("0 * * * *", "UTC"), window.Ask{At: "2026-11-20"}, "at",
			"has 24 ticks on that day: write one of them: 2026-11-20T00:00:00Z, 2026-11-20T01:00:00Z, 2026-11-20T02:00:00Z, …"},
		{"no tick that day", zoned("0 13 * * 1", "UTC"), window.Ask{At: "2026-11-20"}, "at", "has no tick on that day in UTC"},
		{"offsets of nothing", nil, window.Ask{All: true, ApplyOffsets: true}, "apply-offsets", "goes with --date or --from"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := calendar(t, test.edit).AdHoc(test.ask, now)
			var ask *window.AskError
			if !errors.As(err, &ask) {
				t.Fatalf("got %v, want an AskError", err)
			}
			if ask.Flag != test.flag || !strings.Contains(err.Error(), test.want) {
				t.Errorf("flag %q, want %q; message:\n%s\nlacks %q", ask.Flag, test.flag, err, test.want)
			}
		})
	}
}

// A group without schedule has no tick to point at.
func TestAdHocFormsWithoutSchedule(t *testing.T) {
	t.Parallel()
	_, err := calendar(t, zoned("", "UTC")).AdHoc(window.Ask{}, at("2026-11-21T20:00Z"))
	for _, form := range []string{"--date", "--from", "--all"} {
		if !strings.Contains(err.Error(), "\n  "+form) {
			t.Errorf("%v lacks %s", err, form)
		}
	}
	if strings.Contains(err.Error(), "--at") {
		t.Errorf("%v offers --at", err)
	}
}

func TestAdHocPastDay(t *testing.T) {
	t.Parallel()
	c := calendar(t, func(g *graph.Group) {
		zoned("0 13 * * 1", "UTC")(g)
		g.PastDayOnly = true
	})
	a, err := c.AdHoc(window.Ask{}, at("2026-11-21T20:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(between("2026-11-15T13:00Z", "2026-11-16T13:00Z"), a.For(graph.Offset{}, c)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNeedsRange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		courier *graph.Courier
		want    bool
	}{
		{"dated", drop(graph.File{Pattern: "{yyyy}.csv"}), true},
		{"by arrival", drop(graph.File{Pattern: "a.csv"}, graph.File{Pattern: "b-*.csv"}), false},
		{"mixed", drop(graph.File{Pattern: "a.csv"}, graph.File{Pattern: "{yyyy}.csv"}), true},
		{"rest", &graph.Courier{RestAPI: &graph.RestAPI{}}, true},
		{"rest, full load", &graph.Courier{RestAPI: &graph.RestAPI{}, IgnoresRange: true}, false},
	} {
		if got := window.NeedsRange(test.courier); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}
