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
	if len(names) == 0 {
		r.add(diag.EmptyWorkspace, nil, "No workspace here",
			"The directory has no .hcl or .hcl.json file. \"waybill init\" writes a first workspace; or name the directory that has one.")
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

// reportSyntax says in our words what the parser found.
func reportSyntax(p *hcl.Diagnostic, src []byte, r *report) {
	at := place(*p.Subject)
	switch p.Summary {
	case "Invalid multi-line string", "Unterminated template string":
		r.add(diag.SyntaxError, at, "Missing quote", "The text that begins in this line has no closing quote. Text of several lines is written <<EOT … EOT.")
	case "Invalid single-argument block definition", "Argument definition required":
		lines := multiline(src, p.Subject.Start.Byte)
		if strings.Count(lines, "\n") < 3 && p.Summary != "Argument definition required" {
			r.add(diag.SyntaxError, at, "Not a value", "Something follows the value that does not belong to it. Text, durations and dates stand in quotes: \"30m\".")
			return
		}
		r.add(diag.OneLineBlock, at, "One-line block with more than one attribute",
			"A block on one line can hold one attribute only. Write it on several lines:\n\n%s", lines)
	case "Attribute redefined":
		r.add(diag.DuplicateName, at, "Attribute given twice", "It stands here already%s. Remove one of them.", placeBefore(p.Detail))
	case "Unclosed configuration block", "Unclosed configuration body":
		r.add(diag.SyntaxError, at, "Block without end", "The block that begins here has no closing brace }.")
	case "Invalid expression", "Missing expression":
		r.add(diag.SyntaxError, at, "Missing value", "A value is needed here: text in quotes, a number, true or false, a list, or a reference.")
	case "Missing newline after argument", "Extra characters after expression":
		r.add(diag.SyntaxError, at, "More than a value", "Something follows the value that does not belong to it. Text, such as a schedule or a duration, stands in quotes.")
	case "Missing argument separator":
		r.add(diag.SyntaxError, at, "Call without end", "The function call before this has no closing ), or no comma between two arguments.")
	case "Argument or block definition required", "Invalid argument name":
		if at.Start.Byte < len(src) && src[at.Start.Byte] == '}' {
			r.add(diag.SyntaxError, at, "Closing brace too many", "No block is open here. Remove the brace, or look for one that closes a block too early.")
			return
		}
		r.add(diag.SyntaxError, at, "Neither attribute nor block", "An attribute is written name = value, a block name { … }.")
	case "Missing item separator", "Missing attribute separator":
		r.add(diag.SyntaxError, at, "Missing comma", "A comma belongs between two elements. Text with a quote in it is written \\\".")
	case "Unexpected comma after argument":
		r.add(diag.SyntaxError, at, "Comma after an attribute", "Attributes are divided by new lines, not by commas.")
	case "Missing newline after block definition":
		r.add(diag.SyntaxError, at, "Missing new line after a block", "The next block or attribute goes on a line of its own.")
	default:
		words := strings.NewReplacer("Argument or block", "Attribute or block", "An argument", "An attribute", "an argument", "an attribute",
			"Argument definitions", "Attributes", "after argument", "after attribute", "argument name", "attribute name", "argument value", "attribute's value",
			"Invalid argument", "Invalid attribute", "to introduce the attribute's value", "before its value")
		r.add(diag.SyntaxError, at, words.Replace(p.Summary), "%s", words.Replace(p.Detail))
	}
}

// placeBefore is where the parser says that an attribute stands already.
func placeBefore(detail string) string {
	_, at, _ := strings.Cut(detail, "already set at ")
	file, rest, _ := strings.Cut(at, ":")
	if line, _, ok := strings.Cut(rest, ","); ok {
		return ", in " + file + " line " + line
	}
	return ""
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
