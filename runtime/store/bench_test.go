package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// BenchmarkTransition makes durable transitions of a task: the run, the task
// and an event in one transaction. "sqlite" is what SQLite itself gives for the
// writes of the same transactions, one after the other.
func BenchmarkTransition(b *testing.B) {
	b.Run("sqlite", benchmarkSQLite)
	for _, n := range []int{1, 32} {
		b.Run(fmt.Sprintf("goroutines=%d", n), func(b *testing.B) {
			s := newStore(b)
			l := acquire(b, s, "bench")
			var next atomic.Int64
			b.SetParallelism(max(n/runtime.GOMAXPROCS(0), 1))
			step := func() {
				i := int(next.Add(1))
				run := tick(graph.GroupAddr(fmt.Sprint("g", i%1000)), i/10_000, store.Running)
				run.Attempt = i
				if err := l.Update(context.Background(), func(tx *store.Tx) error { return writeTransition(tx, run) }); err != nil {
					b.Error(err)
				}
			}
			b.ReportAllocs()
			if n == 1 {
				for b.Loop() {
					step()
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					step()
				}
			})
		})
	}
}

func writeTransition(tx *store.Tx, run store.Run) error {
	if err := putRun(tx, run); err != nil {
		return err
	}
	task := store.Task{Run: run.Key, Name: "orders", Kind: store.KindCourier, State: store.Running, Attempt: run.Attempt, StartedAt: noon}
	if err := putTask(tx, task); err != nil {
		return err
	}
	_, err := tx.AppendEvent(store.Event{Run: run.Key, At: noon, Type: "task", Task: "orders", Message: "it runs again"})
	return err
}

func benchmarkSQLite(b *testing.B) {
	path := b.TempDir()
	s := openStore(b, path)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(path, "waybill.db")+"?_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var stmts []*sql.Stmt
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
		stmts = append(stmts, stmt)
	}
	i := 0
	for b.Loop() {
		i++
		run := tick(graph.GroupAddr(fmt.Sprint("g", i%1000)), i/10_000, store.Running)
		at := run.ScheduledAt.UnixNano()
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		for j, args := range [][]any{{run.Key, run.Group, at, i, at}, {run.Key, i}, {run.Key, i, at}} {
			if _, err := tx.Stmt(stmts[j]).Exec(args...); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
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
