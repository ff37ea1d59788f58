package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// restlessZones reports zones whose rules change at short notice, and those whose
// next changes are predictions; each zone once, at its first group.
func restlessZones(s *survey) diag.List {
	var list diag.List
	for _, code := range []diag.Code{diag.ZoneVolatile, diag.ZonePredicted} {
		users := map[string][]*window.Calendar{}
		var zones []string
		for _, c := range s.listening(code) {
			key := zoneKey(c.Zone())
			if users[key] == nil {
				zones = append(zones, key)
			}
			users[key] = append(users[key], c)
		}
		for _, zone := range zones {
			var d *diag.Diagnostic
			if code == diag.ZoneVolatile {
				d = s.volatile(zone, users[zone])
			} else {
				d = s.predicted(zone, users[zone])
			}
			if d != nil {
				list = append(list, *d)
			}
		}
	}
	return list
}

func (s *survey) volatile(zone string, users []*window.Calendar) *diag.Diagnostic {
	z := users[0].Zone()
	years := unrest(z, s.in.At)
	event, known := restless[zone]
	if known && s.in.At.Year()-event.year >= unrestYears {
		known = false
	}
	if len(years) < 2 && !known {
		return nil
	}
	why := event.what
	if !known {
		why = fmt.Sprintf("the rules of that zone changed %d times in the last %d years, in %s", len(years), unrestYears, enumerate(years))
	}
	d := s.report(diag.ZoneVolatile, users[0].Group(), "timezone", "Zone whose rules change at short notice",
		"%s %s by the clocks of %s, and %s. What this plan shows of later runs is right by release %s of the zone data and may move with the next. "+
			"Plan again after an update, or use UTC.",
		names(addrs(users)), oneOr(len(users), "goes", "go"), z.Name(), why, cron.Release())
	return &d
}

func (s *survey) predicted(zone string, users []*window.Calendar) *diag.Diagnostic {
	z := users[0].Zone()
	changes := s.transitions(z)
	if !followsRamadan[zone] || len(changes) == 0 {
		return nil
	}
	var dates []string
	for _, t := range changes {
		dates = append(dates, z.Wall(t.At).Date())
	}
	d := s.report(diag.ZonePredicted, users[0].Group(), "timezone", "Clock changes that are predictions",
		"%s %s by the clocks of %s, whose changes depend on Ramadan and are announced year by year. Those on %s are predictions of the zone data.",
		names(addrs(users)), oneOr(len(users), "goes", "go"), z.Name(), enumerate(dates))
	return &d
}

// maxMoved bounds the runs of a group that are compared between two releases of
// the zone data.
const maxMoved = 5000

// movedZones compares the rules that the deployment was made with with those of this
// release, and lists the runs that move.
func movedZones(s *survey) diag.List {
	if s.in.Deployed.Serial == 0 {
		return nil
	}
	if len(s.in.Deployed.Zones) == 0 {
		return s.unrecorded()
	}
	var list diag.List
	for i := range s.in.Deployed.Zones {
		spans := &s.in.Deployed.Zones[i]
		now, err := cron.LoadZone(spans.Zone)
		if err != nil {
			continue
		}
		old := recorded(spans)
		differ := disagreements(spans, old, now, s.in.At)
		if len(differ) == 0 {
			continue
		}
		if d, ok := s.moved(spans.Zone, old, now, differ); ok {
			list = append(list, d)
		}
	}
	return list
}

// unrecorded is a note on a deployment of another release of the zone data that did
// not keep its rules.
func (s *survey) unrecorded() diag.List {
	moves := func(c *window.Calendar) bool {
		return len(s.transitions(c.Zone()))+len(s.transitions(c.RangeZone())) > 0
	}
	if s.in.Deployed.TZData == "" || s.in.Deployed.TZData == cron.Release() || !slices.ContainsFunc(s.listening(diag.ZoneDataChanged), moves) {
		return nil
	}
	d := diag.ZoneDataChanged.New(nil, "Another release of the zone data",
		"Serial %d was applied with release %s of the zone data; this is %s. What the other one said of the groups' zones was not recorded, so that the runs that move cannot be listed.",
		s.in.Deployed.Serial, s.in.Deployed.TZData, cron.Release())
	d.Severity = diag.Info
	return diag.List{d}
}

