package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestSwitchOver makes changes at random to workspaces at random, and compares
// which runs there are, what they read, and what is read twice or never with what
// the plan claimed. WAYBILL_PROVE=1 makes many more, WAYBILL_PROVE=5000 that many.
func TestSwitchOver(t *testing.T) {
	t.Parallel()
	seeds := uint64(4)
	if text := os.Getenv("WAYBILL_PROVE"); text != "" {
		seeds = 400
		if n, err := strconv.ParseUint(text, 10, 64); err == nil && n > 1 {
			seeds = n
		}
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := randomSwitch(seed)
			without, with := s.live(t, ""), s.live(t, s.after)
			s.compare(t, with, without)
			if t.Failed() {
				t.Logf("from %s, changed at %s after %s of rest: %s\nbefore:\n%s\nafter:\n%s\nconsequences: %s",
					s.start, s.change, s.idle, strings.Join(s.edits, "; "), s.before, s.after, asText(with.plan))
			}
		})
	}
}

// course is what a runtime did: its runs after the change, and which hours of
// the clock the files that it landed stand for, by kind.
type course struct {
	plan   *plan.Plan
	runs   map[string]string // after the change: what each courier read, by the run's key
	ticks  map[graph.Addr][]time.Time
	before map[string]hours // landed before the change
	after  map[string]hours
	first  map[string]string // the hour from which on the second run after the change reads a kind
	mark   map[string]string // the hour from which on the old course had still to read a kind
	end    map[string]string // the same at the end
	open   map[string]bool   // runs that had not ended at the change
}

// hours counts how often each hour of the clock was landed, by its name in files:
// "2000010305".
type hours map[string]int

func (h hours) last() string {
	last := ""
	for hour := range h {
		last = max(last, hour)
	}
	return last
}

// gaps are the hours that some zone jumps over while a change is watched.
// Nothing expects their files.
var gaps = []string{"2000032601", "2000040202", "2000100102"}

// hoursOf is the kind of a file and the hours that it stands for, by its name.
func hoursOf(t *testing.T, name string) (kind string, list []string) {
	t.Helper()
	kind, date, _ := strings.Cut(strings.TrimSuffix(name, ".csv"), "-")
	const layout = "2006010215"
	from, err := time.Parse(layout[:len(date)], date)
	if err != nil {
		t.Fatal(err)
	}
	until := from.Add(time.Hour)
	switch len(date) {
	case len("200001"):
		until = from.AddDate(0, 1, 0)
	case len("20000101"):
		until = from.AddDate(0, 0, 1)
	}
	for ; from.Before(until); from = from.Add(time.Hour) {
		if !slices.Contains(gaps, from.Format(layout)) {
			list = append(list, from.Format(layout))
		}
	}
	return kind, list
}

// live runs the old workspace and, where there is another, applies that.
func (s switchOver) live(t *testing.T, after string) (c course) {
	t.Helper()
	dir := memoryDir(t)
	writeWorkspace(t, dir, s.before)
	s.drop(t, dir)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(s.start))
		r := openInBubble(t, dir)
		deployText(t, r, loadText(t, dir, s.before))
		stop := serveInBubble(t, r)
		if s.paused != "" {
			time.Sleep(time.Until(s.change.Add(-s.idle - 2*time.Hour)))
			s.pause(t, r)
		}
		time.Sleep(time.Until(s.change.Add(-s.idle)))
		if s.idle > 0 {
			stop()
			time.Sleep(time.Until(s.change))
		}
		c.mark, c.open = standingOf(t, r)
		if after != "" {
			c.plan = s.plan(t, r, loadText(t, dir, after))
			deployText(t, r, c.plan.Graph)
		}
		if s.idle > 0 {
			stop = serveInBubble(t, r)
		}
		time.Sleep(time.Until(s.until))
		stop()
		c.end, _ = standingOf(t, r)
		c.look(t, r, s)
	})
	return c
}

