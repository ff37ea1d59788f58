package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// AlertRow is a message to an alert, written in the transaction of its cause
// and delivered later.
type AlertRow struct {
	ID       int64           `json:"id"`
	Key      string          `json:"key"`                // messages of one key and alert keep their order
	Incident int64           `json:"incident,omitempty"` // ID; 0: of none
	Alert    graph.Addr      `json:"alert"`
	Event    string          `json:"event"`
	Run      string          `json:"run,omitempty"`
	Body     json.RawMessage `json:"body,omitempty"`
	At       time.Time       `json:"at"`
	// HoldUntil is the end of quiet hours. Messages of one key and alert that
	// are held until the same instant are delivered as one.
	HoldUntil time.Time `json:"hold_until,omitzero"`
	SentAt    time.Time `json:"sent_at,omitzero"`
	Attempts  int       `json:"attempts,omitempty"`
	NextAt    time.Time `json:"next_at,omitzero"` // when it is tried; zero: at once
	Error     string    `json:"error,omitempty"`  // of the last attempt
	DeadAt    time.Time `json:"dead_at,omitzero"` // when it was given up
}

const alertColumns = "id, key, incident, alert, event, run, body, at, hold_until, sent_at, attempts, next_at, error, dead_at"

func scanAlert(r row) (a AlertRow, err error) {
	err = r(&a.ID, &a.Key, &a.Incident, &a.Alert, &a.Event, &a.Run, (*document)(&a.Body), (*instant)(&a.At), (*instant)(&a.HoldUntil),
		(*instant)(&a.SentAt), &a.Attempts, (*instant)(&a.NextAt), &a.Error, (*instant)(&a.DeadAt))
	return a, err
}

