package window

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Date is a date (or hour, month, year) whose file lies in a range: its Stamp, the
// first instant of it in the range zone, does.
//
// Expected is false for a date that days or except leave out, and for one that
// does not exist, such as the hour that clocks jump over; the stamp of that one is
// the end of the gap. Their files are taken if they are there.
type Date struct {
	Wall     cron.Wall
	Stamp    time.Time
	Name     string // what the pattern looks for
	Expected bool
}

// margin is more than any gap or repetition of a clock: dates whose wall time is
// further than this outside a range have no stamp in it.
const margin = 2

// dates lists what lies in the range for a pattern with a date, in order.
func dates(p *Pattern, f graph.File, r Range, z *cron.Zone) ([]Date, error) {
	expected, err := calendarOf(f)
	if err != nil || r.Empty() {
		return nil, err
	}
	var out []Date
	u := p.Unit()
	last := z.Wall(r.End).AddDays(margin)
	for w := u.Floor(z.Wall(r.Start).AddDays(-margin)); w <= last; w = u.next(w) {
		stamp := instant(w, z)
		if !r.Contains(stamp) {
			continue
		}
		exists := u.Floor(z.Wall(stamp)) == w
		out = append(out, Date{Wall: w, Stamp: stamp, Name: p.Name(w), Expected: exists && expected(w)})
	}
	return out, nil
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// calendarOf compiles days and except. They are judged on the date of the file, of
// a month or a year on its first day.
func calendarOf(f graph.File) (func(cron.Wall) bool, error) {
	var on [7]bool
	for _, day := range f.Days {
		i := slices.Index(weekdays[:], strings.ToLower(day))
		if i < 0 {
			return nil, fmt.Errorf("file %q: days: %q is not a weekday", f.Name, day)
		}
		on[i] = true
	}
	var except map[cron.Wall]bool
	if len(f.Except) > 0 {
		except = make(map[cron.Wall]bool, len(f.Except))
	}
	for _, text := range f.Except {
		w, ok := parseDate(text)
		if !ok {
			return nil, fmt.Errorf("file %q: except: %q is not a date", f.Name, text)
		}
		except[w] = true
	}
	return func(w cron.Wall) bool {
		return (len(f.Days) == 0 || on[w.Weekday()]) && !except[w.Midnight()]
	}, nil
}
