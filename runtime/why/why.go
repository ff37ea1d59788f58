// Package why explains why a run or a group stands as it does: the answer, the
// reasons behind it, what each courier looks for and has seen, and what helps.
// It reads what package runtime has written and changes nothing.
package why

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Question is what somebody wants to have explained: a run, or what matters now
// of a group; of all its couriers, or of one.
type Question struct {
	Group   graph.Addr // where Run is empty
	Run     string
	Courier string
}

// The values of Explanation.Cause.
const (
	CauseNotDeployed   = "not_deployed"
	CauseUnscheduled   = "unscheduled"
	CauseInactive      = "inactive"
	CausePaused        = "paused"
	CauseNotDue        = "not_due"
	CauseNotServed     = "not_served"
	CauseQueued        = "queued"
	CauseBlocked       = "blocked"
	CauseGate          = "gate"
	CauseAbsent        = "absent"
	CauseOtherDates    = "other_dates" // files are there, of dates that the run does not read
	CauseChanging      = "changing"
	CauseNoMarker      = "no_done_marker"
	CauseSource        = "source_error"
	CauseMisconfigured = "misconfigured"
	CauseRetry         = "retry_pause"
	CauseRoom          = "no_room"
	CauseWorking       = "working"
	CauseMissing       = "missing"
	CauseHeld          = "held"
	CauseFailed        = "failed"
	CauseStopped       = "stopped"
	CauseSkipped       = "skipped"
	CauseDone          = "done"
)

// Explanation is why a run or a group stands as it does.
type Explanation struct {
	At      time.Time  `json:"at"`
	Group   graph.Addr `json:"group"`
	Run     string     `json:"run,omitempty"`
	State   string     `json:"state,omitempty"` // of the run; empty: there is none
	Cause   string     `json:"cause"`
	Answer  string     `json:"answer"`
	Because []string   `json:"because"` // the reasons behind the answer, the nearest first
	// Couriers are those that are not done, and the one that was asked about.
	Couriers []Courier `json:"couriers"`
	Behind   []string  `json:"behind"`   // the steps and groups that wait for it
	Commands []Command `json:"commands"` // what helps
}

// Command is a command that helps.
type Command struct {
	Command string `json:"command"`
	Does    string `json:"does"`
}

// Courier is what a courier of a run waits for, and what it has seen.
type Courier struct {
	Courier   string       `json:"courier"`
	State     string       `json:"state"`
	Message   string       `json:"message,omitempty"`
	Range     window.Range `json:"range"`
	Offset    string       `json:"offset,omitempty"`
	Zone      string       `json:"zone"`     // of the range and of the dates in names
	Source    string       `json:"source"`   // as it is written, or the kind of source
	Patterns  []string     `json:"patterns"` // of its file blocks
	Expected  []string     `json:"expected"` // the names that it looks for
	Looks     int          `json:"looks"`
	Look      *scene.Look  `json:"look,omitempty"` // the last one; nil: none yet
	NextLook  time.Time    `json:"next_look,omitzero"`
	Deadline  time.Time    `json:"deadline,omitzero"`
	OnMissing string       `json:"on_missing"`
}

// Explain explains a run or a group by the rows of a store. now is by the clock
// that the rows are stamped with; held says that somebody serves. The error is
// [store.ErrNotFound] for a run or courier that is not there, and for a group that
// is not deployed and has no runs.
func Explain(tx *store.Tx, all *scene.Programs, now time.Time, held bool, q Question) (Explanation, error) {
	p, _, err := all.Current(tx)
	if err != nil {
		return Explanation{}, err
	}
	return (&inquest{tx: tx, now: now, program: p, all: all, held: held}).answer(q, 0)
}

// inquest finds reasons in the rows of a store.
type inquest struct {
	tx      *store.Tx
	now     time.Time
	program *scene.Program // what is applied now
	all     *scene.Programs
	held    bool // somebody serves
}

// deepest bounds how far one answer follows another: a run behind a run, a group
// behind a group.
const deepest = 3

func (i *inquest) answer(q Question, depth int) (Explanation, error) {
	w := &Explanation{At: i.now, Group: q.Group, Because: []string{}, Couriers: []Courier{}, Behind: []string{}, Commands: []Command{}}
	var run store.Run
	var found bool
	var err error
	if q.Run != "" {
		if run, err = i.tx.KnownRun(q.Run); err != nil {
			return *w, err
		}
		found, w.Group = true, run.Group
	} else if run, found, err = i.matters(q.Group); err != nil {
		return *w, err
	}
	switch {
	case !found || run.Expected():
		err = i.ofGroup(w, run, found)
	default:
		w.Run, w.State = run.Key, run.State
		err = i.ofRun(w, run, q.Courier, depth)
	}
	if err == nil && q.Courier != "" {
		err = i.ofCourier(w, q.Courier)
	}
	if err != nil || depth > 0 {
		return *w, err
	}
	if !found && i.program.Group(w.Group) == nil {
		return *w, nil
	}
	return *w, i.waitBehind(w)
}

// matters finds the run of a group that an operator means: what is under way,
// else what is blocked, else what waits, else the one that ended last if it ended
// badly, else the next tick; false where there is none of these.
func (i *inquest) matters(group graph.Addr) (best store.Run, found bool, err error) {
	open, err := i.tx.OpenRuns(group)
	if err != nil {
		return best, false, err
	}
	for _, r := range open {
		if !found || precedence(r) < precedence(best) {
			best, found = r, true
		}
	}
	if found && !best.Expected() {
		return best, true, nil
	}
	if _, paused, err := i.tx.Paused(group); err != nil || paused || i.program.Group(group) == nil {
		return best, found, err
	}
	last, ended, err := LastEnded(i.tx.Runs, group)
	if err != nil || !ended || !slices.Contains(badStates, last.State) {
		return best, found, err
	}
	return last, true, nil
}

func precedence(r store.Run) int {
	switch {
	case r.Expected():
		return 3
	case r.State == store.Waiting:
		return 2
	case r.State == store.Blocked:
		return 1
	}
	return 0
}

func (w *Explanation) because(format string, args ...any) {
	w.Because = append(w.Because, fmt.Sprintf(format, args...))
}

func (w *Explanation) help(command, does string) {
	w.Commands = append(w.Commands, Command{command, does})
}

// clock writes an instant on the clocks of a group's schedule.
func (i *inquest) clock(g *graph.Group, t time.Time) string {
	if cal := i.program.Calendars[addrOf(g)]; cal != nil {
		return t.In(cal.Zone().Location()).Format(clockLayout)
	}
	return t.UTC().Format(clockLayout)
}

const clockLayout = "2006-01-02 15:04 MST"

func addrOf(g *graph.Group) graph.Addr {
	if g == nil {
		return ""
	}
	return g.Addr
}

// since is how long ago an instant is.
func (i *inquest) since(t time.Time) string { return length(i.now.Sub(t)) }

// length writes a length of time for people: seconds below an hour, then minutes.
func length(d time.Duration) string {
	unit := time.Second
	if d >= time.Hour {
		unit = time.Minute
	}
	return graph.Duration(d.Round(unit)).String()
}

// typed is a run's key as people type it.
func typed(key string) string { return graph.Typed(graph.ShortRun(key)) }
