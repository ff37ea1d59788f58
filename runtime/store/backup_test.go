package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// applyNext applies an empty workspace once more, and returns the serial.
func applyNext(t testing.TB, s *store.Store, tool string) int64 {
	t.Helper()
	var d graph.Deployment
	update(t, s, func(tx *store.Tx) (err error) {
		serial, err := tx.Serial()
		if err != nil {
			return err
		}
		d, err = tx.Deploy(graph.Deployment{Serial: serial, Graph: &graph.Graph{FormatVersion: graph.FormatVersion}, AppliedAt: noon, AppliedBy: "anna", Tool: tool})
		return err
	})
	return d.Serial
}

// TestBackupWhileWriting copies a store again and again while others write to
// it: each copy is one state of it, between two transactions.
func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	path, out := t.TempDir(), t.TempDir()
	s := openStore(t, path)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := s.Update(t.Context(), func(tx *store.Tx) error { _, err := transition(tx, crashKey(w)); return err })
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	last := int64(-1)
	for _, name := range []string{"a", "b", "c"} {
		file := filepath.Join(out, name)
		info, err := store.Backup(t.Context(), path, file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Path != file || info.ID != s.ID() || info.Events < last || info.Version != info.Known {
			t.Errorf("the copy %s is %+v, after one of %d events", name, info, last)
		}
		last = info.Events
		if mode, err := os.Stat(file); err != nil || mode.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", mode.Mode(), err)
		}
		folder := filepath.Join(t.TempDir(), ".waybill")
		if _, err := store.Restore(t.Context(), folder, file, "ben", noon); err != nil {
			t.Fatal(err)
		}
		checkCrash(t, folder, make([]int64, 2))
	}
	close(stop)
	wg.Wait()
	if _, err := store.Backup(t.Context(), path, filepath.Join(out, "a")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second copy to the same file: %v", err)
	}
	if _, err := store.Backup(t.Context(), t.TempDir(), filepath.Join(out, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a copy of no store: %v", err)
	}
	if _, err := store.Backup(t.Context(), path, filepath.Join(out, "none", "x")); err == nil {
		t.Error("a copy to a folder that is not there")
	}
	if left, _ := filepath.Glob(filepath.Join(out, "*")); len(left) != 3 {
		t.Errorf("left behind: %q", left)
	}
}

func TestRestore(t *testing.T) {
	t.Parallel()
	path, file := filepath.Join(t.TempDir(), ".waybill"), filepath.Join(t.TempDir(), "backup.db")
	s := openStore(t, path)
	applyNext(t, s, "1")
	run := tick(daily, 0, store.Running)
	put(t, s, run, tick(daily, 1, store.Scheduled))
	update(t, s, appendEvent("r"))
	if _, err := store.Backup(t.Context(), path, file); err != nil {
		t.Fatal(err)
	}

	applyNext(t, s, "2") // what is lost
	applyNext(t, s, "3")
	run.State = store.Failed
	put(t, s, run, tick(daily, 2, store.Running))
	send(t, s, store.Command{Verb: store.VerbRun, At: noon})
	lease := acquire(t, s, "serve by anna")
	var held *store.HeldError
	if _, err := store.Restore(t.Context(), path, file, "ben", noon); !errors.As(err, &held) || held.Holder.Owner != "serve by anna" {
		t.Fatalf("restored under a holder: %v", err)
	}
	id := s.ID()
	if err := errors.Join(lease.Release(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}

	r, err := store.Restore(t.Context(), path, file, "ben", noon)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, r.Forgotten, &store.Forgotten{Since: noon, Deployments: 2, Runs: 2, Commands: 1})
	if r.Now.Serial != 4 || r.Was.Serial != 3 || r.Now.ID != id || !strings.HasSuffix(r.Kept, "waybill.db.before-20261121T120000Z") {
		t.Errorf("restored as %+v", r)
	}
	checkModes(t, path)
	again := openStore(t, path)
	got, _ := getRun(t, again, run.Key)
	equal(t, got.State, store.Running)
	view(t, again, func(tx *store.Tx) error {
		d, err := tx.Deployment(0)
		equal(t, []any{d.Serial, d.Tool, d.AppliedBy}, []any{int64(4), "1", "ben"})
		return err
	})
	var stale *graph.StaleError // what was planned from the serial of a time that is forgotten
	err = again.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Deploy(graph.Deployment{Serial: 3, Graph: &graph.Graph{}, AppliedAt: noon})
		return err
	})
	if !errors.As(err, &stale) {
		t.Errorf("a plan of the lost time: %v", err)
	}
	if next := acquire(t, again, "serve"); next.Holder().Epoch <= lease.Holder().Epoch {
		t.Errorf("the epoch %d is not above %d", next.Holder().Epoch, lease.Holder().Epoch)
	}
	kept := t.TempDir() // what was in place is whole, too
	if err := os.Rename(r.Kept, filepath.Join(kept, "waybill.db")); err != nil {
		t.Fatal(err)
	}
	if was, err := store.Inspect(t.Context(), kept); err != nil || was.Serial != 3 {
		t.Errorf("%+v, %v", was, err)
	}
}

