package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// clockChanges reports the changes of the clock that a group of fixed times runs
// into, each code once. A gap or fold that is written answers the warnings that
// it decides.
func clockChanges(s *survey, c *window.Calendar) diag.List {
	g := c.Group()
	byCode := map[diag.Code][]cron.Hazard{}
	for h := range c.Schedule().Hazards(s.in.At, s.until) {
		code := diag.Code(h.Code)
		if !answered(g, code) {
			byCode[code] = append(byCode[code], h)
		}
	}
	var list diag.List
	for code, found := range byCode {
		list = append(list, s.report(code, g, "schedule", hazardSummary(code, found[0]), "%s", hazardDetail(c, code, found)))
	}
	return list
}

// answered reports whether the group states what a code asks for. No policy
// answers a lost date: stating "skip" is what loses it.
func answered(g *graph.Group, code diag.Code) bool {
	switch code {
	case diag.DSTGap, diag.DSTMidnightGap, diag.DSTNextDate:
		return g.DST.Stated.Gap
	case diag.DSTFold:
		return g.DST.Stated.Fold
	}
	return false
}

func hazardSummary(code diag.Code, h cron.Hazard) string {
	clock, date := h.Nominal.Clock(), h.Nominal.Date()
	switch code {
	case diag.DSTFold:
		return fmt.Sprintf("%s occurs twice on %s", clock, date)
	case diag.DSTNextDate:
		return fmt.Sprintf("The run of %s on %s moves to the next date", clock, date)
	case diag.DSTLostRun:
		return fmt.Sprintf("The run of %s on %s is lost", clock, date)
	case diag.DSTMissingDate:
		return fmt.Sprintf("%s is left out by the calendar", date)
	default:
		return fmt.Sprintf("%s does not exist on %s", clock, date)
	}
}

// hazardDetail names the dates, what happens on each, and what to write.
func hazardDetail(c *window.Calendar, code diag.Code, found []cron.Hazard) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The schedule of %s in %s meets %s of the clock:\n\n", c.Group().Addr, c.Zone().Name(), oneOr(len(found), "a change", "changes"))
	for _, h := range found[:min(len(found), shown)] {
		fmt.Fprintf(&b, "- %s\n", happening(c, h))
	}
	if more := len(found) - shown; more > 0 {
		fmt.Fprintf(&b, "- and %d more up to %s\n", more, found[len(found)-1].Nominal.Date())
	}
	b.WriteString("\n" + remedy(c, code, found[0]))
	return b.String()
}

// happening says in one line what becomes of the times that one change touches.
func happening(c *window.Calendar, h cron.Hazard) string {
	times := h.Nominal.Clock()
	if h.Affected > 1 {
		times += fmt.Sprintf(" and %s", graph.Count(h.Affected-1, "later time"))
	}
	date := h.Nominal.Date()
	if from, to, fold := h.Transition.Fold(); fold {
		return fmt.Sprintf("%s: %s %s twice, clocks go back from %s to %s; %s",
			date, times, oneOr(h.Affected, "occurs", "occur"), to.Clock(), from.Clock(), fires(c, h))
	}
	from, to, _ := h.Transition.Gap()
	if h.Transition.Length() > cron.LongGap*time.Second {
		return fmt.Sprintf("%s: %s %s not exist, the calendar goes from %s to %s; %s", date, times, oneOr(h.Affected, "does", "do"), from, to, fires(c, h))
	}
	return fmt.Sprintf("%s: %s %s not exist, clocks go from %s to %s; %s",
		date, times, oneOr(h.Affected, "does", "do"), from.Clock(), to.Clock(), fires(c, h))
}

// fires says when the first of the times runs.
func fires(c *window.Calendar, h cron.Hazard) string {
	if len(h.Fires) == 0 {
		return "no run"
	}
	var at []string
	for _, f := range h.Fires {
		at = append(at, moment(f.Instant, c.Zone(), h.Nominal.Date()))
	}
	return "runs at " + strings.Join(at, " and again at ")
}

// remedy says which policy is at work and what to write to state or change it.
func remedy(c *window.Calendar, code diag.Code, h cron.Hazard) string {
	policy := c.Schedule().Policy()
	from, to, fold := h.Transition.Fold()
	if !fold {
		from, to, _ = h.Transition.Gap()
	}
	elsewhere := fmt.Sprintf("a time that is not between %s and %s", from.Clock(), to.Clock())
	switch code {
	case diag.DSTLostRun:
		return "That is gap = \"skip\". To run when the gap ends, write\n\n" + dstBlock("gap", string(cron.NextValid)) +
			"\n\nin the group, or choose " + elsewhere + "."
	case diag.DSTMissingDate:
		return "So long a gap is no daylight saving; what it swallows is skipped under every policy, and the next run reads the whole range. " +
			"Nothing needs to be written."
	case diag.DSTFold:
		return stating("fold", string(policy.Fold), elsewhere, string(cron.First), string(cron.Second), string(cron.Both))
	default:
		return stating("gap", string(policy.Gap), elsewhere, string(cron.NextValid), string(cron.Shift), string(cron.SkipGap))
	}
}

// stating says which word of a policy is at work, how to state it, and what else
// there is to write. The first of all is the default.
func stating(attribute, word, elsewhere string, all ...string) string {
	others := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return w == word })
	isDefault := ""
	if word == all[0] {
		isDefault = ", the default"
	}
	return fmt.Sprintf("That is %s = %q%s. If it is meant, state it in the group:\n\n%s\n\nIf not, write %q or %q there, or choose %s.",
		attribute, word, isDefault, dstBlock(attribute, word), others[0], others[1], elsewhere)
}

// oddShift reports times of a group that fall into a change of the clock by
// another length than an hour.
func oddShift(s *survey, c *window.Calendar) diag.List {
	var lines []string
	var first cron.Transition
	for _, t := range s.transitions(c.Zone()) {
		_, n := c.Schedule().Touched(t)
		if n == 0 || t.Length() == time.Hour || t.Length() > cron.LongGap*time.Second {
			continue
		}
		if lines == nil {
			first = t
		}
		if from, to, fold := t.Fold(); fold {
			lines = append(lines, fmt.Sprintf("%s: the clocks go back from %s to %s, so that %s are repeated", from.Date(), to.Clock(), from.Clock(), length(t.Length())))
		} else {
			from, to, _ := t.Gap()
			lines = append(lines, fmt.Sprintf("%s: the clocks go from %s to %s, so that %s are left out", from.Date(), from.Clock(), to.Clock(), length(t.Length())))
		}
	}
	if lines == nil {
		return nil
	}
	return diag.List{s.report(diag.DSTOddShift, c.Group(), "schedule", "The clocks of "+c.Zone().Name()+" move by "+length(first.Length()),
		"%s has times that a change of the clock in %s touches, and that change is not one of an hour:\n\n%s\n"+
			"Waybill reckons with it. A script or a monitor that takes an hour for granted does not.", c.Group().Addr, c.Zone().Name(), bullets(lines))}
}
