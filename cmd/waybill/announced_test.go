package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// announcedWorkspace has groups whose ticks, ranges and file dates clock changes
// touch in every way. Nothing is ever there, which they put up with.
const announcedWorkspace = `
courier "files" {
  filedrop { url = "drop" }
  file "f" { pattern = "f-{yyyy}{MM}{dd}.csv" }
  poll_every = "20m"
}

courier "hours" {
  filedrop { url = "drop" }
  file "f" { pattern = "h-{yyyy}{MM}{dd}{HH}.csv" }
}
`

func announcedGroup(name, schedule, more string) string {
	return fmt.Sprintf(`
courier_group %q {
  schedule   = %q
  timezone   = "America/Los_Angeles"
  accept     = ["WB203"]
  %s

  courier "files" {
    wait { minutes = 20 }
    offset { days = 1 }
    on_missing = "continue"
  }

  courier "hours" {
    offset { hours = 24 }
    on_missing = "continue"
  }
}
`, name, schedule, more)
}

// announcedDaily is a group with one courier that looks once.
func announcedDaily(name, schedule, dst string) string {
	return fmt.Sprintf(`
courier_group %q {
  schedule   = %q
  timezone   = "America/Los_Angeles"
  file_dates = "schedule"

  dst {
    %s
  }

  courier "files" {
    on_missing = "continue"
  }
}
`, name, schedule, dst)
}

// TestTheRuntimeDoesWhatThePlanAnnounces applies a workspace shortly before a
// clock change and compares what runs, to the instant, with what the plan said.
func TestTheRuntimeDoesWhatThePlanAnnounces(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"2000-04-01T00:00:00Z", "2000-10-28T00:00:00Z"} {
		t.Run(change, func(t *testing.T) {
			t.Parallel()
			dir := memoryDir(t)
			writeAnnounced(t, dir)
			synctest.Test(t, func(t *testing.T) {
				r := openInBubble(t, dir)
				at := parseInstant(t, change)
				time.Sleep(time.Until(at))
				p := applyAnnounced(t, dir, at, 4*24*time.Hour, r)
				stop := serveInBubble(t, r)
				time.Sleep(time.Until(p.Until) + time.Hour)
				stop()
				if diff := cmp.Diff(announced(p), happened(t, r, p.Until)); diff != "" {
					t.Errorf("(-announced +happened):\n%s", diff)
				}
			})
		})
	}
}

// TestAYearAsAnnounced is the same for a year, across both changes.
func TestAYearAsAnnounced(t *testing.T) {
	t.Parallel()
	dir := memoryDir(t)
	writeWorkspace(t, dir, announcedWorkspace+
		announcedDaily("gap", "30 2 * * *", "gap = \"shift\"")+announcedDaily("fold", "30 1 * * *", "fold = \"both\""))
	synctest.Test(t, func(t *testing.T) {
		r := openInBubble(t, dir)
		p := applyAnnounced(t, dir, time.Now(), 366*24*time.Hour, r)
		stop := serveInBubble(t, r)
		time.Sleep(time.Until(p.Until) + time.Hour)
		stop()
		if diff := cmp.Diff(announced(p), happened(t, r, p.Until)); diff != "" {
			t.Errorf("(-announced +happened):\n%s", diff)
		}
	})
}

func writeAnnounced(t *testing.T, dir string) {
	t.Helper()
	text := announcedWorkspace
	for i, dst := range []string{"", `gap = "shift"`, `gap = "skip"`, `fold = "second"`, `fold = "both"`} {
		for j, schedule := range []string{"30 2 * * *", "30 1 * * *", "0 */6 * * *"} {
			text += announcedGroup(fmt.Sprintf("g%d%d", i, j), schedule, "dst {\n    "+dst+"\n  }")
		}
	}
	text += announcedGroup("zoned", "30 0 * * *", `file_dates = "schedule"`)
	text += announcedGroup("evening", "0 18 * * 1-5", "past_day_only = true")
	writeWorkspace(t, dir, text)
}

func writeWorkspace(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "drop"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func openInBubble(t *testing.T, dir string) *runtime.Runtime {
	t.Helper()
	return openPolling(t, dir, time.Hour)
}

// openPolling opens a runtime that looks for commands every poll.
func openPolling(t *testing.T, dir string, poll time.Duration) *runtime.Runtime {
	t.Helper()
	r, err := runtime.Open(t.Context(), filepath.Join(dir, ".waybill"), runtime.Options{Workspace: dir, Actor: "test", Poll: poll})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func parseInstant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// applyAnnounced plans the workspace for a while and applies the plan.
func applyAnnounced(t *testing.T, dir string, at time.Time, horizon time.Duration, r *runtime.Runtime) *plan.Plan {
	t.Helper()
	workspace, problems, err := lang.Load(dir, lang.Options{})
	if err != nil || problems.HasErrors() {
		t.Fatal(err, problems)
	}
	p := plan.Make(plan.Input{Graph: workspace.Graph, At: at, Horizon: horizon, PerGroup: 1000})
	if len(p.Runs) < 100 {
		t.Fatalf("the plan announces %d runs only", len(p.Runs))
	}
	if _, err := r.Deploy(t.Context(), graph.Deployment{Graph: p.Graph}); err != nil {
		t.Fatal(err)
	}
	return p
}

func serveInBubble(t *testing.T, r *runtime.Runtime) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// announced is what a plan says of each run and courier, in one line each.
func announced(p *plan.Plan) map[string]string {
	lines := map[string]string{}
	for _, run := range p.Runs {
		for _, c := range run.Couriers {
			lines[run.Key+" "+c.Name] = announcedLine(run.Nominal.String(), string(run.Reason), c.Range.Start, c.Range.End, c.Deadline)
		}
	}
	return lines
}

func announcedLine(nominal, reason string, start, end, deadline time.Time) string {
	return fmt.Sprintf("%s %s [%s, %s) by %s", nominal, reason, stampOf(start), stampOf(end), stampOf(deadline))
}

func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// happened is the same of what the runtime did up to an instant.
func happened(t *testing.T, r *runtime.Runtime, until time.Time) map[string]string {
	t.Helper()
	runs, err := r.Runs(t.Context(), store.RunFilter{Until: until.Add(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for _, run := range runs {
		if run.State == store.Scheduled {
			continue
		}
		d, err := r.Run(t.Context(), run.Key)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range d.Tasks {
			lines[run.Key+" "+task.Name] = announcedLine(run.Nominal, run.Reason, task.RangeStart, task.RangeEnd, task.Deadline)
		}
	}
	return lines
}
