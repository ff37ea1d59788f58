package view

import (
	"fmt"
	"time"
)

// header says what the plan is compared with.
func (t *text) header() {
	p := t.plan
	s := "Plan at " + stamp(p.At)
	if p.AtStated {
		s += " (--at)"
	}
	switch {
	case p.Offline:
		s += ", offline: compared with nothing"
	case p.Base.Serial == 0:
		s += ", nothing applied yet"
	default:
		s += fmt.Sprintf(", against serial %d, applied by %s at %s", p.Base.Serial, p.Base.AppliedBy, stamp(p.Base.AppliedAt))
	}
	t.wrapped(dim, 0, s)
	t.line()
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }
