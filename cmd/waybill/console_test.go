package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// converse types lines at the prompt of a console.
func converse(t *testing.T, typed string) (stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte("locals {\n  one = 1\n}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	p := &program{stdin: strings.NewReader(typed), stdout: &out, stderr: &problems}
	w, err := p.load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := console{program: p, workspace: w}
	if err := c.converse(context.Background()); err != nil {
		t.Fatal(err)
	}
	return out.String(), problems.String()
}

func TestConsolePrompt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, typed, want string }{
		{"exit", "local.one + 1\n\nexit\nlocal.one\n", "> 2\n> > "},
		{"end of input", "local.one\n", "> 1\n> \n"},
		{"end without a new line", "local.one", "> 1\n\n"},
		{"windows", "local.one\r\nquit\r\n", "> 1\n> "},
	} {
		if got, problems := converse(t, c.typed); got != c.want || problems != "" {
			t.Errorf("%s: got %q and %q, want %q", c.name, got, problems, c.want)
		}
	}
	got, problems := converse(t, "local.noe\nlocal.one\n")
	if got != "> > 1\n> \n" || !strings.Contains(problems, "   1 | local.noe\n     | ^~~~~~~~~\n") || !strings.Contains(problems, "Did you mean local.one?") {
		t.Errorf("got %q and %s", got, problems)
	}
}
