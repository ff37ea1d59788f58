package window

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// Status is where an open run stands, as far as the other runs of its group care.
type Status string

// The statuses of an open run.
const (
	StatusQueued   Status = "queued"   // taken, not begun
	StatusRunning  Status = "running"  // the one run of the group that is under way
	StatusStopping Status = "stopping" // under way, and told to stop by cancel_other
	StatusBlocked  Status = "blocked"  // its range is too long; an operator must decide
)

// Open is a run that has not ended.
type Open struct {
	Key    string
	Tick   time.Time // its scheduled instant, zero for an ad hoc run
	Status Status

	// Keep: it queues in order whatever the overlap: ticks under catch_up =
	// "each", ad hoc runs, retries, backfill pieces.
	Keep bool

	// Asked: somebody asked for it (ad hoc, retry, backfill). A pause, which holds
	// the schedule, does not hold it, and it never coalesces into another run.
	Asked bool
}

// State is what decides about the runs of one group. It is a value: Step
// returns a new one and leaves the old one alone.
type State struct {
	// Expected is the instant of the row of the next tick, which nobody has taken;
	// zero where there is none.
	Expected time.Time
	Paused   bool
	Open     []Open // in the order in which they were taken

	// Last is the newest tick that was taken or skipped. A deployment expects only
	// later ones, even if the clock has been set back since. Zero where unknown.
	Last time.Time
}

// Event is something that happens to a group.
type Event interface{ event() }

// The events. Now is the clock's time.
type (
	// Deployed: a graph was applied. Step is called on the new calendar, a nil
	// *Calendar where the group is gone.
	Deployed struct{ Now time.Time }
	// Due: the expected tick may be due. Too early, it does nothing.
	Due struct{ Now time.Time }
	// Asked: somebody wants a run, a retry or a backfill piece.
	Asked struct{ Key string }
	// Ended: an open run has ended, in whatever way.
	Ended struct{ Key string }
	// Blocked: a run that was started found its range longer than max_range.
	Blocked struct{ Key string }
	// Unblocked: a blocked run may try again, its range having become shorter.
	Unblocked struct{ Key string }
	// Paused: an operator holds the group's schedule.
	Paused struct{}
	// Resumed: the operator lets it go on.
	Resumed struct{ Now time.Time }
)

func (Deployed) event()  {}
func (Due) event()       {}
func (Asked) event()     {}
func (Ended) event()     {}
func (Blocked) event()   {}
func (Unblocked) event() {}
func (Paused) event()    {}
func (Resumed) event()   {}

// Decision is something that the one who called Step has to carry out, in the
// transaction that stores the new State.
type Decision interface{ decision() }

// The decisions.
type (
	// Expect: write the row of the next tick.
	Expect struct{ Firing cron.Firing }

	// Unexpect: remove the row of the tick at At, which nobody took.
	Unexpect struct{ At time.Time }

	// Take: the tick becomes the queued run Key. Since is the earliest tick it
	// stands for under catch_up = "coalesce", from which its SLA counts, and
	// otherwise its own.
	Take struct {
		Firing cron.Firing
		Key    string
		Keep   bool
		Since  time.Time
	}

	// Skip: the tick's row, written now where there is none yet, ends skipped.
	// Into is the run whose range covers it, empty where none does yet; Why is a
	// phrase for people.
	Skip struct {
		Firing cron.Firing
		Key    string
		Into   string
		Why    string
	}

	// Start: the queued run begins now.
	Start struct{ Key string }

	// Cancel: stop the running run; its Ended event is awaited.
	Cancel struct{ Key string }

	// Advance: every watermark of the group that lies before Through ⊖ offset moves
	// there (see [Calendar.Advanced]); what that passes over is recorded.
	Advance struct{ Through time.Time }
)

func (Expect) decision()   {}
func (Unexpect) decision() {}
func (Take) decision()     {}
func (Skip) decision()     {}
func (Start) decision()    {}
func (Cancel) decision()   {}
func (Advance) decision()  {}
