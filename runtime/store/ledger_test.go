package store_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

func TestWatermarks(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	set := func(group graph.Addr, member string, at time.Time) error {
		return s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetWatermark(group, member, at, "run") })
	}
	other := graph.Addr("courier_group.another")
	for _, at := range []time.Time{noon, noon, noon.Add(time.Hour)} {
		if err := set(daily, "orders", at); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(set(daily, "events", noon), set(other, "orders", noon)); err != nil {
		t.Fatal(err)
	}
	for _, until := range []time.Time{noon.Add(-time.Hour), noon.Add(time.Minute), noon} {
		if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.LeaveOut(daily, "events", until) }); err != nil {
			t.Fatal(err)
		}
	}
	var back *store.WatermarkError
	if err := set(daily, "orders", noon.Add(time.Hour-1)); !errors.As(err, &back) || !back.Current.At.Equal(noon.Add(time.Hour)) {
		t.Errorf("a watermark went back: %v", err)
	}
	equal(t, read(t, s, func(tx *store.Tx) ([]graph.Watermark, error) { return tx.Watermarks() }), []graph.Watermark{
		{Group: other, Courier: "orders", At: noon, From: noon, Whole: noon},
		{Group: daily, Courier: "events", At: noon, From: noon, Whole: noon.Add(time.Minute)},
		{Group: daily, Courier: "orders", At: noon.Add(time.Hour), From: noon, Whole: noon},
	})
	view(t, s, func(tx *store.Tx) error {
		at, found, err := tx.Watermark(daily, "orders")
		if !at.Equal(noon.Add(time.Hour)) || !found {
			t.Errorf("orders: %v %v", at, found)
		}
		if _, found, _ := tx.Watermark(daily, "none"); found {
			t.Error("none has a watermark")
		}
		return err
	})
}

