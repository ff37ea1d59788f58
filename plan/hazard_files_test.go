package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

var patterns = map[window.Unit]string{
	window.None: "orders.csv", window.Hour: "{yyyy}{MM}{dd}{HH}", window.Day: "{yyyy}{MM}{dd}", window.Month: "{yyyy}{MM}", window.Year: "{yyyy}",
}

// fileSurvey is a group with one courier that looks for the files.
func fileSurvey(t *testing.T, g graph.Group, o graph.Offset, files ...graph.File) (*survey, *window.Calendar) {
	t.Helper()
	g.Addr, g.Active = "courier_group.g", true
	g.Members = []graph.Member{{Name: "orders", Courier: "courier.orders", Offset: o}}
	all := &graph.Graph{Groups: []graph.Group{g}, Couriers: []graph.Courier{{Addr: "courier.orders", Filedrop: &graph.Filedrop{URL: graph.Text("drop")}, Files: files}}}
	w, problems := newWorld(Input{Graph: all, At: exactNow}, exactNow.Add(DefaultHorizon))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := newSurvey(w)
	return s, s.ticking[0]
}

func fileCodes(s *survey, c *window.Calendar) []string {
	var list []string
	for _, d := range fileCounts(s, c) {
		list = append(list, string(d.Code))
	}
	return list
}

