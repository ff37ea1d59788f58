package view

import (
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/plan"
)

// header says what the plan is compared with.
func (t *text) header() {
	t.wrapped(dim, 0, comparedWith(t.plan))
	t.line()
}

// comparedWith says when the plan was made and what it is compared with.
func comparedWith(p *plan.Plan) string {
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
	return s
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }
