package runtime_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// The test binary serves a store in a process of its own where it is told which,
// so that what that takes can be measured.
const (
	childDir  = "WAYBILL_RUNTIME_CHILD"
	childTime = "WAYBILL_RUNTIME_CHILD_TIME"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := serveMeasured(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// lookCounter counts looks at sources.
type lookCounter struct{ n atomic.Int64 }

func (*lookCounter) Event(store.Event)                                  {}
func (*lookCounter) Started(store.Run)                                  {}
func (*lookCounter) Ended(store.Run)                                    {}
func (*lookCounter) Landed(store.Landing)                               {}
func (l *lookCounter) Looked(graph.Addr, string, string, time.Duration) { l.n.Add(1) }
func (*lookCounter) Passed(time.Time, bool)                             {}

// serveMeasured serves a workspace for a while, and then prints what that took
// once it had settled down.
func serveMeasured(dir string) error {
	length, err := time.ParseDuration(os.Getenv(childTime))
	if err != nil {
		return err
	}
	seen := &lookCounter{}
	r, err := runtime.Open(context.Background(), filepath.Join(dir, ".waybill"), runtime.Options{Workspace: dir, Actor: "bench", Observer: seen})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(ctx) }()
	<-time.After(5 * time.Second)
	cpu, before, began := processorTime(), seen.n.Load(), time.Now()
	<-time.After(length)
	took := time.Since(began)
	result := map[string]float64{
		"%-of-a-core": 100 * float64(processorTime()-cpu) / float64(took),
		"looks/s":     float64(seen.n.Load()-before) / took.Seconds(),
		"MB":          resident("VmRSS"), "MB-most": resident("VmHWM"),
	}
	result["s-behind"] = behind(filepath.Join(dir, ".waybill"))
	cancel()
	if err := <-ended; err != nil {
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// behind is how long the look that is due longest is due, in seconds.
func behind(path string) float64 {
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return -1
	}
	defer s.Close()
	var late time.Duration
	now := time.Now()
	err = s.View(context.Background(), func(tx *store.Tx) error {
		due, err := tx.DuePolls(now, 1)
		for _, d := range due {
			late = now.Sub(d.At)
		}
		return err
	})
	if err != nil {
		return -1
	}
	return late.Seconds()
}

// processorTime is what this process has taken of the processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is one of the memory figures of this process, in MB; 0 where the
// system does not tell.
func resident(name string) float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if fields := strings.Fields(in.Text()); len(fields) > 1 && fields[0] == name+":" {
			kilobytes, _ := strconv.ParseFloat(fields[1], 64)
			return kilobytes / 1024
		}
	}
	return 0
}

// serveElsewhere serves the factory in a process of its own and reports what
// that took.
func (f *factory) serveElsewhere(length time.Duration, metrics ...string) {
	f.Helper()
	exe, err := os.Executable()
	if err != nil {
		f.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childDir+"="+f.dir, childTime+"="+length.String())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		f.Fatal(err)
	}
	var took map[string]float64
	if err := json.Unmarshal(out, &took); err != nil {
		f.Fatalf("%s: %v", out, err)
	}
	for name, value := range took {
		if slices.Contains(metrics, name) {
			f.ReportMetric(value, name)
		}
	}
	f.ReportMetric(0, "ns/op")
}

// BenchmarkIdle serves 10,000 groups that have nothing to do, after one of them
// had, so that what is applied is in memory.
func BenchmarkIdle(b *testing.B) {
	for b.Loop() {
		f := newFactory(b, many(10_000))
		f.schedule(func(i int) time.Time {
			if i == 0 {
				return time.Now()
			}
			return time.Now().Add(time.Hour)
		})
		f.serveElsewhere(10*time.Second, "%-of-a-core", "MB", "MB-most")
	}
}

// BenchmarkWaiting serves 100,000 couriers that wait, each looked after every
// five minutes.
func BenchmarkWaiting(b *testing.B) {
	const groups, couriers, every = 1000, 100, 5 * time.Minute
	for b.Loop() {
		f := newFactory(b, crowd(groups, couriers, every))
		if err := os.MkdirAll(filepath.Join(f.dir, "drop"), 0o755); err != nil {
			b.Fatal(err)
		}
		f.allWait(every)
		goruntime.GC()
		f.serveElsewhere(20*time.Second, "%-of-a-core", "MB", "MB-most", "looks/s", "s-behind")
	}
}

// crowd are groups of couriers that wait for a day.
func crowd(groups, couriers int, every time.Duration) *graph.Graph {
	g := many(groups)
	g.Couriers[0].PollEvery = graph.Duration(every)
	var members []graph.Member
	for i := range couriers {
		m := g.Groups[0].Members[0]
		m.Name, m.Wait = fmt.Sprintf("orders%03d", i), hours(24)
		members = append(members, m)
	}
	for i := range g.Groups {
		g.Groups[i].Members = members
	}
	return g
}

// allWait begins a run of each group whose couriers all wait, their next looks
// spread evenly over the time between two.
func (f *factory) allWait(every time.Duration) {
	f.Helper()
	d, err := f.runtime.Deployment(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	now := time.Now().UTC()
	i, all := 0, len(d.Graph.Groups)*len(d.Graph.Groups[0].Members)
	for _, g := range d.Graph.Groups {
		f.raw(func(tx *store.Tx) error {
			run := store.Run{
				Key: graph.RunKey(g.Addr, now.Format(time.RFC3339)), Group: g.Addr, Kind: store.KindScheduled, ScheduledAt: now,
				Serial: d.Serial, Digest: d.Digest, Attempt: 1, Queue: 1, RunType: graph.RunSource, CreatedAt: now, StartedAt: now,
			}
			for _, run.State = range store.RunMachine().Way(store.Running) {
				if err := tx.PutRun(run); err != nil {
					return err
				}
			}
			for _, m := range g.Members {
				t := store.Task{
					Run: run.Key, Name: m.Name, Kind: store.KindCourier, Attempt: 1, Deadline: now.Add(24 * time.Hour),
					RangeStart: now.Add(-24 * time.Hour), RangeEnd: now, StartedAt: now,
				}
				for _, t.State = range store.TaskMachine().Way(store.Waiting) {
					if err := tx.PutTask(t); err != nil {
						return err
					}
				}
				next := now.Add(time.Duration(i) * every / time.Duration(all))
				if err := tx.PutPoll(store.Poll{Run: run.Key, Task: m.Name, NextAt: next, Deadline: t.Deadline, Looks: 1}); err != nil {
					return err
				}
				i++
			}
			return nil
		})
	}
}
