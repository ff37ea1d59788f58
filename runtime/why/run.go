package why

import (
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

// ofRun explains a run that was taken.
func (i *inquest) ofRun(w *Explanation, r store.Run, courier string, depth int) error {
	switch r.State {
	case store.Waiting:
		return i.queuedRun(w, r, depth)
	case store.Blocked:
		name := r.Group.Typed()
		w.Cause, w.Answer = CauseBlocked, fmt.Sprintf("%s is blocked: %s", typed(r.Key), r.Message)
		if cal := i.program.Calendars[r.Group]; cal != nil {
			w.because("max_range of %s is %s", r.Group, graph.Duration(cal.MaxRange()))
		}
		w.because("nothing runs by itself in %s until somebody decides; later ticks go into this run", r.Group)
		w.help("waybill backfill "+name, "reads it in pieces of one period each")
		w.help("waybill advance "+name+" --to TIME --reason …", "passes over what lies before TIME")
		return nil
	case store.Skipped:
		w.Cause, w.Answer = CauseSkipped, fmt.Sprintf("%s was skipped: %s", typed(r.Key), r.Message)
		return i.takenIn(w, r)
	case store.Canceled:
		w.Cause, w.Answer = CauseStopped, fmt.Sprintf("%s was canceled before it began: %s", typed(r.Key), r.Message)
		w.help("waybill run "+r.Group.Typed(), "asks for its data again")
		return nil
	}
	s, err := scene.Read(i.tx, i.all, r)
	if err != nil {
		return err
	}
	if courier != "" && s.Group.Member(courier) == nil {
		return fmt.Errorf("%s has no courier %q: %w", r.Group, courier, store.ErrNotFound)
	}
	for _, t := range s.Tasks {
		if t.Kind == store.KindCourier && (t.Name == courier || courier == "" && !t.Done()) {
			c, err := i.courier(s, t)
			if err != nil {
				return err
			}
			w.Couriers = append(w.Couriers, c)
		}
	}
	if store.Ended(r.State) {
		return i.endedRun(w, s, courier)
	}
	return i.underWay(w, s, courier, depth)
}

// queuedRun explains a run that waits for its turn.
func (i *inquest) queuedRun(w *Explanation, r store.Run, depth int) error {
	w.Cause = CauseQueued
	open, err := i.tx.OpenRuns(r.Group)
	if err != nil {
		return err
	}
	var before []store.Run
	for _, o := range open {
		if !o.Expected() && o.Key != r.Key && (o.Queue < r.Queue || precedence(o) == 0) {
			before = append(before, o)
		}
	}
	if len(before) == 0 {
		w.Answer = typed(r.Key) + " waits to begin"
		if pause, paused, err := i.tx.Paused(r.Group); err != nil {
			return err
		} else if paused && !r.Asked() {
			w.Cause, w.Answer = CausePaused, fmt.Sprintf("%s waits, since %s is paused by %s", typed(r.Key), r.Group, pause.By)
			w.help("waybill resume "+r.Group.Typed(), "lets it begin")
		}
		i.notServed(w)
		return nil
	}
	first := before[0]
	w.Answer = fmt.Sprintf("%s waits for its turn: two runs of a group never run at once, and %s is %s", typed(r.Key), typed(first.Key), words.State(first.State))
	if more := len(before) - 1; more > 0 {
		w.because("%s before it, too", graph.Count(more, "other run")+" wait"+third(more))
	}
	w.help("waybill stop "+typed(first.Key), "ends the run before it")
	w.help("waybill stop "+typed(r.Key), "takes this one back")
	if depth < deepest {
		other, err := i.answer(Question{Run: first.Key}, depth+1)
		if err != nil {
			return err
		}
		w.because("%s", other.Answer)
		w.Because = append(w.Because, other.Because...)
		w.help("waybill why "+typed(first.Key), "says more about the run before it")
	}
	i.notServed(w)
	return nil
}

func third(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

// notServed puts before everything else that nobody goes on with open runs.
func (i *inquest) notServed(w *Explanation) {
	if i.held {
		return
	}
	w.Because = append([]string{w.Answer}, w.Because...)
	w.Cause, w.Answer = CauseNotServed, "nobody serves, so that nothing goes on with "+typed(w.Run)
	w.Commands = append([]Command{{"waybill serve", "goes on with it"}}, w.Commands...)
}

// takenIn follows a run that was coalesced into another one.
func (i *inquest) takenIn(w *Explanation, r store.Run) error {
	for n := 0; r.Into != "" && n < deepest; n++ {
		into, found, err := i.tx.Run(r.Into)
		if err != nil || !found {
			return err
		}
		w.because("%s has its data: it is %s", typed(into.Key), words.State(into.State))
		r = into
	}
	return nil
}

// endedRun explains how a run ended.
func (i *inquest) endedRun(w *Explanation, s *scene.Scene, courier string) error {
	r, name := s.Run, typed(s.Run.Key)
	if r.State == store.Succeeded || r.State == store.SucceededWithWarnings {
		w.Cause, w.Answer = CauseDone, fmt.Sprintf("%s %s at %s, after %s", name, words.State(r.State), i.clock(s.Group, r.EndedAt), length(r.EndedAt.Sub(r.StartedAt)))
		for _, t := range s.Tasks {
			switch {
			case t.State == store.Missing || t.LeftUndone() || t.Warnings > 0:
				w.because("%s %s: %s", t.Name, t.State, strings.TrimPrefix(t.Message, t.State+" "))
			case t.Name == courier:
				w.because("%s %s", t.Name, t.Message)
			}
		}
		return i.cameLater(w, s)
	}
	w.Cause = CauseFailed
	if r.State == store.Stopped {
		w.Cause = CauseStopped
	}
	w.Answer = fmt.Sprintf("%s %s: %s", name, r.State, r.Message)
	for _, t := range s.Tasks {
		if !t.Stays() {
			continue
		}
		cause, text := badEnd(s, t)
		if t.State != store.Missing || flow.OnMissing(s.Group, t) == graph.OnMissingStop {
			if r.State == store.Failed && (w.Cause == CauseFailed || t.Name == courier) {
				w.Cause, w.Answer = cause, name+" failed: "+text
				continue
			}
		}
		w.because("%s", text)
	}
	if skipped := namesOf(s.Tasks, func(t store.Task) bool { return t.State == store.Skipped && t.Waiver == nil }); len(skipped) > 0 {
		w.because("left out for it: %s", words.Few(skipped))
	}
	later, err := scene.Passed(i.tx, r)
	if err != nil {
		return err
	}
	if later != "" {
		w.because("the later run %s has gone on with its data, so that it is not tried again", typed(later))
		w.help(fmt.Sprintf("waybill run %s --at %s", r.Group.Typed(), words.Stamp(r.ScheduledAt)), "loads its range once more")
		return nil
	}
	if err := i.readsAgain(w, s); err != nil {
		return err
	}
	i.helpEnded(w, s)
	return nil
}

// lateArrival is the type of the event of a file that came after its run.
const lateArrival = "late_arrival"

// cameLater names what a run went on without: what has come since, and the command
// for what has not.
func (i *inquest) cameLater(w *Explanation, s *scene.Scene) error {
	if s.Run.State != store.SucceededWithWarnings {
		return nil
	}
	events, err := i.tx.Events(s.Run.Key, 0)
	if err != nil {
		return err
	}
	for _, e := range events {
		if e.Type == lateArrival {
			w.because("%s: %s", e.Task, e.Message)
		}
	}
	for _, t := range s.Tasks {
		if t.Kind != store.KindCourier || t.State != store.Missing {
			continue
		}
		var data struct {
			Missing []window.Missing `json:"missing"`
		}
		if err := store.Parse(t.Data, &data); err != nil {
			return err
		}
		if command := words.Load(s.Run.Group, t.Name, window.Range{Start: t.RangeStart, End: t.RangeEnd}, data.Missing); command != "" {
			w.help(command, "once it is there: loads what "+t.Name+" went on without")
		}
	}
	return nil
}

// forGood reports whether no later run reads what this one has read. An ad hoc run,
// and a backfill that says from where, move no watermark.
func forGood(s *scene.Scene) bool {
	return s.Run.Kind != store.KindAdHoc && s.Request.Piece.Empty()
}

// goOn are the commands by which a run goes on without what a courier waits for.
// now is " now", or empty for a run that has ended.
func goOn(s *scene.Scene, ignore, skip, now string) []Command {
	if !forGood(s) {
		return []Command{{ignore, "goes on" + now + " with what is there"}, {skip, "goes on" + now + " with nothing of it"}}
	}
	return []Command{{ignore, "goes on" + now + " without it; no later run reads it"}, {skip, "goes on" + now + " without it; the next run reads it"}}
}

// badEnd says how one task of a run came to a bad end.
func badEnd(s *scene.Scene, t store.Task) (cause, text string) {
	switch {
	case t.State == store.Missing:
		text = t.Name + " was " + t.Message
		if !t.Deadline.IsZero() {
			text += fmt.Sprintf(" at its deadline, %s", words.Stamp(t.Deadline))
		}
		return CauseMissing, text
	case t.State == store.Held:
		return CauseHeld, fmt.Sprintf("nobody knows whether %s was done: %s", t.Name, t.Message)
	case t.Fault == store.FaultMisconfigured:
		return CauseMisconfigured, fmt.Sprintf("%s is misconfigured: %s", t.Name, t.Message)
	case t.Fault == store.FaultSource && t.Kind == store.KindCourier:
		return CauseSource, fmt.Sprintf("the source of %s cannot be read: %s", t.Name, t.Message)
	}
	text = fmt.Sprintf("%s failed: %s", t.Name, t.Message)
	if t.Attempt > 1 {
		text += fmt.Sprintf(" (attempt %d)", t.Attempt)
	}
	return CauseFailed, text
}

// readsAgain says that the next run has the data of one that did not get it.
func (i *inquest) readsAgain(w *Explanation, s *scene.Scene) error {
	if s.Run.Kind != store.KindScheduled {
		return nil
	}
	for _, t := range s.Tasks {
		at, known, err := i.tx.Watermark(s.Run.Group, t.Name)
		if err != nil {
			return err
		}
		if t.Kind != store.KindCourier || t.Done() || !known || !at.Before(t.RangeEnd) {
			continue
		}
		w.because("if nobody does anything, the next run reads the range of %s as well", t.Name)
		return nil
	}
	return nil
}

// helpEnded names what helps a run that failed or was stopped.
func (i *inquest) helpEnded(w *Explanation, s *scene.Scene) {
	name := typed(s.Run.Key)
	var bad store.Task
	for _, t := range s.Tasks {
		if t.Stays() && (bad.Name == "" || bad.State == store.Missing) {
			bad = t
		}
	}
	skip := fmt.Sprintf("waybill skip %s %s --reason …", name, graph.Typed(bad.Name))
	switch {
	case bad.Name == "":
		w.help("waybill retry "+name, "goes on with it")
	case bad.State == store.Held:
		w.help(skip, "if it was done: counts it as done")
		w.help("waybill retry "+name, "if it was not: does it again")
	case bad.State == store.Missing && bad.Kind == store.KindCourier:
		w.help("waybill retry "+name, "once it is there: waits for it again")
		w.Commands = append(w.Commands, goOn(s, "waybill ignore-missing "+name, skip, "")...)
	case bad.Fault == store.FaultMisconfigured:
		w.help("waybill restart "+name, "once it is put right and applied: goes on with what is applied")
		w.help("waybill retry "+name, "where the mistake was outside of the workspace")
	default:
		w.help("waybill retry "+name, "tries it again")
		w.help(skip, "goes on as if it were done")
	}
	if does := logsOf(s, bad); does != "" {
		w.help("waybill logs "+name, does)
	}
}

// logsOf says what the logs have of a task; empty: nothing that its message has not.
func logsOf(s *scene.Scene, t store.Task) string {
	const programs = "shows what its programs said"
	if t.Kind == store.KindCourier {
		switch c := s.Courier(t); {
		case c.Exec != nil:
			return programs
		case c.RestAPI != nil:
			return "shows how far its requests came, and what was asked again"
		}
		return ""
	}
	if step := s.Program.Step(graph.Addr(t.Name)); step != nil && step.Exec != nil {
		return programs
	}
	return ""
}

// namesOf are the names of some tasks.
func namesOf(tasks []store.Task, which func(store.Task) bool) (names []string) {
	for _, t := range tasks {
		if which(t) {
			names = append(names, t.Name)
		}
	}
	return names
}

// underWay explains what a run that has begun waits for.
func (i *inquest) underWay(w *Explanation, s *scene.Scene, courier string, depth int) error {
	name := typed(s.Run.Key)
	if s.Run.State == store.Stopping {
		w.Cause, w.Answer = CauseWorking, fmt.Sprintf("%s is being stopped (%s); it waits for %s", name, s.Run.Message,
			words.Few(namesOf(s.Tasks, func(t store.Task) bool { return t.State == store.Running })))
		i.notServed(w)
		return nil
	}
	f := flow.Flow{Group: s.Group, Graph: s.Program.Graph, Tasks: s.Tasks}
	ready := f.Next().Start
	best := -1
	for _, t := range s.Tasks {
		if !t.Open() {
			if t.Stays() && t.State != store.Missing {
				_, text := badEnd(s, t)
				w.because("%s", text)
			}
			continue
		}
		r, err := i.taskWaits(s, t, ready, depth)
		switch {
		case err != nil:
			return err
		case r.text == "":
			continue
		case t.Name == courier:
			r.rank = 0
		}
		if best < 0 || r.rank < best {
			if best >= 0 {
				w.Because = append([]string{strings.TrimPrefix(w.Answer, name+" is under way: ")}, w.Because...)
			}
			best, w.Cause, w.Answer = r.rank, r.cause, name+" is under way: "+r.text
			w.Because = append(r.because, w.Because...)
			w.Commands = r.commands
		} else {
			w.because("%s", r.text)
		}
	}
	if best < 0 {
		w.Cause, w.Answer = CauseWorking, name+" is under way and goes on"
	}
	pending := namesOf(s.Tasks, func(t store.Task) bool { return t.State == store.Pending && t.NextAt.IsZero() })
	w.Behind = append(w.Behind, pending...)
	does := "ends the run"
	if forGood(s) {
		does += "; the next one reads what it left"
	}
	w.help("waybill stop "+name, does)
	i.notServed(w)
	return nil
}

// reason is why one task has not ended. The lowest rank is told first.
type reason struct {
	rank        int
	cause, text string
	because     []string
	commands    []Command
}

// taskWaits says what an open task waits for; no text where it only stands behind
// another one. ready are the pending tasks that may begin.
func (i *inquest) taskWaits(s *scene.Scene, t store.Task, ready []string, depth int) (reason, error) {
	key := typed(s.Run.Key)
	switch {
	case t.Kind == store.KindGate && t.State == store.Waiting:
		return i.gateWaits(s, t, depth)
	case t.NextAt.After(i.now) && t.Fault != store.FaultNotReady:
		r := reason{rank: 2, cause: CauseRetry, text: fmt.Sprintf("%s failed and is tried again at %s, in %s (attempt %d of %d): %s",
			t.Name, i.clock(s.Group, t.NextAt), length(t.NextAt.Sub(i.now)), t.Attempt, attempts(s, t), t.Message)}
		if t.Kind == store.KindCourier {
			r.cause, r.rank = CauseSource, 1
		}
		r.commands = []Command{{fmt.Sprintf("waybill skip %s %s --reason …", key, graph.Typed(t.Name)), "goes on without it"}}
		if does := logsOf(s, t); does != "" {
			r.commands = append(r.commands, Command{"waybill logs " + key, does})
		}
		return r, nil
	case t.Kind == store.KindCourier && (t.State == store.Waiting || t.Fault == store.FaultNotReady):
		return i.courierWaits(s, t)
	case t.State == store.Running:
		text := fmt.Sprintf("%s has worked for %s", t.Name, i.since(t.StartedAt))
		if job, polls := s.Jobs[t.Name]; polls {
			text = fmt.Sprintf("%s has waited %s for the job that it has started; it asks again at %s", t.Name, i.since(t.StartedAt), i.clock(s.Group, job.NextAt))
		}
		if t.Progress != nil {
			text = fmt.Sprintf("%s has loaded its data for %s: %s, as of %s", t.Name, i.since(t.Progress.Since), t.Progress, i.clock(s.Group, t.Progress.At))
		}
		if step := s.Program.Step(graph.Addr(t.Name)); step != nil && step.Timeout > 0 {
			text += fmt.Sprintf(" (at most %s)", step.Timeout)
		}
		return reason{rank: 4, cause: CauseWorking, text: text, commands: []Command{{"waybill logs " + key + " -f", "shows what its programs say"}}}, nil
	}
	for _, name := range ready {
		if name == t.Name && t.State == store.Pending && t.Kind != store.KindCourier && t.Kind != store.KindGate {
			return i.noRoom(s, t)
		}
	}
	return reason{}, nil
}

// attempts is how many attempts a task has.
func attempts(s *scene.Scene, t store.Task) int {
	if t.Kind == store.KindCourier {
		return s.Courier(t).Retry.Attempts
	}
	if step := s.Program.Step(graph.Addr(t.Name)); step != nil {
		return step.Retry.Attempts
	}
	return 0
}

// noRoom explains a step that may begin and has not.
func (i *inquest) noRoom(s *scene.Scene, t store.Task) (reason, error) {
	runs, err := i.tx.UnderWay()
	if err != nil {
		return reason{}, err
	}
	for _, other := range runs {
		same, _, err := i.tx.Task(other.Key, t.Name)
		if err != nil {
			return reason{}, err
		}
		if other.Key != s.Run.Key && same.State == store.Running {
			return reason{rank: 3, cause: CauseRoom, text: fmt.Sprintf("%s waits for %s: a step never runs twice at once, and that run is at it", t.Name, typed(other.Key)),
				commands: []Command{{"waybill why " + typed(other.Key), "says what that run does"}}}, nil
		}
	}
	bounds := limits(s, t)
	if bounds == "" {
		return reason{rank: 5, cause: CauseWorking, text: t.Name + " is about to begin"}, nil
	}
	return reason{rank: 3, cause: CauseRoom, text: fmt.Sprintf("%s may begin and waits for room: %s", t.Name, bounds)}, nil
}

// limits names what bounds how much is done at once beside a task, as it is written;
// empty where nothing does.
func limits(s *scene.Scene, t store.Task) string {
	var all []string
	add := func(name, where string, n int) {
		if n > 0 {
			all = append(all, fmt.Sprintf("%s = %d of %s", name, n, where))
		}
	}
	add("max_concurrent", "the workspace", s.Program.MaxConcurrent)
	add("max_concurrent", string(s.Group.Addr), s.Group.MaxConcurrent)
	if t.Kind == store.KindCourier {
		c := s.Courier(t)
		add("max_concurrent", string(c.Addr), c.MaxConcurrent)
		if c.Host() != "" {
			add("max_per_host", "the workspace", s.Program.MaxPerHost)
		}
	}
	return strings.Join(all, ", ")
}

// gateWaits explains a constraint that is not met yet.
func (i *inquest) gateWaits(s *scene.Scene, t store.Task, depth int) (reason, error) {
	a := flow.After(s.Group, t)
	if a == nil {
		return reason{}, nil
	}
	tick := time.Time{}
	if up := s.Program.Calendars[a.Group]; up != nil {
		tick, _ = up.Upstream(s.Calendar, s.Run.ScheduledAt, a.Offset)
	}
	key := typed(s.Run.Key)
	r := reason{rank: 1, cause: CauseGate, text: fmt.Sprintf("it waits for %s (%s), whose run of %s is not done", a.Group, t.Name, i.clock(i.program.Group(a.Group), tick))}
	then := "the run then fails"
	if a.OnMissing == graph.OnMissingContinue {
		then = "the run then goes on"
	}
	r.because = append(r.because, fmt.Sprintf("the wait for %s ends at %s, in %s; %s (on_missing = %q)", a.Group, i.clock(s.Group, t.Deadline), length(t.Deadline.Sub(i.now)), then, a.OnMissing))
	r.commands = []Command{
		{"waybill why " + a.Group.Typed(), "says more about that group"},
		{fmt.Sprintf("waybill skip %s %s --reason …", key, graph.Typed(t.Name)), "does not wait for it"},
	}
	if depth >= deepest {
		return r, nil
	}
	other, err := i.answer(Question{Group: a.Group}, depth+1)
	if err != nil {
		return r, err
	}
	r.because = append(append([]string{other.Answer}, other.Because...), r.because...)
	return r, nil
}
