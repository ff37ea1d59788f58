package lang

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// chunk is a stretch of a file that holds a top-level block, up to the next.
type chunk struct {
	hcl.Pos
	end int
}

// header is the first line of a top-level block: it begins in the first column.
var header = regexp.MustCompile(`^[A-Za-z_][\w-]*([ \t]+("[^"]*"?|[\w-]+))*[ \t]*\{`)

// cut divides a file at the lines that look like the beginning of a top-level
// block, so that the blocks can be parsed side by side, with less memory, and an
// error in one leaves the others alone. Formatted files have nested blocks
// indented; in others, and in text of several lines, a cut may fall inside of a
// block, after which the chunk before it does not parse.
func cut(src []byte) []chunk {
	chunks := []chunk{{Pos: hcl.InitialPos}}
	ended := true // the line before could be the last of a block
	line := 1
	for at := 0; at < len(src); line++ {
		next := len(src)
		if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		text := src[at:next]
		isHeader := text[0] != ' ' && text[0] != '\n' && header.Match(text)
		if isHeader && ended && at > 0 {
			chunks[len(chunks)-1].end = at
			chunks = append(chunks, chunk{Pos: hcl.Pos{Line: line, Column: 1, Byte: at}})
		}
		if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] != '#' && !bytes.HasPrefix(trimmed, []byte("//")) {
			ended = text[0] == '}' || text[0] == ' ' || text[0] == '\t' || isHeader && bytes.HasSuffix(trimmed, []byte("}")) || bytes.HasSuffix(trimmed, []byte("*/"))
		}
		at = next
	}
	chunks[len(chunks)-1].end = len(src)
	return chunks
}

// maxRecovered bounds the errors that are looked for in one block.
const maxRecovered = 10

// recoverChunk parses a chunk. The parser falls silent after the first error in
// a body; so the lines of errors are blanked out, if they are whole in themselves,
// and the rest parsed again.
func recoverChunk(name string, src []byte, at hcl.Pos) (*hclsyntax.Body, hcl.Diagnostics) {
	file, last := parse(name, src, at)
	all := last
	text := bytes.Clone(src)
	for range maxRecovered {
		if !last.HasErrors() || openEnded(last[len(last)-1]) {
			break
		}
		blanked := false
		for _, p := range last {
			blanked = blank(text, p.Subject.Start.Byte-at.Byte) || blanked
		}
		first := last[0]
		_, last = parse(name, text, at)
		if !blanked || last.HasErrors() && (last[0].Subject.Start.Line <= first.Subject.Start.Line ||
			first.Summary == missingQuote && last[0].Summary == missingQuote) { // the other end of the same text
			break
		}
		all = append(all, last...)
	}
	byPlace(all)
	return file.Body.(*hclsyntax.Body), all
}

func byPlace(problems hcl.Diagnostics) {
	slices.SortStableFunc(problems, func(x, y *hcl.Diagnostic) int { return cmp.Compare(x.Subject.Start.Byte, y.Subject.Start.Byte) })
}

// missingQuote is what the parser says of text that goes on in the next line.
const missingQuote = "Invalid multi-line string"

// openEnded reports whether something may be open at a problem, so that what comes
// after it follows from it.
func openEnded(p *hcl.Diagnostic) bool {
	switch p.Summary {
	case "Missing item separator", "Missing attribute separator", "Missing argument separator", "Unbalanced parentheses",
		"Unterminated function call", "Unterminated tuple constructor expression", "Unterminated object constructor expression":
		return true
	}
	return strings.HasPrefix(p.Summary, "Unclosed ")
}

// parse parses, and drops what only follows from a quote or a bracket that is
// missing.
func parse(name string, src []byte, at hcl.Pos) (*hcl.File, hcl.Diagnostics) {
	file, problems := hclsyntax.ParseConfig(src, name, at)
	byPlace(problems)
	for _, p := range problems {
		if p.Summary == missingQuote {
			return file, hcl.Diagnostics{p}
		}
	}
	for i, p := range problems {
		if openEnded(p) {
			return file, problems[:i+1]
		}
	}
	return file, problems
}

var attributeLine = regexp.MustCompile(`^[ \t]*[A-Za-z_][\w-]*[ \t]*=`)

// blank overwrites the line at a byte with spaces. It refuses a line that is not
// an attribute whose brackets are balanced.
func blank(text []byte, at int) bool {
	if at < 0 || at >= len(text) {
		return false
	}
	from := bytes.LastIndexByte(text[:at], '\n') + 1
	to := len(text)
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		to = at + i
	}
	line := text[from:to]
	if !attributeLine.Match(line) || bytes.Contains(line, []byte("<<")) {
		return false
	}
	for _, pair := range []string{"{}", "[]", "()"} {
		if bytes.Count(line, []byte(pair[:1])) != bytes.Count(line, []byte(pair[1:])) {
			return false
		}
	}
	for i := range line {
		line[i] = ' '
	}
	return true
}
