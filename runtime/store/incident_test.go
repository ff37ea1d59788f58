package store_test

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestDelivery follows messages of two alerts: each key keeps its order, a
// message that is tried again holds up its key only, and what is held until the
// same instant is one delivery.
func TestDelivery(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const slack, mail = graph.Addr("alert.slack.ops"), graph.Addr("alert.email.ann")
	write := func(a store.AlertRow) store.AlertRow {
		t.Helper()
		update(t, s, func(tx *store.Tx) (err error) {
			a, err = tx.PutAlert(a)
			return err
		})
		return a
	}
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	due := func(now time.Time) (ids []int64, ready time.Time) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			rows, next, err := tx.DueAlerts(now)
			for _, r := range rows {
				ids = append(ids, r.ID)
			}
			ready = next
			return err
		})
		return ids, ready
	}
	expect := func(now time.Time, ready time.Time, want ...int64) {
		t.Helper()
		ids, next := due(now)
		equal(t, ids, want)
		equal(t, next, ready)
	}
	first := write(store.AlertRow{Alert: slack, Key: "a", At: noon})
	write(store.AlertRow{Alert: slack, Key: "a", At: noon})
	write(store.AlertRow{Alert: slack, Key: "b", At: noon})
	held := write(store.AlertRow{Alert: mail, Key: "a", At: noon, HoldUntil: at(60)})
	write(store.AlertRow{Alert: mail, Key: "a", At: at(1), HoldUntil: at(60)})
	expect(noon, at(60), 1)

	first.Attempts, first.NextAt, first.Error = 1, at(10), "503"
	write(first)
	expect(noon, at(10), 3) // "a" waits for its first message, "b" does not
	expect(at(10), at(60), 1)
	first.SentAt = at(10)
	write(first)
	expect(at(10), at(60), 2)
	if again := read(t, s, func(tx *store.Tx) ([]store.AlertRow, error) { return tx.Batch(first) }); len(again) != 0 {
		t.Errorf("what was sent is delivered again: %v", again)
	}
	expect(at(60), time.Time{}, 2, 4)
	batch := read(t, s, func(tx *store.Tx) ([]store.AlertRow, error) { return tx.Batch(held) })
	if len(batch) != 2 {
		t.Errorf("%d messages are held together, want 2", len(batch))
	}

	update(t, s, func(tx *store.Tx) error {
		n, err := tx.Release(mail, "a", at(30))
		if n != 2 {
			t.Errorf("%d messages were released, want 2", n)
		}
		return err
	})
	expect(at(30), time.Time{}, 2, 4)
	equal(t, read(t, s, func(tx *store.Tx) (int, error) { return tx.Unsent(mail) }), 2)
	held = read(t, s, func(tx *store.Tx) ([]store.AlertRow, error) {
		return tx.Batch(store.AlertRow{Alert: mail, Key: "a", HoldUntil: at(30)})
	})[0]
	held.DeadAt = at(40)
	write(held)
	expect(at(40), time.Time{}, 2, 5)
}

// TestIncidents checks that a group and cause have one open incident, who was
// told of it, and that what is over can be forgotten.
func TestIncidents(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	put := func(i store.Incident) (got store.Incident, err error) {
		err = s.Update(t.Context(), func(tx *store.Tx) (err error) {
			got, err = tx.PutIncident(i)
			return err
		})
		return got, err
	}
	open := func(group graph.Addr) []store.Incident {
		return read(t, s, func(tx *store.Tx) ([]store.Incident, error) { return tx.OpenIncidents(group) })
	}
	i, err := put(store.Incident{
		Group: daily, Cause: "missing/orders", Task: "orders", Events: []string{"late", "missing"}, Title: "t", Message: "m",
		Run: "r", Runs: 1, OpenedAt: noon, UpdatedAt: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, i.Key(), "daily/missing/orders#1")
	equal(t, open(daily), []store.Incident{i})
	equal(t, open(""), []store.Incident{i})
	if _, err := put(store.Incident{Group: daily, Cause: i.Cause, OpenedAt: noon, UpdatedAt: noon}); err == nil {
		t.Error("there are two open incidents of one cause")
	}
	update(t, s, func(tx *store.Tx) error {
		_, err := tx.PutAlert(store.AlertRow{Alert: "alert.slack.ops", Key: i.Key(), Incident: i.ID, At: noon, SentAt: noon})
		return err
	})
	told := func() map[graph.Addr]time.Time {
		return read(t, s, func(tx *store.Tx) (map[graph.Addr]time.Time, error) { return tx.LastTold(i.ID) })
	}
	equal(t, told(), map[graph.Addr]time.Time{"alert.slack.ops": noon})
	forget := func() int64 {
		var n int64
		update(t, s, func(tx *store.Tx) (err error) {
			n, err = tx.ForgetAlerts(noon.Add(time.Hour), 10)
			return err
		})
		return n
	}
	equal(t, forget(), int64(0)) // it is open, so that what was told of it still counts
	i.ClosedAt = noon.Add(time.Minute)
	if _, err := put(i); err != nil {
		t.Fatal(err)
	}
	equal(t, len(open("")), 0)
	equal(t, read(t, s, func(tx *store.Tx) ([]store.Incident, error) { return tx.ClosedIncidents(1) }), []store.Incident{i})
	if again, err := put(store.Incident{Group: daily, Cause: i.Cause, OpenedAt: noon, UpdatedAt: noon}); err != nil || again.ID == i.ID {
		t.Errorf("the next incident of the cause: %v, %v", again.ID, err)
	}
	equal(t, forget(), int64(2))
}
