package window

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// NextDate is the first date of a pattern that does not begin before an instant in
// a zone: the first one that a courier with this watermark looks for. The pattern
// has a date.
func (p *Pattern) NextDate(t time.Time, z *cron.Zone) cron.Wall {
	w := p.unit.Floor(z.Wall(t).AddDays(-margin))
	for instant(w, z).Before(t) {
		w = p.unit.next(w)
	}
	return w
}

// After is the date of the pattern after one.
func (p *Pattern) After(w cron.Wall) cron.Wall { return p.unit.next(w) }

// Stamp is the first instant of a date in a zone: the range that holds it is the
// one that looks for the date's file.
func Stamp(w cron.Wall, z *cron.Zone) time.Time { return instant(w, z) }
