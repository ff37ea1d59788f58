package window

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// How often a source is looked at while a courier waits, where nothing is
// configured: a sixtieth of the wait, within these bounds.
const (
	pollParts   = 60
	pollFastest = 10 * time.Second
	pollSlowest = 5 * time.Minute
)

// jitterPart is the part of a pause by which jitter shortens or lengthens it.
const jitterPart = 0.1

// PollEvery is the pause between two looks: what is configured, else a sixtieth
// of the wait, at least 10 s and at most 5 min.
func PollEvery(wait, configured graph.Duration) time.Duration {
	if configured > 0 {
		return configured.Std()
	}
	return min(max(wait.Std()/pollParts, pollFastest), pollSlowest)
}

// Deadline is until when data may arrive: the latest of froms + wait. Of a courier
// these are the scheduled instant, the actual start, when a start gate opened, and
// the start of a retry, as far as there are any; of an after constraint the first
// two. A zero time does not count. The wait is elapsed time.
func Deadline(wait graph.Duration, froms ...time.Time) time.Time {
	var latest time.Time
	for _, t := range froms {
		latest = later(latest, t)
	}
	return latest.Add(wait.Std()).UTC()
}

// Wait is the wait of a courier in a run. It is a row in the store: the last look
// is exactly at the deadline, and Grace says that the one look after it, for a file
// not known to be whole, has been granted.
type Wait struct {
	Deadline time.Time
	Every    time.Duration // see [PollEvery]
	Grace    bool
}

// Outcome is what to do after a look. Exactly one of Land, Missing and PollAt is
// set.
type Outcome struct {
	Land    bool      // the courier is ready: land what the verdict takes
	Missing bool      // it is not, and the wait is over: on_missing decides
	PollAt  time.Time // look again then
	Grace   bool      // PollAt is the look after the deadline: store Wait.Grace
}

// After decides after a look that ended at now, by the caller's clock. Jitter, from
// 0 up to 1, spreads the looks of many couriers: it makes a pause up to a tenth
// shorter (0) or longer (1), and never moves the look at the deadline.
func (w Wait) After(v Verdict, now time.Time, jitter float64) Outcome {
	if v.Ready {
		return Outcome{Land: true}
	}
	var again time.Time
	if !v.Again.IsZero() {
		again = now.Add(max(v.Again.Sub(v.At), 0)).UTC()
	}
	if !now.Before(w.Deadline) {
		if w.Grace || again.IsZero() {
			return Outcome{Missing: true}
		}
		return Outcome{PollAt: again, Grace: true}
	}
	jitter = min(max(jitter, 0), 1)
	pause := time.Duration(float64(w.Every) * (1 - jitterPart + 2*jitterPart*jitter))
	next := now.Add(max(pause, time.Second)).UTC()
	if !again.IsZero() && again.Before(next) {
		next = again
	}
	if next.After(w.Deadline) {
		next = w.Deadline.UTC()
	}
	return Outcome{PollAt: next}
}
