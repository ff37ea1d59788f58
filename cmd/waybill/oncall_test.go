package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/alert"
)

// TestOnCall does what examples/on-call says that can be done when something goes
// wrong, and listens to what the pager is told.
func TestOnCall(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var heard []string
	pager := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m alert.Message
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &m)
		}
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, string(m.Phase)+" "+m.Event+": "+m.Title)
	}))
	t.Cleanup(pager.Close)
	dir := t.TempDir()
	for _, name := range []string{"main.hcl", "load.sh"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "on-call", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(text))
	}
	write(t, filepath.Join(dir, "pager.url"), pager.URL)
	for _, name := range []string{"returns-2026-11-10.csv", "returns-2026-11-11.csv"} {
		write(t, filepath.Join(dir, "inbox", "returns", name), "id\n1\n")
	}
	write(t, filepath.Join(dir, "inbox", "orders", "readme.txt"), "orders come here\n")

	does := func(code int, says string, args ...string) {
		t.Helper()
		got, out, problems := waybill(t, append([]string{"-C", dir}, args...)...)
		if got != code || !strings.Contains(out+problems, says) {
			t.Fatalf("waybill %s: exit code %d, want %d with %q\n%s%s", strings.Join(args, " "), got, code, says, out, problems)
		}
	}
	hears := func(want ...string) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("the pager was told (-want +got):\n%s", diff)
		}
		heard = nil
	}
	impatient(t, dir)
	does(exitOK, "This is serial 1.", "apply", "--auto-approve")
	does(exitOK, "alert.webhook.pager: sent, 200 OK", "alert", "test", "pager")
	hears("test test: alert.webhook.pager is reached")

	// The orders of a day do not come, and never will.
	does(exitNotDone, "failed", "run", "orders", "--date", "2026-11-10", "--token", "first")
	hears("opened missing: orders: orders is missing")
	does(exitOK, "1 incident is open", "status")
	does(exitOK, "ignore-missing", "why", "orders")
	does(exitOK, "succeeded with warnings", "ignore-missing", "orders", "--reason", "a holiday")
	hears()
	does(exitOK, "orders/missing/orders#1", "incidents")

	// They come the next day, and the warehouse is closed.
	write(t, filepath.Join(dir, "inbox", "orders", "orders-2026-11-11.csv"), "id\n1\n")
	write(t, filepath.Join(dir, "broken"), "")
	does(exitNotDone, "the warehouse is closed", "run", "orders", "--date", "2026-11-11", "--token", "second")
	hears("closed missing: orders: orders is missing", "opened failed: orders: process.load failed")
	does(exitOK, "succeeded with warnings", "skip", "orders", "process.load", "--reason", "the next run loads it")
	hears("closed failed: orders: process.load failed")
	does(exitOK, "Nothing is wrong", "incidents")

	// It fails once more, and is mended.
	does(exitNotDone, "failed", "run", "orders", "--date", "2026-11-11", "--token", "third", "--reload")
	if err := os.Remove(filepath.Join(dir, "broken")); err != nil {
		t.Fatal(err)
	}
	does(exitOK, "succeeded", "retry", "orders")
	hears("opened failed: orders: process.load failed", "closed failed: orders: process.load failed")
}

// write writes a file of a workspace, and its folders. A script can be run.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// impatient lets the couriers of a workspace wait for nothing, so that what is
// missing is so at once.
func impatient(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "main.hcl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	less := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == "    wait { hours = 2 }\n" || l == "    wait { hours = 1 }\n" })
	if len(lines)-len(less) != 2 {
		t.Fatalf("%s has %d waits to be taken away, want 2", path, len(lines)-len(less))
	}
	write(t, path, strings.Join(less, ""))
}
