package lang

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/waybill-dev/waybill/lang/diag"
)

// words are how a problem is said.
type words struct{ summary, detail string }

// What several summaries of the parser mean.
var (
	noQuote        = words{"Missing quote", "The text that begins in this line has no closing quote. Text of several lines is written <<EOT … EOT."}
	noBrace        = words{"Block without end", "The block that begins here, or one in it, has no closing brace }."}
	noValue        = words{"Missing value", "A value is needed here: text in quotes, a number, true or false, a list, or a reference."}
	aComma         = words{"Comma after an attribute", "Attributes are divided by new lines, not by commas."}
	moreThanOne    = words{"More than a value", "Something follows the value that does not belong to it. Text, such as a schedule or a duration, stands in quotes."}
	neitherOfTwo   = words{"Neither attribute nor block", "An attribute is written name = value, a block name { … }."}
	noName         = words{"Missing name after a dot", "A name belongs after the dot, such as var.env."}
	wrongDirective = words{"Wrong %{", "%{ begins if, else, endif, for or endfor. Write %%{ for the two signs themselves."}
)

// syntaxWords says in the words of these documents what the parser found, by its
// summary.
var syntaxWords = map[string]words{
	"Invalid multi-line string":                       noQuote,
	"Unterminated template string":                    noQuote,
	"Unclosed configuration block":                    noBrace,
	"Unclosed configuration body":                     noBrace,
	"Invalid expression":                              noValue,
	"Missing expression":                              noValue,
	"Missing attribute value":                         {"Missing value", "A value is needed here: an object is written { name = value }."},
	"Missing key/value separator":                     {"Missing = in an object", "In an object = stands between a name and its value: { name = value }."},
	"Missing newline after argument":                  moreThanOne,
	"Extra characters after expression":               moreThanOne,
	"Missing argument separator":                      {"Call without end", "The function call before this has no closing ), or no comma between two values."},
	"Unterminated function call":                      {"Call without end", "The function call that begins here has no closing )."},
	"Missing closing parenthesis":                     {"Call without end", "... stands behind the last value of a function; a closing ) follows it."},
	"Missing open parenthesis":                        {"Call without (", "A function is called with its values in parentheses: upper(\"a\")."},
	"Unbalanced parentheses":                          {"Missing )", "The ( before this has no closing )."},
	"Unterminated tuple constructor expression":       {"List without end", "The list that begins here has no closing ]."},
	"Unterminated object constructor expression":      {"Object without end", "The object that begins here has no closing }."},
	"Missing item separator":                          {"Missing comma", "A comma belongs between two elements. Text with a quote in it is written \\\"."},
	"Missing attribute separator":                     {"Missing comma", "A comma or a new line belongs between two elements. Text with a quote in it is written \\\"."},
	"Unexpected comma after argument":                 aComma,
	"Missing newline after block definition":          {"Missing new line after a block", "The next block or attribute goes on a line of its own."},
	"Argument or block definition required":           neitherOfTwo,
	"Invalid argument name":                           neitherOfTwo,
	"Missing false expression in conditional":         {"Incomplete choice", "A choice is written CONDITION ? A : B."},
	"Invalid number literal":                          {"Not a number", "Numbers are written 12, 1.5 or 1e6. Text stands in quotes."},
	"Invalid attribute name":                          noName,
	"Attribute name required":                         noName,
	"Nested splat expression not allowed":             {"* within *", "One * goes through a list. For lists in a list write flatten(LIST)[*].name, or for."},
	"Invalid legacy index syntax":                     {"Index after a dot", "An element is named by its place in brackets: LIST[0]."},
	"Missing close bracket on index":                  {"Missing ]", "The [ of an index has no closing ]."},
	"Missing close bracket on splat index":            {"Missing ]", "The [ of [*] has no closing ]."},
	"Unclosed index brackets":                         {"Missing ]", "The [ of an index has no closing ]."},
	"Index value required":                            {"Index without a value", "An element is named by its place or key: [0] or [\"key\"]."},
	"Invalid 'for' expression":                        {"Wrong for", "A list is made by [for x in LIST : x], a map by {for k, v in MAP : k => v}."},
	"Unsupported operator":                            {"Unknown sign", "Conditions are joined by && and ||, and turned round by !."},
	"Invalid string literal":                          {"${ in a label", "The labels of a block are plain text, without ${…}."},
	"Invalid escape sequence":                         {"Wrong escape", "A backslash is written \\\\, a quote \\\", a new line \\n; \\uNNNN takes four hexadecimal digits."},
	"Invalid template control keyword":                wrongDirective,
	"Invalid template directive":                      wrongDirective,
	"Invalid 'for' directive":                         {"Wrong %{ for", "It is written %{ for x in LIST }…%{ endfor }."},
	"Unexpected else directive":                       {"%{ without partner", "%{ else } stands once between %{ if CONDITION } and %{ endif }."},
	"Unexpected endif directive":                      {"%{ without partner", "No %{ if CONDITION } is open here."},
	"Unexpected endfor directive":                     {"%{ without partner", "No %{ for x in LIST } is open here."},
	"Unexpected end of template":                      {"%{ without end", "%{ if CONDITION } is ended by %{ endif }, %{ for x in LIST } by %{ endfor }."},
	"Unclosed template interpolation sequence":        {"${ without end", "The ${ that begins here has no closing }. Write $${ for the two signs themselves."},
	"Extra characters after interpolation expression": {"More than a value in ${", "One value stands in ${…}; the } that ends it is missing, or something follows the value."},
	"Ambiguous attribute key":                         {"Key that is unclear", "A key with a dot stands in quotes; one that is worked out, in parentheses: { (var.env) = 1 }."},
}

