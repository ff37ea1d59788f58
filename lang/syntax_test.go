package lang_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSyntaxOfWholeFiles looks at mistakes that leave no room for a comment of
// TestInvalid: each is one problem.
func TestSyntaxOfWholeFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ src, want string }{
		"heredoc":       {"locals {\n  a = <<EOT\nx\n}\n", "2:7 Text without end"},
		"second":        {"locals {\n  a = <<A\nx\nA\n  b = <<-B\n  x\n}\n", "5:7 Text without end"},
		"object":        {"locals {\n  a = { x = 1\n", "3:1 End within a value"},
		"merge":         {"<<<<<<< HEAD\nlocals {\n}\n=======\n>>>>>>> b\n", "1:1 Merge that is not finished"},
		"JSON":          {"{\"courier\": {}}\n", "1:1 JSON in a file of HCL"},
		"comment":       {"/* open\nlocals {\n}\n", "1:1 Comment without end"},
		"YAML":          {"courier:\n", "1:1 : after a name"},
		"carriage":      {"locals {\r  a = 1\r}\r", "1:9 Wrong character"},
		"text of lines": {"locals {\n  a = \"x\n  y\"\n  b = 1\n}\n", "2:7 Missing quote"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, _ := load(t, []byte(tt.src))
			var got string
			for _, d := range list {
				got += fmt.Sprintf("%d:%d %s\n", d.Range.Start.Line, d.Range.Start.Column, d.Summary)
			}
			if diff := cmp.Diff(tt.want+"\n", got); diff != "" {
				t.Errorf("problems (- want, + got):\n%s", diff)
			}
		})
	}
}
