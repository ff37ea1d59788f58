package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

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
		var arrivals sync.WaitGroup
		arrivals.Go(func() { s.arrive(t, dir, s.start, s.until) })
		if s.paused != "" {
			time.Sleep(time.Until(s.change.Add(-s.idle - 2*time.Hour)))
			s.pause(t, r)
		}
		time.Sleep(time.Until(s.change.Add(-s.idle)))
		if s.idle > 0 {
			stop()
			time.Sleep(time.Until(s.change))
		}
		c.mark, c.open = marksOf(t, r)
		if after != "" {
			c.plan = s.plan(t, r, loadText(t, dir, after))
			deployText(t, r, c.plan.Graph)
		}
		if s.idle > 0 {
			stop = serveInBubble(t, r)
		}
		time.Sleep(time.Until(s.until))
		stop()
		arrivals.Wait()
		c.end, _ = marksOf(t, r)
		c.look(t, r, s)
	})
	return c
}

// marksOf is the hour from which on each kind has still to be read, and the runs
// that have not ended.
func marksOf(t *testing.T, r *runtime.Runtime) (marks map[string]string, open map[string]bool) {
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
	if p.Unit() == window.None { // it comes at the minute, or an hour later
		return "a", at.Add(59*time.Minute + 59*time.Second - minute).Format("2006010215")
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

// minute is when files that go by arrival come in each hour. No tick is near it.
const minute = 37 * time.Minute

// arrive puts the files that go by arrival into their folder when they come, in
// [from, until).
func (s switchOver) arrive(t *testing.T, dir string, from, until time.Time) {
	t.Helper()
	for at := from.Truncate(time.Hour).Add(minute); at.Before(until); at = at.Add(time.Hour) {
		if at.Before(from) {
			continue
		}
		select {
		case <-t.Context().Done(): // the test has failed
			return
		case <-time.After(time.Until(at)):
		}
		path := filepath.Join(dir, "drop", "a", at.Format("a-2006010215.csv"))
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Error(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Error(err)
		}
	}
}

// drop puts all files that either workspace looks for in the weeks around the
// change into the folders of their kinds.
func (s switchOver) drop(t *testing.T, dir string) {
	t.Helper()
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, kind := range []string{"a", "d", "h", "m"} {
		folder := filepath.Join(dir, "drop", kind)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if kind == "a" && strings.Contains(s.before+s.after, "a-*.csv") {
			s.arrive(t, dir, s.start.AddDate(0, 0, -16), s.start)
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
			if list := c.after["a"]; len(list) > 0 && c.first["a"] == "" {
				c.first["a"] = list.last()
			}
			if kind, hour := nextHour(t, d.Graph, run.Group, task.Name, task.RangeEnd); kind != "a" && c.first[kind] == "" {
				c.first[kind] = hour
			}
		}
		if c.open[run.Key] || !run.EndedAt.IsZero() && run.EndedAt.Before(s.change) {
			continue
		}
		switch run.State {
		case store.Scheduled, store.Skipped:
			continue
		case store.Succeeded, store.SucceededWithWarnings, store.Blocked:
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
