package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

const twoGroups = `courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier_group "first" {
  schedule = "0 6 * * *"
  couriers = [courier.orders]
}

courier_group "second" {
  schedule = "0 7 * * *"
  couriers = [courier.orders]
}
`

// twoChanged has the first group under another name, and the second with another
// schedule.
var twoChanged = strings.NewReplacer(`"first"`, `"renamed"`, "0 7", "0 8").Replace(twoGroups) + `
moved {
  from = courier_group.first
  to   = courier_group.renamed
}
`

// TestSelection plans and applies parts of a change.
func TestSelection(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeWorkspace(t, dir, twoGroups)
	says := func(want int, part string, args ...string) {
		t.Helper()
		code, out, problems := waybill(t, append(args, "-C", dir)...)
		if code != want || !strings.Contains(out+problems, part) {
			t.Errorf("waybill %s: exit code %d, want %d with %q:\n%s%s", strings.Join(args, " "), code, want, part, out, problems)
		}
	}
	says(exitOK, "4 added", "apply", "--auto-approve")
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(twoChanged), 0o600); err != nil {
		t.Fatal(err)
	}
	says(exitOK, "0 to add, 1 to change, 0 to destroy. 1 renamed.", "plan")
	says(exitChanges, "> courier_group.renamed was courier_group.first", "plan", "--group", "renamed", "--out", "part.plan", "--detailed-exitcode")
	says(exitError, "WB932", "apply", "part.plan")
	says(exitError, "There is no courier_group.secnd", "plan", "--exclude", "secnd")
	says(exitError, "it is longer than ten years", "plan", "--horizon", "50000d")
	says(exitError, "is no time at all", "plan", "--horizon", "0s")
	says(exitError, "is in the past", "plan", "--horizon", "-7d")
	says(exitOK, "Sat 2026-12-26", "plan", "--at", "2026-11-26T12:00:00Z", "--horizon", "30d")
	says(exitOK, "1 renamed", "plan", "--target", "renamed", "--out", "target.plan")
	says(exitOK, "0 added, 0 changed, 0 removed, 1 renamed", "apply", "target.plan")
	says(exitOK, "0 to add, 1 to change, 0 to destroy.\n", "plan")
	says(exitOK, "1 changed, 0 removed.", "apply", "--target", "second", "--auto-approve")
	says(exitOK, "No changes.", "plan", "--detailed-exitcode")
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte("locals { x = 1 }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	says(exitOK, "There is no courier_group, so nothing will run by itself.", "plan")
}

// TestExamplesApplied plans each example against itself: nothing changes.
func TestExamplesApplied(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "main.hcl"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, "../../examples/review/old/main.hcl", "../../examples/review/new/main.hcl") {
		w, problems, err := lang.Load(filepath.Dir(file), lang.Options{})
		if err != nil || problems.HasErrors() {
			t.Fatal(file, err, problems)
		}
		for _, digest := range []string{w.Graph.Digest(), ""} {
			d := graph.Deployment{Serial: 1, Digest: digest, Graph: w.Graph}
			p := plan.Make(plan.Input{Deployed: d, Graph: w.Graph, At: instantOf("2026-11-05T17:20:00Z")})
			if !p.Empty() || len(p.Consequences) > 0 {
				t.Errorf("%s: %+v", file, p.Changes)
			}
		}
	}
}
