package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/runtime/store"
)

// machinePart is the place of what a page says of a state machine.
var machinePart = regexp.MustCompile(`(?s)(<!-- machine: (run|task) -->\n)(.*?)(<!-- end -->)`)

// TestMachinePages writes what the page about the ledger says of the states of
// runs and tasks, and its pictures, from the tables that the store goes by.
func TestMachinePages(t *testing.T) {
	t.Parallel()
	const page = "docs/operations/ledger.md"
	machines := map[string]*store.Machine{"run": store.RunMachine(), "task": store.TaskMachine()}
	text := readDocument(t, page)
	if found := machinePart.FindAllString(text, -1); len(found) != len(machines) {
		t.Fatalf("%s has %d places for %d machines", page, len(found), len(machines))
	}
	compareDocument(t, page, text, machinePart.ReplaceAllStringFunc(text, func(part string) string {
		m := machinePart.FindStringSubmatch(part)
		return m[1] + "\n" + describeMachine(machines[m[2]]) + "\n" + m[4]
	}))
	for name, m := range machines {
		file := "docs/operations/" + name + "-states.svg"
		was, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(file)))
		if err != nil && !*update {
			t.Error(err)
		}
		compareDocument(t, file, string(was), drawMachine(m))
	}
}

// describeMachine is a table of the states, the diagram, and a table of the
// moves, in Markdown.
func describeMachine(m *store.Machine) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | | meaning |\n|---|---|---|\n", m.Of)
	for _, s := range m.States {
		ended := "open"
		if s.Ended {
			ended = "ended"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, ended, s.Means)
	}
	b.WriteString("\n```mermaid\nstateDiagram-v2\n")
	for i, v := range m.Moves {
		from := v.From
		if from == "" {
			from = "[*]"
		}
		fmt.Fprintf(&b, "  %s --> %s: %d\n", from, v.To, i+1)
	}
	b.WriteString("```\n\n| | from | to | cause | event |\n|--:|---|---|---|---|\n")
	for i, v := range m.Moves {
		from, event := "`"+v.From+"`", "`"+v.Event+"`"
		if v.From == "" {
			from = "–"
		}
		switch {
		case v.Event == "":
			event = "that of what makes it the next: `" + strings.Join(store.Expects, "`, `") + "`"
		case v.OfRun:
			event += " of its run"
		}
		fmt.Fprintf(&b, "| %d | %s | `%s` | %s | %s |\n", i+1, from, v.To, strings.ReplaceAll(v.Cause, "max_range", "`max_range`"), event)
	}
	return b.String()
}

// point is a place in a picture.
type point struct{ x, y float64 }

func (p point) to(q point, t float64) point { return point{p.x + (q.x-p.x)*t, p.y + (q.y-p.y)*t} }

// The picture's measures, in pixels.
const (
	pictureWidth, pictureHeight = 900.0, 640.0
	ringX, ringY                = 350.0, 270.0
	boxHeight                   = 28.0
)

// drawMachine draws a machine as SVG: its states on a ring, so that no arrow
// crosses one, each move as an arrow with its number in the table.
func drawMachine(m *store.Machine) string {
	names := append([]string{""}, m.Names()...)
	at := map[string]point{}
	for i, name := range names {
		angle := 2*math.Pi*float64(i)/float64(len(names)) - math.Pi
		at[name] = point{pictureWidth/2 + ringX*math.Cos(angle), pictureHeight/2 + ringY*math.Sin(angle)}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="13" text-anchor="middle">`+"\n",
		pictureWidth, pictureHeight)
	fmt.Fprintf(&b, "<title>The states of a %s</title>\n", m.Of)
	b.WriteString(`<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#666"/></marker></defs>` + "\n")
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	numbers := map[[2]string]string{}
	for i, v := range m.Moves {
		pair := [2]string{v.From, v.To}
		if numbers[pair] != "" {
			numbers[pair] += ", "
		}
		numbers[pair] += fmt.Sprint(i + 1)
	}
	for _, v := range m.Moves {
		pair := [2]string{v.From, v.To}
		if number, ok := numbers[pair]; ok {
			b.WriteString(drawMove(v, at, number))
			delete(numbers, pair)
		}
	}
	for _, s := range m.States {
		fill := "#e8f0fe"
		if s.Ended {
			fill = "#eeeeee"
		}
		p, width := at[s.Name], boxWidth(s.Name)
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.0f" rx="6" fill="%s" stroke="#333"/>`, p.x-width/2, p.y-boxHeight/2, width, boxHeight, fill)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f">%s</text>`+"\n", p.x, p.y+4.5, s.Name)
	}
	fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="8" fill="#333"/>`+"\n</svg>\n", at[""].x, at[""].y)
	return b.String()
}

func boxWidth(name string) float64 { return max(16, 7.4*float64(len(name))+18) }

// drawMove draws an arrow that bends to its left, so that one and its opposite
// lie beside each other.
func drawMove(v store.Move, at map[string]point, number string) string {
	from, to := at[v.From], at[v.To]
	length := math.Hypot(to.x-from.x, to.y-from.y)
	middle := from.to(to, 0.5)
	bend := point{middle.x + (to.y-from.y)/length*26, middle.y - (to.x-from.x)/length*26}
	curve := func(t float64) point { return from.to(bend, t).to(bend.to(to, t), t) }
	begin, end := 0.0, 1.0
	for inBox(curve(begin), from, v.From) {
		begin += 0.005
	}
	for inBox(curve(end), to, v.To) {
		end -= 0.005
	}
	p, q, c, label := curve(begin), curve(end), curve((begin+end)/2), curve(begin+(end-begin)*0.3)
	control := point{2*c.x - (p.x+q.x)/2, 2*c.y - (p.y+q.y)/2}
	return fmt.Sprintf(`<path d="M%.1f %.1fQ%.1f %.1f %.1f %.1f" fill="none" stroke="#666" marker-end="url(#head)"/>`, p.x, p.y, control.x, control.y, q.x, q.y) +
		fmt.Sprintf(`<text x="%.1f" y="%.1f" font-size="11" stroke="#fff" stroke-width="4" paint-order="stroke">%s</text>`+"\n", label.x, label.y+4, number)
}

// inBox reports whether a point lies in the box of a state, with some room
// around it.
func inBox(p, box point, name string) bool {
	return math.Abs(p.x-box.x) < boxWidth(name)/2+3 && math.Abs(p.y-box.y) < boxHeight/2+3
}
