package window_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// TestStepAlways plays random events against groups of every policy and checks
// after each of them what Step promises.
func TestStepAlways(t *testing.T) {
	t.Parallel()
	for _, overlap := range []string{graph.BufferOne, graph.BufferAll, graph.SkipOverlap, graph.CancelOther} {
		for _, catchUp := range []string{graph.Coalesce, graph.Each, graph.SkipCatchUp} {
			t.Run(overlap+", "+catchUp, func(t *testing.T) {
				t.Parallel()
				deployable := calendars(t, overlap, catchUp)
				for seed := range uint64(60) {
					newWorld(t, seed, overlap, deployable).run(150)
				}
			})
		}
	}
}

// world is a group, what has happened to it, and its books: what became of each
// row and each run by the decisions alone.
type world struct {
	t      *testing.T
	rng    *rand.Rand
	policy string
	active *window.Calendar // the deployed one
	others []*window.Calendar
	now    time.Time
	state  window.State
	log    []string
	asked  int

	row     time.Time         // the expected row, as the decisions left it
	runs    map[string]string // key: queued, running, stopping, blocked, ended, skipped
	order   []string          // keys in the order in which they were taken or asked for
	keep    map[string]bool
	into    map[string]string
	blocked map[string]bool // has been blocked, perhaps is no longer
}

// calendars are what is deployed in turn; the first six tick.
func calendars(t *testing.T, overlap, catchUp string) []*window.Calendar {
	var all []*window.Calendar
	for _, active := range []bool{true, false} {
		for _, schedule := range []string{"*/20 * * * *", "30 1 * * *", "0 */2 * * *", "15,45 0-6 * * *", "5 13 * * *", "0 0 * * 1", ""} {
			all = append(all, calendar(t, func(g *graph.Group) {
				zoned(schedule, "America/Los_Angeles")(g)
				g.Overlap, g.CatchUp, g.Active = overlap, catchUp, active
			}))
		}
	}
	return append(all, nil)
}

func newWorld(t *testing.T, seed uint64, policy string, deployable []*window.Calendar) *world {
	w := &world{
		t: t, rng: rand.New(rand.NewPCG(seed, 7)), policy: policy, active: deployable[seed%6], others: deployable,
		now: at("2026-10-30T00:00Z"), runs: map[string]string{}, blocked: map[string]bool{}, keep: map[string]bool{}, into: map[string]string{},
	}
	w.play(window.Deployed{Now: w.now})
	return w
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	tail := w.log[max(0, len(w.log)-12):]
	w.t.Fatalf("%s\nlast events:\n%s", fmt.Sprintf(format, args...), cmp.Diff(nil, tail))
}

func (w *world) run(steps int) {
	for range steps {
		w.play(w.event())
	}
	// Let everything end: nothing may be stuck.
	w.play(window.Resumed{Now: w.now})
	for range 2000 {
		i := slices.IndexFunc(w.state.Open, func(o window.Open) bool { return o.Status != window.StatusQueued })
		if i < 0 {
			break
		}
		if w.state.Open[i].Status == window.StatusBlocked {
			w.play(window.Unblocked{Key: w.state.Open[i].Key})
			continue
		}
		w.play(window.Ended{Key: w.state.Open[i].Key})
	}
	if len(w.state.Open) > 0 {
		w.fail("stuck: %+v", w.state.Open)
	}
	for key := range w.into {
		end, hops := key, 0
		for w.into[end] != "" && hops < 10000 {
			end = w.into[end]
			hops++
		}
		if s := w.runs[end]; s != "ended" && s != "skipped" {
			w.fail("%s ends in %s, which is %q", key, end, s)
		}
	}
}

func (w *world) event() window.Event {
	open := func(ok func(window.Open) bool) string {
		var keys []string
		for _, o := range w.state.Open {
			if ok(o) {
				keys = append(keys, o.Key)
			}
		}
		if len(keys) == 0 {
			return "nobody"
		}
		return keys[w.rng.IntN(len(keys))]
	}
	begun := func(o window.Open) bool { return o.Status != window.StatusQueued }
	switch n := w.rng.IntN(100); {
	case n < 40:
		jump := time.Duration(w.rng.IntN(30)) * time.Minute
		if w.rng.IntN(12) == 0 {
			jump = time.Duration(w.rng.IntN(60)) * time.Hour
		}
		w.now = w.now.Add(jump)
		return window.Due{Now: w.now}
	case n < 70:
		return window.Ended{Key: open(begun)}
	case n < 78:
		w.asked++
		return window.Asked{Key: fmt.Sprintf("asked %d", w.rng.IntN(w.asked)+w.rng.IntN(2))}
	case n < 82:
		return window.Blocked{Key: open(func(o window.Open) bool { return o.Status == window.StatusRunning && !o.Asked })}
	case n < 86:
		return window.Unblocked{Key: open(begun)}
	case n < 90:
		return window.Paused{}
	case n < 95:
		return window.Resumed{Now: w.now}
	default:
		w.active = w.others[w.rng.IntN(len(w.others))]
		return window.Deployed{Now: w.now}
	}
}

