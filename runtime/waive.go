package runtime

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// skipCommand lets a task count as done, and the run go on. What a courier was to
// read stays for the next run; a step that was held counts as having been given
// its files.
func (d *desk) skipCommand(c store.Command) (outcome, error) {
	var args SkipArgs
	if err := readArgs(c, &args); err != nil {
		return outcome{}, err
	}
	if strings.TrimSpace(args.Reason) == "" {
		return outcome{}, refuse("say why with --reason: the run goes on as if %s were done", args.Task)
	}
	r, tasks, err := d.decidable(args.Run)
	if err != nil {
		return outcome{}, err
	}
	t, err := named(r, tasks, args.Task)
	if err != nil {
		return outcome{}, err
	}
	if err := d.skippable(t); err != nil {
		return outcome{}, err
	}
	if t.State == store.Held {
		if err := d.countAsGiven(r, t); err != nil {
			return outcome{}, err
		}
	}
	state := store.Skipped
	if t.State == store.Held {
		state = store.Succeeded // as the operator says
	}
	t.Waiver = &store.Waiver{What: store.WaivedTask, By: c.By, At: d.now, Reason: args.Reason, Was: t.State}
	t.Fault, t.NextAt = store.FaultNone, time.Time{}
	if err := d.tx.DeleteJob(t.Run, graph.Addr(t.Name)); err != nil {
		return outcome{}, err
	}
	why := fmt.Sprintf("by %s, it was %s: %s", c.By, t.Waiver.Was, args.Reason)
	if err := d.endTask(t, state, why); err != nil {
		return outcome{}, err
	}
	done, err := d.goOn(r, tasks, false, c.By, t.Name+" was skipped by "+c.By)
	done.message = t.Name + " counts as done" + inTheWay(tasks, t.Name)
	return done, err
}

// decidable finds a run about whose tasks an operator may decide: one that is
// under way, or that ended badly and may go on.
func (d *desk) decidable(key string) (r store.Run, tasks []store.Task, err error) {
	r, found, err := d.tx.Run(key)
	switch {
	case err != nil:
		return r, nil, err
	case !found:
		return r, nil, noRun(key)
	case r.State == store.Running || r.State == store.Finalizing:
		if d.errand != nil {
			return r, nil, refuse("%s", leftBehind(r))
		}
	case !store.Ended(r.State):
		return r, nil, refuse("the run %s is %s; decide about its tasks when it is running, or has failed", key, r.State)
	default:
		if r, err = d.endedBadly(key); err != nil {
			return r, nil, err
		}
	}
	tasks, err = d.tx.Tasks(key)
	return r, tasks, err
}

// named finds a task by the name that somebody typed.
func named(r store.Run, tasks []store.Task, name string) (store.Task, error) {
	var known []string
	for _, t := range tasks {
		if t.Name == name {
			return t, nil
		}
		known = append(known, t.Name)
	}
	if len(known) == 0 {
		return store.Task{}, refuse("the run %s has no tasks yet", r.Key)
	}
	if near := diag.Suggest(name, known); near != "" {
		return store.Task{}, refuse("the run %s has no task %q; did you mean %q?", r.Key, name, near)
	}
	return store.Task{}, refuse("the run %s has no task %q; it has %s", r.Key, name, strings.Join(known, ", "))
}

// skippable refuses a task that is done, that is being worked on, or that stands
// behind another one.
func (d *desk) skippable(t store.Task) error {
	switch {
	case t.Done():
		return refuse("%s is %s already", t.Name, t.State)
	case t.State == store.Skipped:
		return refuse("%s was left out, since %s: skip or retry what stands before it", t.Name, t.Message)
	case t.State == store.Running && !t.NextAt.After(d.now):
		return refuse("%s is under way; `waybill stop %s` ends it, then skip it", t.Name, t.Run)
	}
	return nil
}

// countAsGiven notes that a held step has what was there for it when it began, so
// that it is not given the same again.
func (d *desk) countAsGiven(r store.Run, t store.Task) error {
	var g given
	if err := store.Parse(t.Data, &g); err != nil {
		return err
	}
	if g.Seq == 0 && t.Kind != store.KindBridge { // the process that gave it died with it
		var err error
		if g.Seq, err = d.tx.LastLandingBy(r.Group, t.StartedAt); err != nil {
			return err
		}
	}
	if g.Seq == 0 {
		return nil
	}
	return d.tx.SetStepMark(r.Group, graph.Addr(t.Name), g.Seq, r.Key)
}

// goOn lets what stood behind a task begin: in the run, or where that has ended,
// in its next attempt. moved says that a task of the run is to begin already.
func (d *desk) goOn(r store.Run, tasks []store.Task, moved bool, by, why string) (outcome, error) {
	if store.Ended(r.State) {
		return d.again(r, againOn, by, why)
	}
	for _, t := range tasks {
		if t.State != store.Skipped || t.Waiver != nil {
			continue
		}
		moved = true
		t.State, t.Message, t.EndedAt = store.Pending, "", time.Time{}
		if err := d.tx.PutTask(t); err != nil {
			return outcome{}, err
		}
	}
	done := outcome{runs: []string{r.Key}}
	if !moved { // what waits behind the task begins when it has ended
		return done, nil
	}
	return done, note(d.tx, d.now, r.Key, "", EventGoesOn, "%s", why)
}

