package soak_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// checkMarks wants that no watermark ever moves back.
func (h *history) checkMarks() {
	h.Helper()
	s, err := h.runtime.Standing(context.Background())
	if err != nil {
		h.Fatal(err)
	}
	for _, w := range s.Watermarks {
		name := string(w.Group) + " " + w.Courier
		if w.At.Before(h.marks[name]) {
			h.Errorf("the watermark of %s went back from %s to %s", name, h.marks[name], w.At)
		}
		h.marks[name] = w.At
	}
}

// check compares what the history has left behind with what was to be expected.
func (h *history) check(begin, end time.Time) {
	h.Helper()
	h.checkMarks()
	process, activation := h.keys("process.txt"), h.keys("activation.txt")
	for i := range h.graph.Groups {
		g := &h.graph.Groups[i]
		runs := h.runs(g.Addr)
		h.checkTicks(g, runs, begin, end)
		for _, d := range runs {
			h.checkSteps(d, process, activation)
			h.checkHeld(d)
			h.checkEvents(d)
		}
		for _, m := range g.Members {
			h.checkFiles(g, m, runs, end)
			h.checkRead(g, m, runs)
		}
	}
	h.checkAlerts()
	if h.Failed() {
		h.tellRuns()
	}
}

// tellRuns adds to the history what every run has come to.
func (h *history) tellRuns() {
	for i := range h.graph.Groups {
		for _, d := range h.runs(h.graph.Groups[i].Addr) {
			h.told = append(h.told, fmt.Sprintf("%s %s, attempt %d: %s", d.Run.Key, d.Run.State, d.Run.Attempt, d.Run.Message))
			for _, e := range d.Events {
				h.told = append(h.told, fmt.Sprintf("  %s %s %s: %s", e.At.Format("01-02 15:04"), e.Task, e.Type, e.Message))
			}
		}
	}
}

// keys counts the lines that a step has written.
func (h *history) keys(name string) map[string]int {
	h.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.Fatal(err)
	}
	count := map[string]int{}
	for line := range bytes.Lines(text) {
		count[strings.TrimSpace(string(line))]++
	}
	return count
}

