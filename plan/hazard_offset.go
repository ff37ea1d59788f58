package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// elapsedDays reports offsets of whole days that are written in hours, where the
// zone of ranges changes its clocks: after a change such an offset ends at another
// time of day than one in days.
func elapsedDays(s *survey, c *window.Calendar) diag.List {
	if len(s.transitions(c.RangeZone())) == 0 {
		return nil
	}
	var couriers []string
	var first graph.Member
	for _, m := range c.Group().Members {
		if m.Offset.Elapsed == 0 || m.Offset.Elapsed.Std()%(24*time.Hour) != 0 {
			continue
		}
		if source := s.in.Graph.Courier(m.Courier); source == nil || !window.NeedsRange(source) {
			continue
		}
		if couriers == nil {
			first = m
		}
		if m.Offset == first.Offset {
			couriers = append(couriers, m.Name)
		}
	}
	if couriers == nil {
		return nil
	}
	days := first.Offset
	days.Days, days.Elapsed = days.Days+int(days.Elapsed.Std()/(24*time.Hour)), 0
	var lines []string
	for _, t := range s.transitions(c.RangeZone()) {
		f, ok := c.Schedule().Next(t.At.Add(-time.Second))
		elapsed, calendar := window.Back(f.Instant, first.Offset, c.RangeZone()), window.Back(f.Instant, days, c.RangeZone())
		if !ok || elapsed.Equal(calendar) {
			continue
		}
		lines = append(lines, fmt.Sprintf("the run of %s reads up to %s, and not up to %s", when(f.Instant, c.Zone()),
			when(elapsed, c.RangeZone()), local(calendar, c.RangeZone())))
	}
	if lines == nil {
		return nil
	}
	return diag.List{s.report(diag.OffsetInHours, c.Group(), "courier."+first.Name+".offset", "24 hours that are not a day",
		"The offset of %s is %s of elapsed time, and its range follows the clocks of %s. When they change, that is not the same time of day:\n\n%s\n"+
			"If the same time on another day is meant, write\n\n  offset { days = %d }",
		strings.Join(couriers, ", "), hours(first.Offset.Elapsed.Std()), c.RangeZone().Name(), bullets(lines), days.Days)}
}
