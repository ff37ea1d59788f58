package view

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// Headline is what the changes do to runs and to data in one sentence: "2 runs
// vanish and 1 hour of orders would be read twice." It is empty where nothing is
// applied, or nothing changes.
func Headline(p *plan.Plan) string {
	if p.Base.Serial == 0 || len(p.Changes) == 0 {
		return ""
	}
	var runs plan.RunCounts
	atLeast := ""
	var twice, never affected
	for i := range p.Consequences {
		q := &p.Consequences[i]
		runs.Vanish += q.Runs.Vanish
		runs.Appear += q.Runs.Appear
		runs.Move += q.Runs.Move
		if q.Capped {
			atLeast = "At least "
		}
		twice.add(q.Group, q.Twice)
		never.add(q.Group, q.Never)
	}
	var parts []string
	for _, x := range []struct {
		n         int
		one, many string
	}{{runs.Vanish, "vanishes", "vanish"}, {runs.Appear, "appears", "appear"}, {runs.Move, "moves", "move"}} {
		if x.n > 0 {
			parts = append(parts, verb(x.n, "run", x.one, x.many))
		}
	}
	parts = append(parts, twice.text("would be read twice")...)
	parts = append(parts, never.text("would never be read")...)
	switch n := len(parts); n {
	case 0:
		return "No run vanishes, appears or moves, and no data is read twice or never."
	case 1:
		return atLeast + parts[0] + "."
	default:
		return atLeast + strings.Join(parts[:n-1], ", ") + " and " + parts[n-1] + "."
	}
}

// affected is the data that changes read twice, or never.
type affected struct {
	readers map[string]bool // by group and name
	first   *plan.Handover
	n       int
}

func (a *affected) add(group graph.Addr, list []plan.Handover) {
	for i := range list {
		h := &list[i]
		if h.LandedOnce {
			continue
		}
		if a.n++; a.first == nil {
			a.first, a.readers = h, map[string]bool{}
		}
		a.readers[string(group)+"\n"+h.Name] = true
	}
}

func (a *affected) text(happens string) []string {
	switch {
	case a.n == 0:
		return nil
	case a.n == 1:
		return []string{fmt.Sprintf("%s of %s %s", amount(a.first.Range.Length()), a.first.Name, happens)}
	default:
		return []string{fmt.Sprintf("data of %s %s", counted(len(a.readers), "courier"), happens)}
	}
}

// pausedText names the groups that stay paused, and is empty where none is.
func pausedText(p *plan.Plan) string {
	const named = 5
	var names []string
	n := 0
	for i := range p.Groups {
		if p.Groups[i].State != plan.Paused {
			continue
		}
		if n++; n <= named {
			names = append(names, string(p.Groups[i].Group))
		}
	}
	if n == 0 {
		return ""
	}
	return "Paused, which applying does not lift: " + strings.Join(andMore(names, n), ", ") + "."
}

// placeOf is where a problem is: the file, from the root of the repository, and
// the line, else the block.
func placeOf(d *diag.Diagnostic, dir string) string {
	if d.Range == nil {
		return d.Address
	}
	return fmt.Sprintf("%s:%d", path.Join(dir, d.Range.Filename), d.Range.Start.Line)
}

// amount is a length of data.
func amount(d time.Duration) string {
	if d == time.Hour {
		return "1 hour"
	}
	return amountOf(d)
}
