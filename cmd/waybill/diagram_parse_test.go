package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/graph/formats/dot"
	"gonum.org/v1/gonum/graph/formats/dot/ast"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
)

// drawn is a drawing as a parser of Graphviz's language reads it.
type drawn struct {
	labels map[string]string // text by the name of a node or cluster
	edges  []string          // labels of the edges between clusters
	ends   []string          // every node that an edge begins or ends at
}

func (d *drawn) read(t *testing.T, around string, statements []ast.Stmt) {
	t.Helper()
	for _, s := range statements {
		switch s := s.(type) {
		case *ast.Subgraph:
			d.read(t, s.ID, s.Stmts)
		case *ast.Attr:
			if s.Key == "label" {
				d.labels[around] = dotUnquoted(s.Val)
			}
		case *ast.NodeStmt:
			d.labels[s.Node.ID] = attributeOf(s.Attrs, "label")
		case *ast.EdgeStmt:
			d.ends = append(d.ends, s.From.(*ast.Node).ID, s.To.Vertex.(*ast.Node).ID)
			if head := attributeOf(s.Attrs, "lhead"); head != "" {
				d.ends = append(d.ends, head, attributeOf(s.Attrs, "ltail"))
				d.edges = append(d.edges, attributeOf(s.Attrs, "label"))
			}
		}
	}
}

func attributeOf(list []*ast.Attr, key string) string {
	for _, a := range list {
		if a.Key == key {
			return dotUnquoted(a.Val)
		}
	}
	return ""
}

// dotUnquoted is a text as Graphviz shows it.
func dotUnquoted(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`)
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", "&amp;", "&").Replace(s)
}

// shown reports whether a text is one of the lines of a label, or in brackets
// behind another name.
func (d *drawn) shown(text string) bool {
	for _, label := range d.labels {
		for line := range strings.SplitSeq(label, "\n") {
			if line == text || strings.HasSuffix(line, "("+text+")") {
				return true
			}
		}
	}
	return false
}

// Another program's parser reads every drawing, and finds in it each group, what
// the groups run, and each constraint.
func TestDrawingsParse(t *testing.T) {
	t.Parallel()
	graphs := map[string]*graph.Graph{"hostile": hostile()}
	for _, pattern := range []string{"../../examples/*", "../../lang/testdata/valid/*"} {
		dirs, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil || len(dirs) == 0 {
			t.Fatalf("no workspaces at %s: %v", pattern, err)
		}
		for _, dir := range dirs {
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				continue
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*.hcl*")); len(files) == 0 {
				continue // it holds workspaces
			}
			w, problems, err := lang.Load(dir, lang.Options{})
			if err != nil || w.Graph == nil {
				t.Fatalf("%s: %v %v", dir, err, problems)
			}
			graphs[dir] = w.Graph
		}
	}
	for name, g := range graphs {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			d, err := drawing(g, "")
			if err != nil {
				t.Fatal(err)
			}
			file, err := dot.ParseString(d.dot())
			if err != nil || len(file.Graphs) != 1 {
				t.Fatalf("this is no drawing: %v\n%s", err, d.dot())
			}
			read := &drawn{labels: map[string]string{}}
			read.read(t, "", file.Graphs[0].Stmts)
			checkDrawn(t, g, read)
		})
	}
}

func checkDrawn(t *testing.T, g *graph.Graph, read *drawn) {
	t.Helper()
	constraints := 0
	for i := range g.Groups {
		group := &g.Groups[i]
		constraints += len(group.After)
		parts := append([]graph.Addr{group.Addr}, group.Steps()...)
		for _, m := range group.Members {
			parts = append(parts, m.Courier)
		}
		for _, a := range parts {
			if text := strings.ReplaceAll(a.String(), "\n", " "); !read.shown(text) {
				t.Errorf("%q is not in the drawing: %q", text, read.labels)
			}
		}
	}
	if len(read.edges) != constraints {
		t.Errorf("%d constraints are drawn, want %d", len(read.edges), constraints)
	}
	for _, label := range read.edges {
		if !strings.HasPrefix(label, "gate ") {
			t.Errorf("a constraint is labelled %q", label)
		}
	}
	for _, end := range read.ends {
		if _, ok := read.labels[end]; !ok {
			t.Errorf("an edge ends at %q, which is not drawn", end)
		}
	}
}
