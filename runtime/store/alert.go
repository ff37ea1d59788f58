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
	ID     int64           `json:"id"`
	Key    string          `json:"key"` // of the incident
	Alert  graph.Addr      `json:"alert"`
	Event  string          `json:"event"`
	Run    string          `json:"run,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`
	At     time.Time       `json:"at"`
	SentAt time.Time       `json:"sent_at,omitzero"`
}

// PutAlert writes a message: a new one for ID 0, else it replaces Body and
// SentAt of that one. An unknown ID is ErrNotFound.
func (tx *Tx) PutAlert(a AlertRow) (AlertRow, error) {
	a.At, a.SentAt = a.At.UTC(), a.SentAt.UTC()
	if a.ID != 0 {
		n, err := tx.exec("change the alert", "UPDATE outbox SET body = ?, sent_at = ? WHERE id = ?",
			document(a.Body), instant(a.SentAt), a.ID)
		if err == nil && n == 0 {
			err = fmt.Errorf("store: alert %d: %w", a.ID, ErrNotFound)
		}
		return a, err
	}
	id, _, err := one(tx, "write the alert", scalar[int64], `
		INSERT INTO outbox (key, alert, event, run, body, at, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		a.Key, a.Alert, a.Event, a.Run, document(a.Body), instant(a.At), instant(a.SentAt))
	a.ID = id
	return a, err
}

// Outbox returns the messages that were not sent, the oldest first; 0 is no
// limit.
func (tx *Tx) Outbox(limit int) ([]AlertRow, error) {
	return list(tx, "list the outbox", func(r row) (a AlertRow, err error) {
		err = r(&a.ID, &a.Key, &a.Alert, &a.Event, &a.Run, (*document)(&a.Body), (*instant)(&a.At), (*instant)(&a.SentAt))
		return a, err
	}, "SELECT id, key, alert, event, run, body, at, sent_at FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT ?", limited(limit))
}
