package metrics_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/metrics"
	"github.com/waybill-dev/waybill/runtime/store"
)

var update = flag.Bool("update", false, "write the tables of the documentation anew")

const (
	daily  = graph.Addr("courier_group.daily")
	hourly = graph.Addr("courier_group.hourly")
)

// fake is a runtime in which everything that is measured happens.
type fake struct{ broken error }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func (f fake) Deployment(context.Context) (graph.Deployment, error) {
	return graph.Deployment{Serial: 3, AppliedAt: noon, Graph: &graph.Graph{Groups: []graph.Group{
		{Addr: daily, Schedule: "0 13 * * *", Active: true, Members: []graph.Member{{Name: "orders"}}},
		{Addr: hourly, Schedule: "0 * * * *", Active: true},
		{Addr: "courier_group.off", Schedule: "0 * * * *"},
		{Addr: "courier_group.asked"},
	}}}, f.broken
}

func (f fake) Standing(context.Context) (graph.Standing, error) {
	return graph.Standing{
		Watermarks: []graph.Watermark{{Group: daily, Courier: "orders", At: noon}, {Group: "courier_group.gone", Courier: "orders", At: noon}},
		Paused:     []graph.Pause{{Group: hourly}},
		Open:       []graph.OpenRun{{Key: "a", Group: daily, State: store.Running}, {Key: "b", Group: daily, State: store.Waiting}, {Key: "c", Group: daily, State: store.Waiting}},
		Expected:   []graph.Expected{{Group: daily, At: noon.Add(time.Hour)}, {Group: hourly, At: noon.Add(time.Hour)}},
	}, nil
}

func (f fake) Holder(context.Context) (store.Holder, bool, error) {
	return store.Holder{Epoch: 7}, true, nil
}

func (f fake) Measures(context.Context) (runtime.Measures, error) {
	return runtime.Measures{
		Measures: store.Measures{
			Tasks: []store.TaskCount{{Group: daily, Kind: store.KindCourier, State: store.Waiting, Count: 2}}, PendingCommands: 1,
			Unsent: 4, UnsentSince: noon, Size: 4096,
		},
		LastSuccess: map[graph.Addr]time.Time{daily: noon},
	}, nil
}

// busy counts one of everything.
func busy() *metrics.Counters {
	c := metrics.NewCounters()
	c.Passed(noon, true)
	c.Event(store.Event{Type: runtime.EventLate})
	c.Started(store.Run{Group: daily, Kind: store.KindScheduled, ScheduledAt: noon, StartedAt: noon.Add(20 * time.Millisecond)})
	c.Ended(store.Run{Group: daily, State: store.Failed, StartedAt: noon, EndedAt: noon.Add(time.Minute)})
	c.Landed(store.Landing{Group: daily, Courier: "orders", Size: 1000})
	c.Looked(daily, "orders", store.FaultSource, time.Millisecond)
	return c
}

func scrape(t *testing.T, f fake) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	metrics.Handler(metrics.Options{Runtime: f, Counters: busy(), Release: "1.2.3", TZData: "2026f"}).
		ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return w
}