// standingOf is the hour from which on each kind has still to be read, and the runs
// that have not ended.
func standingOf(t *testing.T, r *runtime.Runtime) (marks map[string]string, open map[string]bool) {
	t.Helper()
	d, err := r.Deployment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	standing, err := r.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	marks, open = map[string]string{}, map[string]bool{}
	for _, w := range standing.Watermarks {
		if kind, hour := nextHour(t, d.Graph, w.Group, w.Courier, w.At); kind != "" {
			marks[kind] = hour
		}
	}
	for _, o := range standing.Open {
		open[o.Key] = true
	}
	return marks, open
}

// nextHour is the kind that a courier of a group looks for, and the hour that the
// first file stands for that does not begin before an instant; "" for a courier
// that is not there.
func nextHour(t *testing.T, g *graph.Graph, group graph.Addr, name string, at time.Time) (kind, hour string) {
	t.Helper()
	in := g.Group(group)
	if in == nil || in.Member(name) == nil {
		return "", ""
	}
	p, err := window.ParsePattern(g.Courier(in.Member(name).Courier).Files[0].Pattern)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := cron.LoadZone(in.FileDates)
	if err != nil {
		t.Fatal(err)
	}
	kind, date, _ := strings.Cut(p.Name(p.NextDate(at, zone)), "-")
	date = strings.TrimSuffix(date, ".csv")
	return kind, date + "0000010100"[len(date):]
}