// TestRestoreUnknown puts a backup where the store is lost, or cannot be read:
// nobody knows how far it had come.
func TestRestoreUnknown(t *testing.T) {
	t.Parallel()
	path, file := t.TempDir(), filepath.Join(t.TempDir(), "backup.db")
	s := openStore(t, path)
	applyNext(t, s, "1")
	if _, err := store.Backup(t.Context(), path, file); err != nil {
		t.Fatal(err)
	}
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "waybill.db"), []byte(strings.Repeat("x", 1<<14)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(damaged, "waybill.db-wal"), []byte("frames"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{damaged, filepath.Join(t.TempDir(), "new")} {
		r, err := store.Restore(t.Context(), folder, file, "ben", noon)
		if err != nil {
			t.Fatal(err)
		}
		if r.Now.Serial != 1002 || r.Forgotten != nil || r.Was != nil {
			t.Errorf("restored as %+v", r)
		}
		openStore(t, folder)
	}
	for _, kept := range []string{"", "-wal"} {
		if _, err := os.Stat(filepath.Join(damaged, "waybill.db.before-20261121T120000Z"+kept)); err != nil {
			t.Error(err)
		}
	}
}

// TestRestoreRefuses wants the store in place to be as it was.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	path, folder := t.TempDir(), t.TempDir()
	s := openStore(t, path)
	file := filepath.Join(folder, "backup.db")
	if _, err := store.Backup(t.Context(), path, file); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	openStore(t, elsewhere)
	for name, c := range map[string]struct {
		folder  string
		content []byte
		says    string
	}{
		"damaged":       {path, append(good[:len(good)-5000:len(good)-5000], make([]byte, 5000)...), "sound"},
		"cut off":       {path, good[:len(good)/2], "sound"},
		"no store":      {path, []byte("hello, this is some text"), "sound"},
		"another store": {elsewhere, good, "another store"},
	} {
		if err := os.WriteFile(file, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Restore(t.Context(), c.folder, file, "ben", noon); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(filepath.Join(c.folder, "*.new-*")); len(left) != 0 {
			t.Errorf("%s: left behind: %q", name, left)
		}
	}
	if _, err := store.Restore(t.Context(), path, filepath.Join(folder, "none"), "ben", noon); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a backup that is not there: %v", err)
	}
	update(t, s, appendEvent("still there"))
}

// TestInspectLeavesNothing looks at a closed store of an older schema.
func TestInspectLeavesNothing(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := openStore(t, path)
	put(t, s, tick(daily, 0, store.Running), tick(daily, 1, store.Failed))
	update(t, s, appendEvent("r"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sqlDo("PRAGMA user_version = 1")(t, filepath.Join(path, "waybill.db"))
	before := contents(t, filepath.Join(path, "waybill.db"))
	info, err := store.Inspect(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Version != 1 || info.Runs != 2 || info.Open != 1 || info.Events != 1 || !info.Oldest.Equal(noon) || !info.Newest.Equal(noon) || info.Size < 4096 {
		t.Errorf("%+v", info)
	}
	if err := store.Check(t.Context(), path); err != nil {
		t.Error(err)
	}
	equal(t, contents(t, filepath.Join(path, "waybill.db")), before)
	if left, _ := filepath.Glob(filepath.Join(path, "*")); len(left) > 2 { // the database and the lock
		t.Errorf("left behind: %q", left)
	}
}

// TestCheckContradictions finds what SQLite itself is content with.
func TestCheckContradictions(t *testing.T) {
	t.Parallel()
	for says, statement := range map[string]string{
		"state":      "UPDATE runs SET state = 'lost'",
		"not there":  "DELETE FROM runs",
		"of graphs ": "INSERT INTO deployments VALUES (9, 'none', 0, '', '', '', NULL)",
	} {
		path := t.TempDir()
		s := openStore(t, path)
		running(t, s, "orders")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		sqlDo(statement)(t, filepath.Join(path, "waybill.db"))
		var corrupt *store.CorruptError
		if err := store.Check(t.Context(), path); !errors.As(err, &corrupt) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
