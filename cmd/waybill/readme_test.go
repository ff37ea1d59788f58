package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	readmeWorkspace = regexp.MustCompile("(?s)```hcl\n(.*?)```")
	readmeCommand   = regexp.MustCompile("(?s)(<!-- checked -->\n```console\n\\$ waybill ([^\n]*)\n)(.*?)(```)")
	shellWord       = regexp.MustCompile(`'[^']*'|\S+`)
)

// TestReadme runs the commands of README.md that are marked as checked, in the
// workspace that it shows first, and compares what they print.
func TestReadme(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "README.md")
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	workspace := readmeWorkspace.FindSubmatch(source)
	if workspace == nil {
		t.Fatal("README.md shows no workspace; its first hcl block is the one that the commands run in")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), workspace[1], 0o644); err != nil {
		t.Fatal(err)
	}
	checkCommands(t, path, dir)
}

// TestCronDocument runs the commands of docs/cron.md, which need no workspace.
func TestCronDocument(t *testing.T) {
	t.Parallel()
	checkCommands(t, filepath.Join("..", "..", "docs", "cron.md"), t.TempDir())
}

// checkCommands runs the commands of a document that are marked as checked in a
// directory, and compares what they print.
func checkCommands(t *testing.T, path, dir string) {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	got := readmeCommand.ReplaceAllStringFunc(string(source), func(block string) string {
		checked++
		m := readmeCommand.FindStringSubmatch(block)
		args := []string{"-C", dir}
		for _, word := range shellWord.FindAllString(m[2], -1) {
			args = append(args, strings.Trim(word, "'"))
		}
		var out bytes.Buffer
		run(context.Background(), args, nil, strings.NewReader(""), &out, &out)
		return m[1] + strings.TrimRight(out.String(), "\n") + "\n" + m[4]
	})
	if checked == 0 {
		t.Fatalf("%s has no command that is marked <!-- checked -->", path)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(source), got); diff != "" {
		t.Errorf("%s shows another output (-want +got); if the change is meant, run `make generate`:\n%s", path, diff)
	}
}
