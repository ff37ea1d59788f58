package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
)

func testSchedule(t *testing.T, expr, zone string, policy cron.Policy) *cron.Schedule {
	t.Helper()
	e, err := cron.Parse(expr)
	if err != nil {
		t.Fatal(err)
	}
	z, err := cron.LoadZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	return cron.New(e, z, policy)
}

func TestHazardLines(t *testing.T) {
	t.Parallel()
	const angeles = "America/Los_Angeles"
	for _, c := range []struct {
		expr, zone string
		policy     cron.Policy
		want       []string
	}{
		{"30 4 * * *", "UTC", cron.Policy{}, nil},
		{"0 12 * * 3", angeles, cron.Policy{}, nil},
		{"0 12 1 1 *", angeles, cron.Policy{}, nil},
		{"*/15 9-17 * * *", angeles, cron.Policy{}, nil},
		{"30 2 * * *", angeles, cron.Policy{}, []string{
			"2027-03-14 no 02:30; runs at 03:00, 10:00Z | gap next_valid | WB301",
			"2027-11-07 25 h between runs, not 24 h |  | WB308"}},
		{"30 2 * * *", angeles, cron.Policy{Gap: cron.Shift}, []string{
			"2027-03-14 no 02:30; runs at 03:30, 10:30Z | gap shift | WB301",
			"2027-11-07 25 h between runs, not 24 h |  | WB308"}},
		{"0,30 2 14 3 *", angeles, cron.Policy{}, []string{"2027-03-14 no 02:00 (+1); one run at 03:00, 10:00Z | gap next_valid | WB301"}},
		{"0,30 2 14 3 *", angeles, cron.Policy{Gap: cron.Shift}, []string{"2027-03-14 no 02:00 (+1); runs from 03:00, 10:00Z | gap shift | WB301"}},
		{"30 2 14 3 *", angeles, cron.Policy{Gap: cron.SkipGap}, []string{"2027-03-14 no 02:30; does not run | gap skip | WB305"}},
		{"30 2,3 14 3 *", angeles, cron.Policy{Gap: cron.Shift}, []string{"2027-03-14 no 02:30; 03:30 stands for it | gap shift | WB301"}},
		{"30 1 7 11 *", angeles, cron.Policy{}, []string{"2027-11-07 two 01:30; runs at the first, 08:30Z | fold first | WB302"}},
		{"30 1 7 11 *", angeles, cron.Policy{Fold: cron.Second}, []string{"2027-11-07 two 01:30; runs at the second, 09:30Z | fold second | WB302"}},
		{"0,30 1 7 11 *", angeles, cron.Policy{Fold: cron.Both}, []string{"2027-11-07 two 01:00 (+1); runs at both, 08:00Z and 09:00Z | fold both | WB302"}},
		{"@daily", "Africa/Cairo", cron.Policy{}, []string{
			"2027-04-30 no 00:00; runs at 01:00, 22:00Z | gap next_valid | WB303",
			"2027-10-28 25 h between runs, not 24 h |  | WB308"}},
		{"30 23 27 3 *", "America/Nuuk", cron.Policy{}, []string{"2027-03-27 no 23:30; runs at 2027-03-28 00:00, 01:00Z | gap next_valid | WB304"}},
		{"0 * * * *", angeles, cron.Policy{}, []string{
			"2027-03-14 23 runs, not 24 | an interval | WB306",
			"2027-11-07 25 runs, not 24 | an interval | WB306"}},
		{"0 */2 * * *", angeles, cron.Policy{}, []string{
			"2027-03-14 11 runs, not 12; 3 h without one | an interval | WB307",
			"2027-11-07 3 h between runs, not 2 h | an interval | WB307"}},
		{"*/15 */2 * * *", "Australia/Lord_Howe", cron.Policy{}, []string{
			"2027-04-04 1 h 45 min between runs, not 1 h 15 min | an interval | WB307",
			"2027-10-03 46 runs, not 48 | an interval | WB306"}},
	} {
		t.Run(fmt.Sprint(c.zone, " ", c.expr, c.policy), func(t *testing.T) {
			t.Parallel()
			from := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
			var got []string
			for _, l := range hazardLines(testSchedule(t, c.expr, c.zone, c.policy), from, from.AddDate(0, 0, hazardDays)) {
				got = append(got, fmt.Sprintf("%s %s | %s | %s", l.date.Date(), l.what, l.policy, l.code))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMissingDate is the one change that no policy answers.
func TestMissingDate(t *testing.T) {
	t.Parallel()
	s := testSchedule(t, "0 9 * * *", "Pacific/Apia", cron.Policy{})
	from := time.Date(2011, 12, 1, 0, 0, 0, 0, time.UTC)
	lines := hazardLines(s, from, from.AddDate(0, 1, 0))
	want := hazardLine{date: cron.WallOf(2011, 12, 30, 0, 0), what: "no 09:00; does not run", policy: "any policy", code: "WB316"}
	if diff := cmp.Diff([]hazardLine{want}, lines, cmp.AllowUnexported(hazardLine{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	strip := newYearStrip(s, from)
	if n := strip.runs[want.date]; n != 0 || strip.marks[want.date] != markTouched {
		t.Errorf("the date that does not exist has %d runs and the mark %q", n, strip.marks[want.date])
	}
}

func TestFiringNote(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, zone, from, want string }{
		{"0 12 * * *", "UTC", "2027-03-14 00:00", " "},
		{"0 12 * * *", "America/Los_Angeles", "2027-03-13 00:00", " "},
		{"0 12 * * *", "America/Los_Angeles", "2027-03-14 00:00", "~clocks forward 1 h"},
		{"0 12 * * *", "America/Los_Angeles", "2027-11-07 00:00", "~clocks back 1 h"},
		{"30 2 * * *", "America/Los_Angeles", "2027-03-14 00:00", "!moved: no 02:30"},
		{"30 1 * * *", "America/Los_Angeles", "2027-11-07 00:00", "!the first of two 01:30"},
		{"0 12 * * *", "Australia/Lord_Howe", "2027-10-03 00:00", "~clocks forward 30 min"},
		{"0 12 * * *", "Antarctica/Troll", "2027-03-28 00:00", "~clocks forward 2 h"},
		// Midnight is where the clocks change; the date is the one that is cut short.
		{"0 12 * * *", "Africa/Cairo", "2027-04-29 12:00", "~clocks forward 1 h"},
		{"0 12 * * *", "Africa/Cairo", "2027-10-28 01:00", "~clocks back 1 h"},
		{"0 12 * * *", "Africa/Cairo", "2027-10-29 01:00", " "},
		{"0 12 * * *", "America/Nuuk", "2027-03-27 00:00", "~clocks forward 1 h"},
		{"0 12 * * *", "America/Nuuk", "2027-03-28 00:00", " "},
	} {
		s := testSchedule(t, c.expr, c.zone, cron.Policy{})
		from, err := parseTime("--from", c.from, s.Zone())
		if err != nil {
			t.Fatal(err)
		}
		f, _ := s.Next(from)
		if mark, note := firingNote(f, s.Zone()); mark+note != c.want {
			t.Errorf("%s %q after %s: %q, want %q", c.zone, c.expr, c.from, mark+note, c.want)
		}
	}
}

func TestSpell(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"1 h": time.Hour, "24 h": 24 * time.Hour, "30 min": 30 * time.Minute, "1 h 45 min": 105 * time.Minute, "20m36s": 20*time.Minute + 36*time.Second,
	} {
		if got := spell(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// TestCronFitsTerminals checks that nothing but the sentence is wider than the
// narrowest terminal, and that the year holds every run of its months.
func TestCronFitsTerminals(t *testing.T) {
	t.Parallel()
	from := time.Date(2027, 3, 27, 12, 0, 0, 0, time.UTC)
	for _, zone := range []string{"UTC", "America/Los_Angeles", "Europe/Berlin", "Africa/Cairo", "America/Nuuk", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Chatham"} {
		for _, expr := range []string{"* * * * *", "*/15 */2 * * *", "0,30 0-3 * * *", "30 23 * * *", "0 0 29 2 *", "30 1 * * 0"} {
			for _, policy := range []cron.Policy{{}, {Gap: cron.Shift, Fold: cron.Both}, {Gap: cron.SkipGap, Class: cron.Fixed}} {
				s := testSchedule(t, expr, zone, policy)
				var out bytes.Buffer
				p := &program{env: map[string]string{}, stdout: &out, stderr: &bytes.Buffer{}}
				if err := p.printCron(s, s.Between(from, from.AddDate(0, 0, 3)), from, true); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(out.String()) {
					if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > minWidth {
						t.Errorf("%s %q %v: this line has %d columns:\n%s", zone, expr, policy, n, line)
					}
				}
				strip, total := newYearStrip(s, from), 0
				for _, n := range strip.runs {
					total += n
				}
				lo, _ := s.Zone().Instant(cron.WallOf(2027, 2, 28, 0, 0), cron.NextValid, cron.First)
				hi, _ := s.Zone().Instant(cron.WallOf(2028, 3, 2, 0, 0), cron.NextValid, cron.First)
				if want := s.Count(lo, hi); total != want {
					t.Errorf("%s %q %v: the strip has %d runs, want %d", zone, expr, policy, total, want)
				}
			}
		}
	}
}
