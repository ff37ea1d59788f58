package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// The kinds of a Run.
const (
	KindScheduled = "scheduled"
	KindAdHoc     = "adhoc"
	KindBackfill  = "backfill"
)

// Run is one run of a group, expected, in progress or over. Key, Group, Kind,
// ScheduledAt and CreatedAt never change.
type Run struct {
	Key         string          `json:"key"`
	Group       graph.Addr      `json:"group"`
	Kind        string          `json:"kind"`
	ScheduledAt time.Time       `json:"scheduled_at,omitzero"` // zero for ad hoc runs
	Nominal     string          `json:"nominal,omitempty"`     // the wall time of the tick
	Reason      string          `json:"reason,omitempty"`
	State       string          `json:"state"`
	Queue       int64           `json:"queue,omitempty"` // order of taking; 0: not queued
	Keep        bool            `json:"keep,omitempty"`  // queued in order whatever the overlap
	Serial      int64           `json:"serial,omitempty"`
	Digest      string          `json:"digest,omitempty"`
	Attempt     int             `json:"attempt,omitempty"`
	Request     json.RawMessage `json:"request,omitempty"` // what was asked for, of ad hoc runs and backfills
	RunType     string          `json:"run_type,omitempty"`
	By          string          `json:"by,omitempty"`
	CreatedAt   time.Time       `json:"created_at"`
	StartedAt   time.Time       `json:"started_at,omitzero"`
	EndedAt     time.Time       `json:"ended_at,omitzero"`
	Into        string          `json:"into,omitempty"` // key of the run that this one was coalesced into
	Message     string          `json:"message,omitempty"`
}

// At is where the run stands in time: its scheduled instant, else its
// creation.
func (r *Run) At() time.Time {
	if r.ScheduledAt.IsZero() {
		return r.CreatedAt
	}
	return r.ScheduledAt
}

// Expected reports whether the run is the row of a tick that nobody has taken.
func (r *Run) Expected() bool { return r.State == Scheduled && r.Queue == 0 }

// Asked reports whether somebody asked for the run, rather than the schedule.
func (r *Run) Asked() bool { return r.Kind != KindScheduled || r.Attempt > 1 }

// Cursor returns the position of the run in a list, for RunFilter.Before.
func (r *Run) Cursor() Cursor { return Cursor{At: r.At(), Key: r.Key} }

// Cursor is a position between two runs of a list.
type Cursor struct {
	At  time.Time `json:"at"`
	Key string    `json:"key"`
}

// RunFilter selects runs; a zero field selects all. From and Until, half open,
// are compared with Run.At, EndedFrom and EndedUntil with Run.EndedAt, which runs
// that have not ended do not have.
type RunFilter struct {
	Group                 graph.Addr
	States                []string
	Kind                  string
	RunType               string
	From, Until           time.Time
	EndedFrom, EndedUntil time.Time
	Before                Cursor // only what comes after this position of the list
	Limit                 int
}

const runColumns = `key, grp, kind, scheduled_at, nominal, reason, state, queue, keep, serial, digest, attempt,
	request, run_type, actor, created_at, started_at, ended_at, into_key, message`

func scanRun(r row) (v Run, err error) {
	err = r(&v.Key, &v.Group, &v.Kind, (*instant)(&v.ScheduledAt), &v.Nominal, &v.Reason, &v.State, &v.Queue, &v.Keep,
		&v.Serial, &v.Digest, &v.Attempt, (*document)(&v.Request), &v.RunType, &v.By,
		(*instant)(&v.CreatedAt), (*instant)(&v.StartedAt), (*instant)(&v.EndedAt), &v.Into, &v.Message)
	return v, err
}

const insertRun = "INSERT INTO runs (" + runColumns + ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"

func (r *Run) values() []any {
	return []any{r.Key, r.Group, r.Kind, instant(r.ScheduledAt), r.Nominal, r.Reason, r.State, r.Queue, r.Keep,
		r.Serial, r.Digest, r.Attempt, document(r.Request), r.RunType, r.By,
		instant(r.CreatedAt), instant(r.StartedAt), instant(r.EndedAt), r.Into, r.Message}
}

