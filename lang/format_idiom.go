package lang

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// edit replaces a stretch of a text.
type edit struct {
	from, to int
	by       []byte
}

// idiomatic writes what may be written in several ways in the usual one: labels
// in quotes, and "${x}" as x where that is all of an attribute's value. The text
// is what the body was parsed from.
func idiomatic(src []byte, body *hclsyntax.Body) []byte {
	for {
		edits := idioms(src, body, nil)
		if len(edits) == 0 {
			return src
		}
		out := edited(src, edits)
		file, problems := hclsyntax.ParseConfig(out, "", hcl.InitialPos)
		if problems.HasErrors() {
			return src
		}
		src, body = out, file.Body.(*hclsyntax.Body) // what was in "${…}" may be such a text too
	}
}

func edited(src []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, src[at:e.from]...), e.by...)
		at = e.to
	}
	return append(out, src[at:]...)
}

func idioms(src []byte, body *hclsyntax.Body, edits []edit) []edit {
	for _, a := range body.Attributes {
		if wrap, ok := a.Expr.(*hclsyntax.TemplateWrapExpr); ok {
			from, to := wrap.SrcRange.Start.Byte, wrap.SrcRange.End.Byte
			if inner, ok := unwrapped(src[from:to]); ok {
				edits = append(edits, edit{from, to, inner})
			}
		}
	}
	for _, b := range body.Blocks {
		for _, r := range b.LabelRanges {
			from, to := r.Start.Byte, r.End.Byte
			if label := src[from:to]; label[0] != '"' {
				edits = append(edits, edit{from, to, []byte(`"` + string(label) + `"`)})
			}
		}
		edits = idioms(src, b.Body, edits)
	}
	return edits
}

// unwrapped is the x of "${x}", in parentheses where it has several lines. A text
// of several lines within stays, since its end has a line of its own.
func unwrapped(text []byte) ([]byte, bool) {
	inner, begins := bytes.CutPrefix(text, []byte(`"${`))
	inner, ends := bytes.CutSuffix(inner, []byte(`}"`))
	if !begins || !ends || bytes.Contains(inner, []byte("<<")) {
		return nil, false
	}
	inner = bytes.TrimSuffix(bytes.TrimPrefix(inner, []byte("~")), []byte("~"))
	trimmed := bytes.TrimSpace(inner)
	switch {
	case !bytes.ContainsAny(trimmed, "\r\n"):
		return trimmed, true
	case bytes.ContainsAny(inner, "#/"): // a comment may end the last line
		return slices.Concat([]byte("("), inner, []byte(")")), true
	}
	return slices.Concat([]byte("("), trimmed, []byte(")")), true
}