// reportSyntax says what the parser found.
func reportSyntax(p *hcl.Diagnostic, src []byte, r *report) {
	at := place(*p.Subject)
	from := min(at.Start.Byte, len(src))
	line := src[from:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	before := string(src[bytes.LastIndexByte(src[:from], '\n')+1 : from])
	said := syntaxWords[p.Summary]
	switch p.Summary {
	case "Attribute redefined":
		r.add(diag.DuplicateName, at, "Attribute given twice", "It stands here already%s. Remove one of them.", placeBefore(p.Detail))
		return
	case "Invalid single-argument block definition", "Argument definition required":
		lines := multiline(src, from)
		if strings.Count(lines, "\n") >= 3 || p.Summary == "Argument definition required" {
			r.add(diag.OneLineBlock, at, "One-line block with more than one attribute",
				"A block on one line can hold one attribute only. Write it on several lines:\n\n%s", lines)
			return
		}
		said = words{"Not a value", "Something follows the value that does not belong to it. Text, durations and dates stand in quotes: \"30m\"."}
		if strings.HasPrefix(string(line), ",") {
			said = aComma
		}
	case "Invalid multi-line string":
		if i := loneQuote(before); i >= 0 {
			at.Start.Column -= utf8.RuneCountInString(before[i:])
			at.Start.Byte -= len(before) - i
			at.End = at.Start
			said.detail = "This quote has no partner in its line. Text stands between two of them. Text of several lines is written <<EOT … EOT."
		}
	case "Unterminated template string":
		if open, marker := openHeredoc(src[:from]); marker != "" {
			start := diag.Pos{Line: 1 + bytes.Count(src[:open], []byte("\n")), Column: 1 + open - (bytes.LastIndexByte(src[:open], '\n') + 1), Byte: open}
			at = &diag.Range{Filename: at.Filename, Start: start, End: start}
			said = words{"Text without end", fmt.Sprintf("The text that begins here ends at a line that holds %s and nothing else.", marker)}
		}
	case "Invalid expression", "Missing expression":
		switch {
		case len(bytes.TrimSpace(src[from:])) == 0:
			said = words{"End within a value", "The text ends in the middle of a value. Something that is open before this, such as a { [ or (, has no partner."}
		case bytes.HasPrefix(line, []byte("<<")):
			said.detail = "Text of several lines begins after <<EOT, without a space in it and with nothing behind it, and ends at a line that holds EOT."
		}
	case "Missing item separator", "Missing attribute separator":
		if strings.TrimSpace(before) == "" {
			said = words{"Missing comma or bracket", "The element before this has no comma after it, or what it stands in has no closing ] or }."}
		}
	case "Missing newline after argument", "Extra characters after expression":
		said.detail = moreThanValue(before, string(line), said.detail)
	case "Argument or block definition required", "Invalid argument name":
		said = neither(src, string(line), said)
	case "Invalid block definition":
		said = words{"Block without {", "The { of a block stands in the line of its name: name \"LABEL\" {."}
		if m := noSignText.FindStringSubmatch(before); m != nil {
			said.detail = fmt.Sprintf("The { of a block stands in the line of its name: %s %s {. An attribute is written with =: %[1]s = %s.", m[1], m[2])
		}
		if strings.HasPrefix(string(line), "=") {
			said = words{"= after the name of a block", "A block is written without the equals sign: name \"LABEL\" { … }."}
		}
	case "Invalid character":
		said = wrongCharacter(string(line))
	}
	if said.summary == "" {
		said.summary, said.detail = reworded(p.Summary, p.Detail)
	}
	r.add(diag.SyntaxError, at, said.summary, "%s", said.detail)
}

// heredoc is the beginning of a text of several lines.
var heredoc = regexp.MustCompile(`<<-?([A-Za-z_][\w-]*)[ \t]*\r?\n`)

// openHeredoc finds where the text of several lines begins that src ends in, and
// its marker, or "".
func openHeredoc(src []byte) (at int, marker string) {
	for rest, past := src, 0; ; {
		m := heredoc.FindSubmatchIndex(rest)
		if m == nil {
			return 0, ""
		}
		name := string(rest[m[2]:m[3]])
		end := regexp.MustCompile(`(?m)^[ \t]*` + regexp.QuoteMeta(name) + `[ \t]*\r?$`).FindIndex(rest[m[1]:])
		if end == nil {
			return past + m[0], name
		}
		rest, past = rest[m[1]+end[1]:], past+m[1]+end[1]
	}
}

// labelled is the beginning of a block that is written as an attribute.
var labelled = regexp.MustCompile(`^\s*(\w+)\s*=\s*("[^"]*")\s*$`)

// loneQuote finds the quote after which the text of a line is open at its end;
// else it is negative.
func loneQuote(line string) int {
	if strings.Contains(line, "${") || strings.Contains(line, `\"`) { // with quotes within quotes
		return -1
	}
	return strings.LastIndexByte(line, '"')
}

// moreThanValue says what to write where words of other languages stand.
func moreThanValue(before, after, otherwise string) string {
	word, _, _ := strings.Cut(after, " ")
	_, value, ok := strings.Cut(before, "=")
	if !ok { // an expression by itself
		value = before
	}
	first, _, _ := strings.Cut(strings.TrimSpace(value), " ")
	switch {
	case strings.HasPrefix(after, "{") && labelled.MatchString(before):
		return fmt.Sprintf("A block is written without the equals sign: %s { … }.", labelled.ReplaceAllString(before, "$1 $2"))
	case first == "if":
		return "A choice is written CONDITION ? A : B."
	case first == "not":
		return "The opposite of a condition is written !CONDITION."
	case word == "and":
		return "Two conditions that must both hold are written A && B."
	case word == "or":
		return "Two conditions of which one must hold are written A || B."
	}
	after, _, _ = strings.Cut(after, "#")
	if whole := strings.TrimSpace(value + after); whole != "" && !strings.ContainsAny(whole, "\"{}[]()$") {
		return fmt.Sprintf("Something follows the value that does not belong to it. Text, such as a schedule or a duration, stands in quotes: %q.", whole)
	}
	return otherwise
}

var (
	quotedName = regexp.MustCompile(`^"([A-Za-z_][\w-]*)"[ \t]*=`)
	otherSign  = regexp.MustCompile(`^([A-Za-z_][\w-]*)[ \t]*(:=|:|\+=|==|=>)`)
	dottedName = regexp.MustCompile(`^([A-Za-z_][\w-]*)(\.[\w-]+)+[ \t]*=`)
	noSign     = regexp.MustCompile(`^([A-Za-z_][\w-]*)[ \t]+[^\s{"]+$`)
	noSignText = regexp.MustCompile(`^\s*([A-Za-z_][\w-]*)[ \t]+("[^"]*[^"\w-][^"]*")\s*$`)
)

// neither says what is wrong with a line that is neither an attribute nor a
// block.
func neither(src []byte, line string, otherwise words) words {
	switch {
	case strings.HasPrefix(line, "}"):
		return words{"Closing brace too many", "No block is open here. Remove the brace, or look for one that closes a block too early."}
	case strings.HasPrefix(line, "<<<<<<<"), strings.HasPrefix(line, "======="), strings.HasPrefix(line, ">>>>>>>"):
		return words{"Merge that is not finished", "This is a mark of a version control system. Keep one of the two sides, and remove the marks."}
	case strings.HasPrefix(line, "/*"):
		return words{"Comment without end", "The comment that begins here has no */."}
	case strings.HasPrefix(line, "{") && bytes.HasPrefix(bytes.TrimSpace(src), []byte("{")):
		return words{"JSON in a file of HCL", "A file in JSON has a name that ends in .hcl.json. Rename it."}
	}
	if m := quotedName.FindStringSubmatch(line); m != nil {
		return words{"Name in quotes", fmt.Sprintf("The name of an attribute stands without quotes: %s = ….", m[1])}
	}
	if m := otherSign.FindStringSubmatch(line); m != nil {
		if len(strings.TrimSpace(line)) == len(m[0]) {
			return words{fmt.Sprintf("%s after a name", m[2]), fmt.Sprintf("A block is written %s { … }, an attribute %s = ….", m[1], m[1])}
		}
		return words{fmt.Sprintf("%s instead of =", m[2]), fmt.Sprintf("An attribute is written with =: %s = ….", m[1])}
	}
	if m := dottedName.FindStringSubmatch(line); m != nil {
		return words{"Dot in a name", fmt.Sprintf("The name of an attribute has no dot. Values within another are written %s = { name = … }.", m[1])}
	}
	bare, _, _ := strings.Cut(line, "#")
	if m := noSign.FindStringSubmatch(strings.TrimSpace(bare)); m != nil {
		return words{"Missing =", fmt.Sprintf("An attribute is written with =: %s = ….", m[1])}
	}
	return otherwise
}

// wrongCharacter says what to write instead of a character that means nothing.
func wrongCharacter(line string) words {
	said := words{summary: "Wrong character"}
	switch c := []rune(line + " ")[0]; c {
	case '\'', '`', '“', '”', '„', '‘', '’', '«', '»':
		said.summary, said.detail = "Wrong quotes", "Text stands in straight double quotes: \"text\". Text of several lines is written <<EOT … EOT."
	case ';':
		said.detail = "Attributes are divided by new lines, and the elements of a list by commas; there is no ;."
	case '$':
		said.detail = "${…} puts a value into text in quotes. Outside of text the value stands by itself: var.env."
	case '\r':
		said.detail = "The lines end in a carriage return only. Save the file with the line ends of Unix or of Windows."
	default:
		said.detail = fmt.Sprintf("%q has no meaning outside of text. Text stands in quotes.", c)
	}
	return said
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
