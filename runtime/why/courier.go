package why

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// courier collects what a courier's task looks for, and what it has seen.
func (i *inquest) courier(s *scene.Scene, t store.Task) (Courier, error) {
	c := s.Courier(t)
	all := Courier{
		Courier: t.Name, State: t.State, Message: t.Message, Range: window.Range{Start: t.RangeStart, End: t.RangeEnd},
		Zone: s.Calendar.RangeZone().Name(), Source: c.Source(), Patterns: []string{}, Expected: []string{},
		Deadline: t.Deadline, OnMissing: flow.OnMissing(s.Group, t),
	}
	if o := s.Group.Member(t.Name).Offset; !o.IsZero() && appliesOffsets(s) {
		all.Offset = o.String()
	}
	if c.Filedrop != nil {
		all.Source = c.Filedrop.URL.String()
	}
	for _, f := range c.Files {
		all.Patterns = append(all.Patterns, f.Pattern)
	}
	want, err := s.Want(t)
	if err != nil {
		return all, err
	}
	all.Expected = append(all.Expected, want.Names()...)
	poll, found := s.Polls[t.Name]
	if !found {
		all.NextLook = t.NextAt
		return all, nil
	}
	all.Looks = poll.Looks
	if t.Open() {
		all.NextLook = poll.NextAt
	}
	var last scene.Look
	if err := store.Parse(poll.Last, &last); err != nil {
		return all, err
	}
	if !last.At.IsZero() || last.Error != "" {
		all.Look = &last
	}
	return all, nil
}

// duePause is how long a look may be due before it counts as waiting for room.
const duePause = time.Second

// appliesOffsets reports whether couriers' offsets are part of what the run reads:
// not where somebody has named the dates, unless they asked for it.
func appliesOffsets(s *scene.Scene) bool {
	asked := s.Request.AdHoc
	return s.Run.Kind != store.KindAdHoc || !asked.Tick.IsZero() || asked.ApplyOffsets
}

// courierWaits explains a courier that looks for files.
func (i *inquest) courierWaits(s *scene.Scene, t store.Task) (reason, error) {
	c, err := i.courier(s, t)
	if err != nil {
		return reason{}, err
	}
	r := reason{rank: 1}
	r.cause, r.text = seen(c, t)
	if r.cause == CauseWorking {
		r.rank = 4
		if bounds := limits(s, t); bounds != "" && i.now.Sub(c.NextLook) > duePause {
			r.rank, r.cause, r.text = 3, CauseRoom, fmt.Sprintf("%s is due to look and waits for room: %s", t.Name, bounds)
		}
		return r, nil
	}
	key := typed(s.Run.Key)
	if r.cause == CauseSource {
		r.because = append(r.because, fmt.Sprintf("attempt %d of %d comes at %s; when the last has failed, %s fails", t.Attempt, attempts(s, t), i.clock(s.Group, c.NextLook), t.Name))
	}
	switch then := "the run then fails"; {
	case r.cause == CauseSource:
	case !t.Deadline.After(i.now):
		r.because = append(r.because, fmt.Sprintf("the deadline of %s, %s, has passed: one more look decides", t.Name, i.clock(s.Group, t.Deadline)))
	default:
		if c.OnMissing == graph.OnMissingContinue {
			then = "the run then goes on without it"
		}
		r.because = append(r.because, fmt.Sprintf("%s waits until %s, in %s; %s (on_missing = %q)",
			t.Name, i.clock(s.Group, t.Deadline), length(t.Deadline.Sub(i.now)), then, c.OnMissing))
	}
	skip := fmt.Sprintf("waybill skip %s %s --reason …", key, graph.Typed(t.Name))
	r.commands = goOn(s, fmt.Sprintf("waybill ignore-missing %s %s", key, graph.Typed(t.Name)), skip, " now")
	if r.cause == CauseSource { // what cannot be read is not missing
		r.commands = r.commands[1:]
	}
	return r, nil
}

// seen says what a courier waits for, by what its last look saw.
func seen(c Courier, t store.Task) (cause, text string) {
	if t.Fault == store.FaultSource || t.Fault == store.FaultMisconfigured || t.Fault == store.FaultTimeout {
		return CauseSource, fmt.Sprintf("the source of %s cannot be read: %s", t.Name, t.Message)
	}
	if t.Fault == store.FaultNotReady && c.Look == nil { // a program
		return CauseAbsent, t.Name + ": " + t.Message
	}
	if c.Look == nil {
		return CauseWorking, t.Name + " is about to look"
	}
	required := slices.DeleteFunc(slices.Clone(c.Look.Missing), func(m window.Missing) bool { return m.Optional })
	of := func(why string) (names []string) {
		for _, m := range required {
			if m.Why == why {
				names = append(names, m.Name)
			}
		}
		return names
	}
	absent, changing, unmarked := of(window.Absent), of(window.StillChanging), of(window.NoMarker)
	switch {
	case len(absent) > 0 && slices.ContainsFunc(c.Look.Passed, func(p window.Passed) bool { return p.Why == window.OutOfRange }):
		return CauseOtherDates, fmt.Sprintf("%s waits for %s; what is there has other dates", t.Name, words.Few(absent))
	case len(absent) > 0:
		return CauseAbsent, fmt.Sprintf("%s waits for %s, which %s not there", t.Name, words.Few(absent), words.Is(len(absent)))
	case len(changing) > 0:
		return CauseChanging, fmt.Sprintf("%s waits for %s, which %s still changing", t.Name, words.Few(changing), words.Is(len(changing)))
	case len(unmarked) > 0:
		return CauseNoMarker, fmt.Sprintf("%s waits for the done marker of %s", t.Name, words.Few(unmarked))
	case len(required) > 0:
		return CauseAbsent, fmt.Sprintf("%s waits for %s", t.Name, words.Few(words.Missing(required)))
	case c.Look.Error != "":
		return CauseChanging, fmt.Sprintf("%s: %s", t.Name, c.Look.Error)
	}
	return CauseWorking, t.Name + " looks again"
}
