package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// steps says what becomes of the group's bridges, processes and activations.
func (a *AdHoc) steps(in *AdHocInput, g *graph.Group) {
	as := *g
	if in.LoadOnly {
		as.RunType = graph.RunSource
	}
	reached := as.Steps()
	loaded := a.loaded()
	for _, addr := range slices.Concat(g.Bridges, g.Processes, g.Activations) {
		s := AdHocStep{Step: addr, State: StepOff}
		switch {
		case !slices.Contains(reached, addr) && in.LoadOnly:
			s.Why = "--load-only stops after loading"
		case !slices.Contains(reached, addr):
			s.Why = fmt.Sprintf("run_type = %q", g.RunType)
		case addr.Kind() == graph.KindBridge:
			s.State = StepRuns
		default:
			a.follow(&s, in, loaded)
		}
		a.Steps = append(a.Steps, s)
	}
}

// loading is what the couriers leave to the steps after them.
type loading struct {
	state, why string
	incomplete string // what is missing in a run that goes on; "": nothing
	files      int
	bytes      int64
}

// loaded works out what the couriers leave.
func (a *AdHoc) loaded() loading {
	l := loading{state: StepRuns}
	var awaited, missing, incomplete []string
	for _, c := range a.Couriers {
		switch {
		case c.Then == PullMissing && c.OnMissing == graph.OnMissingStop:
			missing = append(missing, c.Name)
		case c.Then == PullWaits || c.Then == PullUnknown || c.Then == PullRuns || c.Then == PullAsks:
			awaited = append(awaited, c.Name)
		case c.Warnings > 0:
			incomplete = append(incomplete, c.Name)
		}
		for _, f := range c.Files {
			if f.State == FileLands && (c.Then == PullLands || c.Then == PullMissing && c.OnMissing == graph.OnMissingContinue) {
				l.files++
				l.bytes += f.Size
			}
		}
	}
	l.incomplete = strings.Join(incomplete, ", ")
	switch {
	case len(missing) > 0:
		l.state, l.why = StepSkipped, "files of "+strings.Join(missing, ", ")+" are missing"
	case len(awaited) > 0:
		l.state, l.why = StepDepends, "if what is awaited of "+strings.Join(awaited, ", ")+" comes"
	}
	return l
}

// follow says what becomes of a process or an activation.
func (a *AdHoc) follow(s *AdHocStep, in *AdHocInput, l loading) {
	s.State, s.Why = l.state, l.why
	waiting := in.Facts.Step(s.Step)
	s.Files, s.Bytes = waiting.Files+l.files, waiting.Bytes+l.bytes
	step := in.Graph.Step(s.Step)
	if step == nil || s.State == StepSkipped {
		return
	}
	if step.RequireComplete && l.incomplete != "" {
		s.State, s.Why = StepSkipped, "require_complete, and files of "+l.incomplete+" are missing"
		return
	}
	for _, before := range a.Steps {
		first := slices.Contains(step.After, before.Step) || before.Step.Kind() == graph.KindProcess && s.Step.Kind() == graph.KindActivation
		if first && before.State == StepSkipped {
			s.State, s.Why = StepSkipped, string(before.Step)+" does not run"
			return
		}
	}
	if step.RequireComplete && s.State == StepDepends {
		s.Why += ", and nothing is missing (require_complete)"
	}
}

// note says what somebody who asks for such a run might not expect.
func (a *AdHoc) note(in *AdHocInput, cal *window.Calendar) {
	g := cal.Group()
	add := func(format string, args ...any) { a.Notes = append(a.Notes, fmt.Sprintf(format, args...)) }
	if p := in.Facts.Paused; p != nil {
		add("%s is paused since %s by %s. That holds its schedule, and not this run.", g.Addr, p.At.UTC().Format(time.RFC3339), p.By)
	}
	if g.Schedule != "" && !g.Active {
		add("%s is not active. That holds its schedule, and not this run.", g.Addr)
	}
	for _, r := range in.Facts.Open {
		if statusOf(r.State) == window.StatusBlocked && a.Start.State != StartRefused {
			add("%s is blocked. This run neither waits for it nor ends it: `waybill backfill %s` or `waybill advance %[2]s` does.", r.Key, g.Addr.Typed())
		}
	}
	if in.Edited {
		add("The workspace is not what is applied. A run goes by what is applied.")
	}
	a.noteRanges(cal, add)
	for _, c := range a.Couriers {
		if c.Then == PullMissing && c.OnMissing == graph.OnMissingStop && len(a.Couriers) > 1 {
			add("%s fails the run with its first look. Couriers that have not begun to land by then are skipped.", c.Name)
		}
	}
	if in.SLA && g.SLA == 0 {
		add("%s has no sla to hold this run to.", g.Addr)
	}
	if a.nothingNew() && slices.ContainsFunc(a.Steps, func(s AdHocStep) bool { return s.State == StepRuns && s.Step.Kind() != graph.KindBridge }) {
		add("Nothing new lands. The steps run all the same.")
	}
}

