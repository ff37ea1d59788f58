package soak_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// everyNth is how far apart the commits are before which a process is killed,
// where the tests are not soaked.
const everyNth = 4

// TestKilledBeforeACommit kills a serving process before its first commit, its
// second, and so on, until one lives to the end.
func TestKilledBeforeACommit(t *testing.T) {
	t.Parallel()
	step := everyNth
	if rounds(1) > 1 {
		step = 1
	}
	chance := rand.New(rand.NewPCG(seed(20261122), 0))
	for at := 1 + chance.IntN(step); ; at += step {
		s := newScene(t, 1, 2, 10)
		cmd, said := s.child(nil, fmt.Sprint(childKill, "=", at))
		killed := s.killed(cmd.Run(), said)
		if killed {
			s.goOn()
		}
		s.check()
		if t.Failed() {
			t.Fatalf("killed before commit %d", at)
		}
		if !killed {
			if at <= 5 {
				t.Errorf("a run takes fewer than %d commits: nothing was killed", at)
			}
			t.Logf("a run takes fewer than %d commits", at)
			return
		}
	}
}

// TestKilledAtRandom kills a serving process again and again at random moments
// while it has much to do.
func TestKilledAtRandom(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(seed(20261122), 1))
	for left := rounds(20); left > 0; {
		s := newScene(t, 6, 3, 2000)
		for killed := true; killed && left > 0; left-- {
			cmd, said := s.child(nil)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			moment := time.Duration(chance.Int64N(int64(longest)))
			timer := time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
			killed = s.killed(cmd.Wait(), said)
			timer.Stop()
		}
		s.goOn()
		s.check()
		if t.Failed() {
			t.FailNow()
		}
	}
}

// longest is how long a process lives at most before it is killed.
const longest = 400 * time.Millisecond
