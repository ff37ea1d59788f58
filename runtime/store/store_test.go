package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// noon is the instant most tests happen at.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const daily = graph.Addr("courier_group.daily")

func openStore(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newStore(t testing.TB) *store.Store {
	t.Helper()
	return openStore(t, filepath.Join(t.TempDir(), ".waybill"))
}

func update(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// read returns what one read of the store gives.
func read[T any](t testing.TB, s *store.Store, fn func(*store.Tx) (T, error)) T {
	t.Helper()
	var v T
	view(t, s, func(tx *store.Tx) (err error) {
		v, err = fn(tx)
		return err
	})
	return v
}

func equal[T any](t testing.TB, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(graph.Graph{})); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

func TestOpenCreates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b?c#d%20e", ".waybill")
	if store.Exists(path) {
		t.Error("the store exists before it is created")
	}
	first := openStore(t, path)
	if !store.Exists(path) || len(first.ID()) < 16 {
		t.Errorf("after Open: Exists %v, ID %q", store.Exists(path), first.ID())
	}
	if _, err := first.Acquire(t.Context(), "serve", noon); err != nil {
		t.Fatal(err)
	}
	checkModes(t, path)

	again, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.ID() != first.ID() {
		t.Errorf("the identity changed from %s to %s", first.ID(), again.ID())
	}
	if other := newStore(t); other.ID() == first.ID() {
		t.Error("two stores have one identity")
	}
}

// checkModes wants a folder and files that only their owner reads.
func checkModes(t *testing.T, path string) {
	t.Helper()
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		if strings.Contains(name, ".new-") {
			t.Errorf("%s was left behind", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".waybill")
	const n = 8
	ids := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			s, err := store.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = s.ID()
			err = s.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AppendEvent(store.Event{At: noon, Type: "opened"})
				return err
			})
			if err := errors.Join(err, s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("one folder holds several stores: %v", ids)
		}
	}
	events := read(t, openStore(t, path), func(tx *store.Tx) ([]store.Event, error) { return tx.EventsSince(0, 0) })
	if len(events) != n {
		t.Errorf("%d events, want %d", len(events), n)
	}
	checkModes(t, path)
}

func TestOpenFailsWithoutAFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), filepath.Join(file, ".waybill")); err == nil {
		t.Error("a folder inside a file was accepted")
	}
}

// TestCheck damages a store that is too large for Open to read it whole.
func TestCheck(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := openStore(t, path)
	blob, _ := json.Marshal(strings.Repeat("x", 1<<20))
	for range 17 {
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.AppendEvent(store.Event{At: noon, Data: blob})
			return err
		})
	}
	if err := store.Check(t.Context(), path); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	write(func(b []byte) []byte { clear(b[8<<20 : 9<<20]); return b })(t, filepath.Join(path, "waybill.db"))
	var corrupt *store.CorruptError
	openStore(t, path)
	if err := store.Check(t.Context(), path); !errors.As(err, &corrupt) {
		t.Errorf("the damage was not found: %v", err)
	}
}

// TestLogAlone wants that the log of a lost database is not played into a new
// one.
func TestLogAlone(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	log := filepath.Join(path, "waybill.db-wal")
	if err := os.WriteFile(log, []byte("frames"), 0o600); err != nil {
		t.Fatal(err)
	}
	var corrupt *store.CorruptError
	if _, err := store.Open(t.Context(), path); !errors.As(err, &corrupt) || corrupt.Path != log {
		t.Errorf("it was opened: %v", err)
	}
	if store.Exists(path) {
		t.Error("a database was made")
	}
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	openStore(t, path)
}

func isA[T error](err error) bool {
	_, is := errors.AsType[T](err)
	return is
}

