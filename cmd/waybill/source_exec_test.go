package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSourceExec runs examples/exec: rates that are published while it waits, that
// have landed already, that are never published, and a key that is refused.
func TestSourceExec(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"main.hcl", "fetch.sh", "key.sh"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "exec", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	dir := workspaceOf(t, files)
	executable(t, dir)
	apply := func(wait string) {
		t.Helper()
		must(t, exitOK, "apply", dir, "--auto-approve", "--var", "poll_every=1s", "--var", "wait_seconds="+wait)
	}

	apply("120")
	ended := make(chan string)
	go func() {
		code, stdout, stderr := waybill(t, "run", "daily", dir, "--date", "2026-11-20", "--token", "late")
		if code != exitOK {
			stdout += stderr
		}
		ended <- stdout
	}()
	for said := ""; !strings.Contains(said, "are not published yet"); { // it has asked, and waits
		select {
		case said := <-ended:
			t.Fatalf("the run does not wait: %s", said)
		default:
		}
		_, said, _ = waybill(t, "logs", "daily@late", dir)
	}
	publish(t, dir, "2026-11-20", "EUR 1.1\n")
	if said := <-ended; !strings.Contains(said, "daily@late succeeded") {
		t.Fatalf("the run that waits says %s", said)
	}
	if diff := cmp.Diff(map[string]string{"rates-2026-11-20.csv": "EUR 1.1\n"}, landedFiles(t, dir, "rates")); diff != "" {
		t.Error(diff)
	}

	apply("1")
	said, _ := must(t, exitNotDone, "run", "daily", dir, "--date", "2026-11-21", "--token", "never")
	if !strings.Contains(said, "missing") {
		t.Errorf("rates that are never published: %s", said)
	}

	if err := os.WriteFile(filepath.Join(dir, "key.sh"), []byte("#!/bin/sh\necho wrong zebra\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	apply("1")
	said, problems := must(t, exitNotDone, "run", "daily", dir, "--date", "2026-11-20", "--token", "refused")
	if said += problems; !strings.Contains(said, "the key is refused") || strings.Contains(said, "zebra") {
		t.Errorf("a key that is refused: %s", said)
	}
}

func executable(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"fetch.sh", "key.sh"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// publish puts the rates of a day in their place, whole.
func publish(t *testing.T, dir, day, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "published"), 0o755); err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(dir, "part")
	if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, filepath.Join(dir, "published", day+".csv")); err != nil {
		t.Fatal(err)
	}
}
