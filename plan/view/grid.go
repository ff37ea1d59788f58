package view

import (
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
)

// grid is the columns in which the couriers of a group stand: name, range,
// deadline, files. It is the same for all runs of the group, so that the eye can
// go down a column.
type grid struct {
	lane                   *lane
	graph                  *graph.Graph
	name, ranges, deadline int  // widths
	files                  int  // where the files begin
	below                  bool // there is no room beside: files go on lines of their own
}

// margins of a grid: before the name, and between columns.
const (
	margin = 4
	gutter = 2
	// widestName is where names of couriers are cut.
	widestName = 28
	// fewest columns for files to stand beside the rest.
	fewestForFiles = 16
)

func newGrid(t *text, l *lane) *grid {
	g := &grid{lane: l, graph: t.plan.Graph}
	longest := 0
	for _, r := range l.runs {
		// Couriers of a run mostly have one range and one deadline.
		var measured window.Range
		var until time.Time
		for i := range r.Couriers {
			c := &r.Couriers[i]
			g.name = max(g.name, min(columns(c.Name), widestName))
			switch {
			case c.RangeIgnored:
				g.ranges = max(g.ranges, columns(g.rangeOf(r, c)))
			case c.Range != measured:
				g.ranges, measured = max(g.ranges, columns(g.rangeOf(r, c))), c.Range
			}
			if c.Deadline != until && !g.alwaysReady(c) {
				g.deadline, until = max(g.deadline, columns(g.deadlineOf(r, c))), c.Deadline
			}
			for _, f := range c.FileDetails {
				longest = max(longest, columns(fileText(f)))
			}
		}
	}
	g.name = min(g.name, t.width-(margin+gutter+g.ranges+gutter+g.deadline))
	g.files = margin + g.name + gutter + g.ranges + gutter + g.deadline + gutter
	if t.width-g.files < max(longest, fewestForFiles) {
		g.below = true
		g.files = margin + gutter + gutter
	}
	return g
}

func (g *grid) rangeOf(r *plan.Run, c *plan.Courier) string {
	if c.RangeIgnored {
		return "full load, range ignored"
	}
	return rangeText(c.Range, g.lane.dates, r.ScheduledAt.In(g.lane.zone).Year())
}

func (g *grid) deadlineOf(r *plan.Run, c *plan.Courier) string {
	if g.alwaysReady(c) {
		return ""
	}
	return deadlineText(c.Deadline, r.ScheduledAt.In(g.lane.zone))
}

// alwaysReady reports whether there is nothing to wait for: the source answers.
func (g *grid) alwaysReady(c *plan.Courier) bool {
	source := g.source(c)
	return source == "rest_api" || source == "warehouse"
}

func (g *grid) source(c *plan.Courier) string {
	if g.graph == nil {
		return ""
	}
	if courier := g.graph.Courier(c.Courier); courier != nil {
		return courier.Source()
	}
	return ""
}

// withoutFiles stands where a courier has no names to look for.
func (g *grid) withoutFiles(c *plan.Courier) string {
	if source := g.source(c); source != "filedrop" {
		return source
	}
	return "no file expected"
}

// courier prints what one courier does in a run.
func (g *grid) courier(t *text, r *plan.Run, c *plan.Courier) {
	files := fileLines(c.FileDetails)
	if len(files) == 0 {
		files = []string{g.withoutFiles(c)}
	}
	row := pad(margin) + fill(shorten(c.Name, g.name), g.name+gutter) +
		fill(g.rangeOf(r, c), g.ranges+gutter) + fill(g.deadlineOf(r, c), g.deadline+gutter)
	if g.below {
		t.line(row)
		row = ""
	}
	for _, f := range files {
		t.line(fill(row, g.files), shorten(f, t.width-g.files))
		row = ""
	}
	if c.Dropped != nil {
		t.wrapped(red, margin+gutter+gutter, fmt.Sprintf("drops %s for good", rangeText(*c.Dropped, g.lane.dates, r.ScheduledAt.In(g.lane.zone).Year())))
	}
}

// filesShown is how many names of one file block are listed before the middle of
// them is left out.
const filesShown = 3

// fileLines is the names a courier expects, one a line, by file block.
func fileLines(details []plan.FileDetail) []string {
	var blocks []string
	names := map[string][]string{}
	for _, d := range details {
		if d.Unexpected {
			continue
		}
		if names[d.File] == nil {
			blocks = append(blocks, d.File)
		}
		names[d.File] = append(names[d.File], fileText(d))
	}
	var lines []string
	for _, b := range blocks {
		list := names[b]
		if n := len(list); n > filesShown {
			list = []string{list[0], fmt.Sprintf("… %d more …", n-2), list[n-1]}
		}
		lines = append(lines, list...)
	}
	return lines
}

func fileText(d plan.FileDetail) string {
	switch {
	case d.ByArrival:
		return d.Name + "  by arrival"
	case d.Optional:
		return d.Name + "  optional"
	case d.Any:
		return d.Name + "  any"
	default:
		return d.Name
	}
}
