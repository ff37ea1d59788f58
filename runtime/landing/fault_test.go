package landing_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/value"
)

// failNth fails the n-th change of the disk, counted from 0, and tells how many
// there were.
func failNth(l *landing.Lander, n int, failure error) (count *int) {
	count = new(int)
	l.SetFault(func(string, string) error {
		*count++
		if *count == n+1 {
			return failure
		}
		return nil
	})
	return count
}

// assertWhole demands that every file at its place has all its content, and
// that a manifest names only files that are there.
func assertWhole(t *testing.T, l *landing.Lander, dir string, want map[string]string) {
	t.Helper()
	for name, text := range tree(t, filepath.Join(dir, "landing")) {
		if strings.HasPrefix(name, ".staging/") || strings.HasSuffix(name, "/manifest.json") {
			continue
		}
		if text != want[name] {
			t.Errorf("%s is half landed: %q", name, text)
		}
	}
	if _, err := os.Stat(l.Path(place + "manifest.json")); err == nil {
		if files, done, err := l.Landed(t.Context(), job()); !done || err != nil || len(files) != len(want) {
			t.Errorf("there is a manifest, and Landed says %v %v %v", files, done, err)
		}
	}
}

func TestLandWithEveryChangeOfTheDiskFailing(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("0123456789abcdef", 40<<10) // several writes
	want := map[string]string{place + "orders/in/a": "one", place + "orders/in/deep/down/b": "two", place + "orders/in/big": big}
	for n, total := 0, 1; n < total; n++ {
		dir := t.TempDir()
		items := []landing.Item{put(t, dir, "in/a", "one"), put(t, dir, "in/deep/down/b", "two"), put(t, dir, "in/big", big)}
		l := open(t, dir)
		count := failNth(l, n, syscall.ENOSPC)
		_, err := l.Land(t.Context(), job(items...))
		total = *count + 1
		if *count <= n {
			if err != nil {
				t.Fatalf("nothing failed: %v", err)
			}
			break
		}
		if !errors.Is(err, syscall.ENOSPC) || value.FaultOf(err) != value.Failed {
			t.Errorf("change %d: error %v", n, err)
		}
		assertWhole(t, l, dir, want)
		got := tree(t, filepath.Join(dir, "landing"))
		if _, committed := got[place+"manifest.json"]; !committed && len(got) > 0 {
			t.Errorf("change %d: something is left: %v", n, got)
		}
		l.SetFault(nil)
		if _, err := l.Land(t.Context(), job(items...)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, landed(t, filepath.Join(dir, "landing"))); diff != "" {
			t.Errorf("change %d: %s", n, diff)
		}
	}
}

func TestLandTreeWithEveryChangeOfTheDiskFailing(t *testing.T) {
	t.Parallel()
	want := map[string]string{place + "data/a": "one", place + "data/deep/b": "two"}
	for n, total := 0, 1; n < total; n++ {
		dir := t.TempDir()
		l := open(t, dir)
		fill := func() string {
			staging, err := l.StagingDir(job())
			if err != nil {
				t.Fatal(err)
			}
			put(t, staging, "a", "one")
			put(t, staging, "deep/b", "two")
			return staging
		}
		staging := fill()
		count := failNth(l, n, syscall.EIO)
		_, err := l.LandTree(t.Context(), job(), staging)
		total = *count + 1
		if *count <= n {
			break
		}
		if !errors.Is(err, syscall.EIO) {
			t.Errorf("change %d: error %v", n, err)
		}
		assertWhole(t, l, dir, want)
		l.SetFault(nil)
		if _, err := l.LandTree(t.Context(), job(), fill()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, landed(t, filepath.Join(dir, "landing"))); diff != "" {
			t.Errorf("change %d: %s", n, diff)
		}
	}
}

func TestLandingThatMayNotBeWrittenTo(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{syscall.EACCES, syscall.EROFS} {
		dir := t.TempDir()
		l := open(t, dir)
		failNth(l, 0, &os.PathError{Op: "mkdirat", Path: "x", Err: failure})
		if _, err := l.Land(t.Context(), job(put(t, dir, "in/a", "x"))); value.FaultOf(err) != value.Misconfigured || !errors.Is(err, failure) {
			t.Errorf("error %v", err)
		}
	}
}

func TestHandoverIsWholeOrAbsent(t *testing.T) {
	t.Parallel()
	h := landing.Handover{Group: "courier_group.daily", Run: runKey, Step: "process.stitch"}
	for n, total := 0, 1; n < total; n++ {
		dir := t.TempDir()
		l := open(t, dir)
		count := failNth(l, n, syscall.ENOSPC)
		_, err := l.Handover(t.Context(), h)
		total = *count + 1
		if *count <= n {
			break
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("change %d: error %v", n, err)
		}
		for name, text := range tree(t, filepath.Join(dir, "landing")) {
			if strings.HasPrefix(name, ".staging/") || !strings.HasSuffix(text, "}\n") {
				t.Errorf("change %d: %s is left with %q", n, name, text)
			}
		}
	}
}
