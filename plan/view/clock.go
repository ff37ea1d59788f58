package view

import (
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
)

// location is for formatting times of a zone. A zone that this release does not
// know, in a plan of another one, is shown as UTC.
func location(zone string) *time.Location {
	z, err := cron.LoadZone(zone)
	if err != nil {
		return time.UTC
	}
	return z.Location()
}

// zoned writes a time and the zone it is in.
func zoned(t time.Time, layout string) string { return t.Format(layout) + " " + plan.ZoneText(t) }

// rangeText writes both ends of a range on the clock of its zone, without the
// year where it is that of the run, and its length where that is not 24 hours.
func rangeText(r window.Range, loc *time.Location, year int) string {
	start, end := r.Start.In(loc), r.End.In(loc)
	layout := "01-02 15:04"
	if start.Year() != year || end.Year() != year {
		layout = "2006-01-02 15:04"
	}
	if r.Empty() {
		return "empty at " + end.Format(layout)
	}
	s := start.Format(layout) + " → "
	if start.Format(time.DateOnly) == end.Format(time.DateOnly) {
		s += end.Format("15:04")
	} else {
		s += end.Format(layout)
	}
	if length := r.Length(); length != 24*time.Hour {
		s += "  " + lengthText(length)
	}
	return s
}

// lengthText writes a length in hours, or in minutes where it has some: "23 h",
// "2 h 30 min", "15 min"; from a week on, in days.
func lengthText(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d/time.Minute)%60
	switch {
	case minutes != 0 && hours == 0:
		return fmt.Sprintf("%d min", minutes)
	case minutes != 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours >= 7*24 && hours%24 == 0:
		return fmt.Sprintf("%d d", hours/24)
	default:
		return fmt.Sprintf("%d h", hours)
	}
}

// deadlineText writes until when data may arrive, with the date where it is not
// that of the run, and with seconds where there are some.
func deadlineText(deadline, run time.Time) string {
	deadline = deadline.In(run.Location())
	layout := "15:04"
	if deadline.Second() != 0 {
		layout = "15:04:05"
	}
	if deadline.Format(time.DateOnly) != run.Format(time.DateOnly) {
		layout = "01-02 " + layout
	}
	return "by " + deadline.Format(layout)
}
