package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

func appendEvent(run string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.AppendEvent(store.Event{Run: run, At: noon, Type: "test"})
		return err
	}
}

func countEvents(t testing.TB, s *store.Store, run string) int {
	t.Helper()
	return len(read(t, s, func(tx *store.Tx) ([]store.Event, error) { return tx.Events(run, 0) }))
}

// TestGroupCommit lets callers gather while one holds the writer, some of whom
// fail: the others are kept, all with one commit.
func TestGroupCommit(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, path)
		const n = 30
		no := errors.New("no")
		errs := make([]error, n)
		before := commits(t, path)
		var wg sync.WaitGroup
		update(t, s, func(*store.Tx) error {
			for i := range n {
				wg.Go(func() {
					errs[i] = s.Update(t.Context(), func(tx *store.Tx) error {
						if err := appendEvent("r")(tx); err != nil || i%3 > 0 {
							return err
						}
						return no
					})
				})
			}
			synctest.Wait() // until all wait for their turn
			return nil
		})
		wg.Wait()
		for i, err := range errs {
			if want := i%3 == 0; errors.Is(err, no) != want || !want && err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		}
		events := read(t, s, func(tx *store.Tx) ([]store.Event, error) { return tx.Events("r", 0) })
		if len(events) != n*2/3 || events[len(events)-1].Seq != n*2/3 {
			t.Errorf("%d events, the last is %+v", len(events), events[len(events)-1])
		}
		equal(t, commits(t, path)-before, 1)
	})
}

// TestFirstOfAGroupFails lets callers gather while one holds the writer, who then
// fails: nobody who waits is forgotten, and only the others are kept.
func TestFirstOfAGroupFails(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, path)
		no := errors.New("no")
		var wg sync.WaitGroup
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			for range 3 {
				wg.Go(func() {
					if err := s.Update(t.Context(), appendEvent("r")); err != nil {
						t.Error(err)
					}
				})
			}
			synctest.Wait() // until all wait for their turn
			return errors.Join(appendEvent("r")(tx), no)
		})
		wg.Wait()
		if !errors.Is(err, no) {
			t.Error(err)
		}
		equal(t, countEvents(t, s, "r"), 3)
	})
}

// commits counts the transactions in the write-ahead log of a store: the
// frames that say how large the database has become.
func commits(t *testing.T, path string) (n int) {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(path, "waybill.db-wal"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	const header, frameHeader, page = 32, 24, 4096
	for at := header; at+frameHeader+page <= len(log); at += frameHeader + page {
		if binary.BigEndian.Uint32(log[at+4:]) > 0 {
			n++
		}
	}
	return n
}

func TestUpdateError(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	no := errors.New("no")
	err := s.Update(t.Context(), func(tx *store.Tx) error { return errors.Join(appendEvent("r")(tx), no) })
	if !errors.Is(err, no) {
		t.Error(err)
	}
	// a failed statement spoils the transaction, also where its error is ignored
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		if err := appendEvent("r")(tx); err != nil {
			return err
		}
		_ = tx.PutTask(store.Task{Run: "none", Name: "x", State: store.Pending})
		if err := appendEvent("r")(tx); err == nil || !strings.Contains(err.Error(), "write the task") {
			t.Errorf("the transaction goes on: %v", err)
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "write the task") {
		t.Error(err)
	}
	equal(t, countEvents(t, s, "r"), 0)
}

func TestUpdateAborted(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for name, abort := range map[string]func(){"panic": func() { panic("stop") }, "exit": runtime.Goexit} {
		done := make(chan any)
		go func() {
			defer func() { done <- recover() }()
			_ = s.Update(t.Context(), func(tx *store.Tx) error {
				if err := appendEvent("r")(tx); err != nil {
					return err
				}
				abort()
				return nil
			})
		}()
		if got := <-done; name == "panic" && got != "stop" {
			t.Errorf("the panic became %v", got)
		}
	}
	update(t, s, appendEvent("other"))
	equal(t, countEvents(t, s, "r"), 0)
}

func TestUpdateCanceled(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	// from the start of fn on, the answer does not depend on the context
	if err := s.Update(ctx, func(tx *store.Tx) error { cancel(); return appendEvent("r")(tx) }); err != nil {
		t.Error(err)
	}
	update(t, s, func(*store.Tx) error { // the writer is taken
		late, stop := context.WithCancel(t.Context())
		answer := make(chan error)
		go func() { answer <- s.Update(late, appendEvent("r")) }()
		stop()
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Errorf("it waited on: %v", err)
		}
		return nil
	})
	if err := s.Update(ctx, appendEvent("r")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	equal(t, countEvents(t, s, "r"), 1)
}

// TestFullDisk lets the database reach a limit under concurrent writers:
// everybody who was told that it is done is there, nobody else is, and the
// store works on when there is space again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := openStore(t, path)
	limit := func(pages int) { t.Helper(); update(t, s, func(tx *store.Tx) error { return tx.Limit(pages) }) }
	blob, _ := json.Marshal(string(bytes.Repeat([]byte("x"), 20_000)))
	acknowledged := map[string]bool{}
	total := 0
	for round := range 3 {
		limit(40)
		const n = 24
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			run := tick(graph.GroupAddr(fmt.Sprint("g", round, i)), 0, store.Running)
			wg.Go(func() {
				errs[i] = s.Update(t.Context(), func(tx *store.Tx) error {
					_, err := tx.AppendEvent(store.Event{Run: run.Key, At: noon, Data: blob})
					return errors.Join(putRun(tx, run), err)
				})
			})
			acknowledged[run.Key] = true
		}
		wg.Wait()
		failed := 0
		for i, err := range errs {
			if err != nil {
				failed++
				delete(acknowledged, tick(graph.GroupAddr(fmt.Sprint("g", round, i)), 0, "").Key)
				if !strings.Contains(err.Error(), "full") || !strings.HasPrefix(err.Error(), "store: ") {
					t.Errorf("a full disk is told as: %v", err)
				}
			}
		}
		if failed == 0 {
			t.Error("nothing has failed")
		}
		total += failed
		limit(-1)
		update(t, s, appendEvent("after"))
	}
	t.Logf("%d of %d have failed", total, total+len(acknowledged))
	equal(t, countEvents(t, s, "after"), 3)
	runs := read(t, s, func(tx *store.Tx) ([]store.Run, error) { return tx.Runs(store.RunFilter{}) })
	equal(t, len(runs), len(acknowledged))
	for _, r := range runs {
		if !acknowledged[r.Key] || countEvents(t, s, r.Key) != 1 {
			t.Errorf("%s is half there", r.Key)
		}
	}
	equal(t, read(t, s, (*store.Tx).Integrity), "ok")
}
