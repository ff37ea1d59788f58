package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// retried is a run whose courier waits for an hour, and whose process fails, rests
// and then works, for ten minutes each.
func retried() store.Detail {
	began := time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	event := func(minute int, task, kind, message string) store.Event {
		return store.Event{Run: "courier_group.daily@x", At: began.Add(time.Duration(minute) * time.Minute), Task: task, Type: kind, Message: message}
	}
	return store.Detail{
		Run:   store.Run{Key: "courier_group.daily@x", StartedAt: began, EndedAt: began.Add(90 * time.Minute), State: store.Succeeded},
		Tasks: []store.Task{{Name: "orders", Kind: store.KindCourier}, {Name: "process.load", Kind: store.KindProcess}, {Name: "process.none", Kind: store.KindProcess}},
		Events: []store.Event{
			event(0, "", runtime.EventStarted, ""), event(0, "orders", runtime.EventTaskWaiting, "looks"),
			event(59, "orders", runtime.EventTaskStarted, "lands"), event(60, "orders", runtime.EventTaskSucceeded, ""),
			event(60, "process.load", runtime.EventTaskStarted, ""), event(70, "process.load", runtime.EventTaskRetrying, "exit 1"),
			event(80, "process.load", runtime.EventTaskStarted, ""), event(90, "process.load", runtime.EventTaskSucceeded, "took 10m"),
			event(90, "process.none", runtime.EventTaskSkipped, ""), event(90, "", runtime.EventEnded, "succeeded"),
		},
	}
}

func TestGantt(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &program{stdout: &out, now: time.Now}
	want := strings.Join([]string{
		"  orders        ····························█",
		"  process.load                              ██████╌╌╌╌█████",
		"                06:00:00Z                         07:30:00Z",
		"                · waits  █ works  ╌ rests before it is tried again; a column is 2m05s",
		"",
	}, "\n")
	if diff := cmp.Diff(want, p.gantt(retried(), 59)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, width := range []int{0, 80, 200} {
		for line := range strings.Lines(p.gantt(retried(), width)) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > max(width, 60) && !strings.Contains(line, "a column is") {
				t.Errorf("in %d columns a line has %d: %s", width, n, line)
			}
		}
	}
	if got := p.gantt(store.Detail{}, 80); got != "" {
		t.Errorf("of no run it draws %q", got)
	}
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &program{stdout: &out, now: time.Now}
	if err := p.printAttempts(retried()); err != nil {
		t.Fatal(err)
	}
	want := `
Attempts
  process.load  1st  11-21 07:00:00Z  10m00s  retrying   exit 1
  process.load  2nd  11-21 07:20:00Z  10m00s  succeeded  took 10m
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
