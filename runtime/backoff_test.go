package runtime

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	minutes := func(n int) graph.Duration { return graph.Duration(time.Duration(n) * time.Minute) }
	r := graph.Retry{Attempts: 9, Backoff: minutes(1), MaxBackoff: minutes(5)}
	for attempt, want := range map[int]time.Duration{1: time.Minute, 2: 2 * time.Minute, 3: 4 * time.Minute, 4: 5 * time.Minute, 60: 5 * time.Minute} {
		if got := backoff(r, attempt, 0); got != want {
			t.Errorf("attempt %d: %v", attempt, got)
		}
		if got := backoff(r, attempt, 1); got != want*4/5 {
			t.Errorf("attempt %d, with all of the jitter: %v", attempt, got)
		}
	}
	if got := backoff(graph.Retry{Backoff: minutes(9), MaxBackoff: minutes(5)}, 3, 0); got != 9*time.Minute {
		t.Errorf("a longest pause that is shorter than the first: %v", got)
	}
	if got := backoff(graph.Retry{}, 3, 0.5); got != 0 {
		t.Errorf("no pause: %v", got)
	}
}
