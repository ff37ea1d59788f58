package lang

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// cost is what a call of a function gives at most, or does: bytes of text,
// elements, and steps. A function that is not in costs gives at most as much as
// it was given, which was counted before.
type cost struct{ text, elements, steps int }

// costs estimates a call from its arguments, which are known and not null, of the
// types that the function takes.
var costs = map[string]func(args []cty.Value) cost{
	"replace":      func(a []cty.Value) cost { return cost{text: replaced(a[0], a[1], a[2])} },
	"regex":        func(a []cty.Value) cost { return cost{steps: matching(a[0], a[1])} },
	"regexall":     func(a []cty.Value) cost { return cost{steps: matching(a[0], a[1])} },
	"regexreplace": func(a []cty.Value) cost { return cost{steps: matching(a[1], a[0]), text: rewritten(a[0], a[1], a[2])} },
	"indent": func(a []cty.Value) cost {
		return cost{text: strings.Count(a[1].AsString(), "\n") * whole(a[0])}
	},
	"join": func(a []cty.Value) cost {
		x := extent{}
		for _, list := range a[1:] {
			x.add(list, 0)
		}
		return cost{text: times(x.elements, len(a[0].AsString())) + x.text}
	},
	"format":     func(a []cty.Value) cost { return cost{text: formatted(a)} },
	"formatlist": func(a []cty.Value) cost { return cost{text: formattedList(a)} },
	"range": func(a []cty.Value) cost { // it gives, or counts up to, 1,024 numbers
		if len(a) == 1 {
			return cost{steps: 1 + min(whole(a[0]), 1024)/4}
		}
		return cost{steps: 1024 / 4}
	},
	"jsondecode": func(a []cty.Value) cost { return cost{elements: brackets(a[0].AsString())} },
	"setproduct": func(a []cty.Value) cost {
		n := 1
		for _, set := range a {
			n = times(n, set.LengthInt())
		}
		return cost{elements: times(n, 1+len(a))} // each is an element, and has some
	},
}

// limited is a function whose calls keep to the budget.
func (b *budget) limited(name string, f function.Function, estimate func([]cty.Value) cost) function.Function {
	return function.New(&function.Spec{
		Description: f.Description(), Params: f.Params(), VarParam: f.VarParam(), Type: f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for _, a := range args {
				if !a.IsWhollyKnown() || a.IsNull() || a.ContainsMarked() {
					return f.Call(args)
				}
			}
			c := estimate(args)
			switch {
			case c.text > maxText:
				return cty.NilVal, function.NewArgErrorf(0, "the result could have more than %d MB of text", maxText>>20)
			case c.elements > maxElements:
				return cty.NilVal, function.NewArgErrorf(0, "the result could have more than %d elements", maxElements)
			case c.steps > maxSteps/4:
				return cty.NilVal, function.NewArgErrorf(0, "to work out %s of this would take too long", name)
			}
			b.used = min(b.used+c.steps+c.elements+c.text/stepText, b.allowed)
			return f.Call(args)
		},
	})
}

// times multiplies without going over.
func times(a, b int) int {
	const most = 1 << 30
	if a > 0 && b > most/a {
		return most
	}
	return a * b
}

// whole is a number as an int, within what matters here.
func whole(v cty.Value) int {
	n, _ := v.AsBigFloat().Int64()
	return int(min(max(n, 0), 1<<30))
}

// replaced is how long a text is after a part of it was replaced.
func replaced(text, part, by cty.Value) int {
	s, p := text.AsString(), part.AsString()
	return len(s) + times(strings.Count(s, p), len(by.AsString()))
}

// matching is the steps that matching a pattern takes: each byte is held to each
// instruction that the pattern is compiled to.
func matching(pattern, text cty.Value) int {
	p := pattern.AsString()
	size := 2 * len(p)
	if strings.Contains(p, "{") {
		if tree, err := syntax.Parse(p, syntax.Perl); err == nil {
			if program, err := syntax.Compile(tree.Simplify()); err == nil {
				size = len(program.Inst)
			}
		}
	}
	return times(size, len(text.AsString())) / 64
}

// rewritten bounds the text that regexreplace gives.
func rewritten(text, pattern, by cty.Value) int {
	s, b := text.AsString(), by.AsString()
	most := times(len(s)+1, len(b)) + times(len(s), 1+strings.Count(b, "$"))
	if most <= maxText {
		return most
	}
	matches, err := matchCount(pattern.AsString(), s)
	if err != nil {
		return 0 // the function says what is wrong
	}
	return times(matches, len(b)) + times(len(s), 1+strings.Count(b, "$"))
}

// formatted bounds the text that format gives: each verb can write out any of the
// arguments, and is as wide as it says.
func formatted(args []cty.Value) int {
	layout := args[0].AsString()
	x := extent{}
	for _, a := range args[1:] {
		x.add(a, 0)
	}
	text := len(layout) + widths(layout)
	if verbs := strings.Count(layout, "%"); verbs > 0 {
		per := x.text
		if !strings.Contains(layout, "[") { // each verb takes the next
			verbs = 1
		}
		text += times(verbs, per+32*x.elements)
	}
	return text
}

func formattedList(args []cty.Value) int {
	longest, x := 1, extent{}
	for _, a := range args {
		x.add(a, 0)
		if ty := a.Type(); ty.IsListType() || ty.IsTupleType() || ty.IsSetType() {
			longest = max(longest, a.LengthInt())
		}
	}
	layout := ""
	if args[0].Type() == cty.String {
		layout = args[0].AsString()
	}
	return times(longest, len(layout)+widths(layout)) + times(x.text, max(1, strings.Count(layout, "%")))
}

// widths adds up the numbers in the verbs of a layout.
func widths(layout string) int {
	sum, n, inside := 0, 0, false
	for _, c := range layout {
		switch {
		case c == '%':
			inside, n = true, 0
		case inside && c >= '0' && c <= '9':
			n = min(n*10+int(c-'0'), 1<<30)
			continue
		case inside && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'):
			inside = false
		}
		sum, n = min(sum+n, 1<<30), 0
	}
	return sum
}

// brackets is the elements that JSON may hold; more than there may be where it is
// nested too deeply, since the decoder calls itself for each level.
func brackets(text string) int {
	depth, elements, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			elements++
		case c == ']' || c == '}':
			depth--
		case c == ',':
			elements++
		}
		if depth > maxDepth {
			return maxElements + 1
		}
	}
	return elements
}

// matchCount is how often a pattern matches in a text.
func matchCount(pattern, text string) (int, error) {
	p, err := regexp.Compile(pattern)
	if err != nil {
		return 0, err
	}
	return len(p.FindAllStringIndex(text, -1)), nil
}
