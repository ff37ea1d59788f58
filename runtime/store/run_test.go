package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// tick is a scheduled run of a group, hours after noon.
func tick(group graph.Addr, hours int, state string) store.Run {
	at := noon.Add(time.Duration(hours) * time.Hour)
	return store.Run{
		Key: graph.RunKey(group, at.Format(time.RFC3339)), Group: group, Kind: store.KindScheduled,
		ScheduledAt: at, State: state, CreatedAt: at.Add(-time.Hour),
	}
}

func put(t testing.TB, s *store.Store, runs ...store.Run) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		for _, r := range runs {
			if err := putRun(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// putRun writes a run as PutRun does, a new one by way of the states before its
// own.
func putRun(tx *store.Tx, r store.Run) error {
	way := []string{r.State}
	if _, found, err := tx.Run(r.Key); err != nil {
		return err
	} else if !found {
		way = store.RunMachine().Way(r.State)
	}
	for _, r.State = range way {
		if err := tx.PutRun(r); err != nil {
			return err
		}
	}
	return nil
}

// putTask is putRun for a task.
func putTask(tx *store.Tx, t store.Task) error {
	way := []string{t.State}
	if _, found, err := tx.Task(t.Run, t.Name); err != nil {
		return err
	} else if !found {
		way = store.TaskMachine().Way(t.State)
	}
	for _, t.State = range way {
		if err := tx.PutTask(t); err != nil {
			return err
		}
	}
	return nil
}

func getRun(t testing.TB, s *store.Store, key string) (store.Run, bool) {
	t.Helper()
	var found bool
	r := read(t, s, func(tx *store.Tx) (r store.Run, err error) {
		r, found, err = tx.Run(key)
		return r, err
	})
	return r, found
}

func TestPutRun(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	full := store.Run{
		Key: "k", Group: daily, Kind: store.KindBackfill, ScheduledAt: noon.Add(time.Nanosecond), Nominal: "2026-11-21 12:00",
		Reason: "normal", State: store.Running, Queue: 7, Keep: true, Serial: 3, Digest: "sha256:1", Attempt: 2,
		Request: json.RawMessage(`{"from":1}`), RunType: graph.RunFull, By: "anna", CreatedAt: noon,
		StartedAt: noon.Add(time.Second), EndedAt: noon.Add(time.Minute), Into: "other", Message: "it's so",
	}
	put(t, s, full)
	got, found := getRun(t, s, "k")
	equal(t, got, full)
	if !found {
		t.Error("not found")
	}
	if _, found := getRun(t, s, "none"); found {
		t.Error("found a run that is not there")
	}

	changed := store.Run{Key: "k", Group: daily, Kind: store.KindBackfill, ScheduledAt: full.ScheduledAt, State: store.Failed, CreatedAt: noon.Add(time.Hour)}
	put(t, s, changed)
	got, _ = getRun(t, s, "k")
	changed.CreatedAt = noon // stays
	equal(t, got, changed)

	for name, change := range map[string]func(*store.Run){
		"group":   func(r *store.Run) { r.Group = "courier_group.other" },
		"kind":    func(r *store.Run) { r.Kind = store.KindScheduled },
		"instant": func(r *store.Run) { r.ScheduledAt = time.Time{} },
	} {
		r := changed
		change(&r)
		if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutRun(r) }); err == nil {
			t.Errorf("the %s of a run was changed", name)
		}
	}
	far := store.Run{Key: "far", CreatedAt: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutRun(far) }); err == nil {
		t.Error("an instant that cannot be kept was stored")
	}
}

func TestARunNeedsItsCreation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutRun(store.Run{Key: "no creation"}) }); err == nil {
		t.Error("a run without its creation was written")
	}
}

func TestDeleteRun(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	expected, queued, ended := tick(daily, 0, store.Scheduled), tick(daily, 1, store.Scheduled), tick(daily, 2, store.Failed)
	queued.Queue = 1
	put(t, s, expected, queued, ended)
	del := func(key string) error {
		return s.Update(t.Context(), func(tx *store.Tx) error { return tx.DeleteRun(key) })
	}
	if err := del(expected.Key); err != nil {
		t.Error(err)
	}
	if err := del(expected.Key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	for _, r := range []store.Run{queued, ended} {
		if err := del(r.Key); err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", r.Key, err)
		}
	}
}