func (s switchOver) pause(t *testing.T, r *runtime.Runtime) {
	t.Helper()
	_, err := r.Send(t.Context(), store.Command{Verb: store.VerbPause, Group: graph.GroupAddr(s.paused), Token: "hold", Args: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
}

func (s switchOver) plan(t *testing.T, r *runtime.Runtime, g *graph.Graph) *plan.Plan {
	t.Helper()
	deployed, err := r.Deployment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	standing, err := r.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return plan.Make(plan.Input{Deployed: deployed, Standing: standing, Graph: g, At: s.change, Horizon: s.until.Sub(s.change), PerGroup: 1000})
}

// drop puts all files that either workspace looks for in the weeks around the
// change into the folders of their kinds.
func (s switchOver) drop(t *testing.T, dir string) {
	t.Helper()
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, kind := range []string{"d", "h", "m"} {
		folder := filepath.Join(dir, "drop", kind)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		for unit, layout := range map[string]string{"hour": "2006010215", "day": "20060102", "month": "200601"} {
			if !strings.Contains(s.before+s.after, kind+"-"+patternOf[unit]+".csv") {
				continue
			}
			for _, date := range s.dates(layout) {
				path := filepath.Join(folder, kind+"-"+date+".csv")
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(path, old, old); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// dates are the dates of files, from before all that is read until after it.
func (s switchOver) dates(layout string) (list []string) {
	for at := s.start.AddDate(0, 0, -16); at.Before(s.until.AddDate(0, 0, 2)); at = at.Add(time.Hour) {
		if date := at.Format(layout); len(list) == 0 || list[len(list)-1] != date {
			list = append(list, date)
		}
	}
	return list
}

// look takes down what happened.
func (c *course) look(t *testing.T, r *runtime.Runtime, s switchOver) {
	t.Helper()
	c.runs, c.ticks = map[string]string{}, map[graph.Addr][]time.Time{}
	c.before, c.after, c.first = map[string]hours{}, map[string]hours{}, map[string]string{}
	runs, err := r.Runs(t.Context(), store.RunFilter{Until: s.until.Add(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.Deployment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(runs, func(a, b store.Run) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.Queue, b.Queue))
	})
	for _, run := range runs {
		detail, err := r.Run(t.Context(), run.Key)
		if err != nil {
			t.Fatal(err)
		}
		before := run.StartedAt.Before(s.change)
		landed := c.after
		if before {
			landed = c.before
		}
		land(t, detail, landed)
		for _, task := range detail.Tasks {
			if before || !task.RangeStart.Before(task.RangeEnd) {
				continue
			}
			if kind, hour := nextHour(t, d.Graph, run.Group, task.Name, task.RangeEnd); c.first[kind] == "" {
				c.first[kind] = hour
			}
		}
		if c.open[run.Key] || !run.EndedAt.IsZero() && run.EndedAt.Before(s.change) {
			continue
		}
		switch run.State {
		case store.Scheduled, store.Skipped:
			continue
		case store.Succeeded, store.Blocked:
		default:
			t.Errorf("%s %s: %s", run.Key, run.State, run.Message)
		}
		c.ticks[run.Group] = append(c.ticks[run.Group], run.ScheduledAt)
		c.runs[run.Key] = ranges(detail)
	}
	for _, list := range c.ticks {
		slices.SortFunc(list, time.Time.Compare)
	}
}

// land counts what a run has landed.
func land(t *testing.T, d store.Detail, into map[string]hours) {
	t.Helper()
	for _, l := range d.Landings {
		kind, list := hoursOf(t, l.Path)
		if into[kind] == nil {
			into[kind] = hours{}
		}
		for _, hour := range list {
			into[kind][hour]++
		}
	}
}

func ranges(d store.Detail) string {
	if d.Run.State == store.Blocked {
		return "blocked"
	}
	var list []string
	for _, t := range d.Tasks {
		list = append(list, rangeLine(t.Name, t.RangeStart, t.RangeEnd))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func rangeLine(name string, start, end time.Time) string {
	return fmt.Sprintf("%s [%s, %s)", name, start.UTC().Format("01-02T15:04"), end.UTC().Format("01-02T15:04"))
}

// compare holds what a plan claimed against what happened, with the change and
// without it.
func (s switchOver) compare(t *testing.T, with, without course) {
	t.Helper()
	s.compareRuns(t, with, without)
	twice, never, perhaps := map[string]hours{}, map[string]hours{}, map[string]hours{}
	for _, q := range with.plan.Consequences {
		for _, h := range q.Twice {
			if h.Partly {
				claims(t, perhaps, h)
			} else if !h.LandedOnce {
				claims(t, twice, h)
			}
		}
		for _, h := range q.Never {
			claims(t, never, h)
		}
	}
	for _, kind := range []string{"d", "h", "m"} {
		if with.after[kind] == nil || strings.Contains(s.resting, kind) {
			continue // nobody reads it any more, or nobody did
		}
		last := with.after[kind].last()
		happened := landedTwiceIn(with, kind)
		differ(t, kind+" read twice", upTo(twice[kind], last), lessThat(happened, perhaps[kind]))
		if none := len(perhaps[kind]) > 0 && len(lessThat(happened, perhaps[kind])) == len(happened); none {
			t.Errorf("%s: nothing of what may be read twice is: %v", kind, perhaps[kind])
		}
		differ(t, kind+" never read", upTo(never[kind], last), landedNeverIn(with, without, kind))
	}
}

// compareRuns compares which runs there are, as the consequences tell of them and
// as they are listed.
func (s switchOver) compareRuns(t *testing.T, with, without course) {
	t.Helper()
	claimed := map[graph.Addr][]time.Time{}
	for group, list := range without.ticks {
		claimed[group] = list
	}
	for _, q := range with.plan.Consequences {
		from := cmp.Or(q.From, q.Group)
		if q.From != "" {
			delete(claimed, q.From)
		}
		claimed[q.Group] = afterChange(without.ticks[from], q)
	}
	for group, list := range claimed {
		if len(list) == 0 {
			delete(claimed, group)
		}
	}
	if diff := gocmp.Diff(claimed, with.ticks); diff != "" {
		t.Errorf("runs (-claimed +happened):\n%s", diff)
	}
	listed := map[string]string{}
	for _, r := range with.plan.Runs {
		listed[r.Key] = "blocked"
		if !r.Blocked {
			var list []string
			for _, c := range r.Couriers {
				list = append(list, rangeLine(c.Name, c.Range.Start, c.Range.End))
			}
			slices.Sort(list)
			listed[r.Key] = strings.Join(list, ", ")
		}
	}
	if diff := gocmp.Diff(listed, with.runs); diff != "" {
		t.Errorf("what runs read (-listed +happened):\n%s", diff)
	}
}

// claims adds the hours that a handover names.
func claims(t *testing.T, into map[string]hours, h plan.Handover) {
	t.Helper()
	if h.More > 0 {
		t.Fatalf("%d files more than are listed: %+v", h.More, h)
	}
	for _, name := range h.Files {
		kind, list := hoursOf(t, name)
		if into[kind] == nil {
			into[kind] = hours{}
		}
		for _, hour := range list {
			into[kind][hour] = 1
		}
	}
}

// lessThat is a set without some hours.
func lessThat(set map[string]bool, h hours) map[string]bool {
	list := map[string]bool{}
	for hour := range set {
		if h[hour] == 0 {
			list[hour] = true
		}
	}
	return list
}

// upTo is the hours up to the last that was landed: what is claimed of later ones
// nobody has seen.
func upTo(h hours, last string) map[string]bool {
	list := map[string]bool{}
	for hour := range h {
		if hour <= last {
			list[hour] = true
		}
	}
	return list
}

// landedTwiceIn is the hours that were landed more than once.
func landedTwiceIn(c course, kind string) map[string]bool {
	list := map[string]bool{}
	for hour := range c.after[kind] {
		if c.before[kind][hour]+c.after[kind][hour] > 1 {
			list[hour] = true
		}
	}
	return list
}

// landedNeverIn is the hours up to where the first run after the change has read,
// that no run landed, and that the old course landed, or would have: it had still
// to read them and has not passed them over. What later runs leave out, under
// past_day_only, they leave out each time; that is not the change's.
func landedNeverIn(with, without course, kind string) map[string]bool {
	list := map[string]bool{}
	limit := with.first[kind]
	count := func(c course, hour string) int { return c.before[kind][hour] + c.after[kind][hour] }
	mark := with.mark[kind]
	if mark == "" { // what the old course would have begun with
		mark = without.end[kind]
		for hour := range without.after[kind] {
			mark = min(mark, hour)
		}
	}
	const layout = "2006010215"
	at, err := time.Parse(layout, mark)
	if err != nil {
		return list // nobody was to read it
	}
	passed := max(without.before[kind].last(), without.after[kind].last())
	for hour := at.Format(layout); hour < limit; hour = at.Format(layout) {
		if !slices.Contains(gaps, hour) && count(with, hour) == 0 && (count(without, hour) > 0 || hour > passed) {
			list[hour] = true
		}
		at = at.Add(time.Hour)
	}
	return list
}

func asText(p *plan.Plan) string {
	var b strings.Builder
	for _, q := range p.Consequences {
		fmt.Fprintf(&b, "\n%s from %q: %s -> %s, %+v", q.Group, q.From, q.Before, q.After, q.Runs)
		for _, h := range q.Twice {
			fmt.Fprintf(&b, "\n  twice %s %s by %s (once %v)", h.Cause, h.Sentence(), h.Name, h.LandedOnce)
		}
		for _, h := range q.Never {
			fmt.Fprintf(&b, "\n  never %s %s by %s", h.Cause, h.Sentence(), h.Name)
		}
		fmt.Fprintf(&b, "\n  begins %+v\n  ends %+v", q.Begins, q.Ends)
	}
	return b.String()
}

// differ reports the hours that are in one set only.
func differ(t *testing.T, what string, claimed, happened map[string]bool) {
	t.Helper()
	only := func(a, b map[string]bool) (list []string) {
		for hour := range a {
			if !b[hour] {
				list = append(list, hour)
			}
		}
		slices.Sort(list)
		if len(list) > 4 {
			list = []string{list[0], "…", list[len(list)-1], fmt.Sprintf("(%d)", len(list))}
		}
		return list
	}
	if c, h := only(claimed, happened), only(happened, claimed); len(c)+len(h) > 0 {
		t.Errorf("%s: only claimed %v, only happened %v", what, c, h)
	}
}
