package runtime_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// factory is a workspace of many groups with a server, in real time, that is
// measured from outside: by when others can read its events in the store.
type factory struct {
	*testing.B
	dir     string
	runtime *runtime.Runtime
	store   *store.Store // for raw

	mu    sync.Mutex
	heard map[string]map[string]time.Time // when an event was logged, by its type and run
	more  chan struct{}
}

func newFactory(b *testing.B, g *graph.Graph) *factory {
	b.Helper()
	f := &factory{B: b, dir: b.TempDir(), heard: map[string]map[string]time.Time{}, more: make(chan struct{}, 1)}
	log := hclog.NewInterceptLogger(&hclog.LoggerOptions{Output: io.Discard})
	log.RegisterSink(f)
	r, err := runtime.Open(b.Context(), filepath.Join(f.dir, ".waybill"), runtime.Options{Workspace: f.dir, Actor: "bench", Logger: log})
	if err != nil {
		b.Fatal(err)
	}
	f.runtime = r
	b.Cleanup(func() {
		if err := r.Close(); err != nil {
			b.Error(err)
		}
	})
	if _, err := r.Deploy(b.Context(), graph.Deployment{Graph: g}); err != nil {
		b.Fatal(err)
	}
	return f
}

// Accept implements hclog.SinkAdapter.
func (f *factory) Accept(_ string, level hclog.Level, message string, args ...any) {
	if level >= hclog.Error {
		f.Errorf("the server says: %s %v", message, args)
	}
	if message == "serving" {
		f.note(time.Now(), message, "")
	}
}

func (f *factory) note(at time.Time, event, run string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.heard[event] == nil {
		f.heard[event] = map[string]time.Time{}
	}
	f.heard[event][run] = at
	select {
	case f.more <- struct{}{}:
	default:
	}
}

// follow reads new events all the time until ctx ends.
func (f *factory) follow(ctx context.Context) {
	var last int64
	for pause := time.NewTicker(2 * time.Millisecond); ctx.Err() == nil; <-pause.C {
		err := f.store.View(ctx, func(tx *store.Tx) error {
			events, err := tx.EventsSince(last, 0)
			for now := time.Now(); len(events) > 0; events = events[1:] {
				last = events[0].ID
				f.note(now, events[0].Type, events[0].Run)
			}
			return err
		})
		if err != nil && ctx.Err() == nil {
			f.Error(err)
		}
	}
}

// await waits until n runs have had an event and returns when each had it.
func (f *factory) await(event string, n int) map[string]time.Time {
	f.Helper()
	for {
		f.mu.Lock()
		heard := f.heard[event]
		if len(heard) >= n {
			f.heard[event] = nil
			f.mu.Unlock()
			return heard
		}
		f.mu.Unlock()
		select {
		case <-f.more:
		case <-time.After(2 * time.Minute):
			f.Fatalf("only %d of %d runs have %s", len(heard), n, event)
		}
	}
}

// serve runs the server until the returned function is called.
func (f *factory) serve() (stop func()) {
	ctx, cancel := context.WithCancel(f.Context())
	ended, followed := make(chan error, 1), make(chan struct{})
	go func() { ended <- f.runtime.Serve(ctx) }()
	go func() { f.follow(ctx); close(followed) }()
	f.await("serving", 1)
	return func() {
		cancel()
		<-followed
		if err := <-ended; err != nil {
			f.Error(err)
		}
	}
}

// raw is the store itself, beside the runtime.
func (f *factory) raw(fn func(tx *store.Tx) error) {
	f.Helper()
	if f.store == nil {
		s, err := store.Open(f.Context(), filepath.Join(f.dir, ".waybill"))
		if err != nil {
			f.Fatal(err)
		}
		f.store = s
		f.Cleanup(func() {
			if err := s.Close(); err != nil {
				f.Error(err)
			}
		})
	}
	if err := f.store.Update(f.Context(), fn); err != nil {
		f.Fatal(err)
	}
}

