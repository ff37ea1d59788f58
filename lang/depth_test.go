package lang_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

// TestDeepNesting demands an error, and no overflow of the stack.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	for name, expr := range map[string]string{
		"lists":        strings.Repeat("[", 200_000),
		"parentheses":  strings.Repeat("(", 200_000),
		"not":          strings.Repeat("!", 200_000) + "true",
		"minus":        strings.Repeat("- ", 200_000) + "1",
		"sum":          "1" + strings.Repeat("+1", 200_000),
		"conditionals": strings.Repeat("true ? 1 : ", 200_000) + "1",
		"templates":    strings.Repeat("\"${", 100_000),
		"in a list":    "[1" + strings.Repeat("\n+1", 200_000) + "]",
		"in a string":  "\"${1" + strings.Repeat("+1", 200_000) + "}\"",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, list, err := lang.Compile(map[string][]byte{"main.hcl": []byte("locals {\n  a = " + expr + "\n}\n")}, lang.Options{})
			if err != nil || !list.HasErrors() {
				t.Errorf("reported %v, %v", reported(list), err)
			}
		})
	}
}

func TestNotTooDeep(t *testing.T) {
	t.Parallel()
	var members strings.Builder
	for i := range 21_000 {
		fmt.Fprintf(&members, "a%d = 1 + 1\n", i)
	}
	for name, expr := range map[string]string{
		"sum":          "1" + strings.Repeat("+1", 15_000),
		"not":          strings.Repeat("!", 10_000) + "true",
		"conditionals": strings.Repeat("true ? 1 : ", 5_000) + "1",
		"lists":        strings.Repeat("[", 200) + strings.Repeat("]", 200),
		"objects":      "{\n" + members.String() + "}",
		"many members": "[" + strings.Repeat("1 + 1,\n", 21_000) + "]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, list, err := lang.Compile(map[string][]byte{"main.hcl": []byte("locals {\n  a = " + expr + "\n}\n")}, lang.Options{})
			if err != nil || list.HasErrors() {
				t.Errorf("reported %v, %v", reported(list), err)
			}
		})
	}
}
