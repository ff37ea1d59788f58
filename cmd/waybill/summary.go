package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// stages is the order in which the tasks of a run come.
var stages = []string{store.KindGate, store.KindCourier, store.KindBridge, store.KindProcess, store.KindActivation}

// inOrder is the tasks in the order in which a run does them.
func inOrder(tasks []store.Task) []store.Task {
	return slices.SortedFunc(slices.Values(tasks), func(a, b store.Task) int {
		return cmp.Or(cmp.Compare(slices.Index(stages, a.Kind), slices.Index(stages, b.Kind)), strings.Compare(a.Name, b.Name))
	})
}

// stateCell is a state in its colour.
func (p *program) stateCell(state string) cell {
	c := yellow
	switch state {
	case store.Succeeded, store.Landed:
		c = green
	case store.Failed, store.Missing, store.Blocked, store.Held, store.Stopped:
		c = red
	case store.Pending, store.Scheduled, store.Skipped, store.Canceled:
		c = faint
	}
	return cell{words.State(state), func(text string) string { return p.paint(p.stdout, c, text) }}
}

// taskNote says in a few words what a task did or waits for.
func taskNote(t store.Task, now time.Time) string {
	var parts []string
	if left := t.Deadline.Sub(now); t.State == store.Waiting && left > 0 {
		parts = append(parts, took(now, t.Deadline)+" left")
	}
	if t.Progress != nil && t.State == store.Running {
		parts = append(parts, t.Progress.String())
	}
	if t.Attempt > 1 {
		parts = append(parts, fmt.Sprintf("attempt %d", t.Attempt))
	}
	if t.Fault == store.FaultMisconfigured || t.Fault == store.FaultSource {
		parts = append(parts, words.State(t.Fault))
	}
	if t.Message != "" {
		message := strings.Join(strings.Fields(t.Message), " ")
		parts = append(parts, strings.TrimPrefix(message, t.State+" ")) // "landed: 2 files", not "landed: landed 2 files"
	}
	return strings.Join(parts, "; ")
}

// printSummary says how a run ended: each task's state, and what landed where.
func (p *program) printSummary(d store.Detail) error {
	w := p.stdout
	state := p.stateCell(d.Run.State)
	fmt.Fprintf(w, "%s %s", p.paint(w, bold, graph.ShortRun(d.Run.Key)), state.paint(state.text))
	if !d.Run.StartedAt.IsZero() && !d.Run.EndedAt.IsZero() {
		fmt.Fprintf(w, " after %s", took(d.Run.StartedAt, d.Run.EndedAt))
	}
	if d.Run.Message != "" {
		fmt.Fprintf(w, ": %s", d.Run.Message)
	}
	fmt.Fprintln(w)
	t := table{indent: "  "}
	for _, task := range inOrder(d.Tasks) {
		t.cells(cell{text: task.Name}, p.stateCell(task.State), cell{text: taskNote(task, d.Run.EndedAt)})
	}
	if err := t.write(w); err != nil {
		return err
	}
	if err := p.printMissing(d); err != nil {
		return err
	}
	return p.printLandings(d)
}

// printMissing lists the files that were looked for in vain, or are still.
func (p *program) printMissing(d store.Detail) error {
	t := table{indent: "  "}
	for _, task := range inOrder(d.Tasks) {
		for _, m := range missing(d, task) {
			why := m.Why
			if m.Optional {
				why += ", optional"
			}
			t.row(task.Name, m.Name, why)
		}
	}
	if len(t.rows) == 0 {
		return nil
	}
	fmt.Fprintf(p.stdout, "\n%s\n", p.paint(p.stdout, bold, "Missing"))
	return t.write(p.stdout)
}

// missing is what a courier misses: of what it landed, or by its last look.
func missing(d store.Detail, t store.Task) []window.Missing {
	var seen struct {
		Missing []window.Missing `json:"missing"`
	}
	look := t.Data
	for _, poll := range d.Polls {
		if poll.Task == t.Name && len(t.Data) == 0 {
			look = poll.Last
		}
	}
	if json.Unmarshal(look, &seen) != nil { // tasks of other kinds keep other things there
		return nil
	}
	return seen.Missing
}

// mostListed is how many landed files of one courier are listed.
const mostListed = 10

// printLandings lists the files that a run landed, by courier and folder.
func (p *program) printLandings(d store.Detail) error {
	w := p.stdout
	if len(d.Landings) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\n%s\n", p.paint(w, bold, "Landed"))
	for _, task := range inOrder(d.Tasks) {
		var folders []string // each file block has its own
		tables := make(map[string]*table)
		listed, more := 0, 0
		for _, l := range d.Landings {
			switch {
			case l.Courier != task.Name:
				continue
			case listed == mostListed:
				more++
				continue
			}
			listed++
			name := landedAs(l)
			folder := strings.TrimSuffix(landedAt(l.URL), name)
			if tables[folder] == nil {
				folders = append(folders, folder)
				tables[folder] = &table{indent: "    "}
			}
			tables[folder].row(name, sizeText(l.Size))
		}
		for i, folder := range folders {
			fmt.Fprintf(w, "  %s in %s\n", task.Name, p.paint(w, faint, folder))
			if more > 0 && i == len(folders)-1 {
				tables[folder].row(fmt.Sprintf("… and %d more: 'waybill show --json' lists them all", more))
			}
			if err := tables[folder].write(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// landedAs is the path of a landed file in its folder: that at its source, or what
// became of it where it was decompressed.
func landedAs(l store.Landing) string {
	switch {
	case l.Entry != "":
		return path.Join(l.Path, l.Entry)
	case strings.HasSuffix(l.URL, "/"+l.Path):
		return l.Path
	}
	return path.Join(path.Dir(l.Path), path.Base(l.URL))
}

// landedAt is the place of a landed file: a path where it is on this machine.
func landedAt(place string) string {
	if u, err := url.Parse(place); err == nil && u.Scheme == "file" {
		return u.Path
	}
	return place
}

// sizeText is a size as people read it.
func sizeText(n int64) string {
	const k = 1000
	units := []string{"B", "kB", "MB", "GB", "TB"}
	size, i := float64(n), 0
	for size >= k && i < len(units)-1 {
		size, i = size/k, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", size, units[i])
}
