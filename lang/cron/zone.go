package cron

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Zone is a time zone of the embedded database, as the spans of time during
// which its clocks keep one offset. It is immutable and safe for concurrent use.
//
// Its rules are known from the first record of the zone to 2120; before and
// after, the nearest offset is taken to last.
type Zone struct {
	name  string
	loc   *time.Location
	spans []span
	index index
}

// loaded caches zones by name.
var loaded sync.Map

// LoadZone is the zone of an IANA name such as "America/Los_Angeles", from the
// embedded database and nowhere else: the machine's zones and environment are not
// looked at. Equal names give the same *Zone. The error is always a *ZoneError.
func LoadZone(name string) (*Zone, error) {
	if z, ok := loaded.Load(name); ok {
		return z.(*Zone), nil
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	loc, err := time.LoadLocationFromTZData(name, zoneinfo().read(name))
	if err != nil {
		panic(fmt.Sprintf("cron: embedded time zone %s: %v", name, err))
	}
	spans := spansOf(loc)
	z, _ := loaded.LoadOrStore(name, &Zone{name: name, loc: loc, spans: spans, index: indexOf(spans)})
	return z.(*Zone), nil
}

// Zones is all names that LoadZone accepts, sorted.
func Zones() []string {
	names := slices.Clone(zoneinfo().names)
	slices.Sort(names)
	return names
}

// Name is the name the zone was loaded by.
func (z *Zone) Name() string { return z.name }

// Alias is the current name of a zone that was loaded by an old one, as
// Asia/Kolkata for Asia/Calcutta; it is empty for a current name.
func (z *Zone) Alias() string { return zoneinfo().links[z.name] }

// Location is for formatting. Never compute with it: what package time does with
// local fields that do not exist, or exist twice, depends on the sign of the offset.
func (z *Zone) Location() *time.Location { return z.loc }

// Offset is the seconds east of UTC that the zone's clocks keep at t.
func (z *Zone) Offset(t time.Time) int { return int(z.spans[z.find(t.Unix())].off) }

// Wall is what the zone's clocks show at t, to the second.
func (z *Zone) Wall(t time.Time) Wall {
	u := t.Unix()
	return Wall(u + z.spans[z.find(u)].off)
}

// Instant is when the zone's clocks show w, in UTC. It is the one way from local
// fields to an instant, and it names what happens at the edges:
//
//   - w is jumped over: next_valid is the first instant after the gap, however
//     long the gap is; shift is as long after it as w is after the gap's
//     beginning; skip is none, and the only case of false.
//   - w occurs twice: first and second choose the pass; both acts as first.
func (z *Zone) Instant(w Wall, gap Gap, fold Fold) (time.Time, bool) {
	i := z.find(int64(w) - maxOffset)
	end := z.find(int64(w) + maxOffset)
	found, at := false, int64(0)
	for j := i; j <= end; j++ {
		sp := &z.spans[j]
		if u := int64(w) - sp.off; u >= sp.start && u < sp.end && (!found || fold == Second) {
			found, at = true, u
		}
	}
	if found {
		return time.Unix(at, 0).UTC(), true
	}
	if gap == SkipGap {
		return time.Time{}, false
	}
	for i+1 < len(z.spans) && z.spans[i].end+z.spans[i+1].off <= int64(w) {
		i++
	}
	at = z.spans[i].end
	if gap == Shift {
		at = int64(w) - z.spans[i].off
	}
	return time.Unix(at, 0).UTC(), true
}

// Transition is a change of a zone's offset; changes of name only are none.
type Transition struct {
	// At is the first instant of the new offset, in UTC.
	At time.Time
	// Before and After are seconds east of UTC.
	Before, After int
}

// Gap is the wall time that does not exist, [from, to); ok is false when the
// clock was not moved forward.
func (t Transition) Gap() (from, to Wall, ok bool) {
	u := Wall(t.At.Unix())
	return u + Wall(t.Before), u + Wall(t.After), t.After > t.Before
}

// Fold is the wall time that occurs twice, [from, to); ok is false when the clock
// was not moved back.
func (t Transition) Fold() (from, to Wall, ok bool) {
	u := Wall(t.At.Unix())
	return u + Wall(t.After), u + Wall(t.Before), t.After < t.Before
}

// Length is how far the clock was moved, never negative.
func (t Transition) Length() time.Duration {
	return (time.Duration(t.After-t.Before) * time.Second).Abs()
}

// Transitions is the changes of offset in (from, to], in order.
func (z *Zone) Transitions(from, to time.Time) []Transition {
	var list []Transition
	for i := z.find(from.Unix()) + 1; i < len(z.spans) && z.spans[i].start <= to.Unix(); i++ {
		list = append(list, z.transition(i))
	}
	return list
}

// transition is the change at the start of span i, which is not the first.
func (z *Zone) transition(i int) Transition {
	return Transition{
		At:     time.Unix(z.spans[i].start, 0).UTC(),
		Before: int(z.spans[i-1].off),
		After:  int(z.spans[i].off),
	}
}