func TestOpenRuns(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	a, b := graph.GroupAddr("a"), graph.GroupAddr("b")
	var open []store.Run
	for i, state := range []string{store.Scheduled, store.Blocked, store.Finalizing, store.Running, store.Stopping, store.Waiting} {
		r := tick(a, 10-i, state)
		r.Queue = int64(i)
		open = append(open, r)
	}
	for i, state := range []string{store.Succeeded, store.SucceededWithWarnings, store.Failed, store.Stopped, store.Canceled, store.Skipped} {
		put(t, s, tick(a, 20+i, state))
		equal(t, store.Ended(state), true)
	}
	other := tick(b, 0, store.Running)
	put(t, s, append(slices.Clone(open), other)...)
	for _, r := range open {
		equal(t, store.Ended(r.State), false)
	}
	equal(t, read(t, s, func(tx *store.Tx) ([]store.Run, error) { return tx.OpenRuns(a) }), open)
	equal(t, read(t, s, func(tx *store.Tx) ([]store.Run, error) { return tx.OpenRuns("") }), append(slices.Clone(open), other))
}

// TestRuns compares every combination of filters with a plain loop over all
// runs, whole and page by page.
func TestRuns(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	states := []string{store.Succeeded, store.Failed, store.Running}
	var all []store.Run
	for i := range 60 {
		r := tick(graph.GroupAddr(fmt.Sprint("g", i%3)), i/4, states[i%7%3])
		switch i % 5 {
		case 3:
			r.Kind, r.Key = store.KindBackfill, r.Key+"#b"
		case 4:
			r.Kind, r.Key, r.ScheduledAt = store.KindAdHoc, r.Key+"#a", time.Time{}
		}
		if store.Ended(r.State) {
			r.EndedAt = r.At().Add(time.Duration(i%3) * time.Hour)
		}
		if !slices.ContainsFunc(all, func(o store.Run) bool { return o.Key == r.Key }) {
			all = append(all, r)
		}
	}
	put(t, s, all...)
	slices.SortFunc(all, func(a, b store.Run) int {
		if c := b.At().Compare(a.At()); c != 0 {
			return c
		}
		return -cmpString(a.Key, b.Key)
	})

	for _, group := range []graph.Addr{"", "courier_group.g1"} {
		for _, states := range [][]string{nil, {store.Failed}, {store.Failed, store.Succeeded, store.Failed}} {
			for _, kind := range []string{"", store.KindScheduled, store.KindAdHoc} {
				for _, from := range []time.Time{{}, noon.Add(3 * time.Hour)} {
					for _, until := range []time.Time{{}, noon.Add(12 * time.Hour)} {
						f := store.RunFilter{Group: group, States: states, Kind: kind, From: from, Until: until}
						checkRuns(t, s, f, all)
						checkRuns(t, s, store.RunFilter{Group: group, States: states, Kind: kind, EndedFrom: from, EndedUntil: until}, all)
					}
				}
			}
		}
	}
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func checkRuns(t *testing.T, s *store.Store, f store.RunFilter, all []store.Run) {
	t.Helper()
	var want []store.Run
	for _, r := range all {
		if (f.Group == "" || r.Group == f.Group) && (f.States == nil || slices.Contains(f.States, r.State)) &&
			(f.Kind == "" || r.Kind == f.Kind) && (f.From.IsZero() || !r.At().Before(f.From)) &&
			(f.Until.IsZero() || r.At().Before(f.Until)) &&
			(f.EndedFrom.IsZero() || !r.EndedAt.Before(f.EndedFrom)) &&
			(f.EndedUntil.IsZero() || !r.EndedAt.IsZero() && r.EndedAt.Before(f.EndedUntil)) {
			want = append(want, r)
		}
	}
	list := func(f store.RunFilter) []store.Run {
		return read(t, s, func(tx *store.Tx) ([]store.Run, error) { return tx.Runs(f) })
	}
	if diff := cmp.Diff(want, list(f)); diff != "" {
		t.Errorf("%+v (-want +got):\n%s", f, diff)
	}
	var pages []store.Run
	for f.Limit = 7; ; f.Before = pages[len(pages)-1].Cursor() {
		page := list(f)
		pages = append(pages, page...)
		if len(page) < f.Limit {
			break
		}
	}
	if diff := cmp.Diff(want, pages); diff != "" {
		t.Errorf("%+v by pages (-want +got):\n%s", f, diff)
	}
}

func TestNextQueue(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	next := func(fail error) (n int64) {
		_ = s.Update(t.Context(), func(tx *store.Tx) (err error) {
			n, err = tx.NextQueue()
			return errors.Join(err, fail)
		})
		return n
	}
	equal(t, []int64{next(nil), next(nil), next(errors.New("no")), next(nil)}, []int64{1, 2, 3, 3})
}

func TestCovered(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	deploy(t, s, graph.Deployment{AppliedAt: noon, Graph: workspace("landing", "daily", "idle")})
	adhoc := tick(daily, 9, store.Succeeded)
	adhoc.Kind = store.KindAdHoc
	backfill := tick(daily, 7, store.Succeeded)
	backfill.Key, backfill.Kind = "courier_group.daily@backfill", store.KindBackfill
	blocked, coalesced := tick(daily, 6, store.Skipped), tick(daily, 7, store.Skipped)
	blocked.Into, coalesced.Into = backfill.Key, blocked.Key
	put(t, s, tick(daily, 1, store.Failed), tick(daily, 2, store.SucceededWithWarnings), tick(daily, 3, store.Skipped),
		tick(daily, 4, store.Succeeded), tick(daily, 5, store.Running), adhoc, backfill, blocked, coalesced)
	for _, c := range []struct {
		group string
		hours int
		want  bool
	}{
		{"daily", -1, true}, {"daily", 0, true}, {"daily", 1, true}, {"daily", 4, true}, {"daily", 5, true}, {"daily", 7, true}, {"daily", 8, false}, {"daily", 9, false},
		{"idle", -1, true}, {"idle", 0, false}, {"never", -1, false},
	} {
		got := read(t, s, func(tx *store.Tx) (bool, error) {
			return tx.Covered(graph.GroupAddr(c.group), noon.Add(time.Duration(c.hours)*time.Hour))
		})
		if got != c.want {
			t.Errorf("%s, %d h: %v, want %v", c.group, c.hours, got, c.want)
		}
	}
}

func TestDueTicks(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	held := graph.GroupAddr("held")
	queued := tick(daily, 0, store.Scheduled)
	queued.Queue = 1
	first, second, later := tick(daily, 1, store.Scheduled), tick("courier_group.other", 2, store.Scheduled), tick(daily, 3, store.Scheduled)
	put(t, s, later, second, first, queued, tick(held, -1, store.Scheduled), tick(daily, -2, store.Running), tick(daily, -3, store.Stopping), tick(daily, -4, store.Failed))
	update(t, s, func(tx *store.Tx) error { return tx.SetPause(graph.Pause{Group: held, At: noon}) })

	due := func(hours int) []store.Run {
		return read(t, s, func(tx *store.Tx) ([]store.Run, error) {
			return tx.DueTicks(noon.Add(time.Duration(hours)*time.Hour), 0)
		})
	}
	equal(t, due(0), nil)
	equal(t, due(2), []store.Run{first, second})
	equal(t, due(9), []store.Run{first, second, later})
	equal(t, read(t, s, func(tx *store.Tx) ([]store.Run, error) { return tx.UnderWay() }),
		[]store.Run{tick(daily, -3, store.Stopping), tick(daily, -2, store.Running)})
	next := func() (at time.Time, found bool) {
		view(t, s, func(tx *store.Tx) (err error) {
			at, found, err = tx.NextTick(noon)
			return err
		})
		return at, found
	}
	if at, found := next(); !found || !at.Equal(first.ScheduledAt) {
		t.Errorf("next: %v %v", at, found)
	}
	for _, r := range []store.Run{first, second, later} {
		update(t, s, func(tx *store.Tx) error { return tx.DeleteRun(r.Key) })
	}
	if at, found := next(); found {
		t.Errorf("next: %v", at)
	}
}
