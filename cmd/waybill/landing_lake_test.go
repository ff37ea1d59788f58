package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// TestLandingLake runs examples/lake: what partners send compressed lands in a
// bucket, and a program is given the URL of the list of it.
func TestLandingLake(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIALAKE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden-lake-key")
	lake := s3mem.New()
	if err := lake.CreateBucket("acme-lake"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(lake, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(server.Close)
	files := map[string]string{"inbox/orders-20261121.csv.gz": gzipOf(t, "id\n1\n2\n"), "inbox/documents-20261121.zip": zipOf(t, "a/one.csv", "id\n1\n")}
	for _, name := range []string{"main.hcl", "load.sh"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "lake", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	dir := workspaceOf(t, files)
	if err := os.Chmod(filepath.Join(dir, "load.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	must(t, exitOK, "apply", dir, "--auto-approve", "--var", "lake=s3://acme-lake/in?path_style=true&region=eu-central-1&endpoint="+server.URL)
	must(t, exitOK, "run", "exports", dir, "--date", "2026-11-21", "--token", "first")

	const of = "/courier_group.exports@first/"
	for key, want := range map[string]string{
		"in/exports/orders" + of + "orders/orders-20261121.csv":                    "id\n1\n2\n",
		"in/exports/documents" + of + "documents/documents-20261121.zip/a/one.csv": "id\n1\n",
	} {
		object, err := lake.GetObject("acme-lake", key, nil)
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		if text, err := io.ReadAll(object.Contents); err != nil || string(text) != want {
			t.Errorf("%s: %q %v", key, text, err)
		}
	}
	loaded, err := os.ReadFile(filepath.Join(dir, "loaded"))
	if want := "s3://acme-lake/in/exports/_runs" + of + "process.load.json\n"; err != nil || string(loaded) != want {
		t.Errorf("the program was given %q: %v", loaded, err)
	}
	shown, _ := must(t, exitOK, "show", "exports@first", dir)
	for _, want := range []string{"documents in s3://acme-lake/in/exports/documents" + of + "documents/", "documents-20261121.zip/a/one.csv", "orders-20261121.csv "} {
		if !strings.Contains(shown, want) {
			t.Errorf("show does not have %q:\n%s", want, shown)
		}
	}
	stdout, _ := must(t, exitOK, "run", "exports", dir, "--date", "2026-11-21", "--token", "second")
	if strings.Count(stdout, "landed 0 files") != 2 {
		t.Errorf("the second run lands something:\n%s", stdout)
	}
	if strings.Contains(shown+stdout, "hidden-lake-key") {
		t.Error("a key is told")
	}
}

func gzipOf(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zipOf(t *testing.T, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(f, text)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}
