package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// The kinds of a Task.
const (
	KindCourier    = "courier"
	KindBridge     = "bridge"
	KindProcess    = "process"
	KindActivation = "activation"
	KindGate       = "gate" // of an `after` block of the group
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
	Forgone    json.RawMessage `json:"forgone,omitempty"` // what its courier has gone on without, in any attempt; nil: nothing
	Waiver     *Waiver         `json:"waiver,omitempty"`  // what an operator has decided about it; nil: nothing
	// Progress is how far its data is, which is on its way for a while; nil: it is
	// not. PutTask takes it away.
	Progress *graph.Transfer `json:"progress,omitempty"`
}

// Open reports whether the task has not ended.
func (t Task) Open() bool { return t.State == Pending || t.State == Waiting || t.State == Running }

// Done reports whether the task did what it was there for, or counts as if it had.
func (t Task) Done() bool {
	return t.State == Landed || t.State == Succeeded || t.State == Skipped && t.Waiver != nil
}

// LeftUndone reports whether an operator has skipped the task, which was not done.
func (t Task) LeftUndone() bool {
	return t.State == Skipped && t.Waiver != nil && t.Waiver.What == WaivedTask
}

// IgnoresMissing reports whether an operator lets the courier go on without what
// is missing.
func (t Task) IgnoresMissing() bool { return t.Waiver != nil && t.Waiver.What == WaivedMissing }

// Stays reports whether the task has come to a bad end that nobody wants tried
// again when the run goes on.
func (t Task) Stays() bool {
	return t.State == Failed || t.State == Held || t.State == Missing && !t.IgnoresMissing()
}

const selectTask = `SELECT run, name, kind, state, attempt, range_start, range_end, deadline, started_at, ended_at,
	next_at, fault, message, warnings, data, forgone, waiver, progress FROM tasks`

func scanTask(r row) (t Task, err error) {
	var waiver waiverColumn
	var progress document
	err = r(&t.Run, &t.Name, &t.Kind, &t.State, &t.Attempt, (*instant)(&t.RangeStart), (*instant)(&t.RangeEnd),
		(*instant)(&t.Deadline), (*instant)(&t.StartedAt), (*instant)(&t.EndedAt), (*instant)(&t.NextAt),
		&t.Fault, &t.Message, &t.Warnings, (*document)(&t.Data), (*document)(&t.Forgone), &waiver, &progress)
	t.Waiver = waiver.Waiver
	if err == nil && len(progress) > 0 {
		err = json.Unmarshal(progress, &t.Progress)
	}
	return t, err
}

// PutTask writes a task, new or changed. Its kind never changes. Where it may
// not go to its State that is a *TransitionError, and nothing of the transaction
// is kept.
func (tx *Tx) PutTask(t Task) error {
	waiver, err := t.Waiver.column()
	if err != nil {
		return err
	}
	t.Message = tx.hidden(t.Message)
	const changed = ` SET state = ?4, attempt = ?5, range_start = ?6, range_end = ?7, deadline = ?8, started_at = ?9,
			ended_at = ?10, next_at = ?11, fault = ?12, message = ?13, warnings = ?14, data = ?15, forgone = ?16, waiver = ?17,
			progress = NULL
		WHERE run = ?1 AND name = ?2 AND instr(?18, '|' || state || '|')`
	query := "UPDATE tasks" + changed
	if taskMachine.made[t.State] {
		query = insertTask + " ON CONFLICT (run, name) DO UPDATE" + changed
	}
	n, err := tx.exec("write the task", query,
		t.Run, t.Name, t.Kind, t.State, t.Attempt, instant(t.RangeStart), instant(t.RangeEnd), instant(t.Deadline),
		instant(t.StartedAt), instant(t.EndedAt), instant(t.NextAt), t.Fault, t.Message, t.Warnings, document(t.Data),
		document(t.Forgone), waiver, taskMachine.sources[t.State])
	if err != nil || n == 1 {
		tx.touched.task(t.Run)
		return err
	}
	known, _, err := tx.Task(t.Run, t.Name)
	if err == nil {
		err = &TransitionError{Of: taskMachine.Of, Name: t.Run + " " + t.Name, From: known.State, To: t.State}
		tx.err = err
	}
	return err
}

// SetProgress writes how far the data of a running task is, and reports whether
// there is such a task.
func (tx *Tx) SetProgress(run, name string, p graph.Transfer) (bool, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("store: encode progress: %w", err)
	}
	n, err := tx.exec("write the progress of a task", "UPDATE tasks SET progress = ? WHERE run = ? AND name = ? AND state = 'running'", document(text), run, name)
	return n == 1, err
}

// Transfers returns the data of tasks that is on its way, by run.
func (tx *Tx) Transfers() (map[string]graph.Transfer, error) {
	all := map[string]graph.Transfer{}
	_, err := list(tx, "list the transfers", func(r row) (struct{}, error) {
		var run string
		var text document
		var p graph.Transfer
		err := r(&run, &text)
		if err == nil {
			err = json.Unmarshal(text, &p)
		}
		all[run] = all[run].Plus(p)
		return struct{}{}, err
	}, "SELECT run, progress FROM tasks INDEXED BY tasks_progress WHERE progress IS NOT NULL AND state = 'running'")
	return all, err
}

const insertTask = `INSERT INTO tasks (run, name, kind, state, attempt, range_start, range_end, deadline, started_at, ended_at,
			next_at, fault, message, warnings, data, forgone, waiver)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)`

// Tasks returns the tasks of a run by name.
func (tx *Tx) Tasks(run string) ([]Task, error) {
	return list(tx, "list the tasks", scanTask, selectTask+" WHERE run = ? ORDER BY name", run)
}

// Task returns a task of a run.
func (tx *Tx) Task(run, name string) (Task, bool, error) {
	return one(tx, "read the task", scanTask, selectTask+" WHERE run = ? AND name = ?", run, name)
}

// Span returns the earliest start and the latest end of what the couriers of a
// run read; zero Times where none has a range.
func (tx *Tx) Span(run string) (start, end time.Time, err error) {
	_, _, err = one(tx, "find the range of a run", func(r row) (struct{}, error) {
		return struct{}{}, r((*instant)(&start), (*instant)(&end))
	}, "SELECT min(range_start), max(range_end) FROM tasks WHERE run = ? AND kind = 'courier' AND range_start IS NOT NULL", run)
	return start, end, err
}
