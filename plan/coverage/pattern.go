package coverage

import (
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// filePattern is the dates that one file block expects. Units are counted by
// ordinals: days from 1970-01-01, hours from its first, months and years likewise.
type filePattern struct {
	name   string
	unit   window.Unit
	on     [7]bool
	week   int64   // how many of on
	except []int64 // days of on that are left out all the same
	key    string  // all but the name
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// newFilePattern is nil for a pattern that goes by arrival.
func newFilePattern(f graph.File) *filePattern {
	parsed, err := window.ParsePattern(f.Pattern)
	if err != nil || parsed.Unit() == window.None {
		return nil
	}
	p := &filePattern{name: f.Name, unit: parsed.Unit(), on: [7]bool{true, true, true, true, true, true, true}, week: 7}
	p.key = p.unit.String() + " " + strings.Join(f.Days, ",") + " " + strings.Join(f.Except, ",")
	if len(f.Days) > 0 {
		p.on, p.week = [7]bool{}, 0
		for i, name := range weekdays {
			if slices.ContainsFunc(f.Days, func(d string) bool { return strings.EqualFold(d, name) }) {
				p.on[i] = true
				p.week++
			}
		}
	}
	for _, text := range f.Except {
		t, err := time.Parse(time.DateOnly, text)
		if d := floor(t.Unix(), day); err == nil && p.on[weekday(d)] && !slices.Contains(p.except, d) {
			p.except = append(p.except, d)
		}
	}
	return p
}

func weekday(d int64) int64 { return floorMod(d+4, 7) }

func floor(a, b int64) int64 { return (a - floorMod(a, b)) / b }

func floorMod(a, b int64) int64 {
	if m := a % b; m < 0 {
		return m + b
	} else {
		return m
	}
}

// expects reports whether the file of a unit that exists is expected.
func (p *filePattern) expects(w cron.Wall) bool {
	d := floor(int64(w), day)
	return p.on[weekday(d)] && !slices.Contains(p.except, d)
}

// count is how many expected files have their stamp in [from, to).
func (p *filePattern) count(c *course, from, to int64) int {
	if from >= to {
		return 0
	}
	lo, hi := c.farthest(from), c.farthest(to)
	if p.unit < window.Day {
		n := 0
		for w := p.unit.Floor(lo); w <= hi; w = p.next(w) {
			if w > lo && p.exists(c.dates, w) && p.expects(w) {
				n++
			}
		}
		return n
	}
	length := int64(day)
	if p.unit == window.Hour {
		length = hour
	}
	n := p.countUnits(floor(int64(lo), length)+1, floor(int64(hi), length)+1)
	for _, d := range c.dateChanges {
		if d.at < from || d.at >= to {
			continue
		}
		for w := -floor(-d.at-d.before, length) * length; w+length <= d.at+d.after; w += length {
			if p.expects(cron.Wall(w)) {
				n--
			}
		}
	}
	return int(n)
}

// list appends the expected dates with a stamp in [from, to), as long as the list
// is short.
func (p *filePattern) list(dates []string, c *course, from, to int64) []string {
	lo, hi := c.farthest(from), c.farthest(to)
	for w := p.unit.Floor(lo); w <= hi && len(dates) < Shown; w = p.next(w) {
		if w > lo && p.exists(c.dates, w) && p.expects(w) {
			dates = append(dates, p.text(w))
		}
	}
	return dates
}

// countUnits is how many expected days, or hours, have ordinals in [lo, hi).
func (p *filePattern) countUnits(lo, hi int64) int64 {
	perDay := int64(1)
	if p.unit == window.Hour {
		perDay = 24
	}
	n := p.until(hi, perDay) - p.until(lo, perDay)
	for _, d := range p.except {
		n -= max(0, min(hi, (d+1)*perDay)-max(lo, d*perDay))
	}
	return n
}

// until is the number of units on the weekdays of the pattern before an ordinal,
// but for a constant.
func (p *filePattern) until(ordinal, perDay int64) int64 {
	d := floor(ordinal, perDay)
	weeks := floor(d, 7)
	n := weeks * p.week
	for rest := weeks * 7; rest < d; rest++ {
		if p.on[weekday(rest)] {
			n++
		}
	}
	n *= perDay
	if p.on[weekday(d)] {
		n += ordinal - d*perDay
	}
	return n
}

// exists reports whether the clocks of a zone ever show a time within the unit
// that begins at w.
func (p *filePattern) exists(z *cron.Zone, w cron.Wall) bool {
	return p.unit.Floor(wall(z, instant(z, w))) == w
}

// next is the beginning of the unit after the one that begins at w.
func (p *filePattern) next(w cron.Wall) cron.Wall {
	switch p.unit {
	case window.Year:
		return w.AddMonths(12)
	case window.Month:
		return w.AddMonths(1)
	case window.Day:
		return w.AddDays(1)
	default:
		return w + hour
	}
}

// text writes the date of a unit.
func (p *filePattern) text(w cron.Wall) string { return p.unit.Format(w) }
