package window_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// TestWorkedTable is the worked example of the courier-groups documentation: cron
// 0 13 * * * in UTC, the run of Monday 2026-06-15, and its neighbours.
func TestWorkedTable(t *testing.T) {
	t.Parallel()
	dated := drop(graph.File{Name: "day", Pattern: "in/{yyyy}/{MM}/{dd}/*.csv"})
	for _, test := range []struct {
		name    string
		offset  graph.Offset
		courier *graph.Courier
		want    window.Range
		files   []string
	}{
		{"#1 yesterday's date, 24 h", hours(24), dated,
			between("2026-06-13T13:00Z", "2026-06-14T13:00Z"), []string{"in/2026/06/14/*.csv"}},
		{"#2 today's date, 30 min as in the text", graph.Offset{Elapsed: graph.Duration(30 * time.Minute)}, dated,
			between("2026-06-14T12:30Z", "2026-06-15T12:30Z"), []string{"in/2026/06/15/*.csv"}},
		{"#2 none as in the picture", graph.Offset{}, dated,
			between("2026-06-14T13:00Z", "2026-06-15T13:00Z"), []string{"in/2026/06/15/*.csv"}},
		{"#3 Campaign Monitor, 13 h", hours(13), &graph.Courier{Addr: "courier.campaign_monitor", RestAPI: &graph.RestAPI{}},
			between("2026-06-14T00:00Z", "2026-06-15T00:00Z"), nil},
		{"#4 Salesforce, full load", graph.Offset{}, &graph.Courier{Addr: "courier.salesforce", RestAPI: &graph.RestAPI{}, IgnoresRange: true},
			between("2026-06-14T13:00Z", "2026-06-15T13:00Z"), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := calendar(t, nil)
			first := at("2026-06-14T13:00Z")
			w := c.Initial(first, test.offset, nil)
			for day := range 3 {
				r := c.Read(w, first.AddDate(0, 0, day), test.offset)
				if day == 1 {
					if diff := cmp.Diff(window.Reading{Range: test.want}, r); diff != "" {
						t.Errorf("range: -want +got:\n%s", diff)
					}
					if diff := cmp.Diff(test.files, want(t, c, test.courier, r.Range).Names()); diff != "" {
						t.Errorf("files: -want +got:\n%s", diff)
					}
				}
				if r.Range.Length() != 24*time.Hour || !r.Range.Start.Equal(w) {
					t.Errorf("day %d: %v does not go on from %v", day, r.Range, w)
				}
				w = r.Range.End
			}
		})
	}
}

// The band rule of the worked example: which date a daily group at 13:00 selects.
func TestOffsetBands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		minutes int
		want    string
	}{
		{0, "2026-06-15"}, {30, "2026-06-15"}, {12*60 + 59, "2026-06-15"},
		{13 * 60, "2026-06-14"}, {24 * 60, "2026-06-14"}, {37*60 - 1, "2026-06-14"},
		{37 * 60, "2026-06-13"}, {61*60 - 1, "2026-06-13"},
	} {
		c := calendar(t, nil)
		o := graph.Offset{Elapsed: graph.Duration(test.minutes) * graph.Duration(time.Minute)}
		tick := at("2026-06-15T13:00Z")
		w := want(t, c, drop(graph.File{Name: "day", Pattern: "{yyyy}-{MM}-{dd}"}), c.Read(c.Initial(tick, o, nil), tick, o).Range)
		if diff := cmp.Diff([]string{test.want}, w.Names()); diff != "" {
			t.Errorf("offset %s: -want +got:\n%s", o, diff)
		}
	}
}

