package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// journal is a log that several goroutines write.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) count(text string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), text)
}

// clumsy is an observer that panics when it hears of a look of one group.
type clumsy struct {
	silent
	group graph.Addr
}

func (c clumsy) Looked(group graph.Addr, _, _ string, _ time.Duration) {
	if group == c.group {
		panic("clumsy")
	}
}

// tired is an observer that counts passes, and falls asleep over so many that
// the loop cannot have rested.
type tired struct {
	Observer
	passes *atomic.Int64
}

func (o tired) Passed(at time.Time, failed bool) {
	if o.passes.Add(1)%5000 == 0 {
		<-time.After(time.Hour)
	}
	o.Observer.Passed(at, failed)
}

// serving runs a test beside a server whose observer panics in the looks of the
// group b, in a bubble of fake time. The server's loop may not go round and
// round.
func serving(t *testing.T, test func(t *testing.T, r *Runtime, log *journal)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		log, passes := &journal{}, &atomic.Int64{}
		defer func() {
			if n := passes.Load(); n >= 5000 {
				t.Errorf("the loop went round %d times", n)
			}
		}()
		r, err := Open(context.Background(), filepath.Join(dir, ".waybill"), Options{
			Workspace: dir, Poll: time.Minute, Observer: tired{clumsy{group: "courier_group.b"}, passes},
			Logger: hclog.New(&hclog.LoggerOptions{Output: log}),
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range []*graph.Graph{{FormatVersion: graph.FormatVersion}, apart()} {
			if _, err := r.Deploy(t.Context(), graph.Deployment{Serial: int64(i), Graph: g}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Serve(ctx) }()
		defer func() {
			cancel()
			if err := errors.Join(<-ended, r.Close()); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		test(t, r, log)
	})
}

// apart is waiting without the wait of one group for the other.
func apart() *graph.Graph {
	g := waiting()
	g.Groups[0].After = nil
	return g
}

// A panic in a piece of work fails that task, says so once with the stack, and
// leaves everything else alone.
func TestAPanicFailsItsTaskAndNothingElse(t *testing.T) {
	t.Parallel()
	serving(t, func(t *testing.T, r *Runtime, log *journal) {
		time.Sleep(15 * time.Hour)
		synctest.Wait()
		d, err := r.Run(t.Context(), "courier_group.b@2000-01-01T13:00:00Z")
		if err != nil {
			t.Fatal(err)
		}
		if task := d.Tasks[0]; task.State != store.Failed || d.Run.State != store.Failed || !strings.Contains(task.Message, "clumsy") {
			t.Errorf("the task is %s (%s), the run %s", task.State, task.Message, d.Run.State)
		}
		if d, err = r.Run(t.Context(), "courier_group.a@2000-01-01T13:00:00Z"); err != nil || d.Run.State != store.Running {
			t.Errorf("the other run is %s: %v", d.Run.State, err)
		}
		if n := log.count("clumsy.Looked"); n != 1 { // of the stack
			t.Errorf("the stack is in the log %d times\n%s", n, log.text.String())
		}
	})
}

// A run whose rows make no sense, so that deciding about it panics, fails; where
// even that panics it is left alone. The server lives on.
func TestARunThatCannotBeDecidedAboutIsSetAside(t *testing.T) {
	t.Parallel()
	serving(t, func(t *testing.T, r *Runtime, log *journal) {
		err := r.store.Update(t.Context(), func(tx *store.Tx) error {
			d, err := tx.Deployment(0)
			if err != nil {
				return err
			}
			run := store.Run{
				Key: "courier_group.ghost@x", Group: "courier_group.ghost", Kind: store.KindAdHoc,
				Digest: d.Digest, Serial: d.Serial, Attempt: 1, CreatedAt: time.Now(),
			}
			for _, run.State = range store.RunMachine().Way(store.Running) {
				err = errors.Join(err, tx.PutRun(run))
			}
			return errors.Join(err, tx.SetDue(run.Key, time.Now()))
		})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		synctest.Wait()
		d, err := r.Run(t.Context(), "courier_group.ghost@x")
		if err != nil || d.Run.State != store.Failed {
			t.Errorf("the run is %s (%s): %v", d.Run.State, d.Run.Message, err)
		}
		if n := log.count("stack="); n != 1 {
			t.Errorf("%d stacks are in the log\n%s", n, log.text.String())
		}
		time.Sleep(13 * time.Hour)
		synctest.Wait()
		if d, err = r.Run(t.Context(), "courier_group.a@2000-01-01T13:00:00Z"); err != nil || d.Run.State != store.Running {
			t.Errorf("the other run is %s: %v", d.Run.State, err)
		}
	})
}

// halfQueued leaves a run of the group a that waits and has no graph that knows
// its group, so that Waybill breaks over each step of the group.
func halfQueued(t *testing.T, r *Runtime) {
	t.Helper()
	err := r.store.Update(t.Context(), func(tx *store.Tx) error {
		d, err := tx.Deployment(1)
		if err != nil {
			return err
		}
		run := store.Run{
			Key: "courier_group.a@x", Group: "courier_group.a", Kind: store.KindAdHoc, Queue: 1,
			Digest: d.Digest, Attempt: 2, CreatedAt: time.Now(),
		}
		for _, run.State = range store.RunMachine().Way(store.Waiting) {
			err = errors.Join(err, tx.PutRun(run))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A tick over which Waybill breaks is left alone: it stays due, and the loop
// rests all the same.
func TestATickThatCannotBeTakenIsSetAside(t *testing.T) {
	t.Parallel()
	serving(t, func(t *testing.T, r *Runtime, log *journal) {
		halfQueued(t, r)
		time.Sleep(15 * time.Hour)
		synctest.Wait()
		if n := log.count("stack="); n == 0 {
			t.Errorf("Waybill did not break over the tick:\n%s", log.text.String())
		}
		d, err := r.Run(t.Context(), "courier_group.a@2000-01-01T13:00:00Z")
		if err != nil || d.Run.State != store.Scheduled {
			t.Errorf("the tick is %s: %v", d.Run.State, err)
		}
	})
}

// A command over which Waybill breaks is refused, and the next one carried out.
func TestACommandThatPanicsIsRefused(t *testing.T) {
	t.Parallel()
	serving(t, func(t *testing.T, r *Runtime, log *journal) {
		halfQueued(t, r)
		c, err := r.Do(t.Context(), store.Command{Verb: store.VerbRun, Group: "courier_group.a", Args: json.RawMessage(`{"date":"1999-12-31"}`)}, nil)
		var refused *RefusedError
		if !errors.As(err, &refused) || !strings.Contains(c.Message, "Waybill itself broke") {
			t.Errorf("the answer is %q: %v", c.Message, err)
		}
		if n := log.count("stack="); n != 1 {
			t.Errorf("%d stacks are in the log\n%s", n, log.text.String())
		}
	})
}

// A panic in the delivery of a message, or in a call of the heartbeat, counts as
// one that failed: it is tried again later, and everything else goes on.
func TestAPanicOfADeliveryIsAFailedDelivery(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		log := &journal{}
		r, err := Open(context.Background(), filepath.Join(dir, ".waybill"), Options{
			Workspace: dir, Poll: time.Minute, Logger: hclog.New(&hclog.LoggerOptions{Output: log}),
		})
		if err != nil {
			t.Fatal(err)
		}
		g := apart()
		hook := graph.Alert{Addr: "alert.webhook.hook", Type: "webhook", On: []string{"late"}, Webhook: graph.Text("http://127.0.0.1:1/")}
		g.Alerts, g.Heartbeat = []graph.Alert{hook}, &graph.Heartbeat{URL: graph.Text("http://127.0.0.1:1/"), Every: graph.Duration(time.Hour)}
		for i := range g.Groups {
			g.Groups[i].Alerts = []graph.Addr{hook.Addr}
		}
		if _, err := r.Deploy(t.Context(), graph.Deployment{Graph: g}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		lease, err := r.store.Acquire(ctx, "ann", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		e := r.engine(lease, nil)
		e.outbox.sender = nil // whatever is sent panics
		ended := make(chan error, 1)
		go func() { ended <- e.run(ctx) }()
		time.Sleep(14 * time.Hour)
		synctest.Wait()
		alerts, err := r.Alerts(t.Context())
		if err != nil || len(alerts) != 1 {
			t.Fatalf("%d alerts: %v", len(alerts), err)
		}
		if a := alerts[0]; a.Waiting == 0 || !a.Next.After(time.Now()) || !strings.Contains(a.Error, "Waybill itself broke over it") {
			t.Errorf("no message is tried again: %+v", a)
		}
		if d, err := r.Run(t.Context(), "courier_group.a@2000-01-01T13:00:00Z"); err != nil || d.Run.State != store.Running {
			t.Errorf("the run is %s: %v", d.Run.State, err)
		}
		if log.count("stack=") == 0 || log.count("the heartbeat's URL cannot be called") != 1 {
			t.Errorf("the log is %s", log.text.String())
		}
		cancel()
		if err := errors.Join(<-ended, lease.Release(context.Background()), r.Close()); err != nil {
			t.Error(err)
		}
	})
}

// What goes on beside the loop is begun again when Waybill broke over it.
func TestWhatLastsIsBegunAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &journal{}
		e := &engine{log: hclog.New(&hclog.LoggerOptions{Output: log})}
		ctx, cancel := context.WithCancel(t.Context())
		begun := 0
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			e.lasting(ctx, "the watch", func(ctx context.Context) {
				if begun++; begun < 3 {
					panic("clumsy")
				}
				<-ctx.Done()
			})
		}()
		time.Sleep(3 * brokenPause)
		synctest.Wait()
		if begun != 3 || log.count("stack=") != 2 {
			t.Errorf("begun %d times\n%s", begun, log.text.String())
		}
		cancel()
		<-ended
	})
}
