package store

import "github.com/waybill-dev/waybill/lang/graph"

const selectPause = "SELECT grp, actor, at FROM pauses"

func scanPause(r row) (p graph.Pause, err error) {
	err = r(&p.Group, &p.By, (*instant)(&p.At))
	return p, err
}

// SetPause holds a group. A hold that is there stays, with who and when.
func (tx *Tx) SetPause(p graph.Pause) error {
	_, err := tx.exec("write the pause", "INSERT INTO pauses (grp, actor, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		p.Group, p.By, instant(p.At))
	return err
}

// ClearPause lifts the hold on a group, if there is one.
func (tx *Tx) ClearPause(group graph.Addr) error {
	_, err := tx.exec("lift the pause", "DELETE FROM pauses WHERE grp = ?", group)
	return err
}

// Paused returns the hold on a group; false where there is none.
func (tx *Tx) Paused(group graph.Addr) (graph.Pause, bool, error) {
	return one(tx, "read the pause", scanPause, selectPause+" WHERE grp = ?", group)
}

// Pauses returns all holds by group.
func (tx *Tx) Pauses() ([]graph.Pause, error) {
	return list(tx, "list the pauses", scanPause, selectPause+" ORDER BY grp")
}