// inTheWay names what else has come to a bad end and stays so.
func inTheWay(tasks []store.Task, but string) string {
	var all []string
	for _, t := range tasks {
		if t.Name != but && !t.Done() && t.Stays() {
			all = append(all, t.Name+" stays "+t.State)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "; " + words.Few(all)
}

// ignoreCommand lets couriers go on at once without what is missing, as
// on_missing = "continue" does at the deadline.
func (d *desk) ignoreCommand(c store.Command) (outcome, error) {
	var args IgnoreArgs
	if err := readArgs(c, &args); err != nil {
		return outcome{}, err
	}
	r, tasks, err := d.decidable(args.Run)
	if err != nil {
		return outcome{}, err
	}
	if args.Courier != "" {
		t, err := named(r, tasks, args.Courier)
		if err != nil {
			return outcome{}, err
		}
		if t.Kind != store.KindCourier {
			return outcome{}, refuse("%s is no courier, and misses no files; `waybill skip %s %s --reason …` goes on without it", t.Name, r.Key, t.Name)
		}
		tasks = slices.DeleteFunc(slices.Clone(tasks), func(other store.Task) bool {
			return other.Kind == store.KindCourier && other.Name != t.Name
		})
	}
	var names []string
	moved := false
	for _, t := range tasks {
		if !waitsForFiles(t) {
			continue
		}
		moved = moved || t.State == store.Missing
		names = append(names, t.Name)
		t.Waiver = &store.Waiver{What: store.WaivedMissing, By: c.By, At: d.now, Reason: args.Reason, Was: t.State}
		if err := d.lookLast(r, &t); err != nil {
			return outcome{}, err
		}
	}
	if len(names) == 0 {
		return outcome{}, refuse("%s", nothingMissing(r, tasks))
	}
	done, err := d.goOn(r, tasks, moved, c.By, "without what is missing, by "+c.By)
	done.message = strings.Join(names, ", ") + " " + goes(len(names)) + " on without what is missing"
	return done, err
}

func goes(n int) string {
	if n == 1 {
		return "goes"
	}
	return "go"
}

// waitsForFiles reports whether a courier waits for what is not ready, or did so
// in vain.
func waitsForFiles(t store.Task) bool {
	if t.Kind != store.KindCourier {
		return false
	}
	switch t.State {
	case store.Missing:
		return !t.IgnoresMissing()
	case store.Waiting:
		return t.Fault == store.FaultNone || t.Fault == store.FaultNotReady
	case store.Running: // of a program that has said so
		return t.Fault == store.FaultNotReady
	}
	return false
}

// lookLast lets a courier look once more, and then go on. Of a run that has ended
// it does so in the next attempt.
func (d *desk) lookLast(r store.Run, t *store.Task) error {
	if t.State == store.Missing && !store.Ended(r.State) {
		t.State, t.EndedAt, t.Attempt, t.Data, t.Fault, t.Message = store.Pending, time.Time{}, 1, nil, store.FaultNone, ""
	} else if t.State != store.Missing {
		t.Deadline, t.NextAt = d.now, time.Time{}
		poll, found, err := d.tx.Poll(t.Run, t.Name)
		if err != nil {
			return err
		}
		if found {
			poll.NextAt, poll.Deadline = d.now, d.now
			if err := d.tx.PutPoll(poll); err != nil {
				return err
			}
		}
	}
	if err := d.tx.PutTask(*t); err != nil {
		return err
	}
	text := "by " + t.Waiver.By + ": it looks once more, and goes on without what is not there"
	if t.Waiver.Reason != "" {
		text += ": " + t.Waiver.Reason
	}
	return note(d.tx, d.now, t.Run, t.Name, EventIgnored, "%s", text)
}

// nothingMissing says what a run waits for, of which no courier misses a file.
func nothingMissing(r store.Run, tasks []store.Task) string {
	for _, t := range tasks {
		switch {
		case t.Kind == store.KindGate && (t.State == store.Waiting || t.State == store.Missing):
			return fmt.Sprintf("%s is no file: `waybill skip %s %s --reason …` goes on without it", t.Name, r.Key, t.Name)
		case t.Kind == store.KindCourier && t.Fault == store.FaultSource && !t.Done():
			return fmt.Sprintf("%s misses no file, its source cannot be read: %s; `waybill skip %s %s --reason …` goes on without it",
				t.Name, t.Message, r.Key, t.Name)
		}
	}
	return fmt.Sprintf("no courier of %s misses a file", r.Key)
}
