package main

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
)

// schemaTable is the place of a generated table in a page of docs/language.
var schemaTable = regexp.MustCompile(`(?s)(<!-- schema: (\S+) -->\n)(.*?)(<!-- end -->)`)

// TestSchemaTables writes what pages of docs/language say of each block from the
// one table of the language, and finds each block in exactly one of them.
func TestSchemaTables(t *testing.T) {
	places := map[*lang.Block]string{} // page#heading of each block
	pages := map[string]string{}
	for _, page := range documents(t) {
		text := readDocument(t, page)
		pages[page] = text
		for _, m := range schemaTable.FindAllStringSubmatchIndex(text, -1) {
			name := text[m[4]:m[5]]
			b, err := findBlock(name)
			if err != nil {
				t.Errorf("%s: <!-- schema: %s -->: %v", page, name, err)
				continue
			}
			if other, ok := places[b]; ok {
				t.Errorf("%s describes %s, which %s describes", page, name, other)
			}
			headings := anchors(text[:m[0]])
			places[b] = path.Base(page) + "#" + headings[len(headings)-1]
		}
	}
	seen := map[*lang.Block]bool{}
	var visit func(name string, b *lang.Block)
	visit = func(name string, b *lang.Block) {
		if seen[b] {
			return
		}
		seen[b] = true
		if places[b] == "" {
			t.Errorf("no page describes %s: write <!-- schema: %s --> and <!-- end --> into one of docs/language", name, name)
		}
		for _, n := range b.Blocks {
			visit(strings.TrimPrefix(name+"."+n.Type, "."), n)
		}
	}
	seen[lang.Schema()] = true
	for _, n := range lang.Schema().Blocks {
		visit(n.Type, n)
	}
	for page, text := range pages {
		compareDocument(t, page, text, schemaTable.ReplaceAllStringFunc(text, func(part string) string {
			m := schemaTable.FindStringSubmatch(part)
			b, err := findBlock(m[2])
			if err != nil {
				return part
			}
			return m[1] + describe(b, places) + m[4]
		}))
	}
}

// codeTable is the place of a generated list of diagnostics.
var codeTable = regexp.MustCompile(`(?s)(<!-- codes: ([A-Z0-9 ]+) -->\n)(.*?)(<!-- end -->)`)

// TestCodeTables writes the lists of messages of the pages.
func TestCodeTables(t *testing.T) {
	for _, page := range documents(t) {
		text := readDocument(t, page)
		compareDocument(t, page, text, codeTable.ReplaceAllStringFunc(text, func(part string) string {
			m := codeTable.FindStringSubmatch(part)
			out := "| code | | what it says |\n|---|---|---|\n"
			for _, code := range strings.Fields(m[2]) {
				e, ok := diag.Explain(diag.Code(code))
				if !ok {
					t.Errorf("%s: there is no code %s", page, code)
				}
				out += fmt.Sprintf("| [%s](../diagnostics.md#%s) | %s | %s |\n", code, strings.ToLower(code), e.Severity, markdown(e.Title))
			}
			return m[1] + out + m[4]
		}))
	}
}

// describe is what a page says of a block.
func describe(b *lang.Block, places map[*lang.Block]string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "`%s`: %s Since %s.\n", blockHead(b), markdown(b.Doc), b.Release())
	if len(b.Attributes) > 0 {
		s.WriteString("\n| attribute | type | default | meaning | since |\n|---|---|---|---|---|\n")
		for i := range b.Attributes {
			a := &b.Attributes[i]
			name, preset := "`"+a.Name+"`", "–"
			switch {
			case a.Required:
				name, preset = "**"+name+"**", "required"
			case a.Default != "" && (a.Kind == lang.Bool || a.Kind == lang.Int):
				preset = "`" + a.Default + "`"
			case a.Default != "":
				preset = fmt.Sprintf("`%q`", a.Default)
			}
			kind := a.Kind.String()
			for _, r := range a.Takes.Names() {
				kind += ", " + r
			}
			fmt.Fprintf(&s, "| %s | %s | %s | %s | %s |\n", name, kind, preset, meaning(a), a.Release())
		}
	}
	if len(b.Blocks) > 0 {
		s.WriteString("\n| block | how often | meaning |\n|---|---|---|\n")
		for _, n := range b.Blocks {
			often := "once"
			if n.Many {
				often = "any number"
			}
			fmt.Fprintf(&s, "| [`%s`](%s) | %s | %s |\n", blockHead(n), places[n], often, markdown(n.Doc))
		}
	}
	return s.String()
}

// blockHead is how a block begins: courier "NAME".
func blockHead(b *lang.Block) string {
	head := b.Type
	for _, label := range b.Labels {
		head += fmt.Sprintf(" %q", strings.ToUpper(label))
	}
	return head
}

func meaning(a *lang.Attribute) string {
	text := markdown(a.Doc)
	if len(a.Words) > 0 && a.Kind != lang.Zone {
		text += " One of `" + strings.Join(a.Words, "` `") + "`."
		if a.Kind == lang.Words {
			text = strings.Replace(text, " One of", " Any of", 1)
		}
	}
	if a.Only != nil {
		text += " Only in `" + strings.Join(a.Only, "` and `") + "`."
	}
	if a.Example != "" {
		text += " Example: `" + strings.ReplaceAll(a.Example, "|", `\|`) + "`"
	}
	return text
}

// markdown keeps a sentence as it is in a cell of a table.
func markdown(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", `\<`).Replace(text)
}
