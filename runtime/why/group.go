package why

import (
	"fmt"

	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// ofGroup explains a group of which nothing is open but perhaps its next tick.
func (i *inquest) ofGroup(w *Explanation, next store.Run, expects bool) error {
	g := i.program.Group(w.Group)
	last, ended, err := LastEnded(i.tx.Runs, w.Group)
	if err != nil {
		return err
	}
	name := w.Group.Typed()
	if g == nil {
		if !ended {
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
	if !ended {
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

// ofCourier adds what a courier that nothing is under way for did last, and how
// far it has come.
func (i *inquest) ofCourier(w *Explanation, name string) error {
	g := i.program.Group(w.Group)
	if g == nil || len(w.Couriers) > 0 {
		return nil
	}
	m := g.Member(name)
	if m == nil {
		return fmt.Errorf("%s has no courier %q: %w", w.Group, name, store.ErrNotFound)
	}
	at, known, err := i.tx.Watermark(w.Group, name)
	if err != nil {
		return err
	}
	if known {
		w.because("scheduled runs have read %s up to %s", name, i.clock(g, at))
	}
	runs, err := lately(i.tx.Runs, w.Group, overStates)
	if err != nil {
		return err
	}
	for _, r := range runs[:min(len(runs), lastLooked)] {
		t, found, err := i.tx.Task(r.Key, name)
		if err != nil {
			return err
		}
		if !found || t.Kind != store.KindCourier {
			continue
		}
		s, err := scene.Read(i.tx, i.all, r)
		if err != nil {
			return err
		}
		if s.Group == nil || s.Group.Member(name) == nil {
			continue
		}
		c, err := i.courier(s, t)
		if err != nil {
			return err
		}
		w.Couriers = append(w.Couriers, c)
		w.because("its last run with %s was %s, %s ago: %s", name, typed(r.Key), i.since(r.EndedAt), t.Message)
		return nil
	}
	if c := i.program.Courier(m.Courier); c != nil && c.Filedrop != nil {
		var patterns []string
		for _, f := range c.Files {
			patterns = append(patterns, f.Pattern)
		}
		w.because("%s looks for %s in %s", name, words.Few(patterns), c.Filedrop.URL)
	}
	return nil
}

// lastLooked is how many runs of a group are looked through for the last one with a
// courier.
const lastLooked = 50

// waitBehind names the groups that wait for this one.
func (i *inquest) waitBehind(w *Explanation) error {
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
