package cron

import "time"

// Reason says why a firing is when it is.
type Reason string

const (
	// Normal is a wall time that exists once.
	Normal Reason = "normal"
	// GapMoved is a run whose nominal wall time does not exist.
	GapMoved Reason = "gap_moved"
	// OverlapFirst is the first pass of a wall time that occurs twice.
	OverlapFirst Reason = "overlap_first"
	// OverlapSecond is its second pass.
	OverlapSecond Reason = "overlap_second"
)

// Firing is one run of a schedule.
type Firing struct {
	// Instant is when it happens, in UTC.
	Instant time.Time `json:"instant"`
	// Nominal is the wall time the expression names; after a gap it is not the
	// wall time at which the run happens.
	Nominal Wall `json:"nominal"`
	// Reason is Normal away from clock changes.
	Reason Reason `json:"reason"`
}

// Local is the instant of the firing as the zone's clocks show it.
func (f Firing) Local(z *Zone) time.Time { return f.Instant.In(z.Location()) }

// set fills a firing in place; a Firing is too large for registers, and copying
// one costs as much as the search that found it.
func (f *Firing) set(instant int64, nominal Wall, r Reason) {
	f.Instant = time.Unix(instant, 0).UTC()
	f.Nominal = nominal
	f.Reason = r
}

func firingAt(instant int64, nominal Wall, r Reason) (f Firing) {
	f.set(instant, nominal, r)
	return f
}