// PutRun writes a run, new or changed. It fails where the key belongs to a run
// of another group, kind or scheduled instant, and with a *TransitionError where
// the run may not go to its State; then nothing of the transaction is kept.
func (tx *Tx) PutRun(r Run) error {
	r.Message = tx.hidden(r.Message)
	const changed = ` SET nominal = ?5, reason = ?6, state = ?7, queue = ?8, keep = ?9, serial = ?10, digest = ?11, attempt = ?12,
			request = ?13, run_type = ?14, actor = ?15, started_at = ?17, ended_at = ?18, into_key = ?19, message = ?20
		WHERE key = ?1 AND grp = ?2 AND kind = ?3 AND scheduled_at IS ?4 AND instr(?21, '|' || state || '|')`
	query := "UPDATE runs" + changed
	if runMachine.made[r.State] {
		query = insertRun + " ON CONFLICT (key) DO UPDATE" + changed
	}
	n, err := tx.exec("write the run", query, append(r.values(), runMachine.sources[r.State])...)
	if err == nil && n == 0 {
		err = tx.refuseRun(r)
	}
	tx.touched.run(&r)
	return err
}

// refuseRun says why a run was not written.
func (tx *Tx) refuseRun(r Run) error {
	known, found, err := tx.Run(r.Key)
	switch {
	case err != nil:
		return err
	case found && (known.Group != r.Group || known.Kind != r.Kind || !known.ScheduledAt.Equal(r.ScheduledAt)):
		return fmt.Errorf("store: write the run: the key %s belongs to another run", r.Key)
	}
	tx.err = &TransitionError{Of: runMachine.Of, Name: r.Key, From: known.State, To: r.State}
	return tx.err
}

// Run returns a run by its key.
func (tx *Tx) Run(key string) (Run, bool, error) {
	return one(tx, "read the run", scanRun, "SELECT "+runColumns+" FROM runs WHERE key = ?", key)
}

// KnownRun returns a run that must be there: the error is [ErrNotFound] where it
// is not.
func (tx *Tx) KnownRun(key string) (Run, error) {
	r, found, err := tx.Run(key)
	if err == nil && !found {
		err = fmt.Errorf("run %s: %w", key, ErrNotFound)
	}
	return r, err
}

// Runs returns the runs that a filter selects, the newest first by Run.At,
// then by key from Z to A.
func (tx *Tx) Runs(f RunFilter) ([]Run, error) {
	query, args := f.query()
	return list(tx, "list the runs", scanRun, query, args...)
}

// query asks for each state by itself, so that each part walks an index in the
// order of the list and stops at the limit.
func (f RunFilter) query() (string, []any) {
	states := slices.Compact(slices.Sorted(slices.Values(f.States)))
	if len(states) < 2 {
		return f.part(states)
	}
	var parts []string
	var args []any
	for _, s := range states {
		part, a := f.part([]string{s})
		parts, args = append(parts, "SELECT * FROM ("+part+")"), append(args, a...)
	}
	return "SELECT * FROM (" + strings.Join(parts, " UNION ALL ") + ") ORDER BY coalesce(scheduled_at, created_at) DESC, key DESC LIMIT +?",
		append(args, limited(f.Limit))
}

