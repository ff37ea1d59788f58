package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestMain turns the test binary into the other process of a test where it is
// told so.
func TestMain(m *testing.M) {
	role, path := os.Getenv("WAYBILL_STORE_CHILD"), os.Getenv("WAYBILL_STORE_PATH")
	roles := map[string]func(string) error{"hold": holdLease, "write": writeForever}
	if do := roles[role]; do != nil {
		if err := do(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is another process on the same store.
type child struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startChild(t *testing.T, role, path string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: exec.Command(exe)}
	c.cmd.Env = append(os.Environ(), "WAYBILL_STORE_CHILD="+role, "WAYBILL_STORE_PATH="+path)
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	return c
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// kill is kill -9; it returns when the process is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

func (c *child) tell(line string) {
	if _, err := fmt.Fprintln(c.in, line); err != nil {
		c.t.Error(err)
	}
}

func (c *child) expect(line string) {
	c.t.Helper()
	if !c.out.Scan() || c.out.Text() != line {
		c.t.Fatalf("the other process says %q, want %q", c.out.Text(), line)
	}
}

// holdLease takes the lease, and acts whenever it is told to.
func holdLease(path string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	l, err := s.Acquire(ctx, "child", noon)
	if err != nil {
		return err
	}
	fmt.Println("held")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		switch err := l.Update(ctx, appendEvent("child")); {
		case errors.Is(err, store.ErrFenced):
			fmt.Println("fenced")
		default:
			fmt.Println(err)
		}
	}
	return nil
}

const crashWriters = 6

// crashKey is the run that a writer works on.
func crashKey(writer int) store.Run {
	return tick(graph.GroupAddr(fmt.Sprint("w", writer)), 0, store.Running)
}

// writeForever moves one run per writer on, step by step, and says so after
// each acknowledged step.
func writeForever(path string) error {
	ctx := context.Background()
	fmt.Println("starting")
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	l, err := s.Acquire(ctx, "child", noon)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for w := range crashWriters {
		wg.Go(func() {
			for {
				var seq int64
				err := l.Update(ctx, func(tx *store.Tx) (err error) {
					seq, err = transition(tx, crashKey(w))
					return err
				})
				if err != nil {
					fmt.Println(err)
					return
				}
				fmt.Println(w, seq)
			}
		})
	}
	wg.Wait()
	return nil
}

// transition moves a run and its task one attempt on and appends the event of
// it: what a holder does all the time.
func transition(tx *store.Tx, run store.Run) (int64, error) {
	last, _, err := tx.Run(run.Key)
	if err != nil {
		return 0, err
	}
	run.Attempt = last.Attempt + 1
	if err := putRun(tx, run); err != nil {
		return 0, err
	}
	err = putTask(tx, store.Task{Run: run.Key, Name: "orders", Kind: store.KindCourier, State: store.Running, Attempt: run.Attempt, StartedAt: noon})
	if err != nil {
		return 0, err
	}
	e, err := tx.AppendEvent(store.Event{Run: run.Key, At: noon, Type: "task", Task: "orders", Message: "attempt " + fmt.Sprint(run.Attempt)})
	return e.Seq, err
}

// TestCrash kills a writing process again and again, at a random moment. What
// it had acknowledged is there, and nothing is there by half.
func TestCrash(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	acknowledged := make([]int64, crashWriters)
	var steps int64
	for range 20 {
		c := startChild(t, "write", path)
		c.expect("starting")
		for lines := rand.IntN(400); lines > 0 && c.out.Scan(); lines-- {
			note(t, c.out.Text(), acknowledged)
		}
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for c.out.Scan() { // what it said before it died counts
			note(t, c.out.Text(), acknowledged)
		}
		c.kill()
		steps = checkCrash(t, path, acknowledged)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d steps of %d writers in 20 lives", steps, crashWriters)
}

// note keeps the newest step that a writer has acknowledged. The last line may
// be cut off.
func note(t *testing.T, line string, acknowledged []int64) {
	t.Helper()
	var w int
	var seq int64
	if n, err := fmt.Sscan(line, &w, &seq); n == 2 && err == nil && w < crashWriters {
		acknowledged[w] = max(acknowledged[w], seq)
	} else if strings.Contains(line, "store") {
		t.Errorf("the writer says: %s", line)
	}
}

func checkCrash(t *testing.T, path string, acknowledged []int64) (steps int64) {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	checkHolderFree(t, s)
	equal(t, read(t, s, (*store.Tx).Integrity), "ok")
	for w, want := range acknowledged {
		key := crashKey(w).Key
		view(t, s, func(tx *store.Tx) error {
			run, _, err1 := tx.Run(key)
			task, _, err2 := tx.Task(key, "orders")
			got := int64(run.Attempt)
			events, err3 := tx.Events(key, max(got-1, 0))
			if got < want {
				t.Errorf("writer %d: %d steps were acknowledged, %d are there", w, want, got)
			}
			if task.Attempt != run.Attempt || got > 0 && (len(events) != 1 || events[0].Seq != got) {
				t.Errorf("writer %d: a step is there by half: run %+v, task %+v, last events %+v", w, run, task, events)
			}
			steps += got
			return errors.Join(err1, err2, err3)
		})
	}
	return steps
}

// checkHolderFree wants that a dead process holds nothing.
func checkHolderFree(t *testing.T, s *store.Store) {
	t.Helper()
	if h, held, err := s.Holder(t.Context()); held || err != nil {
		t.Errorf("a dead process holds the store: %+v, %v", h, err)
	}
	l, err := s.Acquire(t.Context(), "parent", noon)
	if err != nil {
		t.Error(err)
		return
	}
	if err := l.Release(t.Context()); err != nil {
		t.Error(err)
	}
}
