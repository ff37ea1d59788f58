package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

// TestNothingIsDescribedTwice reads the table as it is written: no two
// descriptions are the same text. What several blocks have is one Go value.
func TestNothingIsDescribedTwice(t *testing.T) {
	t.Parallel()
	files, set := sources(t, true)
	first := map[string]token.Position{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			name, isName := pair.Key.(*ast.Ident)
			text, isText := pair.Value.(*ast.BasicLit)
			if !isName || name.Name != "Doc" || !isText {
				return true
			}
			at := set.Position(pair.Pos())
			if earlier, ok := first[text.Value]; ok {
				t.Errorf("%s says what %s says: %s. Say what is different, or give both one Go value", at, earlier, text.Value)
			}
			first[text.Value] = at
			return true
		})
	}
	if len(first) < 100 {
		t.Errorf("only %d descriptions were found", len(first))
	}
}

// readers are the methods and functions by which the code asks for what stands
// in a block, by its name in the table.
var readers = []string{
	"has", "text", "flag", "number", "duration", "value", "values", "valueMap", "list", "place", "only", "inner", "attribute", "block",
	"each", "uncertain", "written", "empty",
}

var nameInTable = regexp.MustCompile(`^[a-z][a-z_]*$`)

// TestTheTableIsAllThereIs compares the table with the code that decodes by it:
// nothing is asked for that the table does not have, and the table has nothing
// that nobody asks for.
func TestTheTableIsAllThereIs(t *testing.T) {
	t.Parallel()
	inTable := map[string]string{} // where in the table each name is
	seen := map[*lang.Block]bool{}
	var visit func(b *lang.Block)
	visit = func(b *lang.Block) {
		if seen[b] {
			return
		}
		seen[b] = true
		for _, a := range b.Attributes {
			inTable[a.Name] = b.Type + "." + a.Name
		}
		for _, n := range b.Blocks {
			inTable[n.Type] = n.Type
			visit(n)
		}
	}
	visit(lang.Schema())

	files, set := sources(t, false)
	mentioned := map[string]bool{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := literal(n); ok {
				mentioned[text] = true
			}
			if name, ok := n.(*ast.Ident); ok {
				mentioned[strings.TrimSuffix(name.Name, "Schema")] = true
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || !slices.Contains(readers, called(call.Fun)) {
				return true
			}
			for _, arg := range call.Args {
				text, ok := literal(arg)
				if ok && nameInTable.MatchString(text) && inTable[text] == "" {
					t.Errorf("%s: the code asks for %s, which the table does not have", set.Position(arg.Pos()), text)
				}
			}
			return true
		})
	}
	for name, place := range inTable {
		if !mentioned[name] && !strings.Contains(kindsOfBlocks, " "+name+" ") {
			t.Errorf("no code asks for %s of the table", place)
		}
	}
}

// kindsOfBlocks are the top-level blocks that the code names by constants of the
// graph.
const kindsOfBlocks = " courier bridge process activation alert courier_group "

// sources parses the code of this package: the files of the table, or the rest.
func sources(t *testing.T, table bool) ([]*ast.File, *token.FileSet) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var list []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "schema") != table {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, file)
	}
	return list, set
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// called is the name of what is called, without what it is a method of and
// without its types.
func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return called(e.X)
	}
	return ""
}