func (f RunFilter) part(state []string) (string, []any) {
	where, args := []string{"true"}, []any{}
	add := func(condition string, values ...any) { where, args = append(where, condition), append(args, values...) }
	if f.Group != "" {
		add("grp = ?", f.Group)
	}
	if len(state) == 1 {
		add("state = +?", state[0]) // the sign keeps SQLite from planning anew for each value, for the partial indexes
	}
	switch {
	case f.Kind == "":
	case f.Group == "" && len(state) == 0:
		add("kind = ?", f.Kind)
	default:
		add("+kind = ?", f.Kind) // the other conditions select better
	}
	if f.RunType != "" {
		add("run_type = ?", f.RunType)
	}
	if !f.From.IsZero() {
		add("at >= ?", instant(f.From))
	}
	if !f.Until.IsZero() {
		add("at < ?", instant(f.Until))
	}
	if !f.EndedFrom.IsZero() {
		add("ended_at >= ?", instant(f.EndedFrom))
	}
	if !f.EndedUntil.IsZero() {
		add("ended_at < ?", instant(f.EndedUntil))
	}
	if f.Before != (Cursor{}) {
		add("(at, key) < (?, ?)", instant(f.Before.At), f.Before.Key)
	}
	return "SELECT " + runColumns + " FROM runs WHERE " + strings.Join(where, " AND ") + " ORDER BY at DESC, key DESC LIMIT +?",
		append(args, limited(f.Limit))
}

// fromOpen reads the open runs only; its condition is that of the index.
const fromOpen = " FROM runs INDEXED BY runs_open WHERE state IN ('scheduled', 'waiting', 'running', 'finalizing', 'stopping', 'blocked')"

// OpenRuns returns the runs of a group, of all groups for "", that have not
// ended: by group, the expected ones first, then in the order of taking.
func (tx *Tx) OpenRuns(group graph.Addr) ([]Run, error) {
	if group == "" {
		return list(tx, "list the open runs", scanRun,
			"SELECT "+runColumns+fromOpen+" ORDER BY grp, queue, at, key")
	}
	return list(tx, "list the open runs", scanRun,
		"SELECT "+runColumns+fromOpen+" AND grp = ? ORDER BY queue, at, key", group)
}

// DeleteRun removes an expected run that nobody has taken; any other is an
// error, an unknown one ErrNotFound.
func (tx *Tx) DeleteRun(key string) error {
	n, err := tx.exec("delete the run", "DELETE FROM runs WHERE key = ? AND state = 'scheduled' AND queue = 0", key)
	if err != nil || n == 1 {
		return err
	}
	r, found, err := tx.Run(key)
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("store: run %s: %w", key, ErrNotFound)
	}
	return fmt.Errorf("store: run %s was taken (%s) and stays", key, r.State)
}

// NextQueue returns a place in the order of taking, higher than all before.
func (tx *Tx) NextQueue() (int64, error) {
	n, _, err := one(tx, "count the queue", scalar[int64], "UPDATE store SET queue = queue + 1 RETURNING queue")
	return n, err
}

// Covered reports whether the tick of a group is done: a scheduled run of this
// tick or a later one has succeeded, or was coalesced into one that has, or into
// a backfill; or the tick is older than the group's first deployment. Nothing
// covers a tick of a group that was never deployed.
func (tx *Tx) Covered(group graph.Addr, tick time.Time) (bool, error) {
	first, known, err := tx.FirstDeployed(group)
	if err != nil || known && tick.Before(first) {
		return err == nil, err
	}
	_, found, err := one(tx, "look for a run", scalar[int64], `
		SELECT 1 FROM runs WHERE grp = ? AND state IN ('succeeded', 'succeeded_with_warnings')
			AND kind = 'scheduled' AND at >= ? LIMIT 1`, group, instant(tick))
	if err != nil || found {
		return found, err
	}
	_, found, err = one(tx, "look for a run", scalar[int64], `
		WITH RECURSIVE onto (key) AS (
			SELECT into_key FROM runs WHERE grp = ? AND state = 'skipped' AND kind = 'scheduled' AND at >= ? AND into_key <> ''
			UNION
			SELECT r.into_key FROM onto JOIN runs r ON r.key = onto.key WHERE r.state = 'skipped' AND r.into_key <> '')
		SELECT 1 FROM onto CROSS JOIN runs r ON r.key = onto.key WHERE r.state IN ('succeeded', 'succeeded_with_warnings') LIMIT 1`,
		group, instant(tick))
	return found, err
}
