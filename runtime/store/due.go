package store

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// fromExpected reads the expected runs of groups that nobody holds; its first
// two conditions are those of the index.
const fromExpected = " FROM runs INDEXED BY runs_expected WHERE state = 'scheduled' AND queue = 0 AND grp NOT IN (SELECT grp FROM pauses)"

// DueTicks returns the expected runs of groups that are not paused whose time
// has come at an instant, the oldest first; 0 is no limit.
func (tx *Tx) DueTicks(now time.Time, limit int) ([]Run, error) {
	return list(tx, "list the due ticks", scanRun,
		"SELECT "+runColumns+fromExpected+" AND at <= ? ORDER BY at, key LIMIT +?", instant(now), limited(limit))
}

// NextTick returns when the next expected run of a group that is not paused is
// due after an instant; false where none is expected.
func (tx *Tx) NextTick(after time.Time) (time.Time, bool, error) {
	return one(tx, "find the next tick", scanTime,
		"SELECT at"+fromExpected+" AND at > ? ORDER BY at LIMIT 1", instant(after))
}

// LastTick returns the newest tick of a group that was taken or skipped; false where
// there is none.
func (tx *Tx) LastTick(group graph.Addr) (time.Time, bool, error) {
	return one(tx, "find the last tick", scanTime, `
		SELECT at FROM runs WHERE grp = ? AND +kind = 'scheduled' AND (+state <> 'scheduled' OR +queue <> 0)
		ORDER BY at DESC LIMIT 1`, group)
}

// AnyBehind reports whether a run that stands before an instant has not begun, or
// is not past its barrier. Mostly there is none, and nothing else needs to be
// asked.
func (tx *Tx) AnyBehind(before time.Time) (bool, error) {
	behind, _, err := one(tx, "look for runs that are behind", scalar[bool], `
		SELECT EXISTS (SELECT 1 FROM runs INDEXED BY runs_state WHERE state = 'scheduled' AND at < ?1)
			OR EXISTS (SELECT 1 FROM runs INDEXED BY runs_state WHERE state = 'waiting' AND at < ?1)
			OR EXISTS (SELECT 1 FROM runs INDEXED BY runs_state WHERE state = 'running' AND at < ?1)`, instant(before))
	return behind, err
}

// SetDue says when the engine looks at a run by itself; the zero Time: never.
func (tx *Tx) SetDue(run string, at time.Time) error {
	tx.touched.wait(at)
	_, err := tx.exec("set when a run is due", "UPDATE runs SET due_at = ?1 WHERE key = ?2 AND due_at IS NOT ?1", instant(at), run)
	return err
}

// DueRuns returns the keys of the runs that the engine looks at at an instant,
// the longest due first; 0 is no limit.
func (tx *Tx) DueRuns(now time.Time, limit int) ([]string, error) {
	return list(tx, "list the due runs", scalar[string],
		"SELECT key FROM runs WHERE due_at <= ? ORDER BY due_at, key LIMIT +?", instant(now), limited(limit))
}

// NextDue returns when the first run, courier's wait or job is due after an
// instant; false where none is.
func (tx *Tx) NextDue(after time.Time) (time.Time, bool, error) {
	at, _, err := one(tx, "find what is due next", scanTime, `
		SELECT min(at) FROM (
			SELECT (SELECT due_at FROM runs WHERE due_at > ? ORDER BY due_at LIMIT 1) AS at
			UNION ALL SELECT (SELECT next_at FROM polls WHERE next_at > ? ORDER BY next_at LIMIT 1)
			UNION ALL SELECT (SELECT next_at FROM jobs WHERE next_at > ? ORDER BY next_at LIMIT 1))`, instant(after), instant(after), instant(after))
	return at, !at.IsZero(), err
}

// Due is a courier's wait or a job elsewhere that is due, with what it counts
// against.
type Due struct {
	Run    string
	Task   string
	Group  graph.Addr
	Digest string // of the graph of the run
	At     time.Time
}

func scanDue(r row) (d Due, err error) {
	err = r(&d.Run, &d.Task, &d.Group, &d.Digest, (*instant)(&d.At))
	return d, err
}

// DuePolls returns the waits that are due at an instant, the longest due first;
// 0 is no limit.
func (tx *Tx) DuePolls(now time.Time, limit int) ([]Due, error) {
	return list(tx, "list the due polls", scanDue, `
		SELECT run, task, grp, digest, next_at FROM polls CROSS JOIN runs ON key = run
		WHERE next_at <= ? ORDER BY next_at, run, task LIMIT +?`, instant(now), limited(limit))
}

// DueJobs returns the jobs that are to be asked after at an instant, the longest
// due first; 0 is no limit.
func (tx *Tx) DueJobs(now time.Time, limit int) ([]Due, error) {
	return list(tx, "list the due jobs", scanDue, `
		SELECT run, step, grp, runs.digest, next_at FROM jobs CROSS JOIN runs ON key = run
		WHERE next_at <= ? ORDER BY next_at, run, step LIMIT +?`, instant(now), limited(limit))
}

// Sharers returns the runs in which a step is being carried out now.
func (tx *Tx) Sharers(step graph.Addr) ([]string, error) {
	return list(tx, "find where a step runs", scalar[string], `
		SELECT run FROM tasks INDEXED BY tasks_steps
		WHERE state = 'running' AND kind IN ('bridge', 'process', 'activation') AND name = ?`, step)
}

// GatesOn returns the runs that wait for a group: tasks of the kind KindGate that
// are waiting and have its address, as a JSON text, for their data.
func (tx *Tx) GatesOn(group graph.Addr) ([]string, error) {
	return list(tx, "find the waits for a group", scalar[string], `
		SELECT run FROM tasks INDEXED BY tasks_gates
		WHERE state = 'waiting' AND kind = 'gate' AND data = ?`, document(GateData(group)))
}

// GateData is the data of a gate that waits for a group.
func GateData(group graph.Addr) json.RawMessage { return json.RawMessage(strconv.Quote(string(group))) }

// UnderWay returns the runs that have begun and not ended, in the order of
// taking within a group.
func (tx *Tx) UnderWay() ([]Run, error) {
	return list(tx, "list the runs under way", scanRun,
		"SELECT "+runColumns+" FROM runs WHERE state IN ('running', 'finalizing', 'stopping') ORDER BY grp, queue, key")
}

// Waiting returns the groups that have runs which wait to begin.
func (tx *Tx) Waiting() ([]graph.Addr, error) {
	return list(tx, "list the groups that wait", scalar[graph.Addr],
		"SELECT DISTINCT grp"+fromOpen+" AND state = 'waiting' ORDER BY grp")
}

// UnderWayKeys returns the keys of the runs that have begun and not ended.
func (tx *Tx) UnderWayKeys() ([]string, error) {
	return list(tx, "list the runs under way", scalar[string],
		"SELECT key"+fromOpen+" AND state IN ('running', 'finalizing', 'stopping') ORDER BY grp, queue")
}