func (w *world) play(e window.Event) {
	w.t.Helper()
	w.log = append(w.log, fmt.Sprintf("%T%+v", e, e))
	if asked, ok := e.(window.Asked); ok {
		if w.runs[asked.Key] == "ended" {
			return // the store never uses a key again
		}
		if w.runs[asked.Key] == "" {
			w.runs[asked.Key], w.keep[asked.Key] = "queued", true
			w.order = append(w.order, asked.Key)
		}
	}
	before := w.state
	before.Open = slices.Clone(w.state.Open)
	next, decisions := w.active.Step(w.state, e)
	if !slices.Equal(before.Open, w.state.Open) {
		w.fail("Step changed its input: %+v was %+v", w.state.Open, before.Open)
	}
	w.state = next
	if ended, ok := e.(window.Ended); ok && w.runs[ended.Key] != "" {
		w.runs[ended.Key] = "ended"
	}
	switch e := e.(type) {
	case window.Blocked:
		if w.runs[e.Key] == "running" {
			w.runs[e.Key], w.blocked[e.Key] = "blocked", true
		}
	case window.Unblocked:
		if w.runs[e.Key] == "blocked" {
			w.runs[e.Key] = "queued"
		}
	}
	ticks := map[time.Time]bool{}
	for _, d := range decisions {
		w.enter(d, ticks)
	}
	w.check(before, e, ticks)
}

// enter books a decision.
func (w *world) enter(d window.Decision, ticks map[time.Time]bool) {
	w.t.Helper()
	use := func(tick time.Time) {
		if tick.Equal(w.row) {
			w.row = time.Time{}
		}
		if ticks[tick] {
			w.fail("the tick %v is decided twice in one step", tick)
		}
		ticks[tick] = true
	}
	switch d := d.(type) {
	case window.Expect:
		if !w.row.IsZero() {
			w.fail("a second row is expected at %v besides %v", d.Firing.Instant, w.row)
		}
		w.row = d.Firing.Instant
	case window.Unexpect:
		if !d.At.Equal(w.row) {
			w.fail("there is no row at %v to remove", d.At)
		}
		w.row = time.Time{}
	case window.Take:
		if w.runs[d.Key] != "" {
			w.fail("%s is taken, and is %s", d.Key, w.runs[d.Key])
		}
		use(d.Firing.Instant)
		w.runs[d.Key], w.keep[d.Key] = "queued", d.Keep
		w.order = append(w.order, d.Key)
	case window.Skip:
		if d.Why == "" {
			w.fail("%s is skipped for no reason", d.Key)
		}
		switch key := d.Key; {
		case w.runs[key] == "":
			use(d.Firing.Instant)
		case w.runs[key] != "queued" && w.runs[key] != "blocked": // a second blocked run
			w.fail("%s is skipped, and was %s", key, w.runs[key])
		}
		w.runs[d.Key], w.into[d.Key] = "skipped", d.Into
	case window.Start:
		for _, key := range w.order {
			if key == d.Key {
				break
			}
			held := w.state.Paused && !strings.HasPrefix(key, "asked")
			if w.runs[key] == "queued" && !held {
				w.fail("%s starts before %s", d.Key, key)
			}
		}
		if w.runs[d.Key] != "queued" {
			w.fail("%s starts, and was %s", d.Key, w.runs[d.Key])
		}
		w.runs[d.Key] = "running"
	case window.Cancel:
		if w.runs[d.Key] != "running" || w.keep[d.Key] {
			w.fail("%s is cancelled, and was %s", d.Key, w.runs[d.Key])
		}
		w.runs[d.Key] = "stopping"
	}
}

// check compares the state with the books, and with what is promised.
func (w *world) check(before window.State, e window.Event, ticks map[time.Time]bool) {
	w.t.Helper()
	if !w.row.Equal(w.state.Expected) {
		w.fail("the row is at %v, the state expects %v", w.row, w.state.Expected)
	}
	underWay, waiting, blocked := 0, 0, 0
	for _, o := range w.state.Open {
		switch o.Status {
		case window.StatusRunning, window.StatusStopping:
			underWay++
		case window.StatusBlocked:
			blocked++
		case window.StatusQueued:
			if !o.Keep && !w.blocked[o.Key] {
				waiting++
			}
		}
		if string(o.Status) != w.runs[o.Key] {
			w.fail("%s is %s, by the decisions it is %s", o.Key, o.Status, w.runs[o.Key])
		}
	}
	if underWay > 1 || blocked > 1 {
		w.fail("%d runs are under way, %d are blocked", underWay, blocked)
	}
	if w.policy != graph.BufferAll && waiting > 1 {
		w.fail("%d ticks wait", waiting)
	}
	ticking := w.active != nil && w.active.Schedule() != nil && w.active.Group().Active
	if !ticking {
		if _, deployed := e.(window.Deployed); deployed && !w.state.Expected.IsZero() {
			w.fail("a group that does not tick expects %v", w.state.Expected)
		}
		return
	}
	if w.state.Expected.IsZero() {
		w.fail("nothing is expected")
	}
	due := !w.state.Paused && !w.state.Expected.After(w.now)
	switch e.(type) {
	case window.Due, window.Resumed:
		if due {
			w.fail("%v is due at %v and was not taken", w.state.Expected, w.now)
		}
		if w.state.Paused {
			return
		}
		if !before.Expected.IsZero() && !before.Expected.After(w.now) {
			if !ticks[before.Expected] {
				w.fail("the row at %v is lost", before.Expected)
			}
			for f := range w.active.Schedule().Between(before.Expected, w.now) {
				if !ticks[f.Instant] {
					w.fail("the tick at %v is lost", f.Instant)
				}
			}
		}
		if f, _ := w.active.Schedule().Next(w.now); !f.Instant.Equal(w.state.Expected) {
			w.fail("expected is %v, the next tick is %v", w.state.Expected, f.Instant)
		}
	}
}
