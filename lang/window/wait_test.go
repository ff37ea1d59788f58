package window_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func TestPollEvery(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ wait, configured, want time.Duration }{
		{0, 0, 10 * time.Second},
		{10 * time.Minute, 0, 10 * time.Second},
		{30 * time.Minute, 0, 30 * time.Second},
		{2 * time.Hour, 0, 2 * time.Minute},
		{5 * time.Hour, 0, 5 * time.Minute},
		{48 * time.Hour, 0, 5 * time.Minute},
		{2 * time.Hour, 3 * time.Second, 3 * time.Second},
		{2 * time.Hour, time.Hour, time.Hour},
	} {
		if got := window.PollEvery(graph.Duration(test.wait), graph.Duration(test.configured)); got != test.want {
			t.Errorf("%v, %v: got %v, want %v", test.wait, test.configured, got, test.want)
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	scheduled, started := at("2026-03-08T01:30-08:00"), at("2026-03-08T03:05-07:00")
	wait := graph.Duration(2 * time.Hour)
	for _, test := range []struct {
		froms []time.Time
		want  string
	}{
		{[]time.Time{scheduled}, "2026-03-08T04:30-07:00"},
		{[]time.Time{scheduled, started}, "2026-03-08T05:05-07:00"},
		{[]time.Time{started, scheduled, {}}, "2026-03-08T05:05-07:00"},
	} {
		if diff := cmp.Diff(at(test.want), window.Deadline(wait, test.froms...)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestWaitAfter(t *testing.T) {
	t.Parallel()
	deadline := at("2026-06-15T14:00Z")
	wait := window.Wait{Deadline: deadline, Every: time.Minute}
	graced := window.Wait{Deadline: deadline, Every: time.Minute, Grace: true}
	// The server's clock is ten minutes behind.
	unstable := func(d time.Duration) window.Verdict {
		server := at("2026-06-15T13:50Z")
		return window.Verdict{At: server, Again: server.Add(d)}
	}
	for _, test := range []struct {
		name   string
		wait   window.Wait
		v      window.Verdict
		now    string
		jitter float64
		want   window.Outcome
	}{
		{"ready", wait, window.Verdict{Ready: true}, "2026-06-15T13:00Z", 0.5, window.Outcome{Land: true}},
		{"ready after the deadline", graced, window.Verdict{Ready: true}, "2026-06-15T14:00:30Z", 0.5, window.Outcome{Land: true}},
		{"not ready", wait, window.Verdict{}, "2026-06-15T13:00Z", 0.5, window.Outcome{PollAt: at("2026-06-15T13:01Z")}},
		{"least jitter", wait, window.Verdict{}, "2026-06-15T13:00Z", 0, window.Outcome{PollAt: at("2026-06-15T13:00:54Z")}},
		{"most jitter", wait, window.Verdict{}, "2026-06-15T13:00Z", 1, window.Outcome{PollAt: at("2026-06-15T13:01:06Z")}},
		{"the last look is at the deadline", wait, window.Verdict{}, "2026-06-15T13:59:30Z", 0.5, window.Outcome{PollAt: deadline}},
		{"and decides", wait, window.Verdict{}, "2026-06-15T14:00Z", 0.5, window.Outcome{Missing: true}},
		{"late look", wait, window.Verdict{}, "2026-06-15T15:00Z", 0.5, window.Outcome{Missing: true}},
		{"changing files are looked at sooner", wait, unstable(30 * time.Second), "2026-06-15T13:00Z", 0.5, window.Outcome{PollAt: at("2026-06-15T13:00:30Z")}},
		{"but not later than otherwise", wait, unstable(5 * time.Minute), "2026-06-15T13:00Z", 0.5, window.Outcome{PollAt: at("2026-06-15T13:01Z")}},
		{"before the deadline never beyond it", wait, unstable(30 * time.Second), "2026-06-15T13:59:45Z", 0.5, window.Outcome{PollAt: deadline}},
		{"first seen at the deadline", wait, unstable(30 * time.Second), "2026-06-15T14:00Z", 0.5, window.Outcome{PollAt: at("2026-06-15T14:00:30Z"), Grace: true}},
		{"only one look more", graced, unstable(30 * time.Second), "2026-06-15T14:00:30Z", 0.5, window.Outcome{Missing: true}},
		{"the deadline counts, not the grace", graced, window.Verdict{}, "2026-06-15T13:00Z", 0.5, window.Outcome{PollAt: at("2026-06-15T13:01Z")}},
	} {
		if diff := cmp.Diff(test.want, test.wait.After(test.v, at(test.now), test.jitter)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", test.name, diff)
		}
	}
}

// A wait of nothing is one look, and one more for a file that is still changing.
func TestWaitOfNothing(t *testing.T) {
	t.Parallel()
	start := at("2026-06-15T13:00Z")
	w := window.Wait{Deadline: window.Deadline(0, start), Every: window.PollEvery(0, 0)}
	if got := w.After(window.Verdict{}, start, 0.5); !got.Missing {
		t.Errorf("got %+v", got)
	}
	if got := w.After(window.Verdict{At: start, Again: start.Add(time.Second)}, start, 0.5); !got.Grace {
		t.Errorf("got %+v", got)
	}
}

// Whatever the jitter, the looks of a wait end with one exactly at the deadline.
func TestWaitEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	for i := range 50 {
		start := at("2026-06-15T13:00Z")
		w := window.Wait{Deadline: start.Add(time.Hour), Every: time.Duration(i)*37*time.Second + time.Second}
		now, looks := start, 0
		for {
			o := w.After(window.Verdict{}, now, float64(looks*i%10)/10)
			looks++
			if o.Missing {
				break
			}
			if !o.PollAt.After(now) || looks > 5000 {
				t.Fatalf("every %v: look %d at %v goes on at %v", w.Every, looks, now, o.PollAt)
			}
			now = o.PollAt
		}
		if !now.Equal(w.Deadline) {
			t.Errorf("every %v: the last look is at %v", w.Every, now)
		}
	}
}