// PutAlert writes a message: a new one for ID 0, else it replaces all of that
// one but Key, Incident, Alert, Event, Run and At. An unknown ID is ErrNotFound.
func (tx *Tx) PutAlert(a AlertRow) (AlertRow, error) {
	a.Error = tx.hidden(a.Error)
	a.At, a.HoldUntil, a.SentAt, a.NextAt, a.DeadAt = a.At.UTC(), a.HoldUntil.UTC(), a.SentAt.UTC(), a.NextAt.UTC(), a.DeadAt.UTC()
	if a.ID != 0 {
		n, err := tx.exec("change the alert", `UPDATE outbox SET body = ?, hold_until = ?, sent_at = ?, attempts = ?, next_at = ?,
				error = ?, dead_at = ? WHERE id = ?`,
			document(a.Body), instant(a.HoldUntil), instant(a.SentAt), a.Attempts, instant(a.NextAt), a.Error, instant(a.DeadAt), a.ID)
		if err == nil && n == 0 {
			err = fmt.Errorf("store: alert %d: %w", a.ID, ErrNotFound)
		}
		return a, err
	}
	id, _, err := one(tx, "write the alert", scalar[int64], `
		INSERT INTO outbox (key, incident, alert, event, run, body, at, hold_until, sent_at, attempts, next_at, error, dead_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		a.Key, a.Incident, a.Alert, a.Event, a.Run, document(a.Body), instant(a.At), instant(a.HoldUntil), instant(a.SentAt), a.Attempts,
		instant(a.NextAt), a.Error, instant(a.DeadAt))
	a.ID = id
	return a, err
}

// unsent selects the messages that are to be delivered; its condition is that
// of the index.
const unsent = " FROM outbox INDEXED BY outbox_unsent WHERE sent_at IS NULL AND dead_at IS NULL"

// Outbox returns the messages that are to be delivered, by alert and key, the
// oldest of each first; 0 is no limit.
func (tx *Tx) Outbox(limit int) ([]AlertRow, error) {
	return list(tx, "list the outbox", scanAlert, "SELECT "+alertColumns+unsent+" ORDER BY alert, key, id LIMIT +?", limited(limit))
}

// AlertStanding is how an applied alert stands: what waits to be sent to it.
type AlertStanding struct {
	Alert   graph.Addr `json:"alert"`
	On      []string   `json:"on"`
	Waiting int        `json:"waiting"`         // messages to it
	Oldest  time.Time  `json:"oldest,omitzero"` // when the oldest of them was written; zero: there is none
	Held    time.Time  `json:"held,omitzero"`   // the end of quiet hours that hold them back; zero: nothing does
	Error   string     `json:"error,omitempty"` // of the last attempt that failed
	Next    time.Time  `json:"next,omitzero"`   // when a message that failed is tried again; zero: none did
}

// AlertStandings returns how alerts stand, in their order.
func (tx *Tx) AlertStandings(alerts []graph.Alert) ([]AlertStanding, error) {
	rows, err := tx.Outbox(0)
	all := make([]AlertStanding, len(alerts))
	for i := range alerts {
		s := &all[i]
		s.Alert, s.On = alerts[i].Addr, alerts[i].On
		for _, row := range rows {
			if row.Alert != s.Alert {
				continue
			}
			s.Waiting++
			if s.Oldest.IsZero() || row.At.Before(s.Oldest) {
				s.Oldest = row.At
			}
			if row.Attempts == 0 && !row.HoldUntil.IsZero() {
				s.Held = row.HoldUntil
			}
			if row.Error != "" && s.Error == "" {
				s.Error, s.Next = row.Error, row.NextAt
			}
		}
	}
	return all, err
}

// Unsent counts the messages to an alert that are to be delivered.
func (tx *Tx) Unsent(alert graph.Addr) (int, error) {
	n, _, err := one(tx, "count the outbox", scalar[int], "SELECT count(*)"+unsent+" AND alert = ?", alert)
	return n, err
}

// DueAlerts returns of each alert the oldest message that is to be delivered at
// an instant. One whose key has an older message waits for that. ready is when
// the next of those that are left comes, zero where there is none.
func (tx *Tx) DueAlerts(now time.Time) (due []AlertRow, ready time.Time, err error) {
	// Of each key only the oldest counts, and of an alert the oldest of those.
	heads := "(SELECT min(id) AS head, alert" + unsent + " GROUP BY alert, key)"
	due, err = list(tx, "list what is to be delivered", scanAlert, `SELECT `+alertColumns+` FROM outbox WHERE id IN (
		SELECT min(o.id) FROM `+heads+` JOIN outbox o ON o.id = head WHERE coalesce(o.next_at, o.hold_until, 0) <= ? GROUP BY o.alert) ORDER BY id`,
		instant(now))
	if err != nil {
		return nil, ready, err
	}
	ready, _, err = one(tx, "find the next delivery", scanTime, `
		SELECT min(coalesce(o.next_at, o.hold_until)) FROM `+heads+` JOIN outbox o ON o.id = head WHERE coalesce(o.next_at, o.hold_until) > ?`,
		instant(now))
	return due, ready, err
}

// Batch returns the messages that are delivered as one with a message, that one
// included, the oldest first, as they are now; none where it was delivered
// meanwhile.
func (tx *Tx) Batch(a AlertRow) ([]AlertRow, error) {
	if a.HoldUntil.IsZero() {
		return list(tx, "read the alert", scanAlert, "SELECT "+alertColumns+" FROM outbox WHERE id = ? AND sent_at IS NULL AND dead_at IS NULL", a.ID)
	}
	return list(tx, "list a batch", scanAlert, "SELECT "+alertColumns+unsent+" AND alert = ? AND key = ? AND hold_until = ? ORDER BY id",
		a.Alert, a.Key, instant(a.HoldUntil))
}

// Release ends the holding back of the messages of a key to an alert that have
// not been tried: they are delivered as one with what is held until the instant.
func (tx *Tx) Release(alert graph.Addr, key string, at time.Time) (int64, error) {
	return tx.exec("release the alerts", `UPDATE outbox SET hold_until = ?3 WHERE id IN (
		SELECT id`+unsent+` AND alert = ?1 AND key = ?2 AND attempts = 0 AND hold_until > ?3)`, alert, key, instant(at))
}

// LastTold returns when each alert was last told of an incident, or will be as
// soon as it can be reached, by alert.
func (tx *Tx) LastTold(incident int64) (map[graph.Addr]time.Time, error) {
	told := map[graph.Addr]time.Time{}
	_, err := list(tx, "list who was told", func(r row) (struct{}, error) {
		var alert graph.Addr
		var at instant
		err := r(&alert, &at)
		told[alert] = time.Time(at)
		return struct{}{}, err
	}, "SELECT alert, max(at) FROM outbox WHERE incident = ? AND incident <> 0 GROUP BY alert", incident)
	return told, err
}

// ForgetAlerts removes the messages that were delivered or given up before an
// instant, and the incidents that were closed before it, up to a limit of each.
// It returns how many rows were removed.
func (tx *Tx) ForgetAlerts(before time.Time, limit int) (int64, error) {
	n, err := tx.exec("forget messages", `DELETE FROM outbox WHERE id IN (
		SELECT id FROM outbox WHERE coalesce(sent_at, dead_at) IS NOT NULL AND coalesce(sent_at, dead_at) < ?
			AND incident NOT IN (SELECT id FROM incidents WHERE closed_at IS NULL) LIMIT +?)`, instant(before), limited(limit))
	if err != nil {
		return n, err
	}
	more, err := tx.exec("forget incidents", `DELETE FROM incidents WHERE id IN (
		SELECT id FROM incidents WHERE closed_at IS NOT NULL AND closed_at < ? LIMIT +?)`, instant(before), limited(limit))
	return n + more, err
}
