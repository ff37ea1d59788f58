package main

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fatih/color"

	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// The marks of a gantt, by what a task does.
var ganttMarks = []string{stretchWaits: "·", stretchWorks: "█", stretchRests: "╌"}

// fewestColumns is how many columns of time a gantt has at least.
const fewestColumns = 20

// gantt draws what the tasks of a run did over its time, one line for each, in so
// many columns; empty where nothing took any time.
func (p *program) gantt(d store.Detail, width int) string {
	all := stretches(d, p.now())
	var from, to time.Time
	names := 0
	tasks := inOrder(d.Tasks)
	for _, t := range tasks {
		names = max(names, utf8.RuneCountInString(t.Name))
		for _, s := range all[t.Name] {
			if from.IsZero() || s.from.Before(from) {
				from = s.from
			}
			if s.to.After(to) {
				to = s.to
			}
		}
	}
	if !to.After(from) {
		return ""
	}
	a := axis{from: from, length: to.Sub(from), columns: max(width-names-4, fewestColumns)}
	var b strings.Builder
	for _, t := range tasks {
		if len(all[t.Name]) > 0 {
			fmt.Fprintf(&b, "  %s%s  %s\n", t.Name, strings.Repeat(" ", names-utf8.RuneCountInString(t.Name)), p.ganttLine(a, all[t.Name]))
		}
	}
	left, right := from.UTC().Format("15:04:05Z"), to.UTC().Format("15:04:05Z")
	if d.Run.EndedAt.IsZero() {
		right = "now"
	}
	gap := max(a.columns-len(left)-len(right), 1)
	fmt.Fprintf(&b, "  %s  %s\n", strings.Repeat(" ", names), p.paint(p.stdout, faint, left+strings.Repeat(" ", gap)+right))
	fmt.Fprintf(&b, "  %s  %s\n", strings.Repeat(" ", names), p.paint(p.stdout, faint, fmt.Sprintf("%s waits  %s works  %s rests before it is tried again; a column is %s",
		ganttMarks[stretchWaits], ganttMarks[stretchWorks], ganttMarks[stretchRests], took(from, from.Add(a.length/time.Duration(a.columns))))))
	return b.String()
}

// axis is the time that the columns of a gantt stand for.
type axis struct {
	from    time.Time
	length  time.Duration
	columns int
}

// span is the columns of some time, at least one: the first, and the one behind
// the last.
func (a axis) span(from, to time.Time) (int, int) {
	at := func(t time.Time) float64 { return float64(a.columns) * float64(t.Sub(a.from)) / float64(a.length) }
	first := min(max(int(at(from)), 0), a.columns-1)
	return first, min(max(int(math.Ceil(at(to))), first+1), a.columns)
}

// ganttLine draws one task. What is shorter than a column has one all the same;
// work is drawn over rest, and the end of a task over all of it.
func (p *program) ganttLine(a axis, list []stretch) string {
	cells := make([]cell, a.columns)
	for _, does := range []int{stretchRests, stretchWaits, stretchWorks} {
		for _, s := range list {
			if s.does != does {
				continue
			}
			first, end := a.span(s.from, s.to)
			for at := first; at < end; at++ {
				cells[at] = cell{text: ganttMarks[does], paint: p.painter(endColor(s.ended))}
			}
		}
	}
	var b strings.Builder
	for i := range cells {
		switch {
		case cells[i].text == "":
			b.WriteByte(' ')
		default:
			b.WriteString(cells[i].paint(cells[i].text))
		}
	}
	return strings.TrimRight(b.String(), " ")
}

func (p *program) painter(c *color.Color) func(string) string {
	return func(text string) string { return p.paint(p.stdout, c, text) }
}

// endColor is the colour of a stretch by what it came to.
func endColor(event string) *color.Color {
	switch event {
	case runtime.EventTaskSucceeded:
		return green
	case runtime.EventTaskFailed, runtime.EventTaskMissing, runtime.EventTaskHeld, runtime.EventTaskStopped, runtime.EventTaskRetrying:
		return red
	}
	return yellow
}

// eventWords is the type of an event as it is read with its task or run.
func eventWords(kind string) string {
	return strings.ReplaceAll(strings.TrimPrefix(kind, "task_"), "_", " ")
}

// ordinal writes "1st", "2nd", "3rd", "4th".
func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n) + suffix
}

// section prints a table below a title, if it has anything.
func (p *program) section(title string, t table) error {
	if len(t.rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintf(p.stdout, "\n%s\n", p.paint(p.stdout, bold, title)); err != nil {
		return err
	}
	return t.write(p.stdout)
}
