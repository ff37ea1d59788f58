package soak_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
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
// while it has much to do: most of them after it has begun to serve, some before.
func TestKilledAtRandom(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(seed(20261122), 1))
	kills, scenes, want, span := 0, 0, rounds(20), firstSpan
	for ; kills < want; scenes++ {
		s := newScene(t, 6, 3, 2000)
		for s.killWithin(chance, span) {
			kills++
			span += span / 10
		}
		span = max(span*2/3, leastSpan)
		s.goOn()
		s.check()
		if t.Failed() {
			t.Fatalf("after %d kills, in scene %d", kills, scenes+1)
		}
	}
	t.Logf("%d kills in %d scenes", kills, scenes)
}

// A process lives for a random part of a span before it is killed. The span
// follows the machine: it grows with each kill, and shrinks when all the work was
// done within it.
const (
	firstSpan = 200 * time.Millisecond
	leastSpan = 10 * time.Millisecond
)

// killWithin lets a process serve, and kills it at a moment within a span. False:
// its runs had ended by then.
func (s *scene) killWithin(chance *rand.Rand, span time.Duration) bool {
	s.Helper()
	cmd, said := s.child(nil)
	moment := time.Duration(chance.Int64N(int64(span)))
	var once sync.Once
	doom := func() { once.Do(func() { time.AfterFunc(moment, func() { _ = cmd.Process.Kill() }) }) }
	output := &listener{Writer: said, word: []byte("serving"), heard: doom}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	if chance.IntN(4) == 0 {
		doom()
	}
	return s.killed(cmd.Wait(), said)
}

// listener passes on what is written, and calls a function when it has heard a
// word.
type listener struct {
	io.Writer
	word  []byte
	heard func()
}

func (l *listener) Write(p []byte) (int, error) {
	n, err := l.Writer.Write(p)
	if bytes.Contains(p, l.word) {
		l.heard()
	}
	return n, err
}
