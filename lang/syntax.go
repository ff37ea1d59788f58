package lang

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang/diag"
)

// parseAll reads the blocks of all files, by file and byte. With later, the bodies
// of most are put off until they are opened. broken is whether some text could
// not be read, so that what is missing may be in there.
func parseAll(sources map[string][]byte, later bool, r *report) (blocks []parsed, broken bool) {
	names := make([]string, 0, len(sources))
	for name := range sources {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var some []parsed
		var bad bool
		if strings.HasSuffix(name, jsonSuffix) {
			some, bad = parseJSONFile(name, sources[name], r)
		} else {
			some, bad = parseFile(name, sources[name], later, r)
		}
		blocks = append(blocks, some...)
		broken = broken || bad
	}
	return blocks, broken
}

func parseFile(name string, src []byte, later bool, r *report) (blocks []parsed, broken bool) {
	if at, deep := tooDeep(src); deep {
		pos := diag.Pos{Line: 1 + bytes.Count(src[:at], []byte("\n")), Column: 1, Byte: at}
		r.add(diag.SyntaxError, &diag.Range{Filename: name, Start: pos, End: pos}, "Nested too deeply", "Brackets are nested more than %d deep here, or an expression has more than %d operators.", maxDepth, maxOperators)
		return nil, true
	}
	chunks := cut(src)
	if blocks, ok := parsePieces(name, src, chunks, later); ok {
		return blocks, false
	}
	file, problems := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	if !problems.HasErrors() { // a cut fell inside of a block
		body := file.Body.(*hclsyntax.Body)
		for _, b := range body.Blocks {
			blocks = append(blocks, parsed{Block: b})
		}
		reportLoose(body, r)
		return blocks, false
	}
	for _, c := range chunks {
		text := src[c.Byte:c.end]
		body, problems := recoverChunk(name, text, c.Pos)
		line := 0
		for _, p := range problems {
			if p.Subject.Start.Line != line { // a second error in a line follows from the first
				reportSyntax(p, src, r)
			}
			line = p.Subject.Start.Line
		}
		for _, b := range body.Blocks {
			blocks = append(blocks, parsed{Block: b, broken: problems.HasErrors()})
		}
		if !problems.HasErrors() {
			reportLoose(body, r)
		}
	}
	return blocks, true
}

// reportLoose reports attributes that stand outside of blocks.
func reportLoose(body *hclsyntax.Body, r *report) {
	for _, a := range body.Attributes {
		r.add(diag.UnknownAttribute, place(a.NameRange), "Attribute outside of a block",
			"%s stands outside of any block. Names for values go into locals { %s = … }, settings of the workspace into waybill { … }.", a.Name, a.Name)
	}
}

// multiline is a one-line block, as it is to be written.
func multiline(src []byte, at int) string {
	start := strings.LastIndexByte(string(src[:at]), '\n') + 1
	end := len(src)
	if i := strings.IndexByte(string(src[start:]), '\n'); i >= 0 {
		end = start + i
	}
	line := src[start:end]
	tokens, _ := hclsyntax.LexConfig(line, "", hcl.Pos{Line: 1, Column: 1})
	open := slices.IndexFunc(tokens, func(t hclsyntax.Token) bool { return t.Type == hclsyntax.TokenOBrace })
	if open < 0 {
		return "  name {\n    first  = 1\n    second = 2\n  }"
	}
	head := strings.TrimSpace(string(line[:tokens[open].Range.End.Byte]))
	var starts []int
	depth, stop := 0, len(line)
	for i := open + 1; i < len(tokens)-1; i++ {
		t, next := tokens[i], tokens[i+1]
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			if depth--; depth < 0 && stop == len(line) {
				stop = t.Range.Start.Byte
			}
		case hclsyntax.TokenIdent:
			if depth == 0 && (next.Type == hclsyntax.TokenEqual || next.Type == hclsyntax.TokenOBrace || next.Type == hclsyntax.TokenOQuote) {
				starts = append(starts, t.Range.Start.Byte)
			}
		}
	}
	var b strings.Builder
	b.WriteString("  " + head + "\n")
	for i, from := range starts {
		to := stop
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		if from < to {
			b.WriteString("    " + strings.TrimRight(string(line[from:to]), " \t,;") + "\n")
		}
	}
	return string(canonical([]byte(b.String() + "  }")))
}
