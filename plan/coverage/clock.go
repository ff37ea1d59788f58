package coverage

import (
	"cmp"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// change is a change of a clock: the instant, and the seconds east of UTC before
// it and from it on.
type change struct{ at, before, after int64 }

func (c change) size() int64 { return max(c.after-c.before, c.before-c.after) }

// near reports whether a change touches the days about u.
func (c change) near(u int64) bool {
	d := c.size() + 26*hour
	return c.at-d <= u && u <= c.at+d
}

// clocks is the changes of zones up to an instant, each zone looked up once.
type clocks struct {
	from, until int64
	known       map[*cron.Zone][]change
	usual       map[[2]*cron.Zone]int64
}

// reach is more than any change of a clock moves a time, with a day.
const reach = 3 * day

func newClocks(from, until time.Time) *clocks {
	return &clocks{from: from.Unix() - day, until: until.Unix() + reach,
		known: map[*cron.Zone][]change{}, usual: map[[2]*cron.Zone]int64{}}
}

// of is the changes of a zone that can matter from an instant on, in order, and
// perhaps earlier ones.
func (c *clocks) of(z *cron.Zone, from int64) []change {
	if from -= reach; from < c.from {
		c.from = from - 400*day
		clear(c.known)
	}
	list, ok := c.known[z]
	if !ok {
		for _, t := range z.Transitions(time.Unix(c.from, 0), time.Unix(c.until, 0)) {
			list = append(list, change{at: t.At.Unix(), before: int64(t.Before), after: int64(t.After)})
		}
		c.known[z] = list
	}
	return list
}

// distance is the seconds by which the clocks of b are ahead of those of a for
// most of the time in [from, until).
func (c *clocks) distance(a, b *cron.Zone, from, until int64) int64 {
	if a == b {
		return 0
	}
	zones := [2]*cron.Zone{a, b}
	if most, ok := c.usual[zones]; ok {
		return most
	}
	ends := append(slices.Clone(c.of(a, from)), c.of(b, from)...)
	ends = append(ends, change{at: until})
	slices.SortFunc(ends, func(x, y change) int { return cmp.Compare(x.at, y.at) })
	lengths := map[int64]int64{}
	at, most := from, offset(b, from)-offset(a, from)
	for _, e := range ends {
		end := min(e.at, until)
		if end <= at {
			continue
		}
		d := offset(b, at) - offset(a, at)
		lengths[d] += end - at
		if lengths[d] > lengths[most] {
			most = d
		}
		at = end
	}
	c.usual[zones] = most
	return most
}

// offset is the seconds east of UTC that a zone's clocks keep at u.
func offset(z *cron.Zone, u int64) int64 { return int64(z.Offset(time.Unix(u, 0))) }

// instant is when a zone's clocks first show w, or, where they jump over it, when
// they have jumped.
func instant(z *cron.Zone, w cron.Wall) int64 {
	t, _ := z.Instant(w, cron.NextValid, cron.First)
	return t.Unix()
}

// wall is what a zone's clocks show at u.
func wall(z *cron.Zone, u int64) cron.Wall { return z.Wall(time.Unix(u, 0)) }

func unix(u int64) time.Time { return time.Unix(u, 0).UTC() }
