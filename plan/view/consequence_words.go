package view

import (
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
)

func instants(r *window.Range) string {
	if r == nil {
		return "nothing"
	}
	return stamp(r.Start) + " to " + stamp(r.End)
}

// waits says which waits become shorter or longer.
func waits(q *plan.Consequence) []Sentence {
	var list []Sentence
	for _, w := range q.Waits {
		how := "longer"
		if w.Shortened {
			how = "shorter"
		}
		what := "The wait of " + w.Name
		if w.Kind == plan.WaitOfAfter {
			what = "The wait of after \"" + w.Name + "\""
		}
		s := Sentence{Action: plan.Modify, Text: fmt.Sprintf("%s becomes %s: %s, was %s.", what, how, w.After, w.Before), Warns: w.Shortened}
		if w.Next != nil {
			s.Details = []string{fmt.Sprintf("The next deadline is %s, would be %s.", stamp(w.Next.After), stamp(w.Next.Before))}
		}
		list = append(list, s)
	}
	return list
}

// readers says which couriers the group begins and ceases to read.
func readers(q *plan.Consequence) []Sentence {
	var list []Sentence
	for _, r := range q.Ends[:few(len(q.Ends))] {
		s := Sentence{Action: plan.Remove, Text: fmt.Sprintf("It no longer reads %s", r.Name)}
		if !r.At.IsZero() {
			s.Text += ", which it has read up to " + stamp(r.At)
		}
		s.Text += "."
		list = append(list, s)
	}
	if n := len(q.Ends) - few(len(q.Ends)); n > 0 {
		list = append(list, Sentence{Action: plan.Remove, Text: fmt.Sprintf("It no longer reads %d more couriers.", n)})
	}
	for _, r := range q.Begins[:few(len(q.Begins))] {
		s := Sentence{Action: plan.Add, Text: fmt.Sprintf("It begins to read %s at %s.", r.Name, stamp(r.At))}
		if r.Resumes {
			s.Text = fmt.Sprintf("It goes on with %s at %s, up to where it had read it before.", r.Name, stamp(r.At))
		}
		list = append(list, s)
	}
	if n := len(q.Begins) - few(len(q.Begins)); n > 0 {
		list = append(list, Sentence{Action: plan.Add, Text: fmt.Sprintf("It begins to read %d more couriers.", n)})
	}
	return list
}

// few is how many of n things are named one by one: all, or the first where there
// would be two more.
func few(n int) int {
	if n <= linesShown+1 {
		return n
	}
	return linesShown
}

// steps says what will run and what will not, together where the reason is one.
func steps(q *plan.Consequence) []Sentence {
	var list []Sentence
	for _, x := range []struct {
		action plan.Action
		list   []plan.StepChange
		text   string
	}{
		{plan.Add, q.Steps.Run, "%s will run (%s)."},
		{plan.Remove, q.Steps.Stop, "%s will no longer run (%s)."},
		{plan.Modify, q.Steps.Hold, "%s: %s."},
	} {
		for rest := x.list; len(rest) > 0; {
			n := 1
			for n < len(rest) && rest[n].Why == rest[0].Why {
				n++
			}
			var names []string
			for _, s := range rest[:few(n)] {
				names = append(names, string(s.Step))
			}
			list = append(list, Sentence{Action: x.action, Text: fmt.Sprintf(x.text, strings.Join(andMore(names, n), ", "), rest[0].Why)})
			rest = rest[n:]
		}
	}
	return list
}

// states says how the group stands, and what becomes of runs under way.
func states(q *plan.Consequence) []Sentence {
	var list []Sentence
	for _, h := range q.Held {
		list = append(list, Sentence{Action: plan.Modify, Text: h})
	}
	for _, o := range q.Open {
		text := ""
		switch {
		case o.Fate == plan.FateSkipped:
			text = "The run %s has not begun and is skipped."
		case q.After == "" && o.Fate == plan.FateGoesOn:
			text = "The run %s goes on to its end, by the deployment that it began with, although the group is gone."
		case o.Fate == plan.FateGoesOn:
			text = "The run %s goes on as it began."
		}
		if text != "" {
			list = append(list, Sentence{Action: plan.Modify, Text: fmt.Sprintf(text, o.Key)})
		}
	}
	if q.Before != q.After && q.Before != "" && q.After != "" {
		list = append(list, Sentence{Action: plan.Modify, Text: fmt.Sprintf("The group is %s and was %s.", q.After, q.Before)})
	}
	if q.Capped {
		list = append(list, Sentence{Action: plan.Modify, Text: "There are too many runs to count them all; the counts are of the first."})
	}
	return list
}

// renamed prints the new address of a block with the one it had.
func (t *text) renamed(c *plan.Change) {
	t.line("  ", t.mark(plan.Rename), " ", t.paint(bold, printable(string(c.Address))), " was ", printable(string(c.From)))
	t.attributes(c)
}
