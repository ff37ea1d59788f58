package store

import (
	"encoding/json"
	"time"
)

// The kinds of a Task.
const (
	KindCourier    = "courier"
	KindBridge     = "bridge"
	KindProcess    = "process"
	KindActivation = "activation"
)

// The states of a Task besides Waiting, Running, Succeeded, Failed, Stopped,
// Canceled and Skipped, which it shares with runs.
const (
	Pending = "pending" // not begun
	Landed  = "landed"  // courier: done
	Missing = "missing" // courier: not ready at the deadline
	Held    = "held"    // step: an answer was lost, an operator decides
)

// The faults of a Task.
const (
	FaultNone          = ""
	FaultNotReady      = "not_ready"
	FaultSource        = "source_error"
	FaultMisconfigured = "misconfigured"
	FaultFailed        = "failed"
	FaultTimeout       = "timeout"
)

// Task is a courier or a step in a run, which must be written before it.
type Task struct {
	Run        string          `json:"run"`
	Name       string          `json:"name"` // of a courier the member's name, of a step its address
	Kind       string          `json:"kind"`
	State      string          `json:"state"`
	Attempt    int             `json:"attempt,omitempty"`
	RangeStart time.Time       `json:"range_start,omitzero"`
	RangeEnd   time.Time       `json:"range_end,omitzero"`
	Deadline   time.Time       `json:"deadline,omitzero"`
	StartedAt  time.Time       `json:"started_at,omitzero"`
	EndedAt    time.Time       `json:"ended_at,omitzero"`
	NextAt     time.Time       `json:"next_at,omitzero"` // of the next attempt
	Fault      string          `json:"fault,omitempty"`
	Message    string          `json:"message,omitempty"`
	Warnings   int             `json:"warnings,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
	Waiver     *Waiver         `json:"waiver,omitempty"` // what an operator has decided about it; nil: nothing
}

const selectTask = `SELECT run, name, kind, state, attempt, range_start, range_end, deadline, started_at, ended_at,
	next_at, fault, message, warnings, data, waiver FROM tasks`

func scanTask(r row) (t Task, err error) {
	var waiver waiverColumn
	err = r(&t.Run, &t.Name, &t.Kind, &t.State, &t.Attempt, (*instant)(&t.RangeStart), (*instant)(&t.RangeEnd),
		(*instant)(&t.Deadline), (*instant)(&t.StartedAt), (*instant)(&t.EndedAt), (*instant)(&t.NextAt),
		&t.Fault, &t.Message, &t.Warnings, (*document)(&t.Data), &waiver)
	t.Waiver = waiver.Waiver
	return t, err
}

// PutTask writes a task, new or changed. Its kind never changes.
func (tx *Tx) PutTask(t Task) error {
	waiver, err := t.Waiver.column()
	if err != nil {
		return err
	}
	_, err = tx.exec("write the task", `
		INSERT INTO tasks (run, name, kind, state, attempt, range_start, range_end, deadline, started_at, ended_at,
			next_at, fault, message, warnings, data, waiver)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, attempt = excluded.attempt, range_start = excluded.range_start,
			range_end = excluded.range_end, deadline = excluded.deadline, started_at = excluded.started_at,
			ended_at = excluded.ended_at, next_at = excluded.next_at, fault = excluded.fault, message = excluded.message,
			warnings = excluded.warnings, data = excluded.data, waiver = excluded.waiver`,
		t.Run, t.Name, t.Kind, t.State, t.Attempt, instant(t.RangeStart), instant(t.RangeEnd), instant(t.Deadline),
		instant(t.StartedAt), instant(t.EndedAt), instant(t.NextAt), t.Fault, t.Message, t.Warnings, document(t.Data), waiver)
	return err
}

// Tasks returns the tasks of a run by name.
func (tx *Tx) Tasks(run string) ([]Task, error) {
	return list(tx, "list the tasks", scanTask, selectTask+" WHERE run = ? ORDER BY name", run)
}

// Task returns a task of a run.
func (tx *Tx) Task(run, name string) (Task, bool, error) {
	return one(tx, "read the task", scanTask, selectTask+" WHERE run = ? AND name = ?", run, name)
}
