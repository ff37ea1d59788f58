package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingIsDescribedTwice reads the table as it is written: no two
// descriptions are the same text. What several blocks have is one Go value.
func TestNothingIsDescribedTwice(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("schema*.go")
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]token.Position{}
	files := token.NewFileSet()
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
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
			at := files.Position(pair.Pos())
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
