package lang_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

// TestDocsNameEveryFunction looks in the documentation for every function.
func TestDocsNameEveryFunction(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "docs", "language", "expressions.md")
	text := string(readFile(t, path))
	for _, name := range lang.FunctionNames() {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s does not name the function `%s`", path, name)
		}
	}
}