// runs are all runs of a group, the oldest first.
func (h *history) runs(group graph.Addr) (all []store.Detail) {
	h.Helper()
	list, err := h.runtime.Runs(context.Background(), store.RunFilter{Group: group})
	if err != nil {
		h.Fatal(err)
	}
	slices.Reverse(list)
	for _, r := range list {
		d, err := h.runtime.Run(context.Background(), r.Key)
		if err != nil {
			h.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// checkTicks wants a run for every tick, which has ended, and whose data another
// one has where it was skipped.
func (h *history) checkTicks(g *graph.Group, runs []store.Detail, begin, end time.Time) {
	h.Helper()
	calendar, err := window.NewCalendar(g)
	if err != nil {
		h.Fatal(err)
	}
	for firing := range calendar.Schedule().Between(begin, end) {
		key := graph.RunKey(g.Addr, firing.Instant.Format(time.RFC3339))
		i := slices.IndexFunc(runs, func(d store.Detail) bool { return d.Run.Key == key })
		switch {
		case i < 0:
			h.Errorf("%s is lost: there is no such run", key)
		case !store.Ended(runs[i].Run.State):
			h.Errorf("%s is still %s: %s", key, runs[i].Run.State, runs[i].Run.Message)
		case runs[i].Run.State == store.Canceled && g.Overlap != graph.CancelOther && !strings.Contains(runs[i].Run.Message, "by ann"):
			h.Errorf("%s was canceled by nobody: %s", key, runs[i].Run.Message)
		case runs[i].Run.Into != "" && !slices.ContainsFunc(runs, func(d store.Detail) bool { return d.Run.Key == runs[i].Run.Into }):
			h.Errorf("%s was coalesced into %s, which there is not", key, runs[i].Run.Into)
		}
	}
}

// checkSteps wants that what is said to be done was done, and no activation
// twice: once more only where nobody knew, and somebody has sent it again.
func (h *history) checkSteps(d store.Detail, process, activation map[string]int) {
	h.Helper()
	for _, t := range d.Tasks {
		key := t.Run + "/" + t.Name
		switch {
		case t.Kind == store.KindProcess && t.State == store.Succeeded && process[key] == 0:
			h.Errorf("%s is said to be done, and was not", key)
		case t.Kind == store.KindActivation && t.State == store.Succeeded && activation[key] == 0 && t.Waiver == nil,
			t.Kind == store.KindActivation && activation[key] > 1+held(d, t):
			h.Errorf("%s is %s, and was done %d times", key, t.State, activation[key])
		}
	}
}

// checkHeld wants that a step is held only when the process that carried it out has
// died in the middle.
func (h *history) checkHeld(d store.Detail) {
	h.Helper()
	started := map[string]time.Time{}
	for _, e := range d.Events {
		switch e.Type {
		case runtime.EventTaskStarted:
			started[e.Task] = e.At
		case runtime.EventTaskHeld:
			if !slices.ContainsFunc(h.begun, func(at time.Time) bool { return at.After(started[e.Task]) && !at.After(e.At) }) {
				h.Errorf("%s/%s is held since %s, and no process has died since it was started", d.Run.Key, e.Task, e.At)
			}
		}
	}
}

// held counts how often nobody knew whether a step was done.
func held(d store.Detail, t store.Task) (n int) {
	for _, e := range d.Events {
		if e.Type == runtime.EventTaskHeld && e.Task == t.Name {
			n++
		}
	}
	return n
}

// checkEvents wants that no event is lost, and that no run begins or ends more
// often than it is tried.
func (h *history) checkEvents(d store.Detail) {
	h.Helper()
	count := map[string]int{}
	for i, e := range d.Events {
		count[e.Type]++
		if e.Seq != int64(i+1) {
			h.Errorf("%s: event %d has the number %d", d.Run.Key, i+1, e.Seq)
		}
	}
	for _, kind := range []string{runtime.EventStarted, runtime.EventEnded} {
		if count[kind] > d.Run.Attempt {
			h.Errorf("%s: %d events %s of %d attempts", d.Run.Key, count[kind], kind, d.Run.Attempt)
		}
	}
}

// checkFiles wants that every file that the scheduled runs have passed has landed
// once, or is named as missing where its courier goes on without it.
func (h *history) checkFiles(g *graph.Group, m graph.Member, runs []store.Detail, end time.Time) {
	h.Helper()
	landed, missing, waived := map[string]int{}, map[string]bool{}, map[string]bool{}
	var from time.Time
	for _, d := range runs {
		for _, l := range d.Landings {
			if l.Courier == m.Name {
				landed[l.Path]++
			}
		}
		for _, e := range d.Events {
			if e.Type == runtime.EventLateArrival && e.Task == m.Name {
				name, _, _ := strings.Cut(e.Message, " ")
				missing[name] = true
				waived[name] = waived[name] || slices.ContainsFunc(d.Tasks, func(t store.Task) bool { return t.Name == m.Name && t.Waiver != nil })
			}
		}
		for _, t := range d.Tasks {
			if t.Name != m.Name || d.Run.Kind == store.KindAdHoc {
				continue
			}
			for _, name := range namesMissing(t) {
				missing[name] = true
				waived[name] = waived[name] || t.Waiver != nil
			}
			if d.Run.Kind == store.KindScheduled && !t.RangeStart.IsZero() && (from.IsZero() || t.RangeStart.Before(from)) {
				from = t.RangeStart
			}
		}
	}
	read := h.marks[string(g.Addr)+" "+m.Name]
	layout, every := "2006010215.csv", time.Hour
	if slices.Contains([]string{"orders", "stock"}, m.Name) {
		layout, every = "20060102.csv", 24*time.Hour
	}
	for stamp := from.Truncate(every); stamp.Before(end); stamp = stamp.Add(every) {
		if stamp.Before(from) {
			continue
		}
		name := stamp.Format(layout)
		switch n := landed[name]; {
		case n > 1:
			h.Errorf("%s of %s has landed %d times", name, m.Name, n)
		case n == 1 || !stamp.Before(read):
		case !slices.Contains(goOn, m.Name) && !waived[name]:
			h.Errorf("%s of %s was passed over at %s: it has not landed", name, m.Name, read)
		case !missing[name]:
			h.Errorf("%s of %s is lost: it has not landed, and no run says that it is missing", name, m.Name)
		}
	}
}

// checkRead wants the watermark of a courier where its last scheduled run has read
// to: what has landed is not read again.
func (h *history) checkRead(g *graph.Group, m graph.Member, runs []store.Detail) {
	h.Helper()
	at := h.marks[string(g.Addr)+" "+m.Name]
	for _, d := range runs {
		for _, t := range d.Tasks {
			if d.Run.Kind == store.KindScheduled && t.Name == m.Name && t.State == store.Landed && at.Before(t.RangeEnd) {
				h.Errorf("%s of %s has landed all until %s, and the watermark is at %s", m.Name, d.Run.Key, t.RangeEnd, at)
			}
		}
	}
}

// namesMissing are the files that a courier's task says are missing.
func namesMissing(t store.Task) (names []string) {
	for _, text := range []json.RawMessage{t.Data, t.Forgone} {
		var said struct{ Missing []window.Missing }
		if len(text) > 0 && json.Unmarshal(text, &said) == nil {
			for _, m := range said.Missing {
				names = append(names, m.Name)
			}
		}
	}
	return names
}