func TestLandings(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	base := store.Landing{
		Group: daily, Courier: "orders", Run: "r1", File: "sales", Date: "2026-11-20", Source: "file:///drop", Path: "a/1.csv", Version: "e1",
		URL: "landing/1.csv", Size: 12, SHA256: "ab", LandedAt: noon,
	}
	land := func(change func(*store.Landing)) (got store.Landing, err error) {
		l := base
		change(&l)
		err = s.Update(t.Context(), func(tx *store.Tx) (err error) {
			got, err = tx.PutLanding(l)
			return err
		})
		return got, err
	}
	var all []store.Landing
	for _, change := range []func(*store.Landing){
		func(l *store.Landing) {},
		func(l *store.Landing) { l.Run, l.Version = "r2", "e2" },
		func(l *store.Landing) { l.Path = "a/2.csv" },
		func(l *store.Landing) { l.Courier, l.Run = "events", "r2" },
		func(l *store.Landing) { l.Group, l.Run = "courier_group.other", "o1" },
		func(l *store.Landing) { l.Reload, l.Run = true, "r3" },
		func(l *store.Landing) { l.Reload, l.Run = true, "r4" },
	} {
		got, err := land(change)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got)
	}
	equal(t, all[6].Seq, int64(7))
	for name, change := range map[string]func(*store.Landing){
		"again":            func(l *store.Landing) {},
		"by another run":   func(l *store.Landing) { l.Run, l.File = "r9", "other" },
		"reloaded again":   func(l *store.Landing) { l.Run, l.Reload = "r3", true },
		"in another group": func(l *store.Landing) { l.Group, l.Run = "courier_group.other", "o2" },
	} {
		if _, err := land(change); !errors.Is(err, store.ErrLanded) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []struct {
		f    store.LandingFilter
		want []int
	}{
		{store.LandingFilter{}, []int{0, 1, 2, 3, 4, 5, 6}},
		{store.LandingFilter{Group: daily}, []int{0, 1, 2, 3, 5, 6}},
		{store.LandingFilter{Group: daily, After: 2}, []int{2, 3, 5, 6}},
		{store.LandingFilter{Group: daily, After: 2, Limit: 2}, []int{2, 3}},
		{store.LandingFilter{Run: "r2"}, []int{1, 3}},
		{store.LandingFilter{Run: "r2", Courier: "events"}, []int{3}},
		{store.LandingFilter{Run: "none"}, nil},
	} {
		var want []store.Landing
		for _, i := range c.want {
			want = append(want, all[i])
		}
		equal(t, read(t, s, func(tx *store.Tx) ([]store.Landing, error) { return tx.Landings(c.f) }), want)
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for range 2 {
		update(t, s, func(tx *store.Tx) error { return tx.MarkSeen(daily, "orders", "file:///drop", "a.csv", "e1", "r1") })
	}
	one, two := store.Version{Path: "a.csv", Version: "e1"}, store.Version{Path: "a.csv", Version: "e2"}
	equal(t, read(t, s, func(tx *store.Tx) (store.Versions, error) {
		return tx.SeenAmong(daily, "orders", "file:///drop", []store.Version{one, two})
	}), store.Versions{one: true})
}

func TestStepMarks(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const step = graph.Addr("process.load")
	mark := func() int64 {
		return read(t, s, func(tx *store.Tx) (int64, error) { return tx.StepMark(daily, step) })
	}
	equal(t, mark(), int64(0))
	for _, c := range []struct{ set, want int64 }{{4, 4}, {9, 9}, {7, 9}} {
		update(t, s, func(tx *store.Tx) error { return tx.SetStepMark(daily, step, c.set, "r") })
		equal(t, mark(), c.want)
	}
}

func TestPauses(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	first := graph.Pause{Group: daily, By: "anna", At: noon}
	other := graph.Pause{Group: "courier_group.another", By: "ben", At: noon}
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.SetPause(first), tx.SetPause(graph.Pause{Group: daily, By: "ben", At: noon.Add(1)}), tx.SetPause(other))
	})
	pauses := func(tx *store.Tx) ([]graph.Pause, error) { return tx.Pauses() }
	equal(t, read(t, s, pauses), []graph.Pause{other, first})
	update(t, s, func(tx *store.Tx) error { return errors.Join(tx.ClearPause(other.Group), tx.ClearPause(other.Group)) })
	view(t, s, func(tx *store.Tx) error {
		p, paused, err := tx.Paused(daily)
		equal(t, p, first)
		if _, other, _ := tx.Paused(other.Group); !paused || other {
			t.Errorf("daily is paused: %v, another is: %v", paused, other)
		}
		return err
	})
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var all []store.Event
	for i, run := range []string{"a", "b", "a", "", "a", ""} {
		want := store.Event{Run: run, At: noon.Add(time.Duration(i)), Type: "task", Task: "orders", Message: "m", Data: json.RawMessage(`{}`)}
		update(t, s, func(tx *store.Tx) error {
			got, err := tx.AppendEvent(want)
			want.ID, want.Seq = int64(i+1), []int64{1, 1, 2, 1, 3, 2}[i]
			equal(t, got, want)
			return err
		})
		all = append(all, want)
	}
	events := func(run string, after int64) []store.Event {
		return read(t, s, func(tx *store.Tx) ([]store.Event, error) { return tx.Events(run, after) })
	}
	equal(t, events("a", 0), []store.Event{all[0], all[2], all[4]})
	equal(t, events("a", 2), []store.Event{all[4]})
	equal(t, events("", 0), []store.Event{all[3], all[5]})
	equal(t, read(t, s, func(tx *store.Tx) ([]store.Event, error) { return tx.EventsSince(2, 3) }), all[2:5])
	equal(t, read(t, s, func(tx *store.Tx) ([]store.Event, error) { return tx.EventsSince(0, 0) }), all)
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	write := func(a store.AlertRow) (got store.AlertRow, err error) {
		err = s.Update(t.Context(), func(tx *store.Tx) (err error) {
			got, err = tx.PutAlert(a)
			return err
		})
		return got, err
	}
	row := store.AlertRow{Key: "daily/orders", Alert: "alert.slack.ops", Event: "missing", Run: "r1", Body: json.RawMessage(`{"a":1}`), At: noon}
	first, err1 := write(row)
	second, err2 := write(row)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	outbox := func(limit int) []store.AlertRow {
		return read(t, s, func(tx *store.Tx) ([]store.AlertRow, error) { return tx.Outbox(limit) })
	}
	row.ID = 1
	equal(t, first, row)
	equal(t, outbox(0), []store.AlertRow{first, second})
	equal(t, outbox(1), []store.AlertRow{first})
	first.SentAt = noon.Add(time.Second)
	if _, err := write(first); err != nil {
		t.Fatal(err)
	}
	equal(t, outbox(0), []store.AlertRow{second})
	if _, err := write(store.AlertRow{ID: 9, At: noon}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown message: %v", err)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	open, expected := tick(daily, 0, store.Running), tick(daily, 1, store.Scheduled)
	queued := tick("courier_group.other", 0, store.Scheduled)
	queued.Queue = 1
	put(t, s, open, expected, queued, tick(daily, -1, store.Failed))
	want := store.Detail{Run: open}
	update(t, s, func(tx *store.Tx) error {
		want.Tasks = []store.Task{{Run: open.Key, Name: "orders", Kind: store.KindCourier, State: store.Waiting}}
		want.Polls = []store.Poll{{Run: open.Key, Task: "orders", NextAt: noon}}
		if err := errors.Join(putTask(tx, want.Tasks[0]), tx.PutPoll(want.Polls[0]), tx.SetWatermark(daily, "orders", noon, open.Key),
			tx.SetPause(graph.Pause{Group: daily, By: "anna", At: noon})); err != nil {
			return err
		}
		l, err := tx.PutLanding(store.Landing{Group: daily, Courier: "orders", Run: open.Key, LandedAt: noon})
		want.Landings = []store.Landing{l}
		if err != nil {
			return err
		}
		e, err := tx.AppendEvent(store.Event{Run: open.Key, At: noon, Type: "started"})
		want.Events = []store.Event{e}
		return err
	})
	view(t, s, func(tx *store.Tx) error {
		got, found, err := tx.Detail(open.Key)
		equal(t, got, want)
		if _, other, _ := tx.Detail("none"); !found || other {
			t.Errorf("the run is there: %v, none is: %v", found, other)
		}
		return err
	})
	equal(t, read(t, s, func(tx *store.Tx) (graph.Standing, error) { return tx.Standing() }), graph.Standing{
		Watermarks: []graph.Watermark{{Group: daily, Courier: "orders", At: noon, From: noon, Whole: noon}},
		Paused:     []graph.Pause{{Group: daily, By: "anna", At: noon}},
		Open: []graph.OpenRun{
			{Key: open.Key, Group: daily, ScheduledAt: noon, State: store.Running, Since: noon},
			{Key: queued.Key, Group: queued.Group, ScheduledAt: noon, State: store.Scheduled, Since: noon},
		},
		Expected: []graph.Expected{{Group: daily, At: noon.Add(time.Hour)}},
	})
}
