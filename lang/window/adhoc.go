package window

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// AdHoc is an Ask made precise. Exactly one of Range, All and Tick is set, or
// none where no courier of the group needs a range. It is plain data, so that it
// can be stored with the run.
type AdHoc struct {
	Range        Range     `json:"range,omitzero"` // the dates named, before offsets
	All          bool      `json:"all,omitempty"`
	Tick         time.Time `json:"tick,omitzero"` // the range is that of this tick, offsets applied
	ApplyOffsets bool      `json:"apply_offsets,omitempty"`
}

// AdHoc makes an Ask precise, at the instant now. The error is always an
// *AskError.
func (c *Calendar) AdHoc(a Ask, now time.Time) (AdHoc, error) {
	if err := a.conflict(); err != nil {
		return AdHoc{}, err
	}
	out, err := AdHoc{All: a.All, ApplyOffsets: a.ApplyOffsets}, (*AskError)(nil)
	switch {
	case a.All:
	case a.Date != "":
		out.Range, err = c.day("date", a.Date)
	case a.From != "":
		out.Range, err = c.between(a.From, a.To)
	default:
		out.Tick, err = c.tick(a, now)
	}
	if err != nil {
		return AdHoc{}, err
	}
	return out, nil
}

// For is the range that the run reads of a courier with this offset, empty for
// All and where no range is needed. The calendar is that of the run's group. The
// range of a tick is one period long: from the tick before to it, both ⊖ offset;
// under past_day_only, one calendar day at most.
func (a AdHoc) For(o graph.Offset, c *Calendar) Range {
	switch {
	case a.All || (a.Tick.IsZero() && a.Range.Empty()):
		return Range{}
	case !a.Tick.IsZero():
		return c.Read(c.Initial(a.Tick, o, nil), a.Tick, o).Range
	case a.ApplyOffsets:
		return Range{Start: Back(a.Range.Start, o, c.rangeZone), End: Back(a.Range.End, o, c.rangeZone)}
	default:
		return a.Range
	}
}

// day is one calendar day of the range zone.
func (c *Calendar) day(flag, text string) (Range, *AskError) {
	w, ok := parseDate(text)
	switch {
	case NoSuchDay(text):
		return Range{}, noSuchDay(flag, text)
	case !ok:
		return Range{}, &AskError{Flag: flag, Message: fmt.Sprintf("--%s %q is not a date: write it like 2026-11-21", flag, text)}
	}
	r := Range{Start: instant(w, c.rangeZone), End: instant(w.AddDays(1), c.rangeZone)}
	if r.Empty() {
		return Range{}, &AskError{Flag: flag, Message: fmt.Sprintf("--%s %s: that day does not exist in %s", flag, text, c.rangeZone.Name())}
	}
	return r, checkYear(flag, text, instant(w.AddDays(1), c.rangeZone))
}

func (c *Calendar) between(from, to string) (Range, *AskError) {
	start, err := c.moment("from", from)
	if err != nil {
		return Range{}, err
	}
	r := Range{Start: start, End: instant(c.rangeZone.Wall(start).AddDays(1), c.rangeZone)}
	if to != "" {
		if r.End, err = c.moment("to", to); err != nil {
			return Range{}, err
		}
	}
	if r.Empty() {
		return Range{}, &AskError{Flag: "to", Message: fmt.Sprintf(
			"--from %s --to %s is empty: the end is exclusive and must be later than the beginning; --date reads one day", from, to)}
	}
	return r, nil
}

// moment is the first instant of a date in the range zone, or an instant.
func (c *Calendar) moment(flag, text string) (time.Time, *AskError) {
	t, err := time.Parse(time.RFC3339, text)
	if w, ok := parseDate(text); ok {
		t, err = instant(w, c.rangeZone), nil
	}
	switch {
	case err == nil:
		return t.UTC(), checkYear(flag, text, t)
	case NoSuchDay(text):
		return time.Time{}, noSuchDay(flag, text)
	}
	return time.Time{}, &AskError{Flag: flag, Message: fmt.Sprintf(
		"--%s %q is neither a date nor a time: write 2026-11-21 or 2026-11-21T13:00:00Z", flag, text)}
}

