package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// TestDocumentedExamples loads every example of the documents.
//
//	```hcl              a whole workspace, without errors and warnings
//	```hcl warns=WB814  one that has these warnings, with commas between
//	```json workspace   a whole workspace in JSON
//	```hcl fragment     some of the blocks of a workspace; what they name and
//	                    do not declare is added by the test
func TestDocumentedExamples(t *testing.T) {
	t.Parallel()
	found := 0
	for _, path := range documents(t) {
		for _, f := range fences(t, path, readDocument(t, path)) {
			kind, warns, _ := strings.Cut(f.info, " warns=")
			var expected []string
			if warns != "" {
				expected = strings.Split(warns, ",")
			}
			switch {
			case kind == "hcl":
				checkExample(t, path, f, "", expected)
			case kind == "json workspace":
				checkJSON(t, path, f)
			case kind == "hcl fragment":
				checkExample(t, path, f, supplement(t, path, f), append(expected, unusedCodes...))
			case strings.HasPrefix(kind, "hcl"):
				t.Errorf("%s:%d: %q is none of \"hcl\", \"hcl fragment\" and these with \" warns=CODE\"", path, f.line-1, f.info)
				continue
			default:
				continue
			}
			found++
		}
	}
	if found == 0 {
		t.Error("no document shows hcl")
	}
}

// TestLanguagePages demands an example on every page of the language, and a link
// to it from the first.
func TestLanguagePages(t *testing.T) {
	t.Parallel()
	index := readDocument(t, "docs/language/README.md")
	for _, page := range documents(t) {
		name, ok := strings.CutPrefix(page, "docs/language/")
		if !ok || page == "docs/language/functions.md" { // package lang tests the examples in its tables
			continue
		}
		if name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/language/README.md has no link to %s", name)
		}
		if !slices.ContainsFunc(fences(t, page, readDocument(t, page)), func(f fence) bool {
			return strings.HasPrefix(f.info, "hcl") || f.info == "json workspace"
		}) {
			t.Errorf("%s shows no example", page)
		}
	}
}

// unusedCodes is what is said of a block that nothing names.
var unusedCodes = []string{string(diag.UnusedName), string(diag.UnusedBlock)}

func checkExample(t *testing.T, path string, f fence, more string, expected []string) {
	t.Helper()
	dir := documentWorkspace(t, f.text)
	if more != "" {
		if err := os.WriteFile(filepath.Join(dir, "more.hcl"), []byte(more), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, list, err := lang.Load(dir, lang.Options{Version: "0.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Severity == diag.Info || d.Severity == diag.Warning && slices.Contains(expected, string(d.Code)) {
			continue
		}
		line := f.line
		if d.Range != nil {
			line += d.Range.Start.Line - 1
		}
		t.Errorf("%s:%d: %s [%s]\n%s", path, line, d.Summary, d.Code, d.Detail)
	}
	if formatted, _ := lang.Format([]byte(f.text), "main.hcl"); !bytes.Equal(formatted, []byte(f.text)) {
		t.Errorf("%s:%d: the example is not formatted; it should be\n%s", path, f.line, formatted)
	}
}

// checkJSON loads a workspace in JSON.
func checkJSON(t *testing.T, path string, f fence) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl.json"), []byte(f.text), 0o644); err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(f.text)) {
		t.Errorf("%s:%d: this is not JSON", path, f.line)
	}
	_, list, err := lang.Load(dir, lang.Options{Version: "0.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Severity != diag.Info {
			t.Errorf("%s:%d: %s [%s]\n%s", path, f.line, d.Summary, d.Code, d.Detail)
		}
	}
}

// supplements declare what a fragment names, by type of block.
var supplements = map[string]string{
	graph.KindCourier: "courier %q {\n  filedrop { url = \"more/%[1]s\" }\n  file \"more\" { pattern = \"{yyyy}{MM}{dd}.csv\" }\n}\n",
	graph.KindBridge:  "bridge %q {\n  exec { command = [\"bridge\"] }\n}\n",
	graph.KindProcess: "process %q {\n  exec { command = [\"process\"] }\n}\n",
	graph.KindGroup:   "courier_group %q {\n  schedule = \"0 1 * * *\"\n  timezone = \"UTC\"\n  couriers = [courier.supplement]\n}\n",
	"secret":          "secret %q { env = \"SECRET\" }\n",
}

// supplement declares what a fragment names and does not declare.
func supplement(t *testing.T, path string, f fence) string {
	t.Helper()
	file, problems := hclsyntax.ParseConfig([]byte(f.text), "main.hcl", hcl.InitialPos)
	if problems.HasErrors() {
		t.Errorf("%s:%d: %v", path, f.line, problems)
		return ""
	}
	body := file.Body.(*hclsyntax.Body)
	declared := map[string]bool{}
	for _, b := range body.Blocks {
		declared[strings.Join(append([]string{b.Type}, b.Labels...), ".")] = true
	}
	more := ""
	add := func(kind, name string) {
		if key := kind + "." + name; supplements[kind] != "" && !declared[key] {
			declared[key] = true
			more += fmt.Sprintf(supplements[kind], name)
		}
	}
	_ = hclsyntax.VisitAll(body, func(n hclsyntax.Node) hcl.Diagnostics { // it reports nothing
		switch n := n.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			if len(n.Traversal) > 1 {
				if a, ok := n.Traversal[1].(hcl.TraverseAttr); ok {
					add(n.Traversal.RootName(), a.Name)
				}
			}
		case *hclsyntax.Block:
			if n.Type == graph.KindGroup {
				for _, inner := range n.Body.Blocks {
					if len(inner.Labels) == 1 && inner.Body.Attributes["use"] == nil {
						add(inner.Type, inner.Labels[0])
					}
				}
			}
		}
		return nil
	})
	if strings.Contains(more, "courier.supplement") {
		add(graph.KindCourier, "supplement")
	}
	return more
}