func TestFileCounts(t *testing.T) {
	t.Parallel()
	const la = "America/Los_Angeles"
	daily := graph.File{Name: "f", Pattern: patterns[window.Day]}
	with := func(edit func(*graph.File)) graph.File {
		f := daily
		edit(&f)
		return f
	}
	workdays := with(func(f *graph.File) { f.Days = []string{"mon", "tue", "wed", "thu", "fri"} })
	both := graph.DST{Fold: "both"}
	for name, tt := range map[string]struct {
		group  graph.Group
		offset graph.Offset
		file   graph.File
		want   []string
	}{
		"daily":                         {group: graph.Group{Schedule: "0 6 * * *", Timezone: la, FileDates: la}, file: daily},
		"daily, dates in UTC":           {group: graph.Group{Schedule: "30 16 * * *", Timezone: la}, file: daily},
		"daily at the change":           {group: graph.Group{Schedule: "30 2 * * *", Timezone: la, FileDates: la, DST: graph.DST{Gap: "skip"}}, file: daily},
		"daily at midnight":             {group: graph.Group{Schedule: "0 0 * * *", Timezone: "Africa/Cairo", FileDates: "Africa/Cairo"}, file: daily},
		"daily and twice":               {group: graph.Group{Schedule: "30 1 * * *", Timezone: la, FileDates: la, DST: both}, file: daily},
		"daily, elapsed offset":         {group: graph.Group{Schedule: "30 0 * * *", Timezone: la, FileDates: la}, offset: graph.Offset{Elapsed: graph.Duration(24 * time.Hour)}, file: daily},
		"daily, past_day_only":          {group: graph.Group{Schedule: "0 13 * * *", Timezone: la, PastDayOnly: true}, file: daily},
		"hourly over hours":             {group: graph.Group{Schedule: "0 * * * *", Timezone: la, FileDates: la}, file: graph.File{Name: "f", Pattern: patterns[window.Hour]}},
		"monthly over months":           {group: graph.Group{Schedule: "0 6 1 * *", Timezone: la, FileDates: la}, file: graph.File{Name: "f", Pattern: patterns[window.Month]}},
		"yearly over years":             {group: graph.Group{Schedule: "0 6 1 1 *", Timezone: la, FileDates: la}, file: graph.File{Name: "f", Pattern: patterns[window.Year]}},
		"working days":                  {group: graph.Group{Schedule: "0 6 * * 1-5", Timezone: la}, file: daily, want: []string{"WB411"}},
		"working days of the file, too": {group: graph.Group{Schedule: "0 6 * * 1-5", Timezone: la}, file: workdays},
		"daily over working days":       {group: graph.Group{Schedule: "0 6 * * *", Timezone: la}, file: workdays},
		"weekly":                        {group: graph.Group{Schedule: "0 6 * * 1", Timezone: la}, file: daily, want: []string{"WB411"}},
		"weekly, past_day_only":         {group: graph.Group{Schedule: "0 6 * * 1", Timezone: la, PastDayOnly: true}, file: daily},
		"weekly, any":                   {group: graph.Group{Schedule: "0 6 * * 1", Timezone: la}, file: with(func(f *graph.File) { f.Require, f.RequireStated = "any", true })},
		"weekly, each":                  {group: graph.Group{Schedule: "0 6 * * 1", Timezone: la}, file: with(func(f *graph.File) { f.Require, f.RequireStated = "each", true })},
		"weekly, optional":              {group: graph.Group{Schedule: "0 6 * * 1", Timezone: la}, file: with(func(f *graph.File) { f.Optional = true })},
		"weekly, by arrival":            {group: graph.Group{Schedule: "0 6 * * 1", Timezone: la}, file: graph.File{Name: "f", Pattern: patterns[window.None]}},
		"yearly over days":              {group: graph.Group{Schedule: "0 6 1 1 *", Timezone: la}, file: daily, want: []string{"WB411"}},
		"daily over hours":              {group: graph.Group{Schedule: "0 6 * * *", Timezone: la, FileDates: la}, file: graph.File{Name: "f", Pattern: patterns[window.Hour]}, want: []string{"WB411"}},
		"daily over months":             {group: graph.Group{Schedule: "0 6 * * *", Timezone: la, FileDates: la}, file: graph.File{Name: "f", Pattern: patterns[window.Month]}, want: []string{"WB410"}},
		"twice a day":                   {group: graph.Group{Schedule: "0 6,18 * * *", Timezone: la}, file: daily, want: []string{"WB410"}},
		"twice a day, any":              {group: graph.Group{Schedule: "0 6,18 * * *", Timezone: la}, file: with(func(f *graph.File) { f.Require, f.RequireStated = "any", true }), want: []string{"WB410"}},
		"each minute":                   {group: graph.Group{Schedule: "* * * * *", Timezone: la}, file: daily, want: []string{"WB410"}},
		"each minute but in summer":     {group: graph.Group{Schedule: "* * * 1-5,9-12 *", Timezone: la}, file: daily, want: []string{"WB410", "WB411"}},
		"hourly on working days":        {group: graph.Group{Schedule: "0 * * * 1-5", Timezone: la}, file: daily, want: []string{"WB410", "WB411"}},
		"monthly offset":                {group: graph.Group{Schedule: "0 6 1 * *", Timezone: la}, offset: graph.Offset{Months: 1}, file: graph.File{Name: "f", Pattern: patterns[window.Month]}},
	} {
		if tt.group.FileDates == "" {
			tt.group.FileDates = "UTC"
		}
		s, c := fileSurvey(t, tt.group, tt.offset, tt.file)
		if diff := cmp.Diff(tt.want, fileCodes(s, c)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// A group has one note of a kind, whatever its files, which says the number of them.
func TestFileCountsOnce(t *testing.T) {
	t.Parallel()
	var files []graph.File
	for i := range 9 {
		files = append(files, graph.File{Name: fmt.Sprintf("f%d", i), Pattern: patterns[window.Day]})
	}
	s, c := fileSurvey(t, graph.Group{Schedule: "0 6 * * 1", Timezone: "UTC", FileDates: "UTC"}, graph.Offset{}, files...)
	if got := fileCodes(s, c); !slices.Equal(got, []string{"WB411"}) {
		t.Errorf("nine files of one courier: %v", got)
	}
}

// In a zone whose clocks change, and with file dates in the same, a group has the
// notes that a walk over its wall times finds on clocks that never change.
func TestFileCountsAreThoseOfSteadyState(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	seen := map[string]int{}
	for range 300 {
		zone := pick(r, exactZones...)
		unit := pick(r, window.Hour, window.Day, window.Day, window.Month)
		g := graph.Group{Timezone: zone, FileDates: zone, DST: randomDST(r),
			Schedule: fmt.Sprintf("%s %s * * %s", pick(r, "0", "30", "59", "*/20"), pick(r, "*", "0", "1", "2", "6", "23", "6,18", "*/6", "9-17", "0,23"), pick(r, "*", "*", "1", "1-5", "*/2"))}
		offset := graph.Offset{Days: r.IntN(3), Elapsed: graph.Duration(time.Duration(r.IntN(30)) * time.Hour)}
		s, c := fileSurvey(t, g, offset, graph.File{Name: "f", Pattern: patterns[unit]})
		want := fileCountsByWalking(t, g.Schedule, offset, unit)
		if diff := cmp.Diff(want, fileCodes(s, c)); diff != "" {
			t.Fatalf("%s %s, %s, a file each %s: -want +got:\n%s", g.Schedule, zone, offset, unit, diff)
		}
		seen[fmt.Sprint(want)]++
	}
	if len(seen) < 4 {
		t.Errorf("the test does not test much: %v", seen)
	}
}

// fileCountsByWalking counts the units that begin in each range of 60 days.
func fileCountsByWalking(t *testing.T, schedule string, o graph.Offset, unit window.Unit) []string {
	t.Helper()
	expr, err := cron.Parse(schedule)
	if err != nil {
		t.Fatal(err)
	}
	back := func(w cron.Wall) cron.Wall { return w.AddDays(-o.Days) - cron.Wall(o.Elapsed.Std()/time.Second) }
	none, several := false, false
	from := expr.Next(cron.WallOf(2026, 11, 21, 0, 0))
	for w := from; w < from.AddDays(60); {
		next := expr.Next(w + 1)
		n := 0
		for h := window.Hour.Floor(back(w)); h < back(next) && n < 2; h += 3600 {
			if h >= back(w) && unit.Floor(h) == h {
				n++
			}
		}
		none, several = none || n == 0, several || n > 1
		w = next
	}
	var list []string
	if none {
		list = append(list, "WB410")
	}
	if several {
		list = append(list, "WB411")
	}
	return list
}

// The runs that a dense group is told of are those that read the next dates.
func TestReadersAreTheNextRunsThatExpectAFile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		schedule string
		unit     window.Unit
		offset   graph.Offset
		want     []string
	}{
		"hourly":                   {"0 * * * *", window.Day, graph.Offset{}, []string{"2026-11-22T01:00Z 20261122", "2026-11-23T01:00Z 20261123", "2026-11-24T01:00Z 20261124"}},
		"hourly, a day later":      {"0 * * * *", window.Day, graph.Offset{Days: 1}, []string{"2026-11-22T01:00Z 20261121", "2026-11-23T01:00Z 20261122", "2026-11-24T01:00Z 20261123"}},
		"each minute, months":      {"* * * * *", window.Month, graph.Offset{}, []string{"2026-12-01T00:01Z 202612", "2027-01-01T00:01Z 202701", "2027-02-01T00:01Z 202702"}},
		"each minute, years":       {"* * * * *", window.Year, graph.Offset{}, []string{"2027-01-01T00:01Z 2027"}},
		"hourly on working days":   {"0 * * * 1-5", window.Day, graph.Offset{}, []string{"2026-11-23T00:00Z 20261121, 20261122", "2026-11-23T01:00Z 20261123", "2026-11-24T01:00Z 20261124"}},
		"each quarter, hours":      {"*/15 * * * *", window.Hour, graph.Offset{Elapsed: graph.Duration(time.Hour)}, []string{"2026-11-21T20:15Z 2026112119", "2026-11-21T21:15Z 2026112120", "2026-11-21T22:15Z 2026112121"}},
		"twice a month, a year on": {"0 0 1,15 * *", window.Year, graph.Offset{Months: 12}, []string{"2027-01-15T00:00Z 2026"}},
	} {
		s, c := fileSurvey(t, graph.Group{Schedule: tt.schedule, Timezone: "UTC", FileDates: "UTC"}, tt.offset, graph.File{Name: "f", Pattern: patterns[tt.unit]})
		courier := s.in.Graph.Courier("courier.orders")
		u := fileUse{calendar: c, member: c.Group().Members[0], file: courier.Files[0], unit: tt.unit, courier: courier}
		var got []string
		for _, r := range u.readers(s) {
			got = append(got, r.tick.Format("2006-01-02T15:04Z ")+u.names(r.expected))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}
