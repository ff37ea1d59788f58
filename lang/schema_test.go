package lang_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
)

var releasePattern = regexp.MustCompile(`^[0-9]+\.[0-9]+$`)

// TestSchema holds the table of the language to its own rules.
func TestSchema(t *testing.T) {
	t.Parallel()
	seen := map[*lang.Block]bool{}
	var visit func(path string, b *lang.Block)
	visit = func(path string, b *lang.Block) {
		if seen[b] {
			return
		}
		seen[b] = true
		if b.Doc == "" {
			t.Errorf("%s has no documentation", path)
		}
		names := map[string]bool{}
		for _, a := range b.Attributes {
			checkAttribute(t, path+"."+a.Name, a)
			if names[a.Name] {
				t.Errorf("%s.%s stands twice in the table", path, a.Name)
			}
			names[a.Name] = true
		}
		for _, n := range b.Blocks {
			if names[n.Type] {
				t.Errorf("%s.%s is both an attribute and a block", path, n.Type)
			}
			if n.Many != (len(n.Labels) > 0) && n.Type != "locals" && n.Type != "validation" && n.Type != "moved" {
				t.Errorf("%s.%s: blocks that may be repeated, and no others, have labels", path, n.Type)
			}
			visit(path+"."+n.Type, n)
		}
	}
	visit("workspace", lang.Schema())
}

func checkAttribute(t *testing.T, path string, a lang.Attribute) {
	t.Helper()
	if a.Doc == "" {
		t.Errorf("%s has no documentation", path)
	}
	if a.Kind.String() == "" {
		t.Errorf("%s: its kind has no name", path)
	}
	if a.Since != "" && !releasePattern.MatchString(a.Since) || a.Since == lang.FirstRelease {
		t.Errorf("%s: since %q; it is a release such as \"0.2\", and empty for %s", path, a.Since, lang.FirstRelease)
	}
	if a.Required != (a.Example != "") {
		t.Errorf("%s: required attributes, and no others, have an example", path)
	}
	if a.Required && a.Default != "" {
		t.Errorf("%s is required and has a default", path)
	}
	if (a.Kind == lang.Word || a.Kind == lang.Words) != (len(a.Words) > 0) && a.Kind != lang.Zone {
		t.Errorf("%s: words belong to the kinds Word, Words and Zone", path)
	}
	if (a.Kind == lang.Ref || a.Kind == lang.Refs) != (len(a.Refs) > 0) {
		t.Errorf("%s: kinds of blocks belong to references", path)
	}
	if a.Kind == lang.Duration && a.Default != "" {
		if _, err := graph.ParseDuration(a.Default); err != nil {
			t.Errorf("%s: default: %v", path, err)
		}
	}
	if a.Example != "" {
		if _, problems := hclsyntax.ParseExpression([]byte(a.Example), path, hclStart); problems.HasErrors() {
			t.Errorf("%s: example: %v", path, problems)
		}
	}
}
