package coverage

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// Years is how far a proof looks ahead.
const Years = 10

// Shown is how many counterexamples of a kind a result lists; it counts all.
const Shown = 3

// Basis is what the claim about a courier rests on.
type Basis string

// The bases of a claim.
const (
	ByRange   Basis = "range"     // the ranges of its runs
	ByArrival Basis = "arrival"   // all its patterns are undated: nothing is claimed
	FullLoad  Basis = "full_load" // it ignores ranges: each run reads everything
)

// Coverage is what the runs of a courier in (From, Until] make of time, by a
// proof. It is plain data.
type Coverage struct {
	Group   graph.Addr `json:"group"`
	Courier graph.Addr `json:"courier"`
	Name    string     `json:"name"` // the member's
	From    time.Time  `json:"from"`
	Until   time.Time  `json:"until"`
	Basis   Basis      `json:"basis"`
	Runs    int        `json:"runs"`

	// Holds is whether no instant and no date is lost or read twice, each date is
	// read at its usual age, and no run is blocked. It is false where nothing is
	// claimed.
	Holds bool `json:"holds"`
	// Lost is the time that no run reads, Twice the time that two do. Ranges of
	// runs never overlap, so that Twice is 0; it is stated because it is proved.
	Lost  graph.Duration `json:"lost"`
	Twice graph.Duration `json:"twice"`
	// Holes counts what makes up Lost; Gaps are the first of them.
	Holes int    `json:"holes,omitempty"`
	Gaps  []Hole `json:"gaps,omitempty"`
	// Blocked counts the runs whose range is longer than max_range, FirstBlocked
	// is the first of them. After it nothing runs until somebody acts.
	Blocked      int   `json:"blocked,omitempty"`
	FirstBlocked *Hole `json:"first_blocked,omitempty"`

	Dates []Dates `json:"dates,omitempty"` // one for each file with a dated pattern
	// Cure is the line to write that makes it hold: an offset in the courier's block,
	// anything else in the group. It is empty where no single line does.
	Cure string `json:"cure,omitempty"`
	// Conditions are what the claim depends on besides, in words.
	Conditions []string `json:"conditions,omitempty"`
	// Unproved names the files that go by arrival, about which nothing is claimed.
	Unproved []string `json:"unproved,omitempty"`
}

// Hole is a stretch of data time and the run it is about: the one that leaves it
// out, or that would read it.
type Hole struct {
	Run   time.Time    `json:"run"` // UTC
	Range window.Range `json:"range"`
}

// Dates is what becomes of the dates that one file pattern expects.
type Dates struct {
	File     string `json:"file"`
	Unit     string `json:"unit"` // year, month, day, hour
	Expected int    `json:"expected"`
	Never    int    `json:"never"` // read by no run
	Twice    int    `json:"twice"` // read by two runs; always 0, as for ranges
	Early    int    `json:"early"` // looked for when they are younger than usual
	Late     int    `json:"late"`  // or older

	// NeverFirst and Moved are the first of Never, and of Early and Late together.
	NeverFirst []string `json:"never_first,omitempty"`
	Moved      []Moved  `json:"moved,omitempty"`
	// Repeated counts the hours that the clock shows twice and whose one file is
	// taken before its second pass is over; RepeatedFirst is the first.
	Repeated      int       `json:"repeated,omitempty"`
	RepeatedFirst *Repeated `json:"repeated_first,omitempty"`
}

// Moved is a date that is looked for at another age than usual. Ages are days
// from the date of the file to the date of the run; -1 is a file of tomorrow.
type Moved struct {
	Run   time.Time `json:"run"` // UTC
	Date  string    `json:"date"`
	Age   int       `json:"age"`
	Usual int       `json:"usual"`
}

// Repeated is an hour that occurs twice: the run that takes its file, and when
// the hour is over.
type Repeated struct {
	Run  time.Time `json:"run"` // UTC
	Date string    `json:"date"`
	Over time.Time `json:"over"` // UTC
}

// first appends x where the list is not full.
func first[T any](list []T, x T) []T {
	if len(list) < Shown {
		list = append(list, x)
	}
	return list
}
