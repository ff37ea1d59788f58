package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// shown is how many of its finds a hazard spells out before it counts the rest.
const shown = 3

// bullets is one line for each of the first finds, and one that counts the rest.
func bullets(lines []string) string {
	var b strings.Builder
	for _, line := range lines[:min(len(lines), shown)] {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	if more := len(lines) - shown; more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	return b.String()
}

// names lists the first of some groups and counts the rest.
func names(groups []graph.Addr) string {
	if len(groups) == 1 {
		return string(groups[0])
	}
	var first []string
	for _, a := range groups[:min(len(groups), shown)] {
		first = append(first, string(a))
	}
	if more := len(groups) - len(first); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(first, ", "), more)
	}
	last := len(first) - 1
	return strings.Join(first[:last], ", ") + " and " + first[last]
}

func addrs(list []*window.Calendar) []graph.Addr {
	var out []graph.Addr
	for _, c := range list {
		out = append(out, c.Group().Addr)
	}
	return out
}

// moment writes an instant in a zone and in UTC, with the dates that are not the
// stated one.
func moment(t time.Time, z *cron.Zone, date string) string {
	local, utc := t.In(z.Location()), t.UTC()
	text := local.Format("15:04 ") + ZoneText(local)
	if local.Format(time.DateOnly) != date {
		text = local.Format(time.DateOnly) + " " + text
	}
	if _, offset := local.Zone(); offset == 0 && strings.HasSuffix(text, "UTC") {
		return text
	}
	if utc.Format(time.DateOnly) == local.Format(time.DateOnly) {
		return text + utc.Format(" (15:04 UTC)")
	}
	return text + utc.Format(" (2006-01-02 15:04 UTC)")
}

// when is moment with the date.
func when(t time.Time, z *cron.Zone) string { return moment(t, z, "") }

// length writes elapsed time in the units of the language.
func length(d time.Duration) string { return graph.Duration(d).String() }

// hours writes a time of about a day in hours.
func hours(d time.Duration) string {
	text := fmt.Sprintf("%dh", d/time.Hour)
	if rest := d % time.Hour; rest > 0 {
		text += length(rest)
	}
	return text
}

// dateOf is the date on which a transition leaves time out or repeats it.
func dateOf(t cron.Transition) cron.Wall {
	from, _, gap := t.Gap()
	if !gap {
		from, _, _ = t.Fold()
	}
	return from.Midnight()
}

func dstBlock(attribute, value string) string {
	return fmt.Sprintf("  dst {\n    %s = %q\n  }", attribute, value)
}