func TestInitial(t *testing.T) {
	t.Parallel()
	from := at("2026-01-01T00:00Z")
	for _, test := range []struct {
		name  string
		edit  func(*graph.Group)
		tick  string
		o     graph.Offset
		start *time.Time
		want  string
	}{
		{"one period", nil, "2026-06-15T13:00Z", graph.Offset{}, nil, "2026-06-14T13:00Z"},
		{"moved back", nil, "2026-06-15T13:00Z", graph.Offset{Days: 1}, nil, "2026-06-13T13:00Z"},
		{"start_from", nil, "2026-06-15T13:00Z", graph.Offset{Days: 1}, &from, "2026-01-01T00:00Z"},
		{"weekdays, on a Monday", zoned("0 9 * * 1-5", "UTC"), "2026-06-15T09:00Z", graph.Offset{}, nil, "2026-06-12T09:00Z"},
		{"25 hours", zoned("0 13 * * *", "America/Los_Angeles"), "2026-11-01T13:00-08:00", graph.Offset{}, nil, "2026-10-31T13:00-07:00"},
		{"no schedule", zoned("", "UTC"), "2026-06-15T13:00Z", graph.Offset{Days: 1}, nil, "2026-06-14T13:00Z"},
	} {
		if diff := cmp.Diff(at(test.want), calendar(t, test.edit).Initial(at(test.tick), test.o, test.start)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", test.name, diff)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	pastDay := func(g *graph.Group) { g.PastDayOnly = true }
	pastDayLA := func(g *graph.Group) {
		zoned("0 13 * * *", "America/Los_Angeles")(g)
		g.PastDayOnly = true
	}
	for _, test := range []struct {
		name            string
		edit            func(*graph.Group)
		watermark, tick string
		o               graph.Offset
		want            window.Reading
	}{
		{"steady", nil, "2026-06-14T13:00Z", "2026-06-15T13:00Z", graph.Offset{},
			window.Reading{Range: between("2026-06-14T13:00Z", "2026-06-15T13:00Z")}},
		{"after missed runs", nil, "2026-06-10T13:00Z", "2026-06-15T13:00Z", graph.Offset{},
			window.Reading{Range: between("2026-06-10T13:00Z", "2026-06-15T13:00Z")}},
		{"watermark ahead: nothing, and it stays", nil, "2026-06-20T00:00Z", "2026-06-15T13:00Z", hours(24),
			window.Reading{Range: between("2026-06-20T00:00Z", "2026-06-20T00:00Z")}},
		{"past day, nothing dropped", pastDay, "2026-06-14T13:00Z", "2026-06-15T13:00Z", hours(24),
			window.Reading{Range: between("2026-06-14T13:00Z", "2026-06-14T13:00Z")}},
		{"past day after missed runs", pastDay, "2026-06-10T13:00Z", "2026-06-15T13:00Z", hours(24),
			window.Reading{Range: between("2026-06-13T13:00Z", "2026-06-14T13:00Z"), Dropped: between("2026-06-10T13:00Z", "2026-06-13T13:00Z")}},
		{"past day is a calendar day", pastDayLA, "2026-03-01T21:00Z", "2026-03-08T13:00-07:00", graph.Offset{},
			window.Reading{Range: between("2026-03-07T13:00-08:00", "2026-03-08T13:00-07:00"), Dropped: between("2026-03-01T21:00Z", "2026-03-07T13:00-08:00")}},
	} {
		if diff := cmp.Diff(test.want, calendar(t, test.edit).Read(at(test.watermark), at(test.tick), test.o)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", test.name, diff)
		}
	}
}

func TestAdvanced(t *testing.T) {
	t.Parallel()
	c := calendar(t, nil)
	got, dropped := c.Advanced(at("2026-06-10T13:00Z"), at("2026-06-14T13:00Z"), graph.Offset{Days: 1})
	if want := at("2026-06-13T13:00Z"); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if diff := cmp.Diff(between("2026-06-10T13:00Z", "2026-06-13T13:00Z"), dropped); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, dropped = c.Advanced(at("2026-06-20T13:00Z"), at("2026-06-14T13:00Z"), graph.Offset{}); !got.Equal(at("2026-06-20T13:00Z")) || !dropped.Empty() {
		t.Errorf("the watermark moved back: %v, %v", got, dropped)
	}
}

func TestBehind(t *testing.T) {
	t.Parallel()
	c := calendar(t, nil)
	var got []time.Time
	for f := range c.Behind(at("2026-06-10T13:00Z"), hours(24), at("2026-06-14T13:00Z")) {
		got = append(got, f.Instant)
	}
	want := []time.Time{at("2026-06-12T13:00Z"), at("2026-06-13T13:00Z"), at("2026-06-14T13:00Z")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for f := range c.Behind(at("2000-01-01T00:00Z"), hours(0), at("2026-06-14T13:00Z")) {
		if want := at("2000-01-01T13:00Z"); !f.Instant.Equal(want) {
			t.Errorf("got %v, want %v", f.Instant, want)
		}
		break
	}
	for range calendar(t, zoned("", "UTC")).Behind(at("2026-06-10T13:00Z"), hours(0), at("2026-06-14T13:00Z")) {
		t.Error("a group without schedule has no ticks")
	}
}

func TestMaxRange(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, test := range []struct {
		schedule string
		own      time.Duration
		want     time.Duration
	}{
		{"", 0, 31 * day},
		{"0 13 * * *", 0, 31 * day},
		{"0 13 * * 1", 0, 31 * day},
		{"0 13 * * *", 3 * day, 3 * day},
		{"0 13 1 * *", 0, 93 * day},
		{"0 13 1,15 * *", 0, 51 * day},
		{"0 13 L * *", 0, 93 * day},
		{"* * 1 1 *", 0, 3 * (365*day - (24*60-1)*time.Minute + day)}, // from 23:59 on 1 January of a leap year
		{"0 0 29 2 *", 0, 3 * 1461 * day},
		{"0 13 1 * *", 10 * day, 10 * day},
	} {
		c := calendar(t, func(g *graph.Group) {
			zoned(test.schedule, "America/Los_Angeles")(g)
			g.MaxRange = graph.Duration(test.own)
		})
		if got := c.MaxRange(); got != test.want {
			t.Errorf("%q: got %v, want %v", test.schedule, got, test.want)
		}
		if c.TooLong(window.Range{Start: at("2026-06-10T13:00Z"), End: at("2026-06-10T13:00Z").Add(test.want)}) {
			t.Errorf("%q: the limit itself is too long", test.schedule)
		}
		if !c.TooLong(window.Range{Start: at("2026-06-10T13:00Z"), End: at("2026-06-10T13:00Z").Add(test.want + 1)}) {
			t.Errorf("%q: more than the limit is not too long", test.schedule)
		}
	}
}

// TestTiling runs random groups for some weeks around clock changes, with runs that
// fail, and checks that what was read is one piece of time, read once.
func TestTiling(t *testing.T) {
	t.Parallel()
	zones := []string{"UTC", "America/Los_Angeles", "Africa/Cairo", "Australia/Lord_Howe", "America/Nuuk"}
	schedules := []string{"0 13 * * *", "30 2 * * *", "30 1 * * *", "0 * * * *", "*/20 * * * *", "0 0 * * 1-5", "0 0 1 * *"}
	offsets := []graph.Offset{{}, hours(24), {Days: 1}, {Months: 1}, {Weeks: 1, Elapsed: graph.Duration(90 * time.Minute)}}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		name, schedule := zones[rng.IntN(len(zones))], schedules[rng.IntN(len(schedules))]
		o := offsets[rng.IntN(len(offsets))]
		c := calendar(t, zoned(schedule, name))
		from := at("2026-03-01T00:00Z").AddDate(0, rng.IntN(12), 0)
		ticks := slices.Collect(c.Schedule().Between(from, from.AddDate(0, 0, 70)))
		if len(ticks) == 0 {
			continue
		}
		w := c.Initial(ticks[0].Instant, o, nil)
		for _, f := range ticks {
			r := c.Read(w, f.Instant, o).Range
			if !r.Start.Equal(w) || r.End.Before(r.Start) {
				t.Fatalf("%s in %s, offset %s, tick %v: %v does not go on from %v", schedule, name, o, f.Instant, r, w)
			}
			if rng.IntN(4) > 0 {
				w = r.End
			}
		}
		last := ticks[len(ticks)-1].Instant
		if got := c.Read(w, last, o).Range.End; got.Before(window.Back(last, o, c.RangeZone())) {
			t.Fatalf("%s in %s, offset %s: read up to %v only", schedule, name, o, got)
		}
	}
}

// The limit of schedules whose dates lie close together is not walked for: it is
// that of a walk all the same.
func TestMaxRangeIsThatOfAWalk(t *testing.T) {
	t.Parallel()
	from, until := at("2020-01-01T00:00Z"), at("2048-01-01T00:00Z")
	for _, schedule := range []string{
		"0 0 * * *", "30 2 * * 1-5", "30 2 * * 0", "*/30 2 * * 0", "30 2 * * 0,3", "30 2 1,8,15,22 * *", "30 2 */5 * *",
		"30 2 */9 * *", "30 2 * * 0#1", "30 2 15 * 0", "0 2 * 1-11 *", "*/15 0 * * 6", "0 0 L,15,8,22 * *",
	} {
		for _, gap := range []string{"next_valid", "shift", "skip"} {
			for _, name := range []string{"UTC", "Europe/Berlin", "America/Santiago"} {
				c := calendar(t, func(g *graph.Group) {
					zoned(schedule, name)(g)
					g.DST.Gap = gap
				})
				want := 31 * 24 * time.Hour
				last, ok := c.Schedule().Next(from)
				for ok && last.Instant.Before(until) {
					var next cron.Firing
					next, ok = c.Schedule().Next(last.Instant)
					want = max(want, 3*next.Nominal.Sub(last.Nominal))
					last = next
				}
				if got := c.MaxRange(); got != want {
					t.Errorf("%s in %s, %s: got %v, a walk finds %v", schedule, name, gap, got, want)
				}
			}
		}
	}
}
