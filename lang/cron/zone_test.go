package cron_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

func TestLoadZoneErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, code, suggestion string }{
		{"PST", "WB502", "America/Los_Angeles"},
		{"EST", "WB502", "America/New_York"},
		{"MST", "WB502", "America/Denver"},
		{"HST", "WB502", "Pacific/Honolulu"},
		{"IST", "WB502", "Asia/Kolkata"},
		{"CET", "WB502", "Europe/Paris"},
		{"est", "WB502", "America/New_York"},
		{"UTC+2", "WB501", "Etc/GMT-2"},
		{"GMT+8", "WB501", "Etc/GMT-8"},
		{"GMT-08:00", "WB501", "Etc/GMT+8"},
		{"+02:00", "WB501", "Etc/GMT-2"},
		{"UTC+00:00", "WB501", "UTC"},
		{"UTC+05:30", "WB501", ""},
		{"(GMT-08:00) Pacific Time", "WB501", "America/Los_Angeles"},
		{"(GMT-08:00) Pacific Time - Los Angeles", "WB501", "America/Los_Angeles"},
		{"(GMT-07:00) Mountain Time", "WB501", "America/Denver"},
		{"(GMT-07:00) Mountain Time - Phoenix", "WB501", "America/Phoenix"},
		{"(GMT-06:00) Central Time", "WB501", "America/Chicago"},
		{"(GMT-05:00) Eastern Time", "WB501", "America/New_York"},
		{"(GMT+01:00) Rome", "WB501", "Europe/Rome"},
		{"(GMT+01:00) Central European Time - Madrid", "WB501", "Europe/Madrid"},
		{"New York", "WB501", "America/New_York"},
		{"America/Los_Angelos", "WB501", "America/Los_Angeles"},
		{"Mars/Olympus_Mons", "WB501", ""},
		{"../../etc/passwd", "WB501", ""},
		{"+links", "WB501", ""},
		{"america/los_angeles", "WB506", "America/Los_Angeles"},
		{"utc", "WB506", "UTC"},
		{"Local", "WB507", ""},
		{"local", "WB507", ""},
		{"", "WB507", ""},
		{"localtime", "WB507", ""},
		{"posixrules", "WB507", ""},
		{"Factory", "WB507", ""},
	} {
		_, err := cron.LoadZone(c.name)
		var e *cron.ZoneError
		if !errors.As(err, &e) {
			t.Errorf("%q: got %v, want a *ZoneError", c.name, err)
		} else if e.Code != c.code || e.Name != c.name || e.Suggestion != c.suggestion || e.Message == "" {
			t.Errorf("%q: got %s %q, want %s %q: %v", c.name, e.Code, e.Suggestion, c.code, c.suggestion, e)
		}
		if err == nil || e.Suggestion == "" {
			continue
		}
		if _, err := cron.LoadZone(e.Suggestion); err != nil {
			t.Errorf("%q: the suggestion is no better: %v", c.name, err)
		}
	}
}

// TestEmbeddedZones is that the database is the embedded one: these zones changed
// in releases that the toolchain and most machines do not have yet.
func TestEmbeddedZones(t *testing.T) {
	if got := cron.Release(); got < "2026f" {
		t.Errorf("release %q, want 2026f or newer", got)
	}
	names := cron.Zones()
	if len(names) < 580 || !slices.IsSorted(names) {
		t.Errorf("%d names, sorted %v", len(names), slices.IsSorted(names))
	}
	t.Setenv("ZONEINFO", t.TempDir())
	winter := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for name, hours := range map[string]int{
		"America/Vancouver": -7, "America/Edmonton": -6, "America/Winnipeg": -5,
		"America/Los_Angeles": -8, "UTC": 0, "Etc/UTC": 0, "Etc/GMT+8": -8,
	} {
		if got := load(t, name).Offset(winter); got != hours*3600 {
			t.Errorf("%s is %d seconds east in winter, want %d hours", name, got, hours)
		}
	}
	if once, again := load(t, "UTC"), load(t, "UTC"); once != again {
		t.Error("a zone is loaded twice")
	}
	if got := load(t, "Asia/Calcutta").Alias(); got != "Asia/Kolkata" {
		t.Errorf("Asia/Calcutta is now %q", got)
	}
	if got := load(t, "Asia/Kolkata").Alias(); got != "" {
		t.Errorf("Asia/Kolkata is an alias of %q", got)
	}
}

