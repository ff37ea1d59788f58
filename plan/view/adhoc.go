package view

import (
	_ "embed" // the JSON Schema
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
)

// AdHoc prints what a run that somebody asks for would do. The error is that of w.
func AdHoc(w io.Writer, a *plan.AdHoc, o Options) error {
	v := &adhoc{text: newText(w, o), AdHoc: a, zone: location(a.Timezone), dates: location(a.FileDates)}
	v.data()
	v.start()
	for i := range a.Couriers {
		v.line()
		v.courier(&a.Couriers[i])
	}
	v.steps()
	v.line()
	v.wrapped(bold, 0, v.total())
	v.wrapped(plain, 0, "It moves no watermark.")
	for _, n := range a.Notes {
		v.wrapped(yellow, 0, n)
	}
	return v.out.Flush()
}

// AdHocBrief prints in a few lines what a run is about to read: the data, the
// range of each courier and what was found there. The error is that of w.
func AdHocBrief(w io.Writer, a *plan.AdHoc, o Options) error {
	v := &adhoc{text: newText(w, o), AdHoc: a, zone: location(a.Timezone), dates: location(a.FileDates)}
	v.data()
	name := 0
	for _, c := range a.Couriers {
		name = max(name, min(columns(c.Name), widestName))
	}
	for _, c := range a.Couriers {
		v.line("  ", fill(shorten(c.Name, name), name+gutter), v.rangeOf(&c))
		if c.NotLooked == "" {
			v.wrapped(dim, 4, v.sentence(&c))
		}
	}
	return v.out.Flush()
}

//go:embed plan-run.schema.json
var adHocSchema []byte

// AdHocJSONSchema returns the JSON Schema (draft 2020-12) of what AdHocJSON prints.
func AdHocJSONSchema() []byte { return slices.Clone(adHocSchema) }

// AdHocJSON prints the plan of a run as one indented document.
func AdHocJSON(w io.Writer, a *plan.AdHoc) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(a); err != nil {
		return fmt.Errorf("write the plan of a run as JSON: %w", err)
	}
	return nil
}

// adhoc is the plan of a run, being printed.
type adhoc struct {
	*text
	*plan.AdHoc
	zone, dates *time.Location // of the schedule, of ranges
}

const (
	minute = "2006-01-02 15:04"
	second = "2006-01-02 15:04:05"
)

// data says which data was asked for, and what of offsets.
func (v *adhoc) data() {
	v.wrapped(bold, 0, fmt.Sprintf("%s reads %s.", v.Group, v.dataText()))
	switch {
	case v.Data.Form == plan.DataTick:
		v.wrapped(dim, 0, "The couriers' offsets are applied.")
	case v.Data.Form == plan.DataAll || v.Data.Form == plan.DataUndated:
	case v.Data.OffsetsApplied:
		v.wrapped(dim, 0, "The couriers' offsets are applied, as you asked.")
	default:
		v.wrapped(dim, 0, "The couriers' offsets are not applied to dates you name (--apply-offsets does).")
	}
}

func (v *adhoc) dataText() string {
	switch d := v.Data; d.Form {
	case plan.DataAll:
		return "everything there is"
	case plan.DataUndated:
		return "what its couriers have, whatever the date"
	case plan.DataTick:
		return "what its scheduled run of " + zoned(d.Tick.In(v.zone), minute) + " reads"
	case plan.DataDay:
		return fmt.Sprintf("the day %s in %s", d.Day, v.FileDates)
	default:
		return fmt.Sprintf("from %s to %s", zoned(d.Range.Start.In(v.dates), minute), zoned(d.Range.End.In(v.dates), minute))
	}
}

// start says when the run would begin, and who carries it out.
func (v *adhoc) start() {
	who := "this command carries it out, since nobody serves"
	if v.Start.Served {
		who = "the process that serves carries it out"
	}
	var ahead []string
	for _, r := range v.Start.Ahead {
		ahead = append(ahead, fmt.Sprintf("%s (%s)", graph.ShortRun(r.Key), strings.ReplaceAll(r.State, "_", " ")))
	}
	switch v.Start.State {
	case plan.StartsNow:
		v.wrapped(plain, 0, "It starts at once; "+who+".")
	case plan.StartsQueued:
		v.wrapped(yellow, 0, fmt.Sprintf("It starts after %s; %s.", strings.Join(ahead, ", "), who))
	default:
		v.wrapped(red, 0, fmt.Sprintf("It would be refused: nobody serves, so that %s never ends. `waybill serve` goes on with it, `waybill stop %s` ends it.",
			strings.Join(ahead, ", "), graph.Typed(graph.ShortRun(v.Start.Ahead[0].Key))))
	}
}

// rangeOf is what a courier reads, by the clocks of its dates and in UTC.
func (v *adhoc) rangeOf(c *plan.AdHocPull) string {
	switch {
	case c.RangeIgnored:
		return "everything: it ignores ranges"
	case c.Everything:
		return "everything"
	case c.Range.Empty():
		return "nothing: its range is empty"
	}
	s := span(c.Range, v.dates)
	if v.dates.String() != time.UTC.String() {
		s += "   " + v.paint(dim, span(c.Range, time.UTC))
	}
	return s
}

// span writes a range with the zone at both ends where it differs.
func span(r window.Range, loc *time.Location) string {
	start, end := r.Start.In(loc), r.End.In(loc)
	from := zoned(start, minute)
	if plan.ZoneText(start) == plan.ZoneText(end) {
		from = start.Format(minute)
	}
	return from + " → " + zoned(end, minute)
}

// courier prints what one courier would do.
func (v *adhoc) courier(c *plan.AdHocPull) {
	reads := v.rangeOf(c)
	if columns(c.Name)+gutter+columnsOfPainted(reads)+2 > v.width {
		v.line("  ", v.paint(bold, shorten(c.Name, v.width-2)))
		for part := range strings.SplitSeq(reads, "   ") {
			v.line(pad(4), part)
		}
	} else {
		v.line("  ", v.paint(bold, c.Name), pad(gutter), reads)
	}
	v.files(c)
	v.wrapped(plain, 4, v.sentence(c))
}

// columnsOfPainted is columns, without what paint has added.
func columnsOfPainted(s string) int {
	for _, st := range []style{bold, dim, red, green, yellow, reset} {
		s = strings.ReplaceAll(s, string(st), "")
	}
	return columns(s)
}

// total counts the files of all couriers.
func (v *adhoc) total() string {
	s := v.Summary
	parts := []string{fmt.Sprintf("%s to land, %s", files(s.Land), graph.Bytes(s.LandBytes))}
	if s.Landed > 0 {
		parts = append(parts, fmt.Sprintf("%d landed already, %s", s.Landed, graph.Bytes(s.LandedBytes)))
	}
	if s.NotReady > 0 {
		parts = append(parts, fmt.Sprintf("%d not ready", s.NotReady))
	}
	if s.Missing > 0 {
		parts = append(parts, fmt.Sprintf("%d missing", s.Missing))
	}
	if s.NotLooked > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d couriers not looked at", s.NotLooked, len(v.Couriers)))
	}
	return strings.Join(parts, "; ") + "."
}

func files(n int) string {
	if n == 1 {
		return "1 file"
	}
	return plan.Number(n) + " files"
}
