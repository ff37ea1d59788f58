package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// zoneSpans is what this release of the zone data says of the zones of a graph's
// groups, from a time on over the hazards' horizon. A deployment keeps it, so that
// a plan made with another release can tell which runs move.
func zoneSpans(g *graph.Graph, at time.Time) []graph.ZoneSpans {
	zones := map[string]bool{}
	for i := range g.Groups {
		if g.Groups[i].Schedule != "" {
			zones[g.Groups[i].Timezone], zones[g.Groups[i].FileDates] = true, true
		}
	}
	var list []graph.ZoneSpans
	for _, name := range slices.Sorted(maps.Keys(zones)) {
		z, err := cron.LoadZone(name)
		if err != nil || len(z.Transitions(time.Unix(0, 0), at.Add(HazardHorizon))) == 0 {
			continue
		}
		spans := graph.ZoneSpans{Zone: name, From: at.UTC(), Until: at.Add(HazardHorizon).UTC(), Offset: z.Offset(at)}
		for _, t := range z.Transitions(at, spans.Until) {
			spans.Changes = append(spans.Changes, graph.ZoneChange{At: t.At, Offset: t.After})
		}
		list = append(list, spans)
	}
	return list
}

// recorded is a zone by the rules that a deployment keeps.
func recorded(spans *graph.ZoneSpans) *cron.Zone {
	var list []cron.Transition
	before := spans.Offset
	for _, c := range spans.Changes {
		list = append(list, cron.Transition{At: c.At, Before: before, After: c.Offset})
		before = c.Offset
	}
	return cron.ZoneOf(spans.Zone, spans.Offset, list)
}

// disagreement is the time [from, until) during which two sets of rules disagree.
type disagreement struct {
	from, until time.Time
	old, now    int // seconds east of UTC
}

// disagreements compares recorded rules with the present ones from a time on, as
// far as they were recorded.
func disagreements(spans *graph.ZoneSpans, old, now *cron.Zone, at time.Time) []disagreement {
	from := latest(spans.From, at)
	bounds := []time.Time{from}
	for _, z := range []*cron.Zone{old, now} {
		for _, t := range z.Transitions(from, spans.Until) {
			bounds = append(bounds, t.At)
		}
	}
	slices.SortFunc(bounds, time.Time.Compare)
	bounds = append(slices.CompactFunc(bounds, time.Time.Equal), spans.Until)
	var list []disagreement
	for i, b := range bounds[:len(bounds)-1] {
		d := disagreement{from: b, until: bounds[i+1], old: old.Offset(b), now: now.Offset(b)}
		if d.old != d.now && d.until.After(d.from) {
			list = append(list, d)
		}
	}
	return list
}