// TestSpans is that the spans give every zone's offset at any time, on the days
// on which ZoneBounds is wrong (golang/go#81583) as on others, and that they are
// longer than the edges between them, which the schedules rely on.
func TestSpans(t *testing.T) {
	t.Parallel()
	for _, name := range cron.Zones() {
		z := load(t, name)
		for year := 1880; year < 2119; year += 1 + 2*slowdown {
			for _, at := range []time.Time{
				time.Date(year, 12, 31, 11, 30, 0, 0, time.UTC),
				time.Date(year, 7, 1, 0, 0, 0, 0, time.UTC),
			} {
				if _, want := at.In(z.Location()).Zone(); z.Offset(at) != want {
					t.Errorf("%s at %v: offset %d, want %d", name, at, z.Offset(at), want)
				}
			}
		}
		list := z.Transitions(time.Unix(-1<<40, 0), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC))
		for i := 1; i < len(list); i++ {
			if length := list[i].At.Sub(list[i-1].At); length < list[i-1].Length()+list[i].Length()+26*time.Hour {
				t.Errorf("%s has two changes within %v at %v", name, length, list[i].At)
			}
		}
	}
	last := load(t, "America/New_York").Transitions(time.Date(2110, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2111, 1, 1, 0, 0, 0, 0, time.UTC))
	if len(last) != 2 {
		t.Errorf("New York has %d changes in 2110, want 2", len(last))
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, wall string
		gap        cron.Gap
		fold       cron.Fold
		want       string // RFC 3339 in the zone, empty for none
	}{
		{"America/Los_Angeles", "2026-11-21 01:30", "", "", "2026-11-21T01:30:00-08:00"},
		{"America/Los_Angeles", "2027-03-14 02:30", cron.NextValid, "", "2027-03-14T03:00:00-07:00"},
		{"America/Los_Angeles", "2027-03-14 02:30", "", "", "2027-03-14T03:00:00-07:00"},
		{"America/Los_Angeles", "2027-03-14 02:30", cron.Shift, "", "2027-03-14T03:30:00-07:00"},
		{"America/Los_Angeles", "2027-03-14 02:30", cron.SkipGap, "", ""},
		{"America/Los_Angeles", "2027-03-14 03:00", cron.SkipGap, "", "2027-03-14T03:00:00-07:00"},
		{"America/Los_Angeles", "2027-11-07 01:30", "", cron.First, "2027-11-07T01:30:00-07:00"},
		{"America/Los_Angeles", "2027-11-07 01:30", "", cron.Second, "2027-11-07T01:30:00-08:00"},
		{"America/Los_Angeles", "2027-11-07 01:30", "", cron.Both, "2027-11-07T01:30:00-07:00"},
		{"America/Los_Angeles", "2027-11-07 02:00", "", cron.First, "2027-11-07T02:00:00-08:00"},
		{"Europe/London", "2026-10-25 01:30", "", cron.First, "2026-10-25T01:30:00+01:00"},
		{"Europe/London", "2026-10-25 01:30", "", cron.Second, "2026-10-25T01:30:00Z"},
		{"Africa/Cairo", "2027-04-30 00:00", cron.NextValid, "", "2027-04-30T01:00:00+03:00"},
		{"Pacific/Apia", "2011-12-30 12:00", cron.NextValid, "", "2011-12-31T00:00:00+14:00"},
		{"UTC", "1600-02-29 00:00", "", "", "1600-02-29T00:00:00Z"},
	} {
		z := load(t, c.zone)
		w, err := cron.ParseWall(c.wall)
		if err != nil {
			t.Fatal(err)
		}
		at, ok := z.Instant(w, c.gap, c.fold)
		got := ""
		if ok {
			got = at.In(z.Location()).Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s %s %s/%s: got %q, want %q", c.zone, c.wall, c.gap, c.fold, got, c.want)
		}
		if back := z.Wall(at); ok && c.gap == "" && c.wall == back.String() && back != w {
			t.Errorf("%s: %v is shown as %v", c.zone, at, back)
		}
	}
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	z := load(t, "America/Los_Angeles")
	spring := time.Date(2027, 3, 14, 10, 0, 0, 0, time.UTC)
	autumn := time.Date(2027, 11, 7, 9, 0, 0, 0, time.UTC)
	list := z.Transitions(spring, autumn)
	if len(list) != 1 || !list[0].At.Equal(autumn) {
		t.Fatalf("(spring, autumn] has %v", list)
	}
	from, to, ok := list[0].Fold()
	if !ok || from.String() != "2027-11-07 01:00" || to.String() != "2027-11-07 02:00" || list[0].Length() != time.Hour {
		t.Errorf("fold %v to %v, %v", from, to, ok)
	}
	if _, _, ok := list[0].Gap(); ok {
		t.Error("a fold is a gap")
	}
	list = z.Transitions(spring.Add(-time.Second), spring)
	if len(list) != 1 {
		t.Fatalf("the change at the end of the interval is missing: %v", list)
	}
	from, to, ok = list[0].Gap()
	if !ok || from.String() != "2027-03-14 02:00" || to.String() != "2027-03-14 03:00" {
		t.Errorf("gap %v to %v, %v", from, to, ok)
	}
}
