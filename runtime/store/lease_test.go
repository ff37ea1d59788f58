package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

func acquire(t testing.TB, s *store.Store, owner string) *store.Lease {
	t.Helper()
	l, err := s.Acquire(t.Context(), owner, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Release(t.Context()); err != nil && !errors.Is(err, store.ErrClosed) && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return l
}

func checkHolder(t testing.TB, s *store.Store, owner string, held bool) {
	t.Helper()
	h, got, err := s.Holder(t.Context())
	if err != nil || h.Owner != owner || got != held {
		t.Errorf("holder is %+v, held %v, %v; want %q, held %v", h, got, err, owner, held)
	}
}

func TestLease(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s, other := openStore(t, path), openStore(t, path)
	checkHolder(t, s, "", false)

	l := acquire(t, s, "serve by anna")
	host, _ := os.Hostname()
	equal(t, l.Holder(), store.Holder{Epoch: 1, Owner: "serve by anna", Host: host, PID: os.Getpid(), Since: noon})
	checkHolder(t, s, "serve by anna", true)
	checkHolder(t, other, "serve by anna", true)
	for _, s := range []*store.Store{s, other} {
		var held *store.HeldError
		if _, err := s.Acquire(t.Context(), "run by ben", noon); !errors.As(err, &held) {
			t.Fatalf("a second lease: %v", err)
		}
		equal(t, held.Holder, l.Holder())
		if !strings.Contains(held.Error(), "held by serve by anna (process ") {
			t.Error(held)
		}
	}
	if err := l.Update(t.Context(), appendEvent("r")); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
	checkHolder(t, other, "serve by anna", false)
	if err := l.Update(t.Context(), appendEvent("r")); !errors.Is(err, store.ErrFenced) {
		t.Errorf("a released lease still acts: %v", err)
	}
	next := acquire(t, other, "run by ben")
	equal(t, next.Holder().Epoch, int64(2))
	checkHolder(t, s, "run by ben", true)
	if err := l.Release(t.Context()); err != nil { // a third time, and somebody else has it
		t.Error(err)
	}
	checkHolder(t, s, "run by ben", true)
	equal(t, countEvents(t, s, "r"), 1)
}

// TestFence takes the lock away from under a holder, as an operator does who
// removes the file.
func TestFence(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s, other := openStore(t, path), openStore(t, path)
	old := acquire(t, s, "old")
	if err := os.Remove(filepath.Join(path, "waybill.lock")); err != nil {
		t.Fatal(err)
	}
	acquire(t, other, "new")
	if err := old.Update(t.Context(), appendEvent("r")); !errors.Is(err, store.ErrFenced) {
		t.Errorf("the old holder acts: %v", err)
	}
	equal(t, countEvents(t, s, "r"), 0)
}

// TestProbe asks for the holder while the lease goes back and forth: asking
// never keeps anybody from taking it.
func TestProbe(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s, other := openStore(t, path), openStore(t, path)
	stop, done := make(chan struct{}), make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
				if _, _, err := other.Holder(t.Context()); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	for range 200 {
		l, err := s.Acquire(t.Context(), "me", noon)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestTwoProcesses has another process hold the lease, and kills it.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := openStore(t, path)
	holder := startChild(t, "hold", path)
	holder.expect("held")

	var held *store.HeldError
	if _, err := s.Acquire(t.Context(), "parent", noon); !errors.As(err, &held) {
		t.Fatalf("two processes have the lease: %v", err)
	}
	if held.Holder.Owner != "child" || held.Holder.PID != holder.pid() || !held.Holder.Since.Equal(noon) {
		t.Errorf("the holder is told as %+v, its process is %d", held.Holder, holder.pid())
	}
	checkHolder(t, s, "child", true)
	send(t, s, store.Command{Verb: store.VerbRun, At: noon}) // anybody may

	holder.kill()
	checkHolder(t, s, "child", false)
	l := acquire(t, s, "parent")
	equal(t, l.Holder().Epoch, held.Holder.Epoch+1)
	if err := l.Update(t.Context(), appendEvent("r")); err != nil {
		t.Error(err)
	}
}

// TestFencedProcess has another process go on with a lease that it has lost.
func TestFencedProcess(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := openStore(t, path)
	zombie := startChild(t, "hold", path)
	zombie.expect("held")
	if err := os.Remove(filepath.Join(path, "waybill.lock")); err != nil {
		t.Fatal(err)
	}
	acquire(t, s, "parent")
	zombie.tell("write")
	zombie.expect("fenced")
	equal(t, countEvents(t, s, "child"), 0)
}

func TestAcquireTime(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	l, err := s.Acquire(t.Context(), "me", noon.In(time.FixedZone("X", 3600)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release(t.Context())
	h, _, err := s.Holder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, h, l.Holder())
}
