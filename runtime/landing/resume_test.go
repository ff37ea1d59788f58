package landing_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/runtime/landing"
)

// TestResumeDir keeps what is in a folder until its job has landed, and removes
// those of runs that nobody has tried again.
func TestResumeDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *landing.Lander {
		l, err := landing.Open(t.Context(), landing.Options{Workspace: dir, URL: "landing"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	job := landing.Job{Group: "courier_group.daily", Courier: "crm", Run: "courier_group.daily@a/b"}
	other := landing.Job{Group: "courier_group.daily", Courier: "crm", Run: "courier_group.daily@c"}
	resume := func(j landing.Job) string {
		t.Helper()
		at, err := open().ResumeDir(j)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	at := resume(job)
	kept := filepath.Join(at, "kept")
	if err := os.WriteFile(kept, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	there := func(want bool, when string) {
		t.Helper()
		if _, err := os.Stat(kept); (err == nil) != want {
			t.Errorf("%s: %v", when, err)
		}
	}
	l := open()
	staging, err := l.StagingDir(job)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(staging, "a"), []byte("b"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.StagingDir(job); err != nil {
		t.Fatal(err)
	}
	if err := l.Discard(job.Run, job.Courier); err != nil {
		t.Fatal(err)
	}
	if again := resume(job); again != at {
		t.Errorf("%s, and before %s", again, at)
	}
	there(true, "after an attempt that came to nothing")
	old := time.Now().Add(-29 * 24 * time.Hour)
	if err := os.Chtimes(at, old, old); err != nil {
		t.Fatal(err)
	}
	resume(other)
	there(true, "after 29 days")
	old = time.Now().Add(-31 * 24 * time.Hour)
	if err := os.Chtimes(at, old, old); err != nil {
		t.Fatal(err)
	}
	open().EndResume(other)
	there(true, "after another job has landed")
	resume(other)
	there(false, "after 31 days")
	resume(job)
	open().EndResume(job)
	if _, err := os.Stat(at); err == nil {
		t.Error("it is there after its job has landed")
	}
}
