package plan

import (
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// HazardHorizon is how far ahead a plan looks for what its groups run into: more
// than a year, so that each kind of change of the clock is met.
const HazardHorizon = 400 * 24 * time.Hour

// check looks for the hazards of one family: in each group that ticks by itself,
// or in all of them at once.
type check struct {
	codes []diag.Code
	one   func(*survey, *window.Calendar) diag.List
	all   func(*survey) diag.List
}

// checks is every hazard that a plan looks for. A check says nothing of a code
// that the group accepts, or that a stated policy answers.
var checks = []check{
	{codes: []diag.Code{diag.CronRare, diag.CronNoRun}, one: nextRun},
	{codes: []diag.Code{diag.DSTGap, diag.DSTFold, diag.DSTMidnightGap, diag.DSTNextDate, diag.DSTLostRun, diag.DSTMissingDate}, one: clockChanges},
	{codes: []diag.Code{diag.DSTCadence, diag.DSTHourStep}, one: cadence},
	{codes: []diag.Code{diag.DSTUnevenDay}, all: unevenDays},
	{codes: []diag.Code{diag.DSTOrderInversion, diag.DSTFoldOrder, diag.LoadBurst}, all: order},
	{codes: []diag.Code{diag.DSTZoneSkew, diag.DSTPartner}, one: partners},
	{codes: []diag.Code{diag.DSTOddShift}, one: oddShift},
	{codes: []diag.Code{diag.DSTDuringRun}, one: duringRun},
	{codes: []diag.Code{diag.OffsetInHours}, one: elapsedDays},
	{codes: []diag.Code{diag.FileDatesUnstated}, one: eveningDates},
	{codes: []diag.Code{diag.WindowDense, diag.WindowSpans}, one: fileCounts},
	{codes: []diag.Code{diag.WindowHole, diag.WindowAge, diag.WindowRepeatedHour, diag.WindowBlocked}, one: uncovered},
	{codes: []diag.Code{diag.ZoneDataChanged}, all: movedZones},
	{codes: []diag.Code{diag.ZoneVolatile, diag.ZonePredicted}, all: restlessZones},
	{codes: []diag.Code{diag.LoadDense, diag.LoadShortGap}, one: crowded},
	{codes: []diag.Code{diag.LoadHerd}, all: herds},
	{codes: []diag.Code{diag.LoadFrequent}, one: frequent},
	{codes: []diag.Code{diag.LoadDuplicate}, all: duplicates},
}

// survey is what the hazards of one plan are looked for in: the groups that tick
// by themselves, from the plan's now over the horizon.
type survey struct {
	*world
	until   time.Time
	ticking []*window.Calendar // by address
	changes map[*cron.Zone][]cron.Transition

	instants []int64 // room to list the ticks of a group in
}

func newSurvey(w *world) *survey {
	s := &survey{world: w, until: w.in.At.Add(HazardHorizon), changes: map[*cron.Zone][]cron.Transition{}}
	for i := range w.in.Graph.Groups {
		c := w.calendars[w.in.Graph.Groups[i].Addr]
		if c != nil && c.Schedule() != nil && c.Group().Active {
			s.ticking = append(s.ticking, c)
		}
	}
	return s
}

// hazards reports what the groups of a plan run into, in no order.
func hazards(w *world) diag.List {
	s := newSurvey(w)
	var list diag.List
	for _, c := range checks {
		if c.all != nil {
			list = append(list, c.all(s)...)
			continue
		}
		for _, calendar := range s.ticking {
			if slices.ContainsFunc(c.codes, func(code diag.Code) bool { return !accepts(calendar.Group(), code) }) {
				list = append(list, c.one(s, calendar)...)
			}
		}
	}
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		g := w.in.Graph.Group(graph.Addr(d.Address))
		return g != nil && accepts(g, d.Code)
	})
}

func accepts(g *graph.Group, code diag.Code) bool { return slices.Contains(g.Accept, string(code)) }

// listening is the groups that want to hear of a code.
func (s *survey) listening(code diag.Code) []*window.Calendar {
	return slices.DeleteFunc(slices.Clone(s.ticking), func(c *window.Calendar) bool { return accepts(c.Group(), code) })
}

// transitions is the changes of a zone's clocks within the horizon.
func (s *survey) transitions(z *cron.Zone) []cron.Transition {
	list, ok := s.changes[z]
	if !ok {
		list = z.Transitions(s.in.At, s.until)
		s.changes[z] = list
	}
	return list
}

// report is a diagnostic about a group, at one of its attributes.
func (s *survey) report(code diag.Code, g *graph.Group, attribute, summary, format string, args ...any) diag.Diagnostic {
	d := code.New(s.in.Graph.Place(g.Addr, attribute), summary, format, args...)
	d.Address = string(g.Addr)
	return d
}

// relate adds where other groups have their schedule.
func (s *survey) relate(d *diag.Diagnostic, others ...graph.Addr) {
	for _, a := range others {
		if at := s.in.Graph.Place(a, "schedule"); at != nil {
			d.Related = append(d.Related, diag.Related{Message: string(a), Range: *at})
		}
	}
}

// zoneKey is the same for all names of a zone.
func zoneKey(z *cron.Zone) string {
	if alias := z.Alias(); alias != "" {
		return alias
	}
	return z.Name()
}
