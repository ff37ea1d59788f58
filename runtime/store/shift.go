package store

import "time"

// waits finds what says when something is looked at next. Looking too early is
// harmless: it finds nothing, and writes when to look again.
var waits = []string{
	"UPDATE polls SET next_at = max(next_at - ?1, ?2) WHERE next_at > ?2",
	"UPDATE jobs SET next_at = max(next_at - ?1, ?2) WHERE next_at > ?2",
	"UPDATE outbox SET next_at = max(next_at - ?1, ?2) WHERE sent_at IS NULL AND dead_at IS NULL AND next_at > ?2",
	"UPDATE tasks SET next_at = max(next_at - ?1, ?2) WHERE next_at > ?2 AND run IN (SELECT key" + fromOpen + ")",
	"UPDATE runs SET due_at = max(due_at - ?1, ?2) WHERE due_at > ?2",
}

// SetBack brings what waits for an instant after now nearer by a duration, and
// none of it before now: the clock was set back by so much, and nobody means to
// wait that much longer. Deadlines and ticks are instants, and stay. It returns
// how many waits it has changed.
func (tx *Tx) SetBack(now time.Time, by time.Duration) (changed int64, err error) {
	for _, query := range waits {
		n, err := tx.exec("bring waits nearer", query, int64(by), instant(now))
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// LastChange returns when the newest event happened; false where there is none.
func (tx *Tx) LastChange() (time.Time, bool, error) {
	return one(tx, "find the last change", scanTime, "SELECT at FROM events ORDER BY id DESC LIMIT 1")
}