// own are the lines of Waybill's own metrics, without those of a histogram's
// buckets.
func own(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "waybill_") && !strings.Contains(line, "_bucket{") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestScrape(t *testing.T) {
	t.Parallel()
	w := scrape(t, fake{})
	got := regexp.MustCompile(`(?m)^waybill_events_total\{type="[^"]*"\} 0\n`).ReplaceAllString(own(w.Body.String()), "")
	want := `waybill_build_info{tzdata="2026f",version="1.2.3"} 1
waybill_commands_pending 1
waybill_deployment_serial 3
waybill_deployment_timestamp_seconds 1.7953488e+09
waybill_events_total{type="late"} 1
waybill_groups{state="active"} 1
waybill_groups{state="inactive"} 1
waybill_groups{state="paused"} 1
waybill_groups{state="unscheduled"} 1
waybill_landed_bytes_total{courier="orders",group="courier_group.daily"} 1000
waybill_landed_files_total{courier="orders",group="courier_group.daily"} 1
waybill_last_pass_timestamp_seconds 1.7953488e+09
waybill_last_success_timestamp_seconds{group="courier_group.daily"} 1.7953488e+09
waybill_lease_epoch 7
waybill_lease_held 1
waybill_next_run_timestamp_seconds{group="courier_group.daily"} 1.7953524e+09
waybill_outbox_messages 4
waybill_outbox_oldest_timestamp_seconds 1.7953488e+09
waybill_pass_failures_total 1
waybill_passes_total 1
waybill_poll_duration_seconds_sum 0.001
waybill_poll_duration_seconds_count 1
waybill_poll_errors_total{courier="orders",fault="source_error",group="courier_group.daily"} 1
waybill_polls_total{courier="orders",group="courier_group.daily"} 1
waybill_run_duration_seconds_sum 60
waybill_run_duration_seconds_count 1
waybill_run_start_delay_seconds_sum 0.02
waybill_run_start_delay_seconds_count 1
waybill_runs{group="courier_group.daily",state="running"} 1
waybill_runs{group="courier_group.daily",state="waiting"} 2
waybill_store_size_bytes 4096
waybill_tasks{group="courier_group.daily",kind="courier",state="waiting"} 2
waybill_watermark_timestamp_seconds{courier="orders",group="courier_group.daily"} 1.7953488e+09
`
	got = regexp.MustCompile(`(?m)^waybill_runs_(started|ended)_total.*\n`).ReplaceAllString(got, "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Prometheus sees no increase in a series that begins with one.
func TestCountersOfGroupsBeginAtZero(t *testing.T) {
	t.Parallel()
	text := scrape(t, fake{}).Body.String()
	for _, line := range []string{
		`waybill_runs_ended_total{group="courier_group.hourly",state="failed"} 0`,
		`waybill_runs_started_total{group="courier_group.hourly"} 0`,
		`waybill_events_total{type="task_held"} 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("there is no %s", line)
		}
	}
}

func TestABrokenStoreFailsTheScrape(t *testing.T) {
	t.Parallel()
	w := scrape(t, fake{broken: errors.New("disk gone")})
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "read the store: disk gone") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}

func TestNamesFollowTheConventions(t *testing.T) {
	t.Parallel()
	problems, err := promlint.New(scrape(t, fake{}).Body).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestTable holds the table of the documentation to what is scraped.
func TestTable(t *testing.T) {
	t.Parallel()
	text := scrape(t, fake{}).Body.String()
	var names []string
	for _, m := range metrics.Metrics() {
		names = append(names, m.Name)
		if !strings.Contains(text, fmt.Sprintf("# HELP %s %s\n# TYPE %s %s\n", m.Name, m.Help, m.Name, m.Type)) {
			t.Errorf("%s is in the table and is not scraped as it says", m.Name)
		}
	}
	for _, found := range regexp.MustCompile(`(?m)^# HELP (waybill_\S+)`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, found[1]) {
			t.Errorf("%s is scraped and is not in the table", found[1])
		}
	}
}

const tableMark = "<!-- metrics: written by `make generate` -->\n"

func TestDocument(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "operations", "metrics.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table := tableMark + "\n| metric | type | labels | |\n|---|---|---|---|\n"
	for _, m := range metrics.Metrics() {
		var labels []string
		for _, l := range m.Labels {
			labels = append(labels, "`"+l+"`")
		}
		table += fmt.Sprintf("| `%s` | %s | %s | %s |\n", m.Name, m.Type, strings.Join(labels, " "), m.Help)
	}
	written := regexp.MustCompile(`(?s)`+regexp.QuoteMeta(tableMark)+`\n(\|.*?\n\n)?`).ReplaceAllLiteralString(string(text), table+"\n")
	if *update {
		if err := os.WriteFile(path, []byte(written), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(written, string(text)); diff != "" {
		t.Errorf("run `make generate` (-want +got):\n%s", diff)
	}
}
