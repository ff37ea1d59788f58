package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestPlans asks SQLite how it carries out every statement of the store: none
// reads a growing table from end to end, and none sorts more than a page.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	useEverything(t, s)
	plans, err := s.Plans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(plans) < 60 {
		t.Errorf("only %d statements were seen", len(plans))
	}
	for query, steps := range plans {
		for _, step := range steps {
			// a whole list may be walked along an index, a page at a time
			scan := strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "USING") && !small(step) && !hourly(query)
			// the parts of a list of several states are merged, each no longer than a page
			sorts := step == "USE TEMP B-TREE FOR ORDER BY" && !strings.Contains(query, "UNION ALL") && !underWay(query)
			if scan || sorts {
				t.Errorf("%s\n%s", query, strings.Join(steps, "\n"))
				break
			}
		}
	}
}

// underWay reports whether a query sorts the runs that are being carried out
// right now, found by an index.
func underWay(query string) bool {
	return strings.Contains(query, "state IN ('running', 'finalizing', 'stopping') ORDER BY")
}

// hourly reports whether a query is asked once an hour, of what operators have sent
// and nothing has forgotten.
func hourly(query string) bool { return strings.HasPrefix(query, "DELETE FROM commands") }

// small reports whether a step scans a table that does not grow with time, or
// one in the order of its key.
func small(step string) bool {
	for _, name := range []string{"store", "lease", "pauses", "watermarks", "deployments", "outbox", "CONSTANT ROW", "(subquery", "onto", "json_each", "asked", "16-ROW VALUES"} {
		if strings.HasPrefix(step, "SCAN "+name) {
			return true
		}
	}
	return false
}

// useEverything calls each method that has a query of its own.
func useEverything(t *testing.T, s *store.Store) {
	t.Helper()
	deploy(t, s, graph.Deployment{AppliedAt: noon, Graph: workspace("landing", "daily")})
	key := running(t, s, "orders")
	update(t, s, func(tx *store.Tx) error {
		c, err := tx.Send(store.Command{Verb: store.VerbRun, Token: "t", At: noon})
		if err != nil {
			return err
		}
		l, err1 := tx.PutLanding(store.Landing{Group: daily, LandedAt: noon})
		e, err2 := tx.AppendEvent(store.Event{Run: key, At: noon})
		a, err3 := tx.PutAlert(store.AlertRow{At: noon})
		_, err4 := tx.PutAlert(a)
		i, err7 := tx.PutIncident(store.Incident{Group: daily, Cause: "missing/orders", OpenedAt: noon, UpdatedAt: noon})
		_, err8 := tx.PutIncident(i)
		_, err9 := tx.Release("alert.slack.ops", "k", noon)
		_, err10 := tx.ForgetAlerts(noon, 10)
		_, err11 := tx.Forget(noon, 10)
		_, err5 := tx.NextQueue()
		err6 := tx.PutRun(tick(daily, 1, store.Scheduled))
		if l.Seq == 0 || e.ID == 0 {
			t.Error("nothing was written")
		}
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11,
			tx.Finish(c.ID, store.CommandDone, "", "", noon), tx.DeleteRun(tick(daily, 1, "").Key),
			tx.PutPoll(store.Poll{Run: key, Task: "orders", NextAt: noon}), tx.PutJob(store.Job{Run: key, Step: "orders"}),
			tx.EndPoll(key, "orders"), tx.DeleteJob(key, "orders"), tx.SetWatermark(daily, "orders", noon, key),
			tx.MarkSeen(daily, "orders", "u", "p", "v", key), tx.SetStepMark(daily, "process.x", 1, key),
			tx.SetPause(graph.Pause{Group: daily, At: noon}), tx.ClearPause(daily), tx.SetDue(key, noon))
	})
	view(t, s, func(tx *store.Tx) error {
		var errs []error
		try := func(_ any, err error) { errs = append(errs, err) }
		found := func(_, _ any, err error) { errs = append(errs, err) }
		for _, group := range []graph.Addr{"", daily} {
			for _, states := range [][]string{nil, {store.Failed}, {store.Failed, store.Succeeded}} {
				for _, kind := range []string{"", store.KindAdHoc} {
					f := store.RunFilter{Group: group, States: states, Kind: kind, Limit: 20}
					try(tx.Runs(f))
					f.Before = store.Cursor{At: noon, Key: key}
					try(tx.Runs(f))
					f.From, f.Until = noon, noon.Add(time.Hour)
					try(tx.Runs(f))
				}
			}
			try(tx.OpenRuns(group))
			try(tx.Landings(store.LandingFilter{Group: group}))
		}
		try(tx.Landings(store.LandingFilter{Group: daily, After: 1}))
		try(tx.Landings(store.LandingFilter{Run: key, Courier: "orders"}))
		try(tx.Deployment(1))
		try(tx.Deployments(1))
		try(tx.Serial())
		try(tx.Commands())
		try(tx.Covered(daily, noon.Add(time.Hour)))
		try(tx.DuePolls(noon, 10))
		for _, n := range []int{1, 10} {
			versions := make([]store.Version, n)
			try(tx.LandedAmong(daily, "orders", "u", versions))
			try(tx.LandedAnywhere(daily, "orders", versions))
			try(tx.SeenAmong(daily, "orders", "u", versions))
		}
		try(tx.LandingsOf(daily, "orders", "u", []string{"2026-11-20"}, []string{"p"}))
		_, _, err := tx.LandedSince(daily, 1)
		errs = append(errs, err)
		try(tx.LastLandingBy(daily, noon))
		try(tx.GaveUp(daily, "orders", noon, noon.Add(time.Hour), 10))
		try(tx.StepMark(daily, "process.x"))
		try(tx.EventsSince(1, 10))
		try(tx.LastOfNoRun("resumed", 10))
		try(tx.Outbox(10))
		try(tx.Unsent("alert.slack.ops"))
		found(tx.DueAlerts(noon))
		try(tx.Batch(store.AlertRow{Alert: "alert.slack.ops", HoldUntil: noon}))
		try(tx.Batch(store.AlertRow{ID: 1}))
		try(tx.LastTold(1))
		try(tx.OpenIncidents(""))
		try(tx.OpenIncidents(daily))
		try(tx.ClosedIncidents(10))
		try(tx.AnyIncident())
		found(tx.OpenIncident(daily, "missing/orders"))
		try(tx.Standing())
		try(tx.DueTicks(noon, 10))
		try(tx.AnyBehind(noon))
		try(tx.DueRuns(noon, 10))
		try(tx.DueJobs(noon, 10))
		try(tx.Sharers("process.x"))
		try(tx.GatesOn(daily))
		try(tx.Waiting())
		try(tx.UnderWayKeys())
		try(tx.LastRuns([]graph.Addr{daily}))
		_, _, err = tx.Span(key)
		errs = append(errs, err)
		try(tx.UnderWay())
		found(tx.Detail(key))
		found(tx.Command(1))
		found(tx.Task(key, "orders"))
		found(tx.Poll(key, "orders"))
		found(tx.NextDue(noon))
		found(tx.NextTick(noon))
		found(tx.Job(key, "orders"))
		found(tx.Watermark(daily, "orders"))
		found(tx.Paused(daily))
		return errors.Join(errs...)
	})
}