// TestOpenRefuses wants an error of a type, and every byte as it was.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	newer, corrupt := isA[*store.VersionError], isA[*store.CorruptError]
	for name, c := range map[string]struct {
		spoil func(t *testing.T, file string)
		want  func(error) bool
		says  string
	}{
		"newer":                              {spoil: sqlDo("PRAGMA user_version = 99"), want: newer, says: "newer release"},
		"newer, in the write-ahead log only": {spoil: leaveLog("PRAGMA user_version = 99"), want: newer, says: "version 99"},
		"empty":                              {spoil: write(func([]byte) []byte { return nil }), want: corrupt, says: "something else"},
		"text":                               {spoil: write(func([]byte) []byte { return bytes.Repeat([]byte("hello\n"), 2000) }), want: corrupt, says: "not a database"},
		"other database":                     {spoil: sqlDo("PRAGMA application_id = 7"), want: corrupt, says: "something else"},
		"truncated":                          {spoil: write(func(b []byte) []byte { return b[:len(b)/2] }), want: corrupt, says: "malformed"},
		"zeroed pages": {spoil: write(func(b []byte) []byte {
			clear(b[3*4096 : 12*4096])
			return b
		}), want: corrupt, says: "sound"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), ".waybill")
			s, err := store.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(path, "waybill.db")
			c.spoil(t, file)
			before := contents(t, file)
			for range 2 {
				s, err := store.Open(t.Context(), path)
				if err == nil {
					_ = s.Close()
					t.Fatal("it was opened")
				}
				if !c.want(err) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), file) {
					t.Errorf("%T: %v", err, err)
				}
			}
			equal(t, contents(t, file), before)
			if _, err := os.Stat(file + "-shm"); before["-wal"] == "" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("files of looking at it are left: %v", err)
			}
			if _, err := os.Stat(file + "-wal"); before["-wal"] == "" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a log of looking at it is left: %v", err)
			}
		})
	}
}

// contents returns the bytes of a database and its log.
func contents(t *testing.T, file string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(file + suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		all[suffix] = string(b)
	}
	return all
}

