package store

import (
	"encoding/json"
	"time"
)

// Event is something that happened. Events are never changed.
type Event struct {
	ID      int64           `json:"id"`            // order over all runs
	Run     string          `json:"run,omitempty"` // empty for deploys, pauses and the like
	Seq     int64           `json:"seq"`           // order in the run, from 1, without gaps
	At      time.Time       `json:"at"`
	Type    string          `json:"type"`
	Task    string          `json:"task,omitempty"`
	Message string          `json:"message,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
}

const selectEvent = "SELECT id, run, seq, at, type, task, message, data FROM events"

func scanEvent(r row) (e Event, err error) {
	err = r(&e.ID, &e.Run, &e.Seq, (*instant)(&e.At), &e.Type, &e.Task, &e.Message, (*document)(&e.Data))
	return e, err
}

// AppendEvent writes an event and returns it with the ID and Seq it was given.
func (tx *Tx) AppendEvent(e Event) (Event, error) {
	e.At, e.Message = e.At.UTC(), tx.hidden(e.Message)
	stored, _, err := one(tx, "append the event", func(r row) (Event, error) {
		return e, r(&e.ID, &e.Seq)
	}, `
		INSERT INTO events (run, seq, at, type, task, message, data)
		VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE run = ?1), ?2, ?3, ?4, ?5, ?6) RETURNING id, seq`,
		e.Run, instant(e.At), e.Type, e.Task, e.Message, document(e.Data))
	if err == nil {
		tx.appended = append(tx.appended, stored)
	}
	return stored, err
}

// Appended returns the events that this transaction has appended, in order.
func (tx *Tx) Appended() []Event { return tx.appended }

// Events returns the events of a run after a Seq, in order.
func (tx *Tx) Events(run string, after int64) ([]Event, error) {
	return list(tx, "list the events", scanEvent, selectEvent+" WHERE run = ? AND seq > ? ORDER BY seq", run, after)
}

// LastEvent returns the ID of the newest event of all runs, 0 where there is
// none.
func (tx *Tx) LastEvent() (int64, error) {
	id, _, err := one(tx, "find the last event", scalar[int64], "SELECT id FROM events ORDER BY id DESC LIMIT 1")
	return id, err
}

// EventsSince returns the events of all runs after an ID, in order; 0 is no
// limit.
func (tx *Tx) EventsSince(id int64, limit int) ([]Event, error) {
	return list(tx, "list the events", scanEvent, selectEvent+" WHERE id > ? ORDER BY id LIMIT +?", id, limited(limit))
}

// LastOfNoRun returns the events of a type among the newest of those of no run, the
// newest first.
func (tx *Tx) LastOfNoRun(kind string, among int) ([]Event, error) {
	return list(tx, "list the last events of no run", scanEvent,
		"SELECT * FROM ("+selectEvent+" WHERE run = '' ORDER BY seq DESC LIMIT +?) WHERE type = ?", among, kind)
}
