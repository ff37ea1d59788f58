package store

import "time"

// fromExpected reads the expected runs of groups that nobody holds; its first
// two conditions are those of the index.
const fromExpected = " FROM runs INDEXED BY runs_expected WHERE state = 'scheduled' AND queue = 0 AND grp NOT IN (SELECT grp FROM pauses)"

// DueTicks returns the expected runs of groups that are not paused whose time
// has come at an instant, the oldest first.
func (tx *Tx) DueTicks(now time.Time) ([]Run, error) {
	return list(tx, "list the due ticks", scanRun,
		"SELECT "+runColumns+fromExpected+" AND at <= ? ORDER BY at, key", instant(now))
}

// NextTick returns when the next expected run of a group that is not paused is
// due; false where none is expected.
func (tx *Tx) NextTick() (time.Time, bool, error) {
	return one(tx, "find the next tick", scanTime,
		"SELECT at"+fromExpected+" ORDER BY at LIMIT 1")
}

// UnderWay returns the runs that have begun and not ended, in the order of
// taking within a group.
func (tx *Tx) UnderWay() ([]Run, error) {
	return list(tx, "list the runs under way", scanRun,
		"SELECT "+runColumns+" FROM runs WHERE state IN ('running', 'finalizing', 'stopping') ORDER BY grp, queue, key")
}
