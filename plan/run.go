package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// GroupState says whether a group has runs in a plan, and if not, why.
type GroupState string

// The states of a group.
const (
	Scheduled   GroupState = "scheduled"
	Unscheduled GroupState = "unscheduled" // it has no schedule: it runs when asked to
	Inactive    GroupState = "inactive"    // active = false
	Paused      GroupState = "paused"      // an operator's hold, which applying does not lift
	Blocked     GroupState = "blocked"     // a range longer than max_range waits for an operator
)

// Group is what a plan says of a group as a whole.
type Group struct {
	Group     graph.Addr   `json:"group"`
	State     GroupState   `json:"state"`
	Schedule  string       `json:"schedule,omitempty"`
	Words     string       `json:"words,omitempty"` // the schedule as a sentence
	Timezone  string       `json:"timezone"`
	FileDates string       `json:"file_dates"`      // zone of ranges and of the dates in file names
	Steps     []graph.Addr `json:"steps,omitempty"` // what its run type reaches: bridges beside the couriers, processes and activations after them
	Notes     []string     `json:"notes,omitempty"`
	More      int          `json:"more"` // runs up to the plan's end that are not listed
}

// Run is one run to come.
type Run struct {
	Group       graph.Addr  `json:"group"`
	Key         string      `json:"key"`
	ScheduledAt time.Time   `json:"scheduled_at"` // UTC
	Local       string      `json:"local"`        // in the group's zone, RFC 3339 with the offset
	Nominal     cron.Wall   `json:"nominal"`      // what the schedule names, which a clock change may move
	Reason      cron.Reason `json:"reason"`
	Overdue     bool        `json:"overdue,omitempty"`   // its time has come already: it starts as soon as a runtime serves
	Coalesces   []time.Time `json:"coalesces,omitempty"` // older ticks that it does the work of
	Blocked     bool        `json:"blocked,omitempty"`   // a range is longer than max_range: it waits for an operator
	Notes       []string    `json:"notes,omitempty"`
	After       []After     `json:"after,omitempty"`
	Couriers    []Courier   `json:"couriers"`
}

// After is a constraint of a run: the group and the tick it waits for.
type After struct {
	Group    graph.Addr `json:"group"`
	Tick     time.Time  `json:"tick"`
	Gate     string     `json:"gate"`
	Deadline time.Time  `json:"deadline"`
}

// Courier is what one courier does in a run. Files holds the names it expects,
// optional ones too; FileDetails has the same and more, one entry a name.
type Courier struct {
	Courier      graph.Addr     `json:"courier"`
	Name         string         `json:"name"` // the member's
	Range        window.Range   `json:"range"`
	RangeIgnored bool           `json:"range_ignored,omitempty"` // a full load each time
	Dropped      *window.Range  `json:"dropped,omitempty"`       // what past_day_only or catch_up = "skip" leaves out for good
	Files        []string       `json:"files"`
	FileDetails  []FileDetail   `json:"file_details,omitempty"`
	Wait         graph.Duration `json:"wait"`
	Deadline     time.Time      `json:"deadline"` // UTC; until when data may arrive
}

// FileDetail is one name that a courier looks for.
type FileDetail struct {
	File       string `json:"file"` // the file block's label
	Name       string `json:"name"`
	Date       string `json:"date,omitempty"` // the date it stands for; empty for undated patterns
	Optional   bool   `json:"optional,omitempty"`
	Unexpected bool   `json:"unexpected,omitempty"` // left out by days or except: taken if there
	Any        bool   `json:"any,omitempty"`        // one of the file's dates is enough
	ByArrival  bool   `json:"by_arrival,omitempty"` // an undated pattern: whatever has arrived since the last run
}

func sortRuns(runs []Run) {
	order := make([]*Run, len(runs)) // a run is large to move about
	for i := range runs {
		order[i] = &runs[i]
	}
	slices.SortStableFunc(order, func(a, b *Run) int {
		return cmp.Or(a.ScheduledAt.Compare(b.ScheduledAt), strings.Compare(string(a.Group), string(b.Group)))
	})
	sorted := make([]Run, len(runs))
	for i, r := range order {
		sorted[i] = *r
	}
	copy(runs, sorted)
}
