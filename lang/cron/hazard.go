package cron

import (
	"iter"
	"time"
)

// Hazard is a change of the clock that a fixed-time schedule runs into.
type Hazard struct {
	// Code is the most telling of:
	//
	//	WB301  nominal times do not exist that day
	//	WB302  nominal times occur twice
	//	WB303  as WB301, and one of them is midnight: the date begins late
	//	WB304  as WB301, and the run moves to the next date
	//	WB305  as WB301, the policy skips, and the date, which the expression
	//	       picks out among others, has no other run: it is lost whole
	//	WB316  the gap is longer than [LongGap], so nominal times are skipped
	//	       under any policy
	Code string
	// Transition is the change.
	Transition Transition
	// Nominal is the first nominal time affected, Affected how many there are.
	Nominal  Wall
	Affected int
	// Fires is what becomes of Nominal under the policy: no firing, one or two. A run
	// that an ordinary one at the same instant absorbs is that ordinary firing.
	Fires []Firing
}

// Hazards is the hazards at the transitions in (from, to], in order, at most one
// for each. A schedule of the interval class has none.
func (s *Schedule) Hazards(from, to time.Time) iter.Seq[Hazard] {
	return func(yield func(Hazard) bool) {
		if !s.fixed {
			return
		}
		for _, t := range s.zone.Transitions(from, to) {
			if h, ok := s.hazard(t); ok && !yield(h) {
				return
			}
		}
	}
}

func (s *Schedule) hazard(t Transition) (h Hazard, ok bool) {
	lo, hi, gap := t.Gap()
	if !gap {
		lo, hi, _ = t.Fold()
	}
	nominal := Wall(s.expr.next(int64(lo)))
	if nominal >= hi {
		return Hazard{}, false
	}
	h = Hazard{
		Code:       "WB302",
		Transition: t,
		Nominal:    nominal,
		Affected:   s.expr.count(ceilMinute(int64(lo)), ceilMinute(int64(hi))),
	}
	if gap {
		h.Fires = s.afterGap(t, nominal)
		h.Code = s.gapCode(&h)
	} else {
		h.Fires = s.inFold(t, nominal)
	}
	return h, true
}

// afterGap is the firing that a swallowed nominal time leads to, if any.
func (s *Schedule) afterGap(t Transition, nominal Wall) []Firing {
	if s.policy.Gap == SkipGap || t.After-t.Before > LongGap {
		return nil
	}
	at := t.At.Unix()
	if s.policy.Gap == Shift {
		at = int64(nominal) - int64(t.Before)
	}
	if shown := Wall(at + int64(t.After)); s.expr.Matches(shown) {
		return []Firing{firingAt(at, shown, Normal)}
	}
	return []Firing{firingAt(at, nominal, GapMoved)}
}

// inFold is the firings of a nominal time that occurs twice.
func (s *Schedule) inFold(t Transition, nominal Wall) []Firing {
	first := firingAt(int64(nominal)-int64(t.Before), nominal, OverlapFirst)
	second := firingAt(int64(nominal)-int64(t.After), nominal, OverlapSecond)
	switch s.policy.Fold {
	case First:
		return []Firing{first}
	case Second:
		return []Firing{second}
	}
	return []Firing{first, second}
}

func (s *Schedule) gapCode(h *Hazard) string {
	lo, hi, _ := h.Transition.Gap()
	midnight := lo.AddDays(1).Add(-time.Second).Midnight()
	switch {
	case h.Transition.After-h.Transition.Before > LongGap:
		return "WB316"
	case len(h.Fires) == 0 && !s.expr.everyDate && s.dateIsLost(h.Nominal, hi):
		return "WB305"
	case midnight < hi && s.expr.Matches(midnight):
		return "WB303"
	case len(h.Fires) > 0 && s.zone.Wall(h.Fires[0].Instant).Midnight() > h.Nominal.Midnight():
		return "WB304"
	}
	return "WB301"
}

// dateIsLost reports whether the date of nominal, the first time a gap swallows,
// has no time before it or from hi on.
func (s *Schedule) dateIsLost(nominal, hi Wall) bool {
	midnight := nominal.Midnight()
	return s.expr.prev(int64(nominal)-1) < int64(midnight) &&
		s.expr.next(int64(hi)) >= int64(midnight.AddDays(1))
}
