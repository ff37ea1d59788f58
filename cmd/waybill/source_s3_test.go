package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// s3Drop is an S3 server of this process with the bucket acme-drop, which knows one
// access key.
type s3Drop struct {
	*httptest.Server
	objects *s3mem.Backend

	mu       sync.Mutex
	prefixes []string
	asked    chan string // gets the prefix of each list, if somebody listens
}

func serveDrop(t *testing.T) *s3Drop {
	t.Helper()
	d := &s3Drop{objects: s3mem.New(), asked: make(chan string)}
	if err := d.objects.CreateBucket("acme-drop"); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(d.objects, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=AKIAGOOD/") {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, `<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>`)
			return
		}
		fake.ServeHTTP(w, r)
		if q := r.URL.Query(); q.Has("list-type") {
			d.mu.Lock()
			d.prefixes = append(d.prefixes, q.Get("prefix"))
			d.mu.Unlock()
			select {
			case d.asked <- q.Get("prefix"):
			default:
			}
		}
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *s3Drop) put(t *testing.T, key, text string) {
	t.Helper()
	if _, err := d.objects.PutObject("acme-drop", key, nil, bytes.NewReader([]byte(text)), int64(len(text)), nil); err != nil {
		t.Fatal(err)
	}
}

// listed are the prefixes that were asked for, each once.
func (d *s3Drop) listed() map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]bool{}
	for _, p := range d.prefixes {
		all[p] = true
	}
	d.prefixes = nil
	return all
}

// landedFiles are the files of a courier that have landed, by their names.
func landedFiles(t *testing.T, dir, courier string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(filepath.Join(dir, "landing", "daily", courier), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "manifest.json" {
			return err
		}
		text, err := os.ReadFile(name)
		found[e.Name()] = string(text)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

// TestSourceS3 runs examples/s3 against a server: files that are there, that come
// while it waits, that never come, and credentials that are refused.
func TestSourceS3(t *testing.T) {
	t.Setenv("DROP_ACCESS_KEY", "AKIAGOOD")
	t.Setenv("DROP_SECRET_KEY", "hidden-drop-key")
	d := serveDrop(t)
	example, err := os.ReadFile(filepath.Join("..", "..", "examples", "s3", "main.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	parameters := "parameters=region=eu-central-1&path_style=true&endpoint=" + d.URL
	dir := workspaceOf(t, map[string]string{"main.hcl": string(example)})
	apply := func(wait int) {
		t.Helper()
		must(t, exitOK, "apply", dir, "--auto-approve", "--var", parameters, "--var", fmt.Sprintf("wait_seconds=%d", wait), "--var", "poll_every=1s")
	}

	// Late, within its wait: other days and half a day are there, and the rest comes.
	apply(120)
	for day := range 28 {
		d.put(t, fmt.Sprintf("shops/orders/2026/10/%02d/orders-1.csv", day+1), "old")
	}
	d.put(t, "shops/orders/2026/11/21/orders-1.csv", "one")
	ended := make(chan string)
	go func() {
		code, stdout, stderr := waybill(t, "run", "daily", dir, "--courier", "orders", "--date", "2026-11-21", "--token", "late")
		ended <- fmt.Sprint(code, "\n", stdout, stderr)
	}()
	<-d.asked
	d.put(t, "shops/orders/2026/11/21/orders-2.csv", "two")
	d.put(t, "shops/orders/2026/11/21/_SUCCESS", "")
	if said := <-ended; !strings.HasPrefix(said, "0\n") || !strings.Contains(said, "daily@late succeeded") {
		t.Fatalf("the run that waits says %s", said)
	}
	if diff := cmp.Diff(map[string]string{"orders-1.csv": "one", "orders-2.csv": "two"}, landedFiles(t, dir, "orders")); diff != "" {
		t.Error(diff)
	}
	want := map[string]bool{"shops/orders/2026/11/21/orders-": true, "shops/orders/2026/11/21/_SUCCESS": true}
	if diff := cmp.Diff(want, d.listed()); diff != "" {
		t.Errorf("it listed more than its own day: %s", diff)
	}

	// What has landed does not land again; a newer version does.
	stdout, _ := must(t, exitOK, "run", "daily", dir, "--courier", "orders", "--date", "2026-11-21", "--token", "again")
	if !strings.Contains(stdout, "landed 0 files") {
		t.Errorf("the second run lands something:\n%s", stdout)
	}
	d.put(t, "shops/orders/2026/11/21/orders-2.csv", "two, corrected")
	stdout, _ = must(t, exitOK, "run", "daily", dir, "--courier", "orders", "--date", "2026-11-21", "--token", "corrected")
	if !strings.Contains(stdout, "landed 1 file") || landedFiles(t, dir, "orders")["orders-2.csv"] == "" {
		t.Errorf("the newer version does not land:\n%s", stdout)
	}

	// By arrival, and what a run would load before it does.
	d.put(t, "shops/stock/levels-1.csv", "levels")
	stdout, _ = must(t, exitOK, "plan", "run", "daily", dir, "--all", "--courier", "stock")
	if !strings.Contains(stdout, "stock/levels-1.csv") {
		t.Errorf("the plan of the run does not name what is there:\n%s", stdout)
	}
	must(t, exitOK, "run", "daily", dir, "--courier", "stock", "--all", "--token", "stock")
	if diff := cmp.Diff(map[string]string{"levels-1.csv": "levels"}, landedFiles(t, dir, "stock")); diff != "" {
		t.Error(diff)
	}

	// Missing.
	apply(1)
	stdout, _ = must(t, exitNotDone, "run", "daily", dir, "--courier", "orders", "--date", "2026-11-19", "--token", "missing")
	if !strings.Contains(stdout, "orders/2026/11/19/orders-*.csv") || !strings.Contains(stdout, "missing") {
		t.Errorf("it does not say what is missing:\n%s", stdout)
	}

	// Forbidden: it is not tried again, and the key is not told.
	t.Setenv("DROP_ACCESS_KEY", "AKIABAD")
	stdout, stderr := must(t, exitNotDone, "run", "daily", dir, "--courier", "orders", "--date", "2026-11-21", "--token", "forbidden")
	if !strings.Contains(stdout, "refuses it: 403 InvalidAccessKeyId") || strings.Contains(stdout+stderr, "hidden-drop-key") {
		t.Errorf("it does not say that the credentials are refused, or tells them:\n%s%s", stdout, stderr)
	}
	t.Setenv("DROP_ACCESS_KEY", "AKIAGOOD")

	// A bucket that cannot be reached is said, and stops no plan.
	d.Close()
	stdout, _ = must(t, exitOK, "plan", "run", "daily", dir, "--courier", "orders", "--date", "2026-11-21")
	if !strings.Contains(stdout, "Not looked: ") || !strings.Contains(stdout, "cannot be reached") {
		t.Errorf("it does not say that the bucket is out of reach:\n%s", stdout)
	}
}
