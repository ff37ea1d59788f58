package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/store"
)

func TestPlainOutput(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &program{env: map[string]string{}, stdout: &out}
	if p.colored(&out) || p.paint(&out, red, "text") != "text" {
		t.Error("what is no terminal is coloured")
	}
	if got := p.width(&out); got != plainWidth {
		t.Errorf("the width without a terminal is %d, want %d", got, plainWidth)
	}
}

func TestTook(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	for want, d := range map[string]time.Duration{
		"0ms": 0, "999ms": 999 * time.Millisecond, "1.0s": time.Second, "9.5s": 9500 * time.Millisecond,
		"10s": 10 * time.Second, "59s": 59 * time.Second, "1m00s": time.Minute, "59m59s": time.Hour - time.Second,
		"1h00m": time.Hour, "47h59m": 48*time.Hour - time.Minute, "2d0h": 48 * time.Hour, "10d5h": 245 * time.Hour,
	} {
		if got := took(start, start.Add(d)); got != want {
			t.Errorf("took %s: %q, want %q", d, got, want)
		}
	}
}

func TestSizeText(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 1500000: "1.5 MB", 2e15: "2000.0 TB"} {
		if got := sizeText(n); got != want {
			t.Errorf("%d bytes: %q, want %q", n, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{"short", "short"},
		{"0123456789", "012345678\x1b[0m"},
		{"\x1b[31m012345678\x1b[0m", "\x1b[31m012345678\x1b[0m"},
		{"\x1b[31mäöüäöüäöüx", "\x1b[31mäöüäöüäöü\x1b[0m"},
	} {
		if got := clip(c.line, 10); got != c.want {
			t.Errorf("clip(%q) is %q, want %q", c.line, got, c.want)
		}
	}
}

func TestReflow(t *testing.T) {
	t.Parallel()
	text := "one two three four\nfive\n\nsix\n  kept as it is, however long\nseven"
	want := "one two\nthree four\nfive\n\nsix\n  kept as it is, however long\nseven"
	if diff := cmp.Diff(want, reflow(text, 10)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLiveProgress checks what is written to a terminal: each state of the run
// takes the place of the one before, and nothing is left at the end.
func TestLiveProgress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	d := store.Detail{
		Run: store.Run{Key: "courier_group.daily@one", State: store.Running, StartedAt: now},
		Tasks: []store.Task{
			{Name: "process.load", Kind: store.KindProcess, State: store.Pending},
			{Name: "orders", Kind: store.KindCourier, State: store.Waiting, Deadline: now.Add(time.Minute), Message: "waits for a.csv"},
		},
	}
	var out bytes.Buffer
	p := &program{env: map[string]string{}, stdout: &out, now: func() time.Time { return now.Add(2 * time.Second) }}
	w := &watch{p: p, live: true, stop: make(chan struct{}), load: func(string) (store.Detail, error) { return d, nil }}
	first := "daily@one  running for 2.0s\n  orders        waiting  58s left; waits for a.csv\n  process.load  pending\n"

	w.event(store.Event{Run: d.Run.Key, At: now})
	if diff := cmp.Diff(first, out.String()); diff != "" {
		t.Fatalf("the first state (-want +got):\n%s", diff)
	}
	out.Reset()
	d.Tasks[1].State, d.Tasks[1].Message = store.Landed, "landed 1 file"
	w.event(store.Event{Run: d.Run.Key, At: now})
	if got := out.String(); !strings.HasPrefix(got, "\r\x1b[3A\x1b[J") || !strings.Contains(got, "landed   1 file") {
		t.Errorf("the second state does not replace the first: %q", got)
	}
	out.Reset()
	w.close()
	if got := out.String(); got != "\r\x1b[3A\x1b[J" {
		t.Errorf("at the end %q is written, want the state erased", got)
	}
}

// At the end of the input nobody has said yes, and the error has a line of its own.
func TestApproveAtTheEndOfTheInput(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &program{env: map[string]string{}, stdin: strings.NewReader(""), stdout: &out}
	err := p.approve(t.Context())
	if err == nil || err.Error() != "nothing was applied" {
		t.Errorf("got %v", err)
	}
	if want := "\nApply these changes?\n  Only 'yes' will be accepted: \n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
