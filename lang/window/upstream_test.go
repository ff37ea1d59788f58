package window_test

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func TestUpstream(t *testing.T) {
	t.Parallel()
	la := zoned("0 13 * * *", "America/Los_Angeles")
	for _, test := range []struct {
		name              string
		upstream, waiting func(*graph.Group)
		t                 string
		o                 graph.Offset
		want              string
	}{
		{"at the same instant", nil, nil, "2026-06-15T13:00Z", graph.Offset{}, "2026-06-15T13:00Z"},
		{"earlier the same day", zoned("0 4 * * *", "UTC"), nil, "2026-06-15T13:00Z", graph.Offset{}, "2026-06-15T04:00Z"},
		{"later the same day is yesterday's", zoned("0 14 * * *", "UTC"), nil, "2026-06-15T13:00Z", graph.Offset{}, "2026-06-14T14:00Z"},
		{"offset", zoned("0 4 * * *", "UTC"), nil, "2026-06-15T13:00Z", graph.Offset{Days: 1}, "2026-06-14T04:00Z"},
		{"offset up to the instant", zoned("0 4 * * *", "UTC"), nil, "2026-06-15T13:00Z", hours(9), "2026-06-15T04:00Z"},
		{"offset just beyond", zoned("0 4 * * *", "UTC"), nil, "2026-06-15T13:00Z", graph.Offset{Elapsed: graph.Duration(9*time.Hour + time.Second)}, "2026-06-14T04:00Z"},
		{"the waiting group's calendar", zoned("* * * * *", "UTC"), la, "2026-03-08T13:00-07:00", graph.Offset{Days: 1}, "2026-03-07T13:00-08:00"},
		{"within a minute", zoned("* * * * *", "UTC"), nil, "2026-06-15T13:00:59Z", graph.Offset{}, "2026-06-15T13:00Z"},
	} {
		got, ok := calendar(t, test.upstream).Upstream(calendar(t, test.waiting), at(test.t), test.o)
		if !ok || !got.Equal(at(test.want)) {
			t.Errorf("%s: got %v, %v; want %s", test.name, got, ok, test.want)
		}
	}
	if _, ok := calendar(t, zoned("", "UTC")).Upstream(calendar(t, nil), at("2026-06-15T13:00Z"), graph.Offset{}); ok {
		t.Error("a group without schedule has a tick")
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	deadline := at("2026-06-15T14:00Z")
	for _, test := range []struct {
		covered   bool
		now       time.Time
		onMissing string
		want      window.GateState
	}{
		{true, deadline.Add(-time.Hour), graph.OnMissingStop, window.GateOpen},
		{true, deadline.Add(time.Hour), graph.OnMissingStop, window.GateOpen},
		{false, deadline.Add(-1), graph.OnMissingStop, window.GateWaiting},
		{false, deadline, graph.OnMissingStop, window.GateMissedStop},
		{false, deadline, graph.OnMissingContinue, window.GateMissedContinue},
		{false, deadline.Add(time.Hour), graph.OnMissingContinue, window.GateMissedContinue},
	} {
		if got := window.Gate(test.covered, test.now, deadline, test.onMissing); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}
