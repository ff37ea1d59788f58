package plan

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// Consequence is what the changes do to one group, from the plan's now to its
// end. It compares two courses from the same standing, by the same functions:
// what is applied goes on, or what was written takes over now. Counts are of the
// whole time, lists have at most the number of runs that a group lists. A group
// for which nothing differs has none.
type Consequence struct {
	Group graph.Addr `json:"group"`
	From  graph.Addr `json:"from,omitempty"` // the address it had, where it is renamed
	Zone  string     `json:"zone"`           // of the schedule, to show instants in

	// Before and After are how the group stands; absent where it does not exist.
	Before GroupState `json:"before,omitempty"`
	After  GroupState `json:"after,omitempty"`

	Runs    RunCounts   `json:"runs"`
	Vanish  []Tick      `json:"vanish,omitempty"` // runs that there will not be
	Appear  []Tick      `json:"appear,omitempty"` // runs that there would not have been
	Move    []Moving    `json:"move,omitempty"`   // runs at another time
	Differ  []Differing `json:"differ,omitempty"` // runs that read, look for or wait for something else
	Waits   []Waiting   `json:"waits,omitempty"`
	Steps   Steps       `json:"steps,omitzero"`
	Twice   []Handover  `json:"twice,omitempty"`   // data that is read again after the change
	Never   []Handover  `json:"never,omitempty"`   // data that nothing reads because of the change
	Begins  []Reader    `json:"begins,omitempty"`  // couriers that the group begins to read
	Ends    []Reader    `json:"ends,omitempty"`    // couriers that the group no longer reads
	Open    []OpenRun   `json:"open,omitempty"`    // runs under way, and what becomes of them
	Held    []string    `json:"held,omitempty"`    // holds that applying does not lift, a sentence each
	Capped  bool        `json:"capped,omitempty"`  // there are too many runs to count: counts are of the first
	Renamed []Renaming  `json:"renamed,omitempty"` // couriers of the group under another name, with their watermarks
}

// RunCounts counts runs over the whole time of a plan.
type RunCounts struct {
	Before int `json:"before"` // as applied
	After  int `json:"after"`  // as written
	Vanish int `json:"vanish"`
	Appear int `json:"appear"`
	Move   int `json:"move"`
	Differ int `json:"differ"` // of those that are listed
}

// Moving is a run that takes place at another time. Runs at one instant are the
// same run; of the others, the first of a date of the schedule's own calendar is
// paired with the first of that date, the second with the second, and so on.
// Those that are left over vanish or appear.
type Moving struct {
	Before Tick `json:"before"`
	After  Tick `json:"after"`
}

// Differing is a run, of both courses, in which couriers do something else. One in
// which couriers only join or leave is not listed: see Begins and Ends.
type Differing struct {
	Before   Tick               `json:"before"`
	After    Tick               `json:"after"`
	Couriers []DifferingCourier `json:"couriers"`
}

// DifferingCourier is one courier in a run of both courses. Fields in which the
// courses agree are absent; Before is nil where the courier is not in that
// course's run, After likewise.
type DifferingCourier struct {
	Name     string         `json:"name"` // the member's, as written, else as applied
	Range    *RangeChange   `json:"range,omitempty"`
	Deadline *InstantChange `json:"deadline,omitempty"`
	Dropped  *RangeChange   `json:"dropped,omitempty"`
	Gone     []string       `json:"gone,omitempty"` // names that are no longer looked for
	New      []string       `json:"new,omitempty"`  // names that are looked for instead, or besides
	Joins    bool           `json:"joins,omitempty"`
	Leaves   bool           `json:"leaves,omitempty"`
}

// RangeChange is a range before and after; an empty range is absent.
type RangeChange struct {
	Before *window.Range `json:"before,omitempty"`
	After  *window.Range `json:"after,omitempty"`
}

// InstantChange is an instant before and after.
type InstantChange struct {
	Before time.Time `json:"before"`
	After  time.Time `json:"after"`
}

// Waiting is a wait that becomes shorter or longer: of a courier of the group, or
// of an after constraint.
type Waiting struct {
	Name      string         `json:"name"` // of the courier in the group, or of the after block
	Kind      string         `json:"kind"` // courier, after
	Before    graph.Duration `json:"before"`
	After     graph.Duration `json:"after"`
	Shortened bool           `json:"shortened,omitempty"`
	Next      *InstantChange `json:"next,omitempty"` // deadline of a courier in the next run of both courses
}

