package lang

import (
	"bytes"
	"regexp"

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
// a body; so the line of that error is blanked out, if it is whole in itself, and
// the rest parsed again.
func recoverChunk(name string, src []byte, at hcl.Pos) (*hclsyntax.Body, hcl.Diagnostics) {
	file, last := parse(name, src, at)
	all := last
	text := bytes.Clone(src)
	for range maxRecovered {
		if !last.HasErrors() || !blank(text, last[0].Subject.Start.Byte-at.Byte) {
			break
		}
		line := last[0].Subject.Start.Line
		_, last = parse(name, text, at)
		if last.HasErrors() && last[0].Subject.Start.Line <= line {
			break
		}
		all = append(all, last...)
	}
	return file.Body.(*hclsyntax.Body), all
}

// parse parses, and drops what only follows from a quote that is missing.
func parse(name string, src []byte, at hcl.Pos) (*hcl.File, hcl.Diagnostics) {
	file, problems := hclsyntax.ParseConfig(src, name, at)
	for _, p := range problems {
		if p.Summary == "Invalid multi-line string" {
			return file, hcl.Diagnostics{p}
		}
	}
	return file, problems
}

var attributeLine = regexp.MustCompile(`^[ \t]*[A-Za-z_][\w-]*[ \t]*=`)

// blank overwrites the line at a byte with spaces. It refuses a line that is not
// an attribute whose brackets are balanced and whose quotes are.
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