// tick finds the tick that an Ask means, zero where no range is needed.
func (c *Calendar) tick(a Ask, now time.Time) (time.Time, *AskError) {
	switch {
	case c.schedule == nil && a.At != "":
		return time.Time{}, &AskError{Flag: "at", Message: fmt.Sprintf("%s has no schedule, so that --at names no run of it: say which data to read", c.group.Addr), Forms: c.forms()}
	case c.schedule == nil && a.NoRange:
		return time.Time{}, nil
	case c.schedule == nil:
		return time.Time{}, &AskError{Message: fmt.Sprintf("%s has no schedule: say which data to read", c.group.Addr), Forms: c.forms()}
	case a.At != "":
		return c.tickAt(a.At)
	}
	f, ok := c.newest(now)
	if !ok {
		return time.Time{}, &AskError{Message: fmt.Sprintf("%s has had no tick yet: say which data to read", c.group.Addr), Forms: c.forms()}
	}
	return f.Instant, nil
}

// forms leaves out --at where there is no schedule.
func (c *Calendar) forms() []string {
	var forms []string
	for _, f := range Forms() {
		if c.schedule != nil || !strings.HasPrefix(f, "--at") {
			forms = append(forms, f)
		}
	}
	return forms
}

func (c *Calendar) tickAt(text string) (time.Time, *AskError) {
	if w, ok := parseDate(text); ok {
		return c.tickOf(w, text)
	}
	t, err := time.Parse(time.RFC3339, text)
	switch {
	case NoSuchDay(text):
		return time.Time{}, noSuchDay("at", text)
	case err != nil:
		return time.Time{}, &AskError{Flag: "at", Message: fmt.Sprintf("--at %q is not a time: write it like 2026-11-21T13:00:00Z", text)}
	}
	f, ok := c.newest(t)
	if ok && f.Instant.Equal(t) {
		return f.Instant, nil
	}
	message := fmt.Sprintf("--at %s is no tick of %s", text, c.group.Addr)
	if ok {
		message += "; the one before is " + c.show(f)
	}
	if next, more := c.schedule.Next(t); more {
		message += "; the one after is " + c.show(next)
	}
	return time.Time{}, &AskError{Flag: "at", Message: message}
}

// tickOf is the only tick of a date of the schedule's zone.
func (c *Calendar) tickOf(day cron.Wall, text string) (time.Time, *AskError) {
	const few = 3
	var ticks []string
	var only time.Time
	count := 0
	from, to := instant(day, c.zone), instant(day.AddDays(1), c.zone)
	for f := range c.schedule.Between(from.Add(-time.Second), to.Add(-time.Second)) {
		if count++; count <= few {
			ticks = append(ticks, c.show(f))
		}
		only = f.Instant
	}
	switch {
	case count == 1:
		return only, nil
	case count == 0:
		return time.Time{}, &AskError{Flag: "at", Message: fmt.Sprintf("--at %s: %s has no tick on that day in %s", text, c.group.Addr, c.zone.Name())}
	case count > few:
		ticks = append(ticks, "…")
	}
	return time.Time{}, &AskError{Flag: "at", Message: fmt.Sprintf("--at %s: %s has %d ticks on that day: write one of them: %s", text, c.group.Addr, count, strings.Join(ticks, ", "))}
}

// show writes a tick so that it can be typed back.
func (c *Calendar) show(f cron.Firing) string { return f.Local(c.zone).Format(time.RFC3339) }

// The years whose dates a person may name. Outside them zones have no rules, and
// a year that was mistyped would make a range of millions of files.
const (
	firstYear = 1970
	lastYear  = 2119
)

func checkYear(flag, text string, t time.Time) *AskError {
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return &AskError{Flag: flag, Message: fmt.Sprintf("--%s %s: the year must lie between %d and %d", flag, text, firstYear, lastYear)}
	}
	return nil
}

// dateForm is what begins as a date or a time does.
var dateForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}([T ]|$)`)

// NoSuchDay reports whether a text names a day that no calendar has, such as
// 2026-11-31: it is written as it should be, and a hint at the form would mislead.
func NoSuchDay(text string) bool {
	if !dateForm.MatchString(text) {
		return false
	}
	_, ok := parseDate(text[:len(time.DateOnly)])
	return !ok
}

func noSuchDay(flag, text string) *AskError {
	return &AskError{Flag: flag, Message: fmt.Sprintf("--%s %s: there is no such day", flag, text)}
}

// parseDate reads 2026-11-21.
func parseDate(text string) (cron.Wall, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, false
	}
	y, m, d := t.Date()
	return cron.WallOf(y, m, d, 0, 0), true
}
