package window

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Upstream is, of this group, the tick that a run of another group at t waits
// for: the last one at or before t ⊖ offset, by the range zone of the waiting
// group. False: this group has no schedule, or no tick so early.
func (c *Calendar) Upstream(waiting *Calendar, t time.Time, o graph.Offset) (time.Time, bool) {
	if c.schedule == nil {
		return time.Time{}, false
	}
	f, ok := c.newest(Back(t, o, waiting.rangeZone))
	return f.Instant, ok
}

// GateState is where an after constraint of a run stands.
type GateState string

// The states of a gate.
const (
	GateOpen           GateState = "open"
	GateWaiting        GateState = "waiting"
	GateMissedStop     GateState = "missed_stop"     // the run fails: constraint not met
	GateMissedContinue GateState = "missed_continue" // the run goes on without
)

// Gate decides about an after constraint. Covered says that the upstream tick has
// been done; a deadline, see [Deadline], is missed at its instant, not after it.
// onMissing is that of the constraint: stop or continue.
func Gate(covered bool, now, deadline time.Time, onMissing string) GateState {
	switch {
	case covered:
		return GateOpen
	case now.Before(deadline):
		return GateWaiting
	case onMissing == graph.OnMissingContinue:
		return GateMissedContinue
	default:
		return GateMissedStop
	}
}
