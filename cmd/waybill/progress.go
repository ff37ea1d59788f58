package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// watch shows how the runs of a command go: on a terminal a line for each
// courier and step, drawn again as they change; elsewhere a line with a time for
// each event.
type watch struct {
	p     *program
	load  func(key string) (store.Detail, error)
	quiet bool // --json: nothing is shown
	live  bool
	since time.Time // what happened earlier was shown then

	mu    sync.Mutex
	keys  []string // of the runs that were reported, the last of them is shown
	drawn int      // lines on the terminal
	ended bool
	stop  chan struct{}
	gone  sync.WaitGroup
}

// redrawEvery is how often the times on the terminal move.
const redrawEvery = 500 * time.Millisecond

func (p *program) newWatch(ctx context.Context, a *applied, quiet bool) *watch {
	w := &watch{p: p, since: a.Now(), quiet: quiet, live: !quiet && isTerminal(p.stdout), stop: make(chan struct{})}
	w.load = func(key string) (store.Detail, error) { return a.Run(ctx, key) }
	if w.live {
		w.gone.Go(w.keepDrawing)
	}
	return w
}

// event takes what the runtime reports. It is called from another goroutine.
func (w *watch) event(e store.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.Run != "" && !slices.Contains(w.keys, e.Run) {
		w.keys = append(w.keys, e.Run)
		w.drawn = 0 // the next run of a backfill is drawn below the one before
	}
	switch {
	case w.quiet || e.At.Before(w.since):
	case w.live:
		w.draw()
	default:
		fmt.Fprintln(w.p.stdout, eventLine(e))
	}
}

// runs is the keys of the runs that were reported, in order.
func (w *watch) runs() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.keys)
}

// close ends the watch; the terminal keeps the last state until the summary
// takes its place.
func (w *watch) close() {
	close(w.stop)
	w.gone.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live && w.drawn > 0 {
		w.erase()
	}
	if !w.live && !w.quiet && len(w.keys) > 0 {
		fmt.Fprintln(w.p.stdout)
	}
	w.ended = true
}

func (w *watch) keepDrawing() {
	tick := time.NewTicker(redrawEvery)
	defer tick.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-tick.C:
			w.mu.Lock()
			w.draw()
			w.mu.Unlock()
		}
	}
}

// draw replaces what is on the terminal by the state of the run.
func (w *watch) draw() {
	if len(w.keys) == 0 || w.ended {
		return
	}
	d, err := w.load(w.keys[len(w.keys)-1])
	if err != nil {
		return // interrupted, or the next event draws again
	}
	var b strings.Builder
	now := w.p.now()
	fmt.Fprintf(&b, "%s  %s\n", w.p.paint(w.p.stdout, bold, graph.ShortRun(d.Run.Key)), elapsed(d.Run, now))
	t := table{indent: "  "}
	tasks := inOrder(d.Tasks)
	if len(tasks) >= w.p.height(w.p.stdout)-1 { // those that are done can wait for the summary
		tasks = slices.DeleteFunc(tasks, func(t store.Task) bool { return !t.EndedAt.IsZero() })
	}
	for _, task := range tasks {
		t.cells(cell{text: task.Name}, w.p.stateCell(task.State), cell{text: taskNote(task, now)})
	}
	if t.write(&b) != nil {
		return
	}
	w.erase()
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if most := w.p.height(w.p.stdout) - 1; len(lines) > most { // what has scrolled away cannot be drawn again
		more := fmt.Sprintf("  … and %d more", len(lines)-most+1)
		lines = append(lines[:max(most-1, 1)], more)
	}
	for _, line := range lines {
		fmt.Fprintln(w.p.stdout, clip(line, w.p.columns(w.p.stdout)))
	}
	w.drawn = len(lines)
}

// erase takes away what was drawn and leaves the cursor at its beginning.
func (w *watch) erase() {
	if w.drawn > 0 {
		fmt.Fprintf(asIs(w.p.stdout), "\r\x1b[%dA\x1b[J", w.drawn)
	}
	w.drawn = 0
}

// clip shortens a line to a width, counting no colours.
func clip(line string, width int) string {
	columns, escape := 0, false
	for i, r := range line {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		case columns == width-1:
			return line[:i] + "\x1b[0m"
		default:
			columns++
		}
	}
	return line
}

// eventLine is an event as one line of a log.
func eventLine(e store.Event) string {
	line := e.At.UTC().Format(time.RFC3339)
	what := eventWords(e.Type)
	switch {
	case e.Task != "":
		line += "  " + e.Task + "  " + what
	case e.Run != "":
		line += "  " + graph.ShortRun(e.Run) + "  " + what
	default:
		line += "  " + what
	}
	if e.Message != "" {
		line += ": " + e.Message
	}
	return visible(line)
}

// elapsed is the state of a run with how long it has taken.
func elapsed(r store.Run, now time.Time) string {
	state := words.State(r.State)
	switch {
	case r.StartedAt.IsZero():
		return state
	case r.EndedAt.IsZero():
		return fmt.Sprintf("%s for %s", state, took(r.StartedAt, now))
	}
	return fmt.Sprintf("%s after %s", state, took(r.StartedAt, r.EndedAt))
}

// took is a length of time in at most two units: "4s", "2m10s", "3h20m", "5d2h".
func took(from, to time.Time) string {
	d := to.Sub(from)
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}
