//go:build unix

package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/runtime/store"
)

// TestSuspendedProcess suspends the holder. It has the lease as long as it
// lives; where an operator takes that away meanwhile, it writes nothing when it
// goes on, and what the new holder writes stays.
func TestSuspendedProcess(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := openStore(t, path)
	sleeper := startChild(t, "hold", path)
	sleeper.expect("held")
	signal := func(sig syscall.Signal) {
		t.Helper()
		if err := sleeper.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	t.Cleanup(func() { _ = sleeper.cmd.Process.Signal(syscall.SIGCONT) })
	var held *store.HeldError
	if _, err := s.Acquire(t.Context(), "parent", noon); !errors.As(err, &held) || held.Holder.PID != sleeper.pid() {
		t.Fatalf("a suspended process has lost the lease: %v", err)
	}
	sleeper.tell("write") // what it will do first when it goes on
	if err := os.Remove(filepath.Join(path, "waybill.lock")); err != nil {
		t.Fatal(err)
	}
	l := acquire(t, s, "parent")
	if err := l.Update(t.Context(), appendEvent("r")); err != nil {
		t.Error(err)
	}
	signal(syscall.SIGCONT)
	sleeper.expect("fenced")
	equal(t, countEvents(t, s, "child"), 0)
	checkHolder(t, s, "parent", true)
	if err := l.Update(t.Context(), appendEvent("r")); err != nil {
		t.Error(err)
	}
}
