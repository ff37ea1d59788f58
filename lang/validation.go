package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/waybill-dev/waybill/lang/diag"
)

// obeys holds the value of a variable to its rules, reports each that refuses it,
// and reports whether none does.
func (s *scope) obeys(v *variable, source origin) bool {
	key := "var." + v.name
	used := s.used[key]
	ok := true
	for _, rule := range v.rules {
		from := len(s.report.list)
		ok = s.obeysRule(v, source, rule.Body.Attributes) && ok
		s.report.about(from, key)
	}
	s.used[key] = used // a rule about a value is no use of it
	return ok
}

func (s *scope) obeysRule(v *variable, source origin, attrs hclsyntax.Attributes) bool {
	condition, message := attrs["condition"], attrs["error_message"]
	said := s.ruleMessage(v, message)
	if condition == nil || !s.looksAtItself(v, condition) {
		return true
	}
	verdict, _ := s.eval(condition.Expr, site{what: "condition"}).UnmarkDeep()
	at := place(condition.Expr.Range())
	if !verdict.IsKnown() {
		return true
	}
	holds, err := convert.Convert(verdict, cty.Bool)
	switch {
	case err != nil || holds.IsNull():
		s.report.add(diag.WrongType, at, "Wrong type", "condition takes true or false, not %s.", typeName(verdict))
		return true
	case holds.True():
		return true
	case said == "": // what is wrong with the message is reported
		return false
	}
	where := source.at
	if where == nil {
		where = v.at
	}
	is := "refused"
	if text := inHCL(v.value); text != "" {
		is = text
	}
	if v.sensitive {
		is = "sensitive and not shown"
	}
	d := s.report.add(diag.RefusedValue, where, "Value that a rule refuses", "%s%s is %s.", said, source.what, is)
	d.Related = []diag.Related{{Message: "the rule", Range: *at}}
	return false
}

// ruleMessage is what a rule says, with a space behind it, or "" where that
// cannot be said.
func (s *scope) ruleMessage(v *variable, a *hclsyntax.Attribute) string {
	if a == nil || !s.looksAtItself(v, a) {
		return ""
	}
	value := s.eval(a.Expr, site{what: a.Name})
	if !value.IsKnown() {
		return ""
	}
	at := place(a.Expr.Range())
	if value.ContainsMarked() {
		s.report.add(diag.BadVariable, at, "Message that shows a sensitive value",
			"error_message is printed, and var.%s is sensitive. Say what is accepted without the value.", v.name)
		return ""
	}
	text, ok := toText(value)
	if !ok || value.Type() != cty.String || text == "" {
		s.report.add(diag.WrongType, at, "Wrong type", "error_message takes text that says what is accepted.")
		return ""
	}
	if !strings.ContainsAny(text[len(text)-1:], ".!?:;") {
		text += "."
	}
	return text + " "
}

// looksAtItself reports names in a rule that are not the variable itself.
func (s *scope) looksAtItself(v *variable, a *hclsyntax.Attribute) bool {
	ok := true
	for _, n := range collect(a.Expr).names {
		if name, is := valueName(n.Traversal); is && name == "var."+v.name {
			continue
		}
		s.report.add(diag.BadVariable, place(n.Range()), "Rule that looks elsewhere",
			"%s in a validation of var.%s can name var.%s and call functions, and nothing else.", a.Name, v.name, v.name)
		ok = false
	}
	if !ok {
		s.mention(a.Expr)
	}
	return ok
}

// maxWritten bounds how much of a value a message shows, in characters.
const maxWritten = 200

// inHCL is a value as HCL, cut where it is long; "" for one that cannot be
// written.
func inHCL(v cty.Value) string {
	if v.ContainsMarked() || !v.IsWhollyKnown() {
		return ""
	}
	if _, err := ctyjson.Marshal(v, v.Type()); err != nil { // references
		return ""
	}
	text := string(hclwrite.TokensForValue(v).Bytes())
	if utf8.RuneCountInString(text) > maxWritten {
		text = string([]rune(text)[:maxWritten]) + "…"
	}
	return text
}