// The values of Waiting.Kind.
const (
	WaitOfCourier = "courier"
	WaitOfAfter   = "after"
)

// Steps is what changes in the bridges, processes and activations of the runs.
// Addresses that are renamed stand under the new one.
type Steps struct {
	Run  []StepChange `json:"run,omitempty"`  // that will run, and would not have
	Stop []StepChange `json:"stop,omitempty"` // that will not run any more
	Hold []StepChange `json:"hold,omitempty"` // that are held back in runs with warnings from now on, or no longer
}

// StepChange is a step and why it is in a list of Steps, a phrase such as
// `run_type is "source"`.
type StepChange struct {
	Step graph.Addr `json:"step"`
	Why  string     `json:"why"`
}

// Handover is data that is read twice, or never, because one configuration ends
// and another begins in the middle of it.
type Handover struct {
	Name    string       `json:"name"`           // the member's, as written, else as applied
	Courier graph.Addr   `json:"courier"`        // what it pulls
	File    string       `json:"file,omitempty"` // label of the file block, where it is about the dates of files
	Range   window.Range `json:"range"`          // of data time, UTC
	Local   LocalRange   `json:"local"`          // on the clocks of the range zone
	Files   []string     `json:"files,omitempty"`
	More    int          `json:"more,omitempty"` // names that are not listed
	Cause   Cause        `json:"cause"`
	Reader  Reader       `json:"reader,omitzero"` // who has read until now, where it is another

	// LandedOnce: the same courier of the same group looks for these files again,
	// under the same names: what has landed is not landed again.
	LandedOnce bool `json:"landed_once,omitempty"`

	// Partly: some of what is read twice was left out when its range was read, by
	// past_day_only, catch_up or advance. How much of it is not kept.
	Partly bool `json:"partly,omitempty"`
}

// LocalRange is a range as clocks show it, RFC 3339 with the offset.
type LocalRange struct {
	Start string `json:"start"`
	End   string `json:"end"`
	Zone  string `json:"zone"`
}

// Cause is why data is read twice or never.
type Cause string

// The causes.
const (
	CauseReader    Cause = "reader"     // another group, or another name in the group, begins with a watermark of its own; or the same one, which has not begun yet, begins elsewhere
	CauseFileDates Cause = "file_dates" // the dates of files are those of another zone
	CausePattern   Cause = "pattern"    // the files stand for hours, days, months or years and stood for others
	CauseDropped   Cause = "dropped"    // past_day_only or catch_up leaves it out
)

// Reader is a courier as a group reads it, and the instant, in data time, up to
// which it has read, or from which on it will.
type Reader struct {
	Group   graph.Addr `json:"group"`
	Name    string     `json:"name"`
	Courier graph.Addr `json:"courier"`
	At      time.Time  `json:"at,omitzero"`       // zero: it has read nothing, or starts when it is first due
	Resumes bool       `json:"resumes,omitempty"` // its watermark is that of an earlier deployment
}

// OpenRun is a run under way at the change.
type OpenRun struct {
	Key   string `json:"key"`
	State string `json:"state"`
	Fate  string `json:"fate"` // goes_on, skipped, stays_blocked
}

// The values of OpenRun.Fate.
const (
	FateGoesOn  = "goes_on"       // it ends as it began, by the deployment that it began with
	FateSkipped = "skipped"       // it has not begun, and its group has no schedule any more
	FateBlocked = "stays_blocked" // it waits for an operator, as before
)

// Renaming is a courier of a group under another name.
type Renaming struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Empty reports whether the consequence says nothing.
func (c *Consequence) Empty() bool {
	r := c.Runs
	return r.Vanish+r.Appear+r.Move+r.Differ == 0 && c.From == "" && c.Before == c.After &&
		len(c.Waits)+len(c.Steps.Run)+len(c.Steps.Stop)+len(c.Steps.Hold)+len(c.Twice)+len(c.Never)+
			len(c.Begins)+len(c.Ends)+len(c.Open)+len(c.Held)+len(c.Renamed) == 0
}