// moved reports the runs of a zone that its new rules move.
func (s *survey) moved(zone string, old, now *cron.Zone, differ []disagreement) (diag.Diagnostic, bool) {
	var lines []string
	var groups, dated []graph.Addr
	for _, c := range s.listening(diag.ZoneDataChanged) {
		if c.RangeZone() == now && c.Zone() != now {
			dated = append(dated, c.Group().Addr)
		}
		if c.Zone() != now {
			continue
		}
		first, n := movedRuns(c, old, differ)
		if n == 0 {
			continue
		}
		groups = append(groups, c.Group().Addr)
		lines = append(lines, fmt.Sprintf("%s: %s move%s, the first from %s to %s", c.Group().Addr, graph.Count(n, "run"), oneOr(n, "s", ""), first[0].UTC().Format("2006-01-02 15:04 UTC"), moment(first[1], now, first[0].UTC().Format(time.DateOnly))))
	}
	if len(groups)+len(dated) == 0 {
		return diag.Diagnostic{}, false
	}
	if len(dated) > 0 {
		lines = append(lines, fmt.Sprintf("%s: the days of file dates begin at other instants", names(dated)))
	}
	at := s.in.Graph.Group(append(groups, dated...)[0])
	var periods []string
	for _, d := range differ {
		periods = append(periods, fmt.Sprintf("%s to %s, UTC%s instead of UTC%s", d.from.Format(time.DateOnly), d.until.Format(time.DateOnly), offsetText(d.now), offsetText(d.old)))
	}
	d := s.report(diag.ZoneDataChanged, at, "timezone", "New clock rules for "+zone,
		"Serial %d was applied with release %s of the zone data; this is %s, and the rules of %s differ: %s.\n\n%s\nThe runtime of this release goes by the new rules. Applying the plan records them.",
		s.in.Deployed.Serial, s.in.Deployed.TZData, cron.Release(), zone, strings.Join(periods, "; "), bullets(lines))
	s.relate(&d, append(groups, dated...)[1:min(len(groups)+len(dated), shown)]...)
	return d, true
}

// movedRuns counts the runs of a group that have another instant than by the old
// rules, and finds the first: its old and its new instant.
func movedRuns(c *window.Calendar, old *cron.Zone, differ []disagreement) (first [2]time.Time, n int) {
	before := cron.New(c.Schedule().Expr(), old, c.Schedule().Policy())
	seen := 0
	for _, d := range differ {
		for f := range before.Between(d.from.Add(-time.Second), d.until) {
			if seen++; seen > maxMoved {
				return first, n
			}
			moved, ok := nominal(c.Schedule(), f.Nominal, d)
			if !ok || moved.Equal(f.Instant) || c.Schedule().Count(f.Instant.Add(-time.Second), f.Instant) > 0 {
				continue
			}
			if n++; n == 1 {
				first = [2]time.Time{f.Instant, moved}
			}
		}
	}
	return first, n
}

// nominal is the run of a nominal time around a disagreement.
func nominal(s *cron.Schedule, w cron.Wall, d disagreement) (time.Time, bool) {
	at := time.Unix(int64(w), 0).Add(-time.Duration(d.now) * time.Second)
	for f := range s.Between(at.Add(-2*time.Hour), at.Add(2*time.Hour)) {
		if f.Nominal == w {
			return f.Instant, true
		}
	}
	return time.Time{}, false
}

func offsetText(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("%s%02d:%02d", sign, seconds/3600, seconds/60%60)
}
