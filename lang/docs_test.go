package lang_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
)

// example is a fenced block of HCL in a document. One that begins with "```hcl"
// is a whole workspace and must load without errors; one that begins with
// "```hcl fragment" is part of one and must be right in its syntax alone; one that
// begins with "```json .hcl.json" is a workspace in JSON.
type example struct {
	name string // of the file
	line int    // of the file, of its first line
	text string
	part bool
}

// TestDocs loads the examples of docs/*.md. The catalogue of diagnostics has
// tests of its own, since its bad examples are meant to fail.
func TestDocs(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range paths {
		if filepath.Base(path) == "diagnostics.md" {
			continue
		}
		for _, e := range examples(t, path) {
			found++
			if e.part {
				checkSyntax(t, path, e)
			} else {
				checkWorkspace(t, path, e)
			}
		}
	}
	if found == 0 {
		t.Error("docs/*.md shows no hcl")
	}
}

// examples finds the blocks of HCL in a document.
func examples(t *testing.T, path string) []example {
	t.Helper()
	var list []example
	var open *example
	for i, line := range strings.Split(string(readFile(t, path)), "\n") {
		fence, info, _ := strings.Cut(strings.TrimSpace(line), "```")
		isFence := fence == "" && strings.HasPrefix(strings.TrimSpace(line), "```")
		switch {
		case open != nil && isFence:
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		case isFence && info == "hcl", isFence && info == "hcl fragment":
			open = &example{name: "main.hcl", line: i + 2, part: info != "hcl"}
		case isFence && info == "json .hcl.json":
			open = &example{name: "main.hcl.json", line: i + 2}
		case isFence && strings.HasPrefix(info, "hcl"):
			t.Errorf("%s:%d: %q is neither \"hcl\", a whole workspace, nor \"hcl fragment\"", path, i+1, info)
		}
	}
	if open != nil {
		t.Errorf("%s:%d: the block has no end", path, open.line-1)
	}
	return list
}

func checkSyntax(t *testing.T, path string, e example) {
	t.Helper()
	_, problems := hclsyntax.ParseConfig([]byte(e.text), path, hcl.Pos{Line: e.line, Column: 1})
	for _, p := range problems {
		t.Errorf("%s:%d: %s: %s", path, p.Subject.Start.Line, p.Summary, p.Detail)
	}
}

func checkWorkspace(t *testing.T, path string, e example) {
	t.Helper()
	dir := workspace(t, map[string]string{e.name: e.text})
	ws, list, err := lang.Load(dir, lang.Options{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Severity != diag.Error {
			continue
		}
		line := e.line
		if d.Range != nil {
			line += d.Range.Start.Line - 1
		}
		t.Errorf("%s:%d: %s [%s]\n%s", path, line, d.Summary, d.Code, d.Detail)
	}
	for name, src := range ws.Sources {
		if filepath.Ext(name) != ".hcl" {
			continue
		}
		if formatted, _ := lang.Format(src, name); !bytes.Equal(formatted, src) {
			t.Errorf("%s:%d: the example is not formatted; it should be\n%s", path, e.line, formatted)
		}
	}
}

// TestDocsNameEverything looks in docs/language.md for every block and every
// attribute of the language.
func TestDocsNameEverything(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "docs", "language.md")
	text := string(readFile(t, path))
	var visit func(b *lang.Block)
	visit = func(b *lang.Block) {
		for i := range b.Attributes {
			if name := b.Attributes[i].Name; !strings.Contains(text, "`"+name+"`") {
				t.Errorf("%s does not name `%s` of %s", path, name, b.Type)
			}
		}
		for _, n := range b.Blocks {
			if !strings.Contains(text, "`"+n.Type) {
				t.Errorf("%s does not name the block `%s`", path, n.Type)
			}
			visit(n)
		}
	}
	visit(lang.Schema())
	for _, name := range lang.FunctionNames() {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s does not name the function `%s`", path, name)
		}
	}
}
