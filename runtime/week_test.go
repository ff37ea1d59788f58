package runtime_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// weekGroups says how many groups TestWeek has, other than few.
const weekGroups = "WAYBILL_WEEK_GROUPS"

// TestWeek lets groups run once a day for a week under a fake clock, through the
// executor that serves: every run lands its file.
func TestWeek(t *testing.T) {
	t.Parallel()
	groups := 5
	if text := os.Getenv(weekGroups); text != "" {
		var err error
		if groups, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	const days = 7
	dir := inMemory(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, dir: dir, ctx: t.Context()}
		for day := range days + 1 {
			w.drop("drop/orders-"+time.Now().UTC().AddDate(0, 0, day).Format(time.DateOnly)+".csv", "order\n")
		}
		g := many(groups)
		for i := range g.Groups {
			g.Groups[i].Schedule = fmt.Sprintf("%d %d * * *", i%60, 1+i/60%20)
		}
		r, err := runtime.Open(context.Background(), filepath.Join(dir, ".waybill"), runtime.Options{Workspace: dir, Poll: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Deploy(t.Context(), graph.Deployment{Graph: g}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Serve(ctx) }()
		time.Sleep(days*24*time.Hour + time.Minute)
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		runs, err := r.Runs(t.Context(), store.RunFilter{States: []string{store.Succeeded}})
		if err != nil || len(runs) != groups*days {
			t.Errorf("%d runs have succeeded, want %d: %v", len(runs), groups*days, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// inMemory is an empty folder in memory, where the machine has a file system
// there: what is simulated need not survive.
func inMemory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "waybill-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// BenchmarkWeek is TestWeek with 1,000 groups: 7,000 runs. A bubble of fake time
// needs a test, so that it runs in a process of its own.
func BenchmarkWeek(b *testing.B) {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cmd := exec.Command(exe, "-test.run", "^TestWeek$", "-test.count", "1")
		cmd.Env = append(os.Environ(), weekGroups+"=1000")
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
			b.Fatalf("%v\n%s", err, out)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s")
		b.ReportMetric((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), "cpu-s")
	}
	b.ReportMetric(0, "ns/op")
}
