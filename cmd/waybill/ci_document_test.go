package main

import (
	"strings"
	"testing"
)

// TestPipelineDocument runs the shell blocks of docs/ci.md, one after the other,
// each in a checkout of the repository as it is then.
func TestPipelineDocument(t *testing.T) {
	t.Parallel()
	_, address := listening(t, workspaceOf(t, map[string]string{"inbox/none.txt": ""}))
	b := newBench(t, address)
	if out, ok := b.bash(t.TempDir(), "go install github.com/waybill-dev/waybill/cmd/waybill@v0.1.0", nil); !ok {
		t.Fatal(out)
	}
	wanted := []string{"This is serial 1.", "nothing to apply", "This is serial 2."}
	run := func(script string) {
		t.Helper()
		out, ok := b.bash(b.checkout(), "set -euo pipefail\n"+script, map[string]string{"WAYBILL_TOKEN": testToken})
		if !ok || len(wanted) == 0 || !strings.Contains(out, wanted[0]) {
			t.Fatalf("%s\nwant %q of\n%s", out, wanted, script)
		}
		wanted = wanted[1:]
	}
	for _, f := range fences(t, "docs/ci.md", readDocument(t, "docs/ci.md")) {
		if f.mark == "<!-- steps -->" {
			run(f.text)
			if strings.Contains(f.text, "--detailed-exitcode") { // and once more, with something to apply
				b.rewrite("main.hcl", "0 6 * * *", "0 7 * * *")
				b.commit("Start an hour later")
				run(f.text)
			}
		}
	}
	if len(wanted) > 0 {
		t.Errorf("not run: what prints %q", wanted)
	}
}