// noteRanges explains ranges that scheduled runs do not have.
func (a *AdHoc) noteRanges(cal *window.Calendar, add func(string, ...any)) {
	var future, partly, long, again []string
	for _, c := range a.Couriers {
		if c.Range.Empty() || c.RangeIgnored {
			continue
		}
		switch toCome(&c, a.At) {
		case liesAhead:
			future = append(future, c.Name)
		case endsAhead:
			partly = append(partly, c.Name)
		}
		if cal.TooLong(c.Range) {
			long = append(long, c.Name)
		}
		if !c.Watermark.IsZero() && c.Range.End.After(c.Watermark) {
			again = append(again, c.Name)
		}
	}
	if len(future) > 0 {
		add("The range of %s %s.", strings.Join(future, ", "), liesAhead)
	}
	if len(partly) > 0 {
		add("The range of %s %s.", strings.Join(partly, ", "), endsAhead)
	}
	if len(long) > 0 {
		add("The range of %s is longer than max_range, %s. That blocks scheduled runs, and not this one.",
			strings.Join(long, ", "), graph.Duration(cal.MaxRange()))
	}
	if len(again) > 0 && !a.Reload {
		add("The schedule has yet to read from the watermark of %s on; what lands now does not land again then.", strings.Join(again, ", "))
	}
}

// How a range that is not over yet stands to now.
const (
	liesAhead = "lies in the future"
	endsAhead = "ends in the future"
)

// toCome is how the range of a courier stands to now; empty: it is over.
func toCome(c *AdHocPull, now time.Time) string {
	switch {
	case c.Range.Empty() || c.RangeIgnored || !c.Range.End.After(now):
		return ""
	case c.Range.Start.Before(now):
		return endsAhead
	}
	return liesAhead
}

// ToCome says of the ranges that are not over yet until when files that are not there
// are awaited; nothing where there are none.
func (a *AdHoc) ToCome() (notes []string) {
	names := map[string][]string{}
	for _, c := range a.Couriers {
		text := toCome(&c, a.At)
		if text == "" {
			continue
		}
		text += a.awaited(&c)
		if len(names[text]) == 0 {
			notes = append(notes, text)
		}
		names[text] = append(names[text], c.Name)
	}
	for i, text := range notes {
		notes[i] = fmt.Sprintf("The range of %s %s.", strings.Join(names[text], ", "), text)
	}
	return notes
}

// awaited is until when a courier waits for files that are not there; empty where it
// looks for none.
func (a *AdHoc) awaited(c *AdHocPull) string {
	switch {
	case len(c.Expected) == 0:
		return ""
	case c.Wait == 0:
		return ": files that are not there are not awaited"
	}
	zone, err := time.LoadLocation(a.Timezone)
	if err != nil {
		zone = time.UTC
	}
	at := c.Deadline.In(zone)
	return fmt.Sprintf(": files that are not there are awaited until %s %s, if it starts now", at.Format("2006-01-02 15:04"), ZoneText(at))
}

// nothingNew reports whether every courier is done with its first look, and lands
// nothing.
func (a *AdHoc) nothingNew() bool {
	return len(a.Couriers) > 0 && a.Summary.Land == 0 && !slices.ContainsFunc(a.Couriers, func(c AdHocPull) bool {
		return c.Then != PullLands && c.Then != PullNothing
	})
}