func write(change func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, change(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func sqlDo(statement string) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		db, err := sql.Open("sqlite", file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// leaveLog runs a statement and leaves it in the write-ahead log, as a process
// that is killed does.
func leaveLog(statement string) func(*testing.T, string) {
	return func(t *testing.T, file string) {
		db, err := sql.Open("sqlite", file)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		kept := contents(t, file)
		if kept["-wal"] == "" {
			t.Fatal("there is no log")
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for suffix, b := range kept {
			if err := os.WriteFile(file+suffix, []byte(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".waybill")
	old := openStore(t, path)
	update(t, old, func(tx *store.Tx) error { return tx.SetPause(graph.Pause{Group: daily, By: "anna", At: noon}) })
	lease, err := old.Acquire(t.Context(), "serve by anna", noon)
	if err != nil {
		t.Fatal(err)
	}
	const step = "ALTER TABLE pauses ADD COLUMN reason TEXT NOT NULL DEFAULT 'none'"

	var held *store.HeldError
	if _, err := store.OpenWith(t.Context(), path, step); !errors.As(err, &held) || held.Holder.Owner != "serve by anna" {
		t.Fatalf("migrated under a holder: %v", err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenWith(t.Context(), path, step, "CREATE TABLE pauses (x)"); err == nil {
		t.Fatal("a migration that cannot be done was accepted")
	}
	for range 2 { // the second time there is nothing to do
		s, err := store.OpenWith(t.Context(), path, step)
		if err != nil {
			t.Fatal(err)
		}
		pauses := read(t, s, func(tx *store.Tx) ([]graph.Pause, error) { return tx.Pauses() })
		equal(t, pauses, []graph.Pause{{Group: daily, By: "anna", At: noon}})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var newer *store.VersionError
	if _, err := store.Open(t.Context(), path); !errors.As(err, &newer) || newer.Found != newer.Known+1 {
		t.Errorf("the old release opens the migrated store: %v", err)
	}
}

// A store of an earlier release knows where readings began by their first runs, and
// not what they have left out.
func TestMigrateReadings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".waybill")
	old := openStore(t, path)
	update(t, old, func(tx *store.Tx) error {
		for i, kind := range []string{store.KindScheduled, store.KindScheduled, store.KindAdHoc} {
			at := noon.Add(time.Duration(1-i) * time.Hour)
			r := store.Run{Key: graph.RunKey(daily, at.Format(time.RFC3339)), Group: daily, Kind: kind, ScheduledAt: at, CreatedAt: at, State: store.Waiting}
			if err := errors.Join(tx.PutRun(r), tx.PutTask(store.Task{Run: r.Key, Name: "orders", Kind: store.KindCourier, State: store.Pending, RangeStart: at, RangeEnd: at})); err != nil {
				return err
			}
		}
		return tx.SetWatermark(daily, "orders", noon.Add(time.Hour), "run")
	})
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenWith(t.Context(), path, "UPDATE watermarks SET began = NULL, whole = NULL", store.Refill(t, "0007_readings.sql"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, read(t, s, func(tx *store.Tx) ([]graph.Watermark, error) { return tx.Watermarks() }),
		[]graph.Watermark{{Group: daily, Courier: "orders", At: noon.Add(time.Hour), From: noon}})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// What a courier had gone on without was a mark on what its task had found last.
func TestMigrateForgone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".waybill")
	key := graph.RunKey(daily, noon.Format(time.RFC3339))
	marked := map[string]string{ // by task, its data
		"nothing": "", "missing": `{"take":null,"missing":[{"name":"a.csv"}]}`,
		"gone on": `{"take":null,"missing":[{"name":"a.csv"}],"partial":true,"passed_over":true}`, "arrived": `{"take":null,"passed_over":true}`,
	}
	old := openStore(t, path)
	update(t, old, func(tx *store.Tx) error {
		r := store.Run{Key: key, Group: daily, Kind: store.KindScheduled, ScheduledAt: noon, CreatedAt: noon, State: store.Waiting}
		err := tx.PutRun(r)
		for name, data := range marked {
			err = errors.Join(err, tx.PutTask(store.Task{Run: key, Name: name, Kind: store.KindCourier, State: store.Pending, Data: []byte(data)}))
		}
		return err
	})
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenWith(t.Context(), path, store.Refill(t, "0011_forgone.sql"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, task := range read(t, s, func(tx *store.Tx) ([]store.Task, error) { return tx.Tasks(key) }) {
		got[task.Name] = string(task.Forgone)
	}
	equal(t, got, map[string]string{
		"nothing": "", "missing": "", "gone on": `{"missing":[{"name":"a.csv"}]}`, "arrived": `{"missing":[]}`,
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestViewReadsOnly(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	err := s.View(t.Context(), func(tx *store.Tx) error { return tx.SetPause(graph.Pause{Group: daily, At: noon}) })
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a view has written: %v", err)
	}
	err = s.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.NextQueue()
		return err
	})
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a view has written what it returns: %v", err)
	}
	// a view sees one state from its first read to its end
	view(t, s, func(tx *store.Tx) error {
		before, err := tx.Pauses()
		if err != nil {
			return err
		}
		update(t, s, func(tx *store.Tx) error { return tx.SetPause(graph.Pause{Group: daily, At: noon}) })
		after, err := tx.Pauses()
		equal(t, after, before)
		return err
	})
	if got := read(t, s, func(tx *store.Tx) ([]graph.Pause, error) { return tx.Pauses() }); len(got) != 1 {
		t.Errorf("%d pauses, want 1", len(got))
	}
}

func TestViewCanceled(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.View(ctx, func(tx *store.Tx) error {
		cancel()
		_, err := tx.Pauses()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want canceled", err)
	}
	for range 10 {
		view(t, s, func(tx *store.Tx) error { _, err := tx.Pauses(); return err })
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var kept *store.Tx
	view(t, s, func(tx *store.Tx) error { kept = tx; return nil })
	if _, err := kept.Pauses(); err == nil {
		t.Error("a transaction works after its end")
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	nothing := func(*store.Tx) error { t.Error("it ran"); return nil }
	if err := s.View(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View: %v", err)
	}
	if err := s.Update(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update: %v", err)
	}
}
