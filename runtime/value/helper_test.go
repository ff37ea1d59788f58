package value_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// keeper is a program that takes a second for an answer, another one each time.
type keeper struct {
	calls, running atomic.Int32
	fails          atomic.Bool
	t              *testing.T
}

func (k *keeper) run(ctx context.Context, h value.Helper) (string, error) {
	if k.running.Add(1) > 1 {
		k.t.Errorf("%s is asked twice at once", h.Name)
	}
	defer k.running.Add(-1)
	n := k.calls.Add(1)
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return "", value.Interrupted(ctx, "run keeper")
	}
	if k.fails.Load() {
		return "", value.SourceError.Errorf("run keeper", "attempt %d failed", n)
	}
	return fmt.Sprintf("answer %d", n), nil
}

func asking(ctx context.Context, h *value.Helpers, ttl time.Duration) *value.Secrets {
	declared := []graph.Secret{{Name: "lake", Exec: &graph.SecretExec{Command: []string{"keeper"}, TTL: graph.Duration(ttl)}}}
	return value.NewSecrets("", declared, &value.Redactor{}).Asking(ctx, h)
}

func TestAnAnswerIsRememberedForItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{t: t}
		h := value.NewHelpers(k.run)
		get := func(ttl time.Duration, want string) {
			t.Helper()
			s := asking(t.Context(), h, ttl)
			if got, err := s.Get("lake"); got != want || err != nil {
				t.Errorf("%q %v, want %s", got, err, want)
			}
			if got := s.Redactor().String(want); got != "(secret lake)" {
				t.Errorf("shown as %s", got)
			}
		}
		get(time.Minute, "answer 1")
		time.Sleep(58 * time.Second)
		get(time.Minute, "answer 1")
		time.Sleep(2 * time.Second)
		get(time.Minute, "answer 2")
		get(2*time.Minute, "answer 3") // what is asked is another question
		get(0, "answer 4")
		get(0, "answer 5")
	})
}

func TestOneProgramIsAskedOnceAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{t: t}
		h := value.NewHelpers(k.run)
		all := func() (answers map[string]int) {
			answers = map[string]int{}
			var mu sync.Mutex
			var group sync.WaitGroup
			for range 50 {
				group.Go(func() {
					text, err := asking(t.Context(), h, time.Minute).Get("lake")
					if err != nil {
						text = err.Error()
					}
					mu.Lock()
					defer mu.Unlock()
					answers[text]++
				})
			}
			group.Wait()
			return answers
		}
		k.fails.Store(true)
		if got := all(); got["read secret lake: run keeper: attempt 1 failed"] != 50 { // all waited for the one call
			t.Errorf("%v", got)
		}
		k.fails.Store(false)
		if got := all(); got["answer 2"] != 50 { // an error is not remembered
			t.Errorf("%v", got)
		}
		if _, err := asking(t.Context(), h, time.Minute).Get("other"); value.FaultOf(err) != value.Misconfigured {
			t.Errorf("%v", err)
		}
	})
}

func TestWhoIsStoppedWaitsForNoAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{t: t}
		h := value.NewHelpers(k.run)
		stopped, cancel := context.WithCancelCause(t.Context())
		first, second := make(chan error), make(chan error)
		go func() {
			_, err := asking(stopped, h, time.Minute).Get("lake")
			first <- err
		}()
		synctest.Wait()
		go func() {
			_, err := asking(t.Context(), h, time.Minute).Get("lake")
			second <- err
		}()
		synctest.Wait()
		why := errors.New("ana stopped it")
		cancel(why)
		if err := <-first; !errors.Is(err, why) {
			t.Errorf("who was stopped: %v", err)
		}
		if err := <-second; err != nil { // asks itself
			t.Errorf("who waited: %v", err)
		}
		if _, err := asking(stopped, h, 0).Get("lake"); !errors.Is(err, why) {
			t.Errorf("who came too late: %v", err)
		}
	})
}

func TestWhatWasRefusedIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{t: t}
		h := value.NewHelpers(k.run)
		get := func() (*value.Secrets, string) {
			s := asking(t.Context(), h, time.Hour)
			text, err := s.Get("lake")
			if err != nil {
				t.Error(err)
			}
			return s, text
		}
		first, text := get()
		if text != "answer 1" || first.Refused() {
			t.Errorf("%s was asked for just now, so that another attempt would not help", text)
		}
		_, text = get()
		if text != "answer 2" {
			t.Errorf("%s after a refusal", text)
		}
		time.Sleep(time.Minute)
		slow, _ := get()
		quick, text := get()
		if text != "answer 2" || !quick.Refused() {
			t.Errorf("%s was remembered, so that another attempt may help", text)
		}
		if _, text = get(); text != "answer 3" {
			t.Errorf("%s after a refusal", text)
		}
		if !slow.Refused() {
			t.Error("who had the old answer may try again")
		}
		if _, text = get(); text != "answer 3" {
			t.Errorf("%s: the refusal was of an answer before", text)
		}
	})
}

func TestNoProgramIsAskedWithoutLeave(t *testing.T) {
	t.Parallel()
	declared := []graph.Secret{{Name: "lake", Exec: &graph.SecretExec{Command: []string{"keeper"}}}}
	_, err := value.NewSecrets("", declared, nil).Get("lake")
	if value.FaultOf(err) != value.Misconfigured {
		t.Errorf("%v", err)
	}
	var none *value.Secrets
	if none.Refused() {
		t.Error("nothing was given out")
	}
}
