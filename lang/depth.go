package lang

import "github.com/waybill-dev/waybill/lang/diag"

// The parser and the evaluator call themselves for each bracket and for each
// operator of an expression. These bounds keep them from running out of stack.
const (
	maxDepth     = 250
	maxOperators = 20_000
)

// tooDeep finds where brackets are nested too deeply or an expression has too
// many operators. It does not tell text and comments from the rest, which have
// few of either. An expression ends at a comma, at a bracket, and at the end of
// a line that is not within parentheses or square brackets.
func tooDeep(src []byte) (at int, deep bool) {
	var open []byte
	operators := 0
	for i, c := range src {
		switch c {
		case '{', '[', '(':
			open = append(open, c)
			operators = 0
		case '}', ']', ')':
			open = open[:max(len(open)-1, 0)]
		case ',':
			operators = 0
		case '\n':
			if len(open) == 0 || open[len(open)-1] == '{' {
				operators = 0
			}
		case '!', '-', '+', '*', '/', '%', '&', '|', '<', '>', '=', '?', '.':
			operators++
		}
		if len(open) > maxDepth || operators > maxOperators {
			return i, true
		}
	}
	return 0, false
}

func reportDeep(at *diag.Range, r *report) {
	r.add(diag.SyntaxError, at, "Nested too deeply", "Brackets are nested more than %d deep here, or an expression has more than %d operators.", maxDepth, maxOperators)
}
