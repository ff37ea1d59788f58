package why

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/words"
)

// Text writes an explanation for people: the answer first, on a line of its own.
func (w Explanation) Text() string {
	var b strings.Builder
	b.WriteString(w.Answer + ".\n")
	for _, line := range w.Because {
		b.WriteString("  - " + line + "\n")
	}
	for _, c := range w.Couriers {
		b.WriteString("\n" + c.Courier + " (" + words.State(c.State) + ")\n" + c.text())
	}
	if len(w.Behind) > 0 {
		b.WriteString("\nWhat waits for it\n")
		for _, line := range w.Behind {
			b.WriteString("  " + line + "\n")
		}
	}
	if len(w.Commands) > 0 {
		b.WriteString("\nWhat helps\n")
		width := 0
		for _, c := range w.Commands {
			width = max(width, len([]rune(c.Command)))
		}
		for _, c := range w.Commands {
			fmt.Fprintf(&b, "  %s%s  %s\n", c.Command, strings.Repeat(" ", width-len([]rune(c.Command))), c.Does)
		}
	}
	return b.String()
}

// text is the lines about one courier.
func (c Courier) text() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	clock := c.clock()
	switch {
	case c.Range.Empty() && c.Range.Start.IsZero():
		line("reads", "whatever the date")
	case c.Offset != "":
		line("reads", "%s to %s, offset %s", clock(c.Range.Start), clock(c.Range.End), c.Offset)
	default:
		line("reads", "%s to %s", clock(c.Range.Start), clock(c.Range.End))
	}
	if len(c.Patterns) > 0 {
		line("pattern", "%s in %s", words.Few(c.Patterns), c.Source)
	} else {
		line("source", "%s", c.Source)
	}
	if len(c.Expected) > 0 {
		line("looks for", "%s", words.Few(c.Expected))
	}
	c.lookText(line, clock)
	if !c.NextLook.IsZero() {
		line("next look", "%s", clock(c.NextLook))
	}
	if !c.Deadline.IsZero() {
		line("deadline", "%s, then on_missing = %q", clock(c.Deadline), c.OnMissing)
	}
	return b.String()
}

// lookText is the lines about the last look.
func (c Courier) lookText(line func(string, string, ...any), clock func(time.Time) string) {
	switch {
	case c.Look == nil && c.Looks == 0:
		return
	case c.Look == nil:
		line("last look", "not recorded")
		return
	case !c.Look.At.IsZero():
		line("last look", "%s, number %d: %s listed, %d of them to land", clock(c.Look.At), c.Looks, graph.Count(c.Look.Listed, "file"), c.Look.Found)
	}
	for _, m := range c.Look.Missing {
		optional := ""
		if m.Optional {
			optional = ", optional"
		}
		line("not ready", "%s: %s%s", m.Name, m.Why, optional)
	}
	for n, p := range c.Look.Passed {
		if n == mostPassed {
			line("", "and %d more that are not taken", len(c.Look.Passed)+c.Look.Others-n)
			return
		}
		why := p.Why
		if p.Detail != "" {
			why += ": " + p.Detail
		}
		line("there", "%s  %s  %s", p.Path, graph.Bytes(p.Size), why)
	}
	if c.Look.Others > 0 {
		line("", "and %d more that are not taken", c.Look.Others)
	}
	if c.Look.Error != "" {
		line("failed", "%s", strings.TrimSpace(c.Look.Error))
	}
}

// mostPassed is how many files that are not taken the text of a courier names.
const mostPassed = 5

// clock writes instants on the clocks of the courier's ranges.
func (c Courier) clock() func(time.Time) string {
	zone, err := cron.LoadZone(c.Zone)
	return func(t time.Time) string {
		if err != nil {
			return t.UTC().Format(clockLayout)
		}
		return t.In(zone.Location()).Format(clockLayout)
	}
}
