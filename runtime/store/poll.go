package store

import (
	"encoding/json"
	"time"
)

// Poll is the wait of a courier's task, which must be written before it: when
// to look next, and what the last look saw. It stays when the wait is over.
type Poll struct {
	Run       string          `json:"run"`
	Task      string          `json:"task"`
	NextAt    time.Time       `json:"next_at,omitzero"` // zero: the wait is over
	Deadline  time.Time       `json:"deadline,omitzero"`
	Looks     int             `json:"looks"`
	LateSent  bool            `json:"late_sent,omitempty"`
	Sightings json.RawMessage `json:"sightings,omitempty"`
	Last      json.RawMessage `json:"last,omitempty"`
}

const selectPoll = "SELECT run, task, next_at, deadline, looks, late_sent, sightings, last FROM polls"

func scanPoll(r row) (p Poll, err error) {
	err = r(&p.Run, &p.Task, (*instant)(&p.NextAt), (*instant)(&p.Deadline), &p.Looks, &p.LateSent,
		(*document)(&p.Sightings), (*document)(&p.Last))
	return p, err
}

// PutPoll writes a poll, new or changed.
func (tx *Tx) PutPoll(p Poll) error {
	tx.touched.wait(p.NextAt)
	_, err := tx.exec("write the poll", `
		INSERT INTO polls (run, task, next_at, deadline, looks, late_sent, sightings, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET next_at = excluded.next_at, deadline = excluded.deadline, looks = excluded.looks,
			late_sent = excluded.late_sent, sightings = excluded.sightings, last = excluded.last`,
		p.Run, p.Task, instant(p.NextAt), instant(p.Deadline), p.Looks, p.LateSent, document(p.Sightings), document(p.Last))
	return err
}

// Poll returns the poll of a task.
func (tx *Tx) Poll(run, task string) (Poll, bool, error) {
	return one(tx, "read the poll", scanPoll, selectPoll+" WHERE run = ? AND task = ?", run, task)
}

// Polls returns the polls of a run by task.
func (tx *Tx) Polls(run string) ([]Poll, error) {
	return list(tx, "list the polls", scanPoll, selectPoll+" WHERE run = ? ORDER BY task", run)
}

// EndPoll ends a wait; one that has ended stays so. What the last look saw is
// kept.
func (tx *Tx) EndPoll(run, task string) error {
	_, err := tx.exec("end the poll", "UPDATE polls SET next_at = NULL, sightings = NULL WHERE run = ? AND task = ?", run, task)
	return err
}
