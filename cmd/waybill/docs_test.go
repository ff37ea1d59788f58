package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// repository is the root of the tree, from this package.
var repository = filepath.Join("..", "..")

// documents lists README.md and the pages of docs, from the root of the tree.
// The catalogue of diagnostics is left out: its bad examples are meant to fail,
// and lang/diag tests it.
func documents(t *testing.T) []string {
	t.Helper()
	list := []string{"README.md", "CHANGELOG.md"}
	err := filepath.WalkDir(filepath.Join(repository, "docs"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(path) == ".md" && e.Name() != "diagnostics.md" {
			path, err = filepath.Rel(repository, path)
			list = append(list, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// readDocument reads a document by its path from the root of the tree.
func readDocument(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// compareDocument compares a document with what it should say, or writes it
// under -update.
func compareDocument(t *testing.T, path, was, want string) {
	t.Helper()
	if was == want {
		return
	}
	if *update {
		if err := os.WriteFile(filepath.Join(repository, filepath.FromSlash(path)), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s is not up to date (-is +should be); run `make generate` and read the difference:\n%s", path, cmp.Diff(was, want))
}

// fence is a fenced block of a document.
type fence struct {
	line int    // of its first line of text
	info string // what stands behind the opening ```
	mark string // the comment on the line before it: <!-- checked -->
	text string
}

// fences finds the fenced blocks of a document.
func fences(t *testing.T, path, document string) []fence {
	t.Helper()
	var list []fence
	var open *fence
	before, indent := "", ""
	for i, line := range strings.Split(document, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(trimmed, "```"):
			open = &fence{line: i + 2, info: strings.TrimPrefix(trimmed, "```"), mark: before}
			indent, _, _ = strings.Cut(line, "```")
		case open != nil && trimmed == "```":
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		}
		before = trimmed
	}
	if open != nil {
		t.Errorf("%s:%d: the block has no end", path, open.line-1)
	}
	return list
}

var (
	inlineLink  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingLine = regexp.MustCompile(`(?m)^#+ (.*)$|^<a id="(.*)"></a>$`)
	codeBlock   = regexp.MustCompile("(?ms)^ *```.*?^ *```")
)

// TestLinks follows every link from one document to another, to its heading.
func TestLinks(t *testing.T) {
	t.Parallel()
	names := map[string][]string{} // of the headings of each document
	for _, path := range append(documents(t), "docs/diagnostics.md") {
		text := codeBlock.ReplaceAllString(readDocument(t, path), "")
		for _, m := range inlineLink.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			target := path
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(path), file))
			}
			if _, err := os.Stat(filepath.Join(repository, target)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", path, m[1])
				continue
			}
			if anchor == "" {
				continue
			}
			if names[target] == nil {
				names[target] = anchors(readDocument(t, target))
			}
			if !slices.Contains(names[target], anchor) {
				t.Errorf("%s: %s has no heading #%s", path, target, anchor)
			}
		}
	}
}

// anchors are the names by which the headings of a document are linked to.
func anchors(document string) []string {
	var list []string
	for _, m := range headingLine.FindAllStringSubmatch(codeBlock.ReplaceAllString(document, ""), -1) {
		list = append(list, anchorOf(m[1])+m[2])
	}
	return list
}

// anchorOf is the name that a page gives to a heading: lower case, with hyphens
// for spaces, and without punctuation.
func anchorOf(heading string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c == '-', c == '_', unicode.IsLetter(c), unicode.IsDigit(c):
			return unicode.ToLower(c)
		}
		return -1
	}, heading)
}
