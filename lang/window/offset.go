package window

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Back is t ⊖ offset: calendar units (months, then weeks and days) are taken off
// the clock of the zone first, the 31st of a shorter month being its last day;
// what lands in a gap of the clock is the first instant after it, what occurs
// twice is the earlier. Elapsed time is subtracted last. An offset without
// calendar units does not look at the clock at all.
func Back(t time.Time, o graph.Offset, z *cron.Zone) time.Time {
	if o.Months != 0 || o.Weeks != 0 || o.Days != 0 {
		w := z.Wall(t)
		if o.Months != 0 {
			w = w.AddMonths(-o.Months)
		}
		t = instant(w.AddDays(-7*o.Weeks-o.Days), z)
	}
	return t.Add(-o.Elapsed.Std()).UTC()
}

// instant is when the zone's clocks show w: after a gap its end, of two the
// earlier.
func instant(w cron.Wall, z *cron.Zone) time.Time {
	t, _ := z.Instant(w, cron.NextValid, cron.First)
	return t
}
