package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// The note of a group says what an operator should know of it.
func TestStatusNotes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ago := now.Add(-90 * time.Minute)
	open := func(state string, late int) groupStatus {
		return groupStatus{Timezone: "Europe/Berlin", Open: []graph.OpenRun{{State: state, Since: ago, Late: late, Deadline: now}}}
	}
	for _, c := range []struct {
		group  groupStatus
		served bool
		want   string
	}{
		{groupStatus{}, true, ""},
		{open(store.Running, 0), true, "running for 1h30m"},
		{open(store.Running, 2), true, "late: 2 couriers, waiting until 11-21 13:00 CET"},
		{open(store.Running, 2), false, "running for 1h30m, and nobody serves"},
		{open(store.Blocked, 0), true, "blocked for 1h30m"},
		{open(store.Waiting, 0), true, "waiting for 1h30m"},
		{groupStatus{LastRun: &store.Run{State: store.Failed, Message: "orders failed"}}, true, "orders failed"},
		{groupStatus{State: "paused", PausedAt: ago, LastRun: &store.Run{State: store.Failed, Message: "before that"}}, true, "paused for 1h30m"},
		{groupStatus{LastRun: &store.Run{State: store.Succeeded, Message: "with a note"}}, true, ""},
	} {
		p := &program{stdout: &bytes.Buffer{}, now: func() time.Time { return now }}
		if got := p.healthCell(c.group, c.served).text; got != c.want {
			t.Errorf("the note of %+v is %q, want %q", c.group, got, c.want)
		}
	}
}

// A next run in the past is one that nobody starts.
func TestStatusOfDueRuns(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	past, coming := now.Add(-time.Hour), now.Add(time.Hour)
	groups := []groupStatus{
		{Group: "courier_group.late", State: "active", Timezone: "Europe/Berlin", NextRun: &past},
		{Group: "courier_group.soon", State: "active", Timezone: "UTC", NextRun: &coming},
		{Group: "courier_group.held", State: "paused", Timezone: "UTC", PausedBy: "x"},
	}
	for _, c := range []struct {
		holder *store.Holder
		want   []string
		not    string
	}{
		{nil, []string{"Nobody serves it. Due and not started: 1 run;", "due since 11-21 12:00 CET", "  11-21 13:00 UTC"}, "due since 11-21 13:00"},
		{&store.Holder{Owner: "serve"}, []string{"Held by serve", "  11-21 12:00 CET", "  11-21 13:00 UTC"}, "due"},
	} {
		var out bytes.Buffer
		p := &program{stdout: &out, now: func() time.Time { return now }}
		if err := p.printStanding(standing{Serial: 1, Holder: c.holder, Groups: groups}); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is missing:\n%s", want, &out)
			}
		}
		if strings.Contains(out.String(), c.not) {
			t.Errorf("%q is there:\n%s", c.not, &out)
		}
	}
}

// A group may be named; what is a workspace is one.
func TestStatusOfAGroup(t *testing.T) {
	t.Parallel()
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient + strings.ReplaceAll(patient[strings.Index(patient, "courier_group"):], "daily", "hourly")})
	must(t, exitOK, "pause", "daily", dir)
	for _, test := range []struct {
		args          []string
		with, without string
	}{
		{[]string{"status", dir}, "daily   paused by ", "nothing"},
		{[]string{"status", "hourly", dir}, "hourly  active", "daily"},
		{[]string{"-C", dir, "status", "daily"}, "paused for ", "hourly"},
		{[]string{"-C", dir, "status", "daily", "--json"}, `"paused_at": "20`, "hourly"},
	} {
		out, _ := must(t, exitOK, test.args...)
		if !strings.Contains(out, test.with) || strings.Contains(out, test.without) {
			t.Errorf("%q, want it with %q and without %q:\n%s", test.args, test.with, test.without, out)
		}
	}
	if _, problems := must(t, exitError, "-C", dir, "status", "dayly"); !strings.Contains(problems, `no group "dayly" is applied. Did you mean "daily"?`) {
		t.Error(problems)
	}
}