// schedule makes the expected run of each group due at an instant of its own,
// and returns those instants by run.
func (f *factory) schedule(at func(i int) time.Time) map[string]time.Time {
	f.Helper()
	due := map[string]time.Time{}
	f.raw(func(tx *store.Tx) error {
		runs, err := tx.OpenRuns("")
		if err != nil {
			return err
		}
		i := 0
		for _, r := range runs {
			if r.State != store.Scheduled || r.Queue != 0 {
				continue
			}
			if err := tx.DeleteRun(r.Key); err != nil {
				return err
			}
			r.ScheduledAt = at(i).UTC()
			r.Key = graph.RunKey(r.Group, r.ScheduledAt.Format(time.RFC3339))
			if err := tx.PutRun(r); err != nil {
				return err
			}
			due[r.Key] = r.ScheduledAt
			i++
		}
		return nil
	})
	return due
}

// many are n groups that each load one dated file a day, which is not there.
func many(n int) *graph.Graph {
	g := orders()
	one, hour := g.Groups[0], time.Now().UTC().Add(12*time.Hour).Hour()
	g.Groups = nil
	for i := range n {
		one.Addr = graph.GroupAddr(fmt.Sprintf("g%05d", i))
		one.Schedule = fmt.Sprintf("%d %d * * *", i%60, hour)
		g.Groups = append(g.Groups, one)
	}
	return g
}

// withFiles puts the files of some days there.
func (f *factory) withFiles() {
	f.Helper()
	for day := -3; day < 3; day++ {
		name := filepath.Join(f.dir, "drop", "orders-"+time.Now().UTC().AddDate(0, 0, day).Format(time.DateOnly)+".csv")
		if err := os.WriteFile(name, []byte(strings.Repeat("order\n", 1000)), 0o644); err != nil {
			f.Fatal(err)
		}
		if err := os.Chtimes(name, time.Now().Add(-time.Hour), time.Now().Add(-time.Hour)); err != nil {
			f.Fatal(err)
		}
	}
}

// BenchmarkStart says how long after its instant a due run has begun: its
// transaction is on disk. In "waiting" nothing has arrived and every courier
// goes on waiting; in "landing" each run lands a file and ends.
func BenchmarkStart(b *testing.B) {
	for _, landing := range []bool{false, true} {
		name := map[bool]string{false: "waiting", true: "landing"}[landing]
		b.Run("100 a second/"+name, func(b *testing.B) { benchmarkStart(b, landing, 10*time.Millisecond) })
		b.Run("1000 at once/"+name, func(b *testing.B) { benchmarkStart(b, landing, 0) })
	}
}

func benchmarkStart(b *testing.B, landing bool, apart time.Duration) {
	const groups = 1000
	for b.Loop() {
		f := newFactory(b, many(groups))
		if err := os.MkdirAll(filepath.Join(f.dir, "drop"), 0o755); err != nil {
			b.Fatal(err)
		}
		if landing {
			f.withFiles()
		}
		first := time.Now().Add(3 * time.Second)
		due := f.schedule(func(i int) time.Time { return first.Add(time.Duration(i) * apart) })
		stop := f.serve()
		started := f.await(runtime.EventStarted, groups)
		then := runtime.EventTaskWaiting
		if landing {
			then = runtime.EventEnded
		}
		var late []time.Duration
		for run, at := range started {
			late = append(late, at.Sub(due[run]))
		}
		slices.Sort(late)
		b.ReportMetric(milliseconds(late[len(late)/2]), "ms-p50")
		b.ReportMetric(milliseconds(late[len(late)*99/100]), "ms-p99")
		b.ReportMetric(milliseconds(late[len(late)-1]), "ms-max")
		var last time.Time
		for _, at := range f.await(then, groups) {
			if at.After(last) {
				last = at
			}
		}
		b.ReportMetric(last.Sub(first).Seconds(), "s-all-"+then)
		stop()
	}
	b.ReportMetric(0, "ns/op")
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
