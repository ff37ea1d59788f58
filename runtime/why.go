package runtime

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// Question is what somebody wants to have explained: a run, or what matters now
// of a group; of all its couriers, or of one.
type Question struct {
	Group   graph.Addr // where Run is empty
	Run     string
	Courier string
}

// The values of Why.Cause.
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

// Why is why a run or a group stands as it does.
type Why struct {
	At      time.Time  `json:"at"`
	Group   graph.Addr `json:"group"`
	Run     string     `json:"run,omitempty"`
	State   string     `json:"state,omitempty"` // of the run; empty: there is none
	Cause   string     `json:"cause"`
	Answer  string     `json:"answer"`
	Because []string   `json:"because"` // the reasons behind the answer, the nearest first
	// Couriers are those that are not done, and the one that was asked about.
	Couriers []WhyCourier `json:"couriers"`
	Behind   []string     `json:"behind"`   // the steps and groups that wait for it
	Commands []WhyCommand `json:"commands"` // what helps
}

// WhyCommand is a command that helps.
type WhyCommand struct {
	Command string `json:"command"`
	Does    string `json:"does"`
}

// WhyCourier is what a courier of a run waits for, and what it has seen.
type WhyCourier struct {
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

// Why explains a run or a group. The error is [store.ErrNotFound] for a run or
// courier that is not there, and for a group that is not deployed and has no runs.
func (r *Runtime) Why(ctx context.Context, q Question) (w Why, err error) {
	now := r.Now().UTC()
	_, held, err := r.store.Holder(ctx)
	if err != nil {
		return w, err
	}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		d, err := newDesk(tx, now, &r.programs)
		if err != nil {
			return err
		}
		w, err = (&inquest{desk: d, held: held}).answer(q, 0)
		return err
	})
	return w, err
}

// inquest finds reasons in the rows of a store.
type inquest struct {
	*desk
	held bool // somebody serves
}

// deepest bounds how far one answer follows another: a run behind a run, a group
// behind a group.
const deepest = 3

