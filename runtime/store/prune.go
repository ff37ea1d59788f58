package store

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Prune removes the tasks, events and waits of runs that stand before an instant
// and have ended. It looks at up to limit runs that it has not looked at before,
// the oldest first, and returns the keys of those that it has pruned and whether
// there are more to look at.
//
// The runs themselves stay, and landings, watermarks and the marks of steps: what
// is covered, has landed or was used as a token is known for ever. Kept whole are
// runs of which somebody may still want something: open ones, and scheduled ones
// that failed or were stopped with no later one of their group that succeeded.
// Of a courier that is missing something its task stays: the file may come.
func (tx *Tx) Prune(before, now time.Time, limit int) (pruned []string, more bool, err error) {
	from, _, err := one(tx, "read how far was pruned", scanTime, "SELECT pruned_to FROM store")
	if err != nil {
		return nil, false, err
	}
	since := instant(from)
	if from.IsZero() {
		since = instant(firstInstant)
	}
	// The runs of one instant are looked at together, so that the next call goes on behind it.
	runs, err := list(tx, "list the runs to prune", scanRun, "SELECT "+runColumns+` FROM runs
		WHERE at > ?1 AND at < ?2 AND at <= coalesce((SELECT at FROM runs WHERE at > ?1 ORDER BY at LIMIT 1 OFFSET ?3), ?2) ORDER BY at`,
		since, instant(before), limit-1)
	if err != nil || len(runs) == 0 {
		return nil, false, err
	}
	for i := range runs {
		done, err := tx.pruneRun(&runs[i], now)
		if err != nil {
			return pruned, false, err
		}
		if done {
			pruned = append(pruned, runs[i].Key)
		}
	}
	_, err = tx.exec("note how far was pruned", "UPDATE store SET pruned_to = ?", instant(runs[len(runs)-1].At()))
	return pruned, len(runs) >= limit, err
}

func (tx *Tx) pruneRun(r *Run, now time.Time) (bool, error) {
	if over, err := tx.settled(r); err != nil || !over {
		return false, err
	}
	for _, query := range []string{
		"DELETE FROM polls WHERE run = ?",
		"DELETE FROM jobs WHERE run = ?",
		`DELETE FROM tasks WHERE run = ? AND NOT (kind = 'courier' AND (state = 'missing' OR coalesce(data, '') || coalesce(forgone, '') LIKE '%"missing":[{%'))`,
		"DELETE FROM events WHERE run = ?",
	} {
		if _, err := tx.exec("prune a run", query, r.Key); err != nil {
			return false, err
		}
	}
	_, err := tx.exec("note that a run was pruned", "UPDATE runs SET pruned_at = ? WHERE key = ?", instant(now), r.Key)
	return true, err
}

// settled reports whether nobody wants anything more of a run.
func (tx *Tx) settled(r *Run) (bool, error) {
	switch {
	case !Ended(r.State):
		return false, nil
	case r.Kind != KindScheduled || r.State != Failed && r.State != Stopped:
		return true, nil
	}
	return tx.succeededSince(r.Group, r.ScheduledAt)
}

func (tx *Tx) succeededSince(group graph.Addr, tick time.Time) (bool, error) {
	_, found, err := one(tx, "look for a later run", scalar[int64], `
		SELECT 1 FROM runs WHERE grp = ? AND state IN ('succeeded', 'succeeded_with_warnings')
			AND kind = 'scheduled' AND at >= ? LIMIT 1`, group, instant(tick))
	return found, err
}

// Pruned returns when the tasks and events of a run were removed; false where
// they were not.
func (tx *Tx) Pruned(run string) (time.Time, bool, error) {
	at, _, err := one(tx, "look whether a run was pruned", scanTime, "SELECT pruned_at FROM runs WHERE key = ?", run)
	return at, !at.IsZero(), err
}

// Forget removes the commands that were done or refused before an instant, and the
// events of no run from before it, up to a limit of each, the oldest first. It
// returns how many rows were removed.
//
// A command stays whose run has not ended, for somebody may watch it, and one that
// has made a run by a token: sent again, the token means that run for ever. The
// newest event of no run stays too.
func (tx *Tx) Forget(before time.Time, limit int) (int64, error) {
	n, err := tx.exec("forget commands", `DELETE FROM commands WHERE id IN (
		SELECT id FROM commands WHERE state IN ('done', 'refused') AND coalesce(done_at, at) < ?
			AND NOT (token IS NOT NULL AND run <> '' AND verb IN ('run', 'backfill'))
			AND run NOT IN (SELECT key`+fromOpen+`) ORDER BY id LIMIT +?)`, instant(before), limited(limit))
	if err != nil {
		return n, err
	}
	more, err := tx.exec("forget events of no run", `DELETE FROM events WHERE id IN (
		SELECT id FROM events WHERE run = '' AND seq < (SELECT max(seq) FROM events WHERE run = '') ORDER BY seq LIMIT +?) AND at < ?`,
		limited(limit), instant(before))
	return n + more, err
}
