package graph

import (
	"fmt"
	"time"
)

// Deployment is what a runtime has applied. Serial 0 means that nothing was
// applied yet; Graph is then an empty one.
type Deployment struct {
	Store     string    `json:"store,omitempty"` // identity of the store; empty before the store exists
	Serial    int64     `json:"serial"`
	Digest    string    `json:"digest,omitempty"`
	AppliedAt time.Time `json:"applied_at,omitzero"`
	AppliedBy string    `json:"applied_by,omitempty"`
	Tool      string    `json:"tool,omitempty"`   // release of Waybill that applied it
	TZData    string    `json:"tzdata,omitempty"` // release of the zone data it was planned with
	Graph     *Graph    `json:"graph,omitempty"`

	// Zones is what that release says of the zones of its groups, by name; empty
	// where it was not recorded.
	Zones []ZoneSpans `json:"zones,omitempty"`
}

// ZoneSpans is what the clocks of a zone do from one instant until another, by the
// rules of one release of the zone data.
type ZoneSpans struct {
	Zone    string       `json:"zone"`
	From    time.Time    `json:"from"`
	Until   time.Time    `json:"until"`
	Offset  int          `json:"offset"` // seconds east of UTC at From
	Changes []ZoneChange `json:"changes,omitempty"`
}

// ZoneChange is an instant at which clocks change, and the seconds east of UTC
// that they keep from then on.
type ZoneChange struct {
	At     time.Time `json:"at"`
	Offset int       `json:"offset"`
}

// StaleError says that a deployment is not the one a plan was made from.
type StaleError struct {
	Base    int64      // serial the plan was made from
	Current Deployment // what is applied now, without its graph
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("the plan is stale: it was made from serial %d, but %s applied serial %d at %s",
		e.Base, e.Current.AppliedBy, e.Current.Serial, e.Current.AppliedAt.UTC().Format(time.RFC3339))
}

// BusyError refuses to rename a group while a run of it is under way: what works
// for the run has the former names.
type BusyError struct {
	Group, To Addr
	Run       string
}

func (e *BusyError) Error() string {
	what := fmt.Sprintf("%s cannot become %s now", e.Group, e.To)
	if e.Group == e.To {
		what = fmt.Sprintf("the couriers of %s cannot be renamed now", e.Group)
	}
	advice := fmt.Sprintf("the run %s is under way. Apply again when it has ended, or end it with `waybill stop %s`", e.Run, Typed(e.Run))
	if GroupAddr(OfRun(e.Run)) == e.Group {
		return fmt.Sprintf("%s: %s; `waybill pause %s` keeps the next one from starting", what, advice, e.Group.Typed())
	}
	return fmt.Sprintf("%s: that was the name of a removed group, whose last run has not ended: %s", what, advice)
}

// Standing is what a plan must know of a runtime besides its deployment. Lists
// are sorted by group, then by name or instant.
type Standing struct {
	Watermarks []Watermark `json:"watermarks,omitempty"`
	Paused     []Pause     `json:"paused,omitempty"`
	Open       []OpenRun   `json:"open,omitempty"`
	Expected   []Expected  `json:"expected,omitempty"`
}

// Watermark is the instant, in data time, up to which a courier of a group has
// been read by scheduled runs.
type Watermark struct {
	Group   Addr      `json:"group"`
	Courier string    `json:"courier"` // the member's name
	At      time.Time `json:"at"`

	// From is where the first of them began to read, and Whole from where on none
	// has left anything out; zero where a release that did not keep it began.
	From  time.Time `json:"from,omitzero"`
	Whole time.Time `json:"whole,omitzero"`
}

// Pause is an operator's hold on a group. A deploy never lifts it.
type Pause struct {
	Group Addr      `json:"group"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// OpenRun is a run that has not ended.
type OpenRun struct {
	Key         string    `json:"key"`
	Group       Addr      `json:"group"`
	ScheduledAt time.Time `json:"scheduled_at,omitzero"` // zero for ad hoc runs
	State       string    `json:"state"`
	Since       time.Time `json:"since,omitzero"`     // when it began; of a run that has not, when it was due or asked for; zero: not known
	Late        int       `json:"late,omitempty"`     // couriers that wait for files which should be there
	Deadline    time.Time `json:"deadline,omitzero"`  // the first of theirs
	Transfer    *Transfer `json:"transfer,omitempty"` // what is on its way for a while, of all its couriers
}

// Expected is the tick of a group that is written down and that nobody has
// taken yet.
type Expected struct {
	Group Addr      `json:"group"`
	At    time.Time `json:"at"`
}

// Watermark returns the watermark of a courier of a group.
func (s *Standing) Watermark(group Addr, courier string) (time.Time, bool) {
	for _, w := range s.Watermarks {
		if w.Group == group && w.Courier == courier {
			return w.At, true
		}
	}
	return time.Time{}, false
}