func (i *inquest) answer(q Question, depth int) (Why, error) {
	w := &Why{At: i.now, Group: q.Group, Because: []string{}, Couriers: []WhyCourier{}, Behind: []string{}, Commands: []WhyCommand{}}
	var run store.Run
	var found bool
	var err error
	if q.Run != "" {
		if run, err = i.run(q.Run); err != nil {
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
	if err != nil || depth > 0 {
		return *w, err
	}
	if !found && i.program.Group(w.Group) == nil {
		return *w, nil
	}
	return *w, i.waitBehind(w)
}

// matters finds the run of a group that an operator means: what is under way,
// else what is blocked, else what waits, else the newest if it ended badly, else
// the next tick; false where there is none of these.
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
	newest, err := i.tx.Runs(store.RunFilter{Group: group, Limit: 2})
	if err != nil {
		return best, found, err
	}
	for _, r := range newest {
		if r.Expected() {
			continue
		}
		if _, paused, err := i.tx.Paused(group); err != nil || paused {
			return best, found, err
		}
		if (r.State == store.Failed || r.State == store.Stopped) && i.program.Group(group) != nil {
			return r, true, nil
		}
		break
	}
	return best, found, nil
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

// ofGroup explains a group of which nothing is open but perhaps its next tick.
func (i *inquest) ofGroup(w *Why, next store.Run, expects bool) error {
	g := i.program.Group(w.Group)
	last, err := i.lastRun(w.Group)
	if err != nil {
		return err
	}
	name := w.Group.Typed()
	if g == nil {
		if last == nil {
			return fmt.Errorf("%s is not deployed: %w", w.Group, store.ErrNotFound)
		}
		w.Cause, w.Answer = CauseNotDeployed, string(w.Group)+" is not deployed any more"
		w.because("its last run %s is %s", typed(last.Key), words.State(last.State))
		w.help("waybill plan", "shows whether the workspace has it")
		return nil
	}
	pause, paused, err := i.tx.Paused(w.Group)
	if err != nil {
		return err
	}
	due := expects && !next.ScheduledAt.After(i.now)
	switch {
	case paused:
		w.Cause, w.Answer = CausePaused, fmt.Sprintf("%s is paused: %s held its schedule at %s", w.Group, pause.By, i.clock(g, pause.At))
		w.help("waybill resume "+name, "lets the schedule go on; what fell due is for catch_up = \""+g.CatchUp+"\"")
		w.help("waybill run "+name, "runs it once all the same")
	case g.Schedule == "":
		w.Cause, w.Answer = CauseUnscheduled, string(w.Group)+" has no schedule: it runs only when somebody asks for it"
		w.help("waybill run "+name, "runs it")
	case !g.Active:
		w.Cause, w.Answer = CauseInactive, string(w.Group)+" is inactive (active = false): its schedule starts no runs"
		w.help("waybill run "+name, "runs it once")
	case !expects:
		w.Cause, w.Answer = CauseNotDue, fmt.Sprintf("the schedule %q of %s names no time to come", g.Schedule, w.Group)
	case due && !i.held:
		w.Cause, w.Answer = CauseNotServed, fmt.Sprintf("nobody serves: the run of %s was due %s ago", i.clock(g, next.ScheduledAt), i.since(next.ScheduledAt))
		w.help("waybill serve", "runs what is due, and goes on")
	case due:
		w.Cause, w.Answer = CauseWorking, fmt.Sprintf("the run of %s is due and begins now", i.clock(g, next.ScheduledAt))
	default:
		w.Cause, w.Answer = CauseNotDue, fmt.Sprintf("%s runs next at %s, in %s", w.Group, i.clock(g, next.ScheduledAt), length(next.ScheduledAt.Sub(i.now)))
		if !i.held {
			w.because("nobody serves: 'waybill serve' has to be running by then")
		}
	}
	if expects && paused {
		text := "its next run is due at " + i.clock(g, next.ScheduledAt)
		if due {
			text = fmt.Sprintf("its run of %s waits, it was due %s ago", i.clock(g, next.ScheduledAt), i.since(next.ScheduledAt))
		}
		w.because("%s", text)
	}
	if g.Schedule != "" {
		w.because("its schedule is %q in %s", g.Schedule, g.Timezone)
	}
	if last == nil {
		w.because("it has not run yet")
		return nil
	}
	text := words.State(last.State)
	if last.Message != "" {
		text += ": " + last.Message
	}
	w.because("its last run %s ended %s ago, %s", typed(last.Key), i.since(last.EndedAt), text)
	return nil
}

// ended are the states of a run that is over.
var ended = []string{store.Succeeded, store.SucceededWithWarnings, store.Failed, store.Stopped, store.Canceled, store.Skipped}

// lastRun is the newest run of a group that has ended; nil: there is none.
func (i *inquest) lastRun(group graph.Addr) (*store.Run, error) {
	runs, err := i.tx.Runs(store.RunFilter{Group: group, States: ended, Limit: 1})
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	return &runs[0], nil
}

// waitBehind names the groups that wait for this one.
func (i *inquest) waitBehind(w *Why) error {
	for n := range i.program.Groups {
		g := &i.program.Groups[n]
		for _, a := range g.After {
			if a.Group != w.Group {
				continue
			}
			open, err := i.tx.OpenRuns(g.Addr)
			if err != nil {
				return err
			}
			text := fmt.Sprintf("%s (%s)", g.Addr, flow.GateName(a.Name))
			for _, r := range open {
				gate, found, err := i.tx.Task(r.Key, flow.GateName(a.Name))
				switch {
				case err != nil:
					return err
				case found && gate.State == store.Waiting:
					text += fmt.Sprintf(": its run %s waits for it until %s", typed(r.Key), i.clock(g, gate.Deadline))
				case r.Expected():
					text += ", next at " + i.clock(g, r.ScheduledAt)
				}
			}
			w.Behind = append(w.Behind, text)
		}
	}
	return nil
}

func (w *Why) because(format string, args ...any) {
	w.Because = append(w.Because, fmt.Sprintf(format, args...))
}

func (w *Why) help(command, does string) {
	w.Commands = append(w.Commands, WhyCommand{command, does})
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
func typed(key string) string { return graph.Typed(strings.TrimPrefix(key, graph.KindGroup+".")) }
