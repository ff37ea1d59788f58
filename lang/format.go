package lang

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/waybill-dev/waybill/lang/diag"
)

// Format returns a file in its canonical form: indentation, one space where one
// belongs, equals signs of neighbouring lines aligned, labels in quotes, and no
// quotes around an expression that is all of a text. Comments and empty lines
// stay. Formatting twice changes nothing more. Text that does not parse comes
// back as it is, with what is wrong with it.
func Format(src []byte, filename string) ([]byte, diag.List) {
	if _, deep := tooDeep(src); !deep {
		if out, ok := formatSections(sections(src)); ok {
			return out, nil
		}
	}
	r := &report{}
	if _, broken := parseFile(filename, src, false, r); broken {
		return src, r.list.Sorted()
	}
	out, _ := formatSections([][]byte{src}) // a section was not a list of blocks by itself
	return out, nil
}

// sections cuts a file at the top-level blocks that have an empty line before them.
// The layout of neighbouring lines depends on each other, but not across an empty
// one; and a small text is parsed and formatted with much less memory.
func sections(src []byte) [][]byte {
	var all [][]byte
	from, empty := 0, false
	for at := 0; at < len(src); {
		next := len(src)
		if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		line := src[at:next]
		if empty && startsBlock(line) {
			all = append(all, src[from:at:at])
			from = at
		}
		empty = len(bytes.TrimSpace(line)) == 0
		at = next
	}
	return append(all, src[from:])
}

// startsBlock reports whether a line looks like the first of a top-level block.
func startsBlock(line []byte) bool {
	letter := line[0]|0x20 >= 'a' && line[0]|0x20 <= 'z'
	return letter && bytes.HasSuffix(bytes.TrimRight(line, " \t\r\n"), []byte("{"))
}

// formatSections formats sections of a file. It fails where one of several is not a
// list of blocks by itself. A section that is ends outside of all brackets, texts
// and comments, so that the next begins as a file does.
func formatSections(list [][]byte) ([]byte, bool) {
	var out []byte
	for _, text := range list {
		if isPlain(text, len(list) > 1) {
			out = append(out, canonical(text)...)
			continue
		}
		file, problems := hclsyntax.ParseConfig(text, "", hcl.InitialPos)
		body := file.Body.(*hclsyntax.Body)
		if problems.HasErrors() || len(list) > 1 && len(body.Attributes) > 0 {
			return nil, false
		}
		out = append(out, canonical(idiomatic(text, body))...)
	}
	return out, true
}

// canonical formats until nothing changes: one pass of hclwrite does not settle
// every text.
func canonical(src []byte) []byte {
	for range 4 {
		out := hclwrite.Format(src)
		if bytes.Equal(out, src) {
			break
		}
		src = out
	}
	return src
}
