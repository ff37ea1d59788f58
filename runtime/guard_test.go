package runtime_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/runtime/store"
)

// guard watches over a store from inside its database: every change of state
// must be a move of its table, with one event of that move's type in the same
// transaction, or the transaction fails. What else is wrong shows in verdict.
type guard struct{ db *sql.DB }

// alarm is a log sink that ends a world whose guard does not let a transaction
// pass: it would be tried for ever.
type alarm struct {
	t   *testing.T
	end context.CancelFunc
}

func (a *alarm) Accept(_ string, level hclog.Level, message string, args ...any) {
	if text := fmt.Sprint(args...); level == hclog.Error && strings.Contains(text, "FOREIGN KEY") {
		a.t.Errorf("a change of state without its event: %s: %s", message, text)
		a.end()
	}
}

// guardSchema notes each move in a row that refers to an event which is not
// there, and lets the event of the move take its place: SQLite looks at the
// reference when the transaction commits.
const guardSchema = `
CREATE TABLE guard_moves (of, was, becomes, event, of_run);
CREATE TABLE guard_expects (type);
CREATE TABLE guard_happened (at, run); -- stays where its event is pruned
CREATE INDEX guard_at ON guard_happened (at);
CREATE TABLE guard_since AS SELECT coalesce(max(id), 0) AS event FROM events;
CREATE TABLE guard (
  n INTEGER PRIMARY KEY, of, run, task, was, becomes, grp, at,
  event INTEGER REFERENCES events (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX guard_open ON guard (run) WHERE event = -1;
CREATE INDEX guard_event ON guard (event);
CREATE TRIGGER guard_run_made AFTER INSERT ON runs BEGIN
  INSERT INTO guard (of, run, task, was, becomes, grp, at, event)
  VALUES ('run', NEW.key, '', '', NEW.state, NEW.grp, NEW.created_at, iif(NEW.state = 'scheduled', NULL, -1));
END;
CREATE TRIGGER guard_run AFTER UPDATE OF state ON runs WHEN OLD.state <> NEW.state BEGIN
  INSERT INTO guard (of, run, task, was, becomes, event) VALUES ('run', NEW.key, '', OLD.state, NEW.state, -1);
END;
CREATE TRIGGER guard_task_made AFTER INSERT ON tasks BEGIN
  INSERT INTO guard (of, run, task, was, becomes, event) VALUES ('task', NEW.run, NEW.name, '', NEW.state, -1);
END;
CREATE TRIGGER guard_task AFTER UPDATE OF state ON tasks WHEN OLD.state <> NEW.state BEGIN
  INSERT INTO guard (of, run, task, was, becomes, event) VALUES ('task', NEW.run, NEW.name, OLD.state, NEW.state, -1);
END;
CREATE TRIGGER guard_events AFTER INSERT ON events BEGIN
  INSERT INTO guard_happened SELECT NEW.at, NEW.run WHERE NEW.type IN (SELECT type FROM guard_expects);
  UPDATE guard SET event = NEW.id WHERE event = -1 AND run = NEW.run AND EXISTS (
    SELECT 1 FROM guard_moves m WHERE m.of = guard.of AND m.was = guard.was AND m.becomes = guard.becomes
      AND m.event = NEW.type AND (m.of_run OR guard.task = NEW.task));
END;`

// watchOver sets a guard on the store in a folder.
func watchOver(t *testing.T, folder string) guard {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "waybill.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var watched bool // it is the copy of a store that is
	if err := tx.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'guard'").Scan(&watched); err != nil {
		t.Fatal(err)
	}
	if watched {
		_ = tx.Rollback()
		return guard{db}
	}
	if _, err := tx.Exec(guardSchema); err != nil {
		t.Fatal(err)
	}
	for _, event := range store.Expects {
		if _, err := tx.Exec("INSERT INTO guard_expects VALUES (?)", event); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range []*store.Machine{store.RunMachine(), store.TaskMachine()} {
		for _, v := range m.Moves {
			if _, err := tx.Exec("INSERT INTO guard_moves VALUES (?, ?, ?, ?, ?)", m.Of, v.From, v.To, v.Event, v.OfRun); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return guard{db}
}

// guardVerdict finds moves that share an event, events that tell of a move which was
// not made, and ticks that are expected without something that makes them so at that
// instant. The two types that it leaves out also tell of a task that goes on as it is.
const guardVerdict = `
SELECT g.of || ' ' || g.run || ' ' || g.task || ' went from "' || g.was || '" to ' || g.becomes || ' with the event of another move'
FROM guard g JOIN guard_moves m ON m.of = g.of AND m.was = g.was AND m.becomes = g.becomes
WHERE g.event > 0 AND NOT m.of_run AND EXISTS (SELECT 1 FROM guard o JOIN guard_moves n ON n.of = o.of AND n.was = o.was AND n.becomes = o.becomes
  WHERE o.event = g.event AND o.n <> g.n AND NOT n.of_run)
UNION ALL
SELECT 'the event ' || e.type || ' of ' || e.run || ' ' || e.task || ' (' || e.message || ') tells of no move' FROM events e
WHERE e.id > (SELECT event FROM guard_since) AND e.type IN (SELECT event FROM guard_moves) AND e.type NOT IN ('task_waiting', 'task_retrying')
  AND NOT EXISTS (SELECT 1 FROM guard g WHERE g.event = e.id)
UNION ALL
SELECT 'nothing has happened at ' || g.at || ' that makes ' || g.run || ' expected' FROM guard g
WHERE g.of = 'run' AND g.was = '' AND g.becomes = 'scheduled' AND NOT EXISTS (
  SELECT 1 FROM guard_happened e WHERE e.at = g.at AND (e.run = '' OR e.run LIKE g.grp || '@%'))
UNION ALL
SELECT 'the ' || g.of || ' ' || g.run || ' ' || g.task || ' went from "' || g.was || '" to ' || g.becomes || ', which is no move' FROM guard g
WHERE NOT EXISTS (SELECT 1 FROM guard_moves m WHERE m.of = g.of AND m.was = g.was AND m.becomes = g.becomes)`

// verdict reports what the guard has seen, and returns how often each move was
// made: "run: waiting to running".
func (g guard) verdict(t *testing.T) map[string]int {
	t.Helper()
	for _, wrong := range g.rows(t, guardVerdict) {
		t.Error(wrong)
	}
	made := map[string]int{}
	for _, move := range g.rows(t, "SELECT of || ': ' || was || ' to ' || becomes FROM guard") {
		made[move]++
	}
	return made
}

func (g guard) rows(t *testing.T, query string) (all []string) {
	t.Helper()
	rows, err := g.db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
