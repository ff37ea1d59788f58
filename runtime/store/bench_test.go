package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// BenchmarkTransition makes durable transitions of tasks: the run, the task and an
// event in one transaction, by 32 goroutines and by one. Between them SQLite
// itself makes the writes of the same transactions, one after the other, so that
// both meet the machine in the same state.
func BenchmarkTransition(b *testing.B) {
	const round, writers = 2000, 32
	s := newStore(b)
	l := acquire(b, s, "bench")
	native := newNative(b)
	var took struct{ sqlite, together, alone time.Duration }
	next := 0
	transitions := func(n int, writers int) time.Duration {
		began := time.Now()
		var group sync.WaitGroup
		for w := range writers {
			first := next + w
			group.Go(func() {
				for i := first; i < next+n; i += writers {
					err := l.Update(context.Background(), func(tx *store.Tx) error { return writeTransition(tx, i) })
					if err != nil {
						b.Error(err)
					}
				}
			})
		}
		group.Wait()
		next += n
		return time.Since(began)
	}
	transitions(transitionRuns, writers) // the runs are made
	native.transitions(transitionRuns)
	rounds := 0
	for b.Loop() {
		rounds++
		took.together += transitions(round, writers)
		took.sqlite += native.transitions(round)
		took.alone += transitions(round, 1)
	}
	rate := func(d time.Duration) float64 { return float64(rounds*round) / d.Seconds() }
	b.ReportMetric(rate(took.together), "transitions/s")
	b.ReportMetric(rate(took.alone), "alone/s")
	b.ReportMetric(rate(took.sqlite), "sqlite/s")
	b.ReportMetric(rate(took.together)/rate(took.sqlite), "x-sqlite")
	b.ReportMetric(0, "ns/op")
}

// transitionRuns is how many runs the transitions are of.
const transitionRuns = 1000

func transitionRun(i int) store.Run {
	return tick(graph.GroupAddr(fmt.Sprint("g", i%transitionRuns)), 0, store.Running)
}

func writeTransition(tx *store.Tx, i int) error {
	run := transitionRun(i)
	run.Attempt = i
	task := store.Task{Run: run.Key, Name: "orders", Kind: store.KindCourier, State: store.Running, Attempt: i, StartedAt: noon}
	write, writeTask := tx.PutRun, tx.PutTask
	if i < transitionRuns {
		write = func(r store.Run) error { return putRun(tx, r) }
		writeTask = func(t store.Task) error { return putTask(tx, t) }
	}
	if err := write(run); err != nil {
		return err
	}
	if err := writeTask(task); err != nil {
		return err
	}
	_, err := tx.AppendEvent(store.Event{Run: run.Key, At: noon, Type: "task", Task: "orders", Message: "it runs again"})
	return err
}

// native writes a store's tables with nothing in between.
type native struct {
	*testing.B
	db    *sql.DB
	stmts []*sql.Stmt
	next  int
}

func newNative(b *testing.B) *native {
	path := b.TempDir()
	s := openStore(b, path)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(path, "waybill.db")+"?_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	n := &native{B: b, db: db}
	for _, q := range []string{
		`INSERT INTO runs (key, grp, kind, scheduled_at, nominal, reason, state, queue, keep, serial, digest, attempt, run_type, actor, created_at, into_key, message)
			VALUES (?, ?, 'scheduled', ?, '', '', 'running', 0, 0, 0, '', ?, '', '', ?, '', '')
			ON CONFLICT DO UPDATE SET state = excluded.state, attempt = excluded.attempt`,
		`INSERT INTO tasks (run, name, kind, state, attempt, fault, message, warnings) VALUES (?, 'orders', 'courier', 'running', ?, '', '', 0)
			ON CONFLICT DO UPDATE SET state = excluded.state, attempt = excluded.attempt`,
		`INSERT INTO events (run, seq, at, type, task, message) VALUES (?, ?, ?, 'task', 'orders', 'it runs again')`,
	} {
		stmt, err := db.PrepareContext(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		n.stmts = append(n.stmts, stmt)
	}
	return n
}

// transitions makes transitions and returns how long that took.
func (n *native) transitions(count int) time.Duration {
	n.Helper()
	began := time.Now()
	for range count {
		i := n.next
		n.next++
		run := transitionRun(i)
		at := run.ScheduledAt.UnixNano()
		tx, err := n.db.Begin()
		if err != nil {
			n.Fatal(err)
		}
		for j, args := range [][]any{{run.Key, run.Group, at, i, at}, {run.Key, i}, {run.Key, i, at}} {
			if _, err := tx.Stmt(n.stmts[j]).Exec(args...); err != nil {
				n.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			n.Fatal(err)
		}
	}
	return time.Since(began)
}

// BenchmarkRead asks a store of many runs what a status page asks.
func BenchmarkRead(b *testing.B) {
	s := newStore(b)
	const groups, perGroup = 100, 500
	for g := range groups {
		update(b, s, func(tx *store.Tx) error {
			for i := range perGroup {
				run := tick(graph.GroupAddr(fmt.Sprint("g", g)), i, store.Succeeded)
				if err := putRun(tx, run); err != nil {
					return err
				}
			}
			return nil
		})
	}
	one := graph.GroupAddr("g7")
	for name, fn := range map[string]func(*store.Tx) error{
		"last 20 of a group": func(tx *store.Tx) error { _, err := tx.Runs(store.RunFilter{Group: one, Limit: 20}); return err },
		"last 20 of all":     func(tx *store.Tx) error { _, err := tx.Runs(store.RunFilter{Limit: 20}); return err },
		"failed, of which none": func(tx *store.Tx) error {
			_, err := tx.Runs(store.RunFilter{States: []string{store.Failed, store.Stopped}, Limit: 20})
			return err
		},
		"covered":  func(tx *store.Tx) error { _, err := tx.Covered(one, noon.Add(100*time.Hour)); return err },
		"standing": func(tx *store.Tx) error { _, err := tx.Standing(); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := s.View(context.Background(), fn); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpen opens and closes a store.
func BenchmarkOpen(b *testing.B) {
	path := b.TempDir()
	openStore(b, path)
	for b.Loop() {
		s, err := store.Open(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
