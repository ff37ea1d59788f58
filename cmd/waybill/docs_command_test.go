package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	shellWord    = regexp.MustCompile(`'[^']*'|\S+`)
	shellCommand = regexp.MustCompile(`^\$ (?:echo '([^']*)' \| )?waybill(?: (.*))?$`)
)

// The comments before a console block of a document that shows waybill.
const (
	checkedMark = "<!-- checked -->" // what it prints, all of it
	// What it prints once the workspace is applied and this file has come.
	appliedMark   = "<!-- checked, with the workspace applied and inbox/orders-2026-11-20.csv there -->"
	excerptMark   = "<!-- excerpt -->"     // parts of it, in their order; … on a line of its own stands for the rest
	uncheckedMark = "<!-- not checked -->" // differs from run to run
)

// TestDocumentedCommands runs the commands that documents show, in the workspace
// that the document showed last, and compares what they print.
func TestDocumentedCommands(t *testing.T) {
	for _, path := range documents(t) {
		t.Run(path, func(t *testing.T) {
			document := readDocument(t, path)
			want, dir := document, t.TempDir()
			for _, f := range fences(t, path, document) {
				if f.info == "hcl" || strings.HasPrefix(f.info, "hcl warns=") {
					dir = documentWorkspace(t, f.text)
				}
				if f.info != "console" || !strings.Contains(f.text, "$ waybill") && !strings.Contains(f.text, "| waybill") {
					continue
				}
				first, shown, _ := strings.Cut(f.text, "\n")
				m := shellCommand.FindStringSubmatch(first)
				if m == nil && f.mark != uncheckedMark {
					t.Errorf("%s:%d: the block begins with another line than \"$ waybill …\"", path, f.line)
					continue
				}
				switch f.mark {
				case appliedMark:
					applyDocument(t, dir)
					fallthrough
				case checkedMark:
					want = strings.Replace(want, "```console\n"+f.text, "```console\n"+first+"\n"+runShown(dir, m), 1)
				case excerptMark:
					checkExcerpt(t, path, f.line+1, shown, runShown(dir, m))
				case uncheckedMark:
				default:
					t.Errorf("%s:%d: write %s, %s or %s on the line before the block", path, f.line-1, checkedMark, excerptMark, uncheckedMark)
				}
			}
			compareDocument(t, path, document, want)
		})
	}
}

func documentWorkspace(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// applyDocument applies a workspace, and puts a file of 18,204 bytes there.
func applyDocument(t *testing.T, dir string) {
	t.Helper()
	if code, _, said := waybill(t, "apply", dir, "--auto-approve"); code != 0 {
		t.Fatal(said)
	}
	file := filepath.Join(dir, "inbox", "orders-2026-11-20.csv")
	written := time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	err := errors.Join(os.Mkdir(filepath.Dir(file), 0o700), os.WriteFile(file, make([]byte, 18_204), 0o600), os.Chtimes(file, written, written))
	if err != nil {
		t.Fatal(err)
	}
}

// runShown runs a line that shellCommand has matched, and returns what it prints.
func runShown(dir string, m []string) string {
	args := []string{"-C", dir}
	for _, word := range shellWord.FindAllString(m[2], -1) {
		args = append(args, strings.Trim(word, "'"))
	}
	var out bytes.Buffer
	run(context.Background(), args, nil, strings.NewReader(m[1]+"\n"), &out, &out)
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// checkExcerpt looks for each stretch of lines in what was printed, each after
// the one before.
func checkExcerpt(t *testing.T, path string, line int, shown, printed string) {
	t.Helper()
	rest := printed
	for stretch := range strings.SplitSeq("\n"+shown, "\n…\n") {
		stretch = strings.Trim(stretch, "\n")
		_, after, found := strings.Cut("\n"+rest, "\n"+stretch+"\n")
		if !found {
			t.Errorf("%s:%d: this is not printed, or not there:\n%s\nbut:\n%s", path, line, stretch, printed)
			return
		}
		rest = after
	}
}
