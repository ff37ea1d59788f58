package store

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Measures are counts of what the store holds now.
type Measures struct {
	Tasks           []TaskCount // of runs under way
	PendingCommands int
	Unsent          int       // messages to alerts
	UnsentSince     time.Time // since when the oldest of them could have been delivered; zero: there is none
	Size            int64     // bytes of the database
}

// TaskCount is how many tasks of the runs of a group that are under way have a
// kind and a state.
type TaskCount struct {
	Group       graph.Addr
	Kind, State string
	Count       int
}

// Measures counts what the store holds now.
func (tx *Tx) Measures() (m Measures, err error) {
	m.Tasks, err = list(tx, "count the tasks", func(r row) (c TaskCount, err error) {
		err = r(&c.Group, &c.Kind, &c.State, &c.Count)
		return c, err
	}, `SELECT r.grp, t.kind, t.state, count(*)
		FROM runs r JOIN tasks t ON t.run = r.key
		WHERE r.state IN ('running', 'finalizing', 'stopping')
		GROUP BY r.grp, t.kind, t.state ORDER BY r.grp, t.kind, t.state`)
	if err != nil {
		return m, err
	}
	_, _, err = one(tx, "count the rest", func(r row) (struct{}, error) {
		return struct{}{}, r(&m.PendingCommands, &m.Unsent, (*instant)(&m.UnsentSince), &m.Size)
	}, `SELECT
		(SELECT count(*) FROM commands WHERE state = 'pending'),
		(SELECT count(*)`+unsent+`),
		(SELECT min(coalesce(hold_until, at))`+unsent+`),
		(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())`)
	return m, err
}
