package store

import (
	"encoding/json"
	"fmt"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Rename gives the groups, their couriers and the steps of a store other names:
// runs, watermarks, landings, versions that were seen, pauses, commands and the
// marks of steps go on under the present ones. Runs keep their keys and the paths
// of what they landed; only the row of a tick that nobody has taken gets another
// key. What a group or courier of a present name had left, that was removed
// earlier, is kept under that name with note behind it.
//
// No run of a group that is renamed, or of which a courier is, may be under way:
// its work has the former names. A run that is tried again reads a copy of its
// graph with the present ones.
func (tx *Tx) Rename(r graph.Renames, note string) error {
	if _, err := tx.exec("defer the references", "PRAGMA defer_foreign_keys = ON"); err != nil {
		return err
	}
	for _, group := range r.Groups() {
		if err := tx.rewrite(r, group); err != nil {
			return err
		}
	}
	for _, m := range r.Members {
		group, from, _ := m.From.SplitMember()
		_, to, _ := m.To.SplitMember()
		if from == to {
			continue
		}
		if err := tx.renameMember(group, to, to+note); err != nil {
			return err
		}
		if err := tx.renameMember(group, from, to); err != nil {
			return err
		}
	}
	for _, m := range r.Blocks {
		var err error
		switch m.From.Kind() {
		case graph.KindGroup:
			if err = tx.renameGroup(m.To, m.To+graph.Addr(note)); err == nil {
				err = tx.renameGroup(m.From, m.To)
			}
		case graph.KindBridge, graph.KindProcess, graph.KindActivation:
			err = tx.renameStep(m.From, m.To)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// groupTables are the tables with a column grp in which nothing else changes.
var groupTables = []string{"groups", "watermarks", "seen", "landings", "pauses", "step_marks", "commands", "runs", "incidents"}

func (tx *Tx) renameGroup(from, to graph.Addr) error {
	_, err := tx.exec("rename the row of the next tick",
		"UPDATE runs SET key = ? || substr(key, ?) WHERE grp = ? AND state = 'scheduled' AND queue = 0", to, len(from)+1, from)
	if err != nil {
		return err
	}
	for _, table := range groupTables {
		if _, err := tx.exec("rename a group", "UPDATE "+table+" SET grp = ? WHERE grp = ?", to, from); err != nil {
			return err
		}
	}
	return nil
}

// memberColumns is where the name of a courier of a group stands.
var memberColumns = []struct{ table, column string }{{"watermarks", "member"}, {"seen", "member"}, {"landings", "courier"}}

func (tx *Tx) renameMember(group graph.Addr, from, to string) error {
	for _, c := range memberColumns {
		_, err := tx.exec("rename a courier of a group", fmt.Sprintf("UPDATE %s SET %s = ? WHERE grp = ? AND %[2]s = ?", c.table, c.column), to, group, from)
		if err != nil {
			return err
		}
	}
	_, err := tx.exec("rename a courier of incidents",
		"UPDATE incidents SET task = ?1, cause = substr(cause, 1, instr(cause, '/')) || ?1 WHERE grp = ?2 AND task = ?3 AND closed_at IS NULL", to, group, from)
	if err != nil {
		return err
	}
	for _, c := range []struct{ table, column string }{{"tasks", "name"}, {"polls", "task"}} {
		_, err := tx.exec("rename the tasks of a courier",
			fmt.Sprintf("UPDATE %s SET %s = ? WHERE %[2]s = ? AND run IN (SELECT key FROM runs WHERE grp = ?)", c.table, c.column), to, from, group)
		if err != nil {
			return err
		}
	}
	return nil
}

// renameStep moves what a step has been given. Runs keep the name under which
// they know it, with the key that outside systems recognise its repetitions by.
func (tx *Tx) renameStep(from, to graph.Addr) error {
	if _, err := tx.exec("forget an earlier step", "DELETE FROM step_marks WHERE step = ?", to); err != nil {
		return err
	}
	_, err := tx.exec("rename a step", "UPDATE step_marks SET step = ? WHERE step = ?", to, from)
	return err
}

// rewrite gives the runs of a group that may go on, or be tried again, a graph in
// which the group and its couriers have their present names.
func (tx *Tx) rewrite(r graph.Renames, group graph.Addr) error {
	names := graph.Renames{Members: r.Members}
	for _, m := range r.Blocks {
		if m.From.Kind() == graph.KindGroup {
			names.Blocks = append(names.Blocks, m)
		}
	}
	const which = " WHERE grp = ? AND digest <> '' AND state IN ('scheduled', 'waiting', 'blocked', 'failed', 'stopped')"
	digests, err := list(tx, "list the graphs of runs", scalar[string], "SELECT DISTINCT digest FROM runs"+which, group)
	if err != nil {
		return err
	}
	for _, old := range digests {
		g, err := tx.Graph(old)
		if err != nil {
			return err
		}
		digest, err := tx.putGraph(g.Renamed(names))
		if err != nil {
			return err
		}
		if _, err := tx.exec("rename within the graph of runs", "UPDATE runs SET digest = ?"+which+" AND digest = ?", digest, group, old); err != nil {
			return err
		}
	}
	return nil
}

// putGraph writes a graph and returns its digest.
func (tx *Tx) putGraph(g *graph.Graph) (string, error) {
	text, err := json.Marshal(g)
	if err != nil {
		return "", fmt.Errorf("store: encode the graph: %w", err)
	}
	digest := g.Digest()
	_, err = tx.exec("write the graph", "INSERT INTO graphs (digest, graph) VALUES (?, ?) ON CONFLICT DO NOTHING", digest, string(text))
	return digest, err
}
