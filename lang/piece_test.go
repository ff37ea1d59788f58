package lang

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// pieces reads a text in pieces, and opens those that were put off; ok is false
// where that goes for the text as a whole only.
func pieces(src []byte, later bool) (blocks []*hclsyntax.Block, ok bool) {
	list, ok := parsePieces("main.hcl", src, cut(src), later)
	for _, p := range list {
		head := *p.Block
		put := p.later != nil
		p.open()
		if p.Block == nil {
			return nil, false
		}
		if put && (head.Type != p.Type || head.DefRange() != p.DefRange() || !cmp.Equal(head.Labels, p.Labels)) {
			panic("the first line says something else than the block")
		}
		blocks = append(blocks, p.Block)
	}
	return blocks, ok
}

// differs holds the pieces of a text to the text as a whole: the same blocks at
// the same places, and no blocks where there is an error.
func differs(src []byte, later bool) string {
	blocks, ok := pieces(src, later)
	file, problems := hclsyntax.ParseConfig(src, "main.hcl", hcl.InitialPos)
	switch {
	case !ok:
		return "" // the whole is parsed then
	case problems.HasErrors():
		return "the whole has an error: " + problems[0].Error()
	}
	whole := []*hclsyntax.Block(file.Body.(*hclsyntax.Body).Blocks)
	if reflect.DeepEqual(whole, blocks) { // much faster
		return ""
	}
	return cmp.Diff(whole, blocks, cmpopts.EquateEmpty(), cmp.Exporter(func(reflect.Type) bool { return true }),
		cmp.Comparer(func(x, y cty.Value) bool { return x.RawEquals(y) }),
		cmp.Comparer(func(x, y *hclsyntax.Operation) bool { return x == y }))
}

// seams are texts in which a cut is easily wrong.
var seams = map[string]string{
	"two blocks":           "courier \"a\" {\n}\ncourier \"b\" {\n  x = 1\n}\n",
	"comments between":     "# one\ncourier \"a\" {\n}\n\n# two\n// three\n/* four\n*/\ncourier \"b\" {}\n",
	"block in a heredoc":   "process \"a\" {\n  x = <<EOT\n }\ncourier \"b\" {\n}\nEOT\n}\ncourier \"c\" {\n}\n",
	"block in an indented": "process \"a\" {\n  x = <<-EOT\n  text\ncourier \"b\" {\n  }\n  EOT\n}\n",
	"block in a comment":   "process \"a\" {\n  /* text\n }\ncourier \"b\" {\n}\n  */\n}\n",
	"nested unindented":    "courier_group \"a\" {\ndefaults {\n}\ncourier \"b\" {\n}\n}\n",
	"nested after a brace": "courier_group \"a\" {\n  defaults {\n}\ncourier \"b\" {\n}\n}\n",
	"on one line":          "courier \"a\" { x = 1 }\ncourier \"b\" { x = 1 }\n",
	"two on one line":      "courier \"a\" { x = 1 } courier \"b\" { x = 1 }\n",
	"carriage returns":     "courier \"a\" {\r\n  x = 1\r\n}\r\ncourier \"b\" {\r\n}\r\n",
	"byte order mark":      "\ufeffcourier \"a\" {\n}\ncourier \"b\" {\n}\n",
	"no new line at end":   "courier \"a\" {\n}\ncourier \"b\" {\n}",
	"labels without quote": "courier a {\n}\ncourier b {\n}\n",
	"labels with escapes":  "courier \"a\\n\" {\n}\ncourier \"b\" {\n}\n",
	"template over lines":  "process \"a\" {\n  x = \"${[\n1,\n]}\"\n}\ncourier \"b\" {\n}\n",
	"brace in a text":      "process \"a\" {\n  x = \"}\"\n}\ncourier \"b\" {\n  y = \"{\"\n}\n",
	"attribute outside":    "x = 1\ncourier \"a\" {\n}\ny = 1\ncourier \"b\" {\n}\nx = 2\n",
	"unclosed":             "courier \"a\" {\n  x = 1\ncourier \"b\" {\n}\n",
	"unclosed heredoc":     "process \"a\" {\n  x = <<EOT\n text\n}\ncourier \"b\" {\n}\n",
	"unclosed comment":     "process \"a\" {\n}\n/* text\n }\ncourier \"b\" {\n}\n",
	"unclosed text":        "process \"a\" {\n  x = \"text\n}\ncourier \"b\" {\n}\n",
	"closed twice":         "process \"a\" {\n}\n}\ncourier \"b\" {\n}\n",
	"a word between":       "process \"a\" {\n}\nword\n  \ncourier \"b\" {\n}\n",
	"end of a heredoc":     "locals {\n  x = <<EOT\n}\nEOT\n}\ncourier \"b\" {\n}\n",
	"empty":                "",
	"a null byte":          "courier \"a\" {\n}\x00\ncourier \"b\" {\n}\n",
	"not UTF-8":            "courier \"a\" {\n  x = \"\xff\"\n}\ncourier \"b\" {\n}\n",
	"wide characters":      "courier \"a\" {\n  x = \"é👩‍👩‍👧\"\n  # é\n}\ncourier \"b\" {\n}\n",
}

func TestPiecesAreTheWhole(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for name, text := range seams {
		texts[name] = text
	}
	for _, pattern := range []string{"testdata/*/*.hcl", "../examples/*/*.hcl"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts[name] = string(text)
		}
	}
	for name, text := range texts {
		for _, later := range []bool{false, true} {
			if diff := differs([]byte(text), later); diff != "" {
				t.Errorf("%s, later %v (-whole +pieces):\n%s", name, later, diff)
			}
		}
	}
}

// TestPiecesAreUsed shows that files as people write them are read in pieces.
func TestPiecesAreUsed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"two blocks", "comments between", "on one line", "carriage returns", "no new line at end", "brace in a text", "wide characters"} {
		if blocks, ok := pieces([]byte(seams[name]), true); !ok || len(blocks) != 2 {
			t.Errorf("%s: %d blocks, whole %v", name, len(blocks), !ok)
		}
	}
}

func FuzzPieces(f *testing.F) {
	for _, text := range seams {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, deep := tooDeep(src); deep {
			return
		}
		for _, later := range []bool{false, true} {
			if diff := differs(src, later); diff != "" {
				t.Errorf("later %v (-whole +pieces):\n%s", later, diff)
			}
		}
	})
}
