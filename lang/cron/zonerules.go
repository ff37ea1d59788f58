package cron

import (
	"slices"
	"time"
)

// ZoneOf is a zone with the given rules instead of those of the embedded
// database: its offset, in seconds east of UTC, before the first of the
// transitions, and the transitions in order. It serves to ask what another release
// of the database would have said. Where the name is one of the embedded
// database, its Location is that of the present rules.
func ZoneOf(name string, offset int, transitions []Transition) *Zone {
	z := &Zone{name: name, loc: time.UTC, spans: []span{{start: beginning, end: forever, off: int64(offset)}}}
	if known, err := LoadZone(name); err == nil {
		z.loc = known.loc
	}
	for _, t := range transitions {
		last := &z.spans[len(z.spans)-1]
		if at := t.At.Unix(); at > last.start && int64(t.After) != last.off {
			last.end = at
			z.spans = append(z.spans, span{start: at, end: forever, off: int64(t.After)})
		}
	}
	z.spans = slices.Clip(z.spans)
	z.index = indexOf(z.spans)
	return z
}
