package window_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// show writes the dates of a file: what it looks for, the stamp in the range zone,
// and a ~ where the file is not expected.
func show(w window.Want, loc *time.Location) []string {
	var out []string
	for _, d := range w.Files[0].Dates {
		mark := ""
		if !d.Expected {
			mark = "~"
		}
		out = append(out, fmt.Sprintf("%s%s at %s", mark, d.Name, d.Stamp.In(loc).Format("02T15:04-07")))
	}
	return out
}

func TestDates(t *testing.T) {
	t.Parallel()
	day, hour := "{yyyy}-{MM}-{dd}", "{dd}T{HH}/{yyyy}{MM}"
	for _, test := range []struct {
		name string
		zone string
		file graph.File
		r    window.Range
		want []string
	}{
		{"the start belongs to the range, the end does not", "UTC", graph.File{Pattern: day},
			between("2026-06-14T00:00Z", "2026-06-16T00:00Z"), []string{"2026-06-14 at 14T00:00+00", "2026-06-15 at 15T00:00+00"}},
		{"only whole starts", "UTC", graph.File{Pattern: day},
			between("2026-06-14T00:01Z", "2026-06-15T23:59Z"), []string{"2026-06-15 at 15T00:00+00"}},
		{"nothing", "UTC", graph.File{Pattern: day}, between("2026-06-14T00:01Z", "2026-06-14T23:59Z"), nil},
		{"empty range", "UTC", graph.File{Pattern: day}, between("2026-06-14T00:00Z", "2026-06-14T00:00Z"), nil},
		{"another zone's dates", "America/Los_Angeles", graph.File{Pattern: day},
			between("2026-06-14T00:00Z", "2026-06-15T07:00Z"), []string{"2026-06-14 at 14T00:00-07"}},
		{"midnight that does not exist", "Africa/Cairo", graph.File{Pattern: day},
			between("2026-04-23T12:00Z", "2026-04-25T12:00Z"), []string{"2026-04-24 at 24T01:00+03", "2026-04-25 at 25T00:00+03"}},
		{"midnight that occurs twice", "America/Havana", graph.File{Pattern: day},
			between("2024-11-03T04:00Z", "2024-11-03T05:00Z"), []string{"2024-11-03 at 03T00:00-04"}},
		{"its second pass is no date", "America/Havana", graph.File{Pattern: day},
			between("2024-11-03T05:00Z", "2024-11-04T05:00Z"), nil},
		{"a date that does not exist", "Pacific/Apia", graph.File{Pattern: day},
			between("2011-12-28T12:00Z", "2011-12-31T12:00Z"),
			[]string{"2011-12-29 at 29T00:00-10", "~2011-12-30 at 31T00:00+14", "2011-12-31 at 31T00:00+14", "2012-01-01 at 01T00:00+14"}},
		{"the hour that is left out", "America/Los_Angeles", graph.File{Pattern: hour},
			between("2026-03-08T00:00-08:00", "2026-03-08T05:00-07:00"),
			[]string{"08T00/202603 at 08T00:00-08", "08T01/202603 at 08T01:00-08", "~08T02/202603 at 08T03:00-07", "08T03/202603 at 08T03:00-07", "08T04/202603 at 08T04:00-07"}},
		{"the hour that occurs twice, once", "America/Los_Angeles", graph.File{Pattern: hour},
			between("2026-11-01T00:00-07:00", "2026-11-01T03:00-08:00"),
			[]string{"01T00/202611 at 01T00:00-07", "01T01/202611 at 01T01:00-07", "01T02/202611 at 01T02:00-08"}},
		{"its second pass", "America/Los_Angeles", graph.File{Pattern: hour}, between("2026-11-01T01:00-08:00", "2026-11-01T02:00-08:00"), nil},
		{"half an hour left out", "Australia/Lord_Howe", graph.File{Pattern: hour},
			between("2026-10-04T01:00+10:30", "2026-10-04T04:00+11:00"),
			[]string{"04T01/202610 at 04T01:00+10", "04T02/202610 at 04T02:30+11", "04T03/202610 at 04T03:00+11"}},
		{"months", "UTC", graph.File{Pattern: "{yyyy}{MM}"},
			between("2026-11-15T00:00Z", "2027-01-02T00:00Z"), []string{"202612 at 01T00:00+00", "202701 at 01T00:00+00"}},
		{"years", "UTC", graph.File{Pattern: "{yyyy}"}, between("2026-12-31T00:00Z", "2027-01-02T00:00Z"), []string{"2027 at 01T00:00+00"}},
		{"weekdays, less a holiday", "UTC", graph.File{Pattern: day, Days: []string{"mon", "tue", "wed", "thu", "fri"}, Except: []string{"2026-12-25"}},
			between("2026-12-24T00:00Z", "2026-12-29T00:00Z"),
			[]string{"2026-12-24 at 24T00:00+00", "~2026-12-25 at 25T00:00+00", "~2026-12-26 at 26T00:00+00", "~2026-12-27 at 27T00:00+00", "2026-12-28 at 28T00:00+00"}},
		{"days are those of the file's zone", "America/Los_Angeles", graph.File{Pattern: hour, Days: []string{"sun"}},
			between("2026-12-28T06:00Z", "2026-12-28T09:00Z"),
			[]string{"27T22/202612 at 27T22:00-08", "27T23/202612 at 27T23:00-08", "~28T00/202612 at 28T00:00-08"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := want(t, calendar(t, zoned("0 13 * * *", test.zone)), drop(test.file), test.r)
			if diff := cmp.Diff(test.want, show(w, zone(t, test.zone).Location())); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Every date has one stamp, so that neighbouring ranges share no file and leave
// none out, however the clocks go between them.
func TestDatesTile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "America/Los_Angeles", "Africa/Cairo", "America/Havana", "Pacific/Apia", "America/Nuuk", "Antarctica/Troll"} {
		for _, p := range []string{"{yyyy}{MM}{dd}", "{yyyy}{MM}{dd}{HH}"} {
			c := calendar(t, zoned("0 13 * * *", name))
			for _, month := range []string{"2011-12-20T00:00Z", "2026-03-01T00:00Z", "2026-04-10T00:00Z", "2026-10-20T00:00Z"} {
				start := at(month)
				var pieces []string
				for i := range 20 * 24 {
					r := window.Range{Start: start.Add(time.Duration(i) * time.Hour), End: start.Add(time.Duration(i+1) * time.Hour)}
					for _, d := range want(t, c, drop(graph.File{Pattern: p}), r).Files[0].Dates {
						pieces = append(pieces, d.Name)
					}
				}
				var whole []string
				for _, d := range want(t, c, drop(graph.File{Pattern: p}), window.Range{Start: start, End: start.AddDate(0, 0, 20)}).Files[0].Dates {
					whole = append(whole, d.Name)
				}
				seen := map[string]bool{}
				for _, name := range whole {
					if seen[name] {
						t.Errorf("%s: %s is there twice", name, name)
					}
					seen[name] = true
				}
				if len(pieces) != len(whole) {
					t.Errorf("%s from %s, %s: %d in pieces, %d as a whole", name, month, p, len(pieces), len(whole))
				}
			}
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	courier := drop(
		graph.File{Name: "a", Pattern: "{yyyy}{MM}{dd}/a.csv"},
		graph.File{Name: "b", Pattern: "{yyyy}{MM}{dd}/b.csv", Optional: true},
		graph.File{Name: "c", Pattern: "new-*.csv"},
		graph.File{Name: "d", Pattern: "{yyyy}{MM}{dd}/a.csv"},
		graph.File{Name: "e", Pattern: "{yyyy}{MM}{dd}/e.csv", Except: []string{"2026-06-14"}},
	)
	w := want(t, calendar(t, nil), courier, between("2026-06-13T13:00Z", "2026-06-15T13:00Z"))
	got := w.Names()
	if diff := cmp.Diff([]string{"new-*.csv", "20260614/a.csv", "20260614/b.csv", "20260615/a.csv", "20260615/b.csv", "20260615/e.csv"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	w.All = true
	if diff := cmp.Diff([]string{"new-*.csv"}, w.Names()); diff != "" {
		t.Errorf("all: -want +got:\n%s", diff)
	}
}

func TestNothing(t *testing.T) {
	t.Parallel()
	c := calendar(t, nil)
	dated, arriving := drop(graph.File{Pattern: "{yyyy}"}), drop(graph.File{Pattern: "x"}, graph.File{Pattern: "{yyyy}"})
	none, some := window.Range{}, between("2026-06-14T00:00Z", "2026-06-14T00:01Z")
	for _, test := range []struct {
		courier *graph.Courier
		r       window.Range
		want    bool
	}{{dated, none, true}, {dated, some, false}, {arriving, none, false}, {&graph.Courier{RestAPI: &graph.RestAPI{}}, none, true}, {&graph.Courier{RestAPI: &graph.RestAPI{}}, some, false}} {
		if got := want(t, c, test.courier, test.r).Nothing(); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

func TestWantRefused(t *testing.T) {
	t.Parallel()
	c := calendar(t, nil)
	bad := []*graph.Courier{
		drop(graph.File{Pattern: "{yy}"}),
		drop(graph.File{Pattern: "{yyyy}", Days: []string{"monday"}}),
		drop(graph.File{Pattern: "{yyyy}", Except: []string{"25.12."}}),
		{Files: []graph.File{{Pattern: "x"}}, Ready: graph.Ready{DoneMarker: "{file}"}},
	}
	for _, courier := range bad {
		if _, err := c.Want(courier, between("2026-06-14T00:00Z", "2026-06-15T00:00Z")); err == nil {
			t.Errorf("%+v is accepted", courier)
		}
	}
}
