package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// waybill runs a command line in this process and returns its exit code and
// everything it printed.
func waybill(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = run(context.Background(), args, nil, strings.NewReader(""), &out, &problems)
	return code, out.String(), problems.String()
}

// exampleTimes is the time at which each example is planned.
var exampleTimes = map[string]string{
	"ci":            "2026-11-20T12:00:00Z",
	"exec":          "2026-11-20T12:00:00Z",
	"heterogeneous": "2026-06-13T14:00:00Z",
	"lake":          "2026-11-20T12:00:00Z",
	"multi-brand":   "2026-06-15T00:00:00Z",
	"on-call":       "2026-11-20T12:00:00Z",
	"rest-api":      "2026-11-20T12:00:00Z",
	"quickstart":    "2026-10-30T12:00:00Z", // the week in which New York's clocks go back
	"warehouse":     "2026-11-20T12:00:00Z",
	"s3":            "2026-11-20T12:00:00Z",
	"gs":            "2026-11-20T12:00:00Z",
	"azblob":        "2026-11-20T12:00:00Z",
	"sftp":          "2026-11-20T12:00:00Z",
}

// exampleVariants is the further plans of an example, by the flags that make them.
var exampleVariants = map[string]map[string][]string{
	"heterogeneous": {"picture": {"--var", "reading=picture"}},
}

// TestExamples plans every directory of examples and compares the plan with the
// golden files beside it: plan.txt with the problems, plan.json for programs,
// plan.md and plan.html for a review, timeline.txt with its days.
func TestExamples(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "examples")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "review" { // two workspaces: TestReview plans one against the other
			continue
		}
		at, ok := exampleTimes[e.Name()]
		if !ok {
			t.Errorf("examples/%s has no time to be planned at: add it to exampleTimes", e.Name())
			continue
		}
		variants := map[string][]string{"": nil}
		for name, flags := range exampleVariants[e.Name()] {
			variants["-"+name] = flags
		}
		for suffix, flags := range variants {
			t.Run(e.Name()+suffix, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(root, e.Name())
				args := append([]string{"plan", dir, "--offline", "--at", at}, flags...)
				code, text, problems := waybill(t, args...)
				if code != exitOK {
					t.Fatalf("exit code %d\n%s%s", code, text, problems)
				}
				golden(t, filepath.Join(dir, "plan"+suffix+".txt"), problems+text)
				_, document, _ := waybill(t, append(args, "--json")...)
				golden(t, filepath.Join(dir, "plan"+suffix+".json"), document)
				_, comment, _ := waybill(t, append(args, "--format", "markdown")...)
				golden(t, filepath.Join(dir, "plan"+suffix+".md"), comment)
				_, page, _ := waybill(t, append(args, "--format", "html")...)
				golden(t, filepath.Join(dir, "plan"+suffix+".html"), page)
				_, days, _ := waybill(t, append(args, "--timeline")...)
				golden(t, filepath.Join(dir, "timeline"+suffix+".txt"), days)
				if _, again, _ := waybill(t, append(args, "--json")...); again != document {
					t.Error("the second plan differs from the first")
				}
				if code, out, problems := waybill(t, "fmt", "--check", "--diff", "--recursive", dir); code != exitOK {
					t.Errorf("waybill fmt would change it:\n%s%s", out, problems)
				}
			})
		}
	}
}

// golden compares text with a file, or writes the file under -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; run go test -update and read the difference):\n%s", path, diff)
	}
}

// TestHeterogeneousTable holds the example to the worked table of the
// documentation that it comes from: the run of Monday 2026-06-15T13:00Z and its
// neighbours, under both readings of the second courier.
func TestHeterogeneousTable(t *testing.T) {
	t.Parallel()
	type row struct {
		Start, End string
		Ignored    bool
		Files      string
	}
	common := map[string]row{
		"s3_yesterday":     {"2026-06-13T13:00:00Z", "2026-06-14T13:00:00Z", false, "2026/06/14/customers.csv"},
		"campaign_monitor": {"2026-06-14T00:00:00Z", "2026-06-15T00:00:00Z", false, ""},
		"salesforce":       {"2026-06-14T13:00:00Z", "2026-06-15T13:00:00Z", true, ""},
	}
	readings := map[string]row{
		"text":    {"2026-06-14T12:30:00Z", "2026-06-15T12:30:00Z", false, "2026/06/15/orders.csv"},
		"picture": {"2026-06-14T13:00:00Z", "2026-06-15T13:00:00Z", false, "2026/06/15/orders.csv"},
	}
	for reading, second := range readings {
		t.Run(reading, func(t *testing.T) {
			t.Parallel()
			made := planJSON(t, filepath.Join("..", "..", "examples", "heterogeneous"), "--var", "reading="+reading, "--at", exampleTimes["heterogeneous"])
			want := map[string]row{"s3_today": second}
			for name, r := range common {
				want[name] = r
			}
			got := map[string]row{}
			ends := map[string]string{} // of the run before: the runs tile exactly
			for _, r := range made.Runs {
				for _, c := range r.Couriers {
					start, end := c.Range.Start.Format("2006-01-02T15:04:05Z"), c.Range.End.Format("2006-01-02T15:04:05Z")
					if before, ok := ends[c.Name]; ok && before != start {
						t.Errorf("%s: the run of %s reads from %s, but the one before read to %s", c.Name, r.ScheduledAt, start, before)
					}
					ends[c.Name] = end
					if r.ScheduledAt.Format("2006-01-02T15:04Z") == "2026-06-15T13:00Z" {
						got[c.Name] = row{start, end, c.RangeIgnored, strings.Join(c.Files, " ")}
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the run of 2026-06-15T13:00Z (-want +got):\n%s", diff)
			}
		})
	}
}

func planJSON(t *testing.T, dir string, flags ...string) plan.Plan {
	t.Helper()
	code, document, problems := waybill(t, append([]string{"plan", dir, "--offline", "--json"}, flags...)...)
	if code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, document, problems)
	}
	var made plan.Plan
	if err := json.Unmarshal([]byte(document), &made); err != nil {
		t.Fatal(err)
	}
	return made
}

// TestMultiBrand counts what the example makes for production, whose golden
// files would be long.
func TestMultiBrand(t *testing.T) {
	t.Parallel()
	made := planJSON(t, filepath.Join("..", "..", "examples", "multi-brand"), "--var", "env=prod", "--at", exampleTimes["multi-brand"])
	got := map[string]int{}
	for _, c := range made.Changes {
		got[c.Address.Kind()]++
	}
	want := map[string]int{graph.KindCourier: 120, graph.KindProcess: 41, graph.KindGroup: 41, "waybill": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("production (-want +got):\n%s", diff)
	}
}
