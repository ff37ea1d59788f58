package lang

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// ref is a reference to a block, and where it was written.
type ref struct {
	addr graph.Addr
	at   *diag.Range
}

// conversion turns the value of an attribute into the Go type of its kind.
type conversion struct {
	scope  *scope
	schema *Attribute
	at     *diag.Range
	parts  []*diag.Range        // of the elements, where they are written out
	expr   hclsyntax.Expression // nil for an element
	listed bool                 // an element of a list
}

// wanted describes kinds for messages.
var wanted = map[Kind]string{
	Text: "text", Word: "a word in quotes", Words: "a list of words in quotes", Strings: "a list of texts", Bool: "true or false",
	Int: "a whole number", Unit: "a whole number", Ints: "a list of whole numbers", Duration: `a duration in quotes, such as "30m"`,
	Size: `a size in quotes, such as "1kB"`, Instant: `a time in quotes, such as "2026-12-01T00:00:00Z"`, Dates: `a list of dates in quotes, such as ["2026-12-25"]`,
	Clock: `a local time in quotes, such as "20:00"`, Zone: `a time zone in quotes, such as "Europe/London"`,
	Cron: `a schedule in quotes, such as "0 13 * * *"`, Pattern: `a file name in quotes, such as "orders-{yyyy}{MM}{dd}.csv"`,
	Marker: `a file name in quotes, such as "{file}.done"`, Folder: "a folder in quotes", Version: `a release in quotes, such as ">= 0.1"`,
	Codes: `a list of codes in quotes, such as ["WB314"]`, Value: "text", Values: "a list of texts", ValueMap: `an object of texts, such as { NAME = "value" }`,
	JSON: "an object or a list",
}

// value returns the attribute's value, or nil where it is unknown or wrong;
// what is wrong is reported.
func (c conversion) value(v cty.Value) any {
	v = c.unmark(v)
	if !v.IsKnown() {
		return nil
	}
	switch c.schema.Kind {
	case Bool:
		if b, err := convert.Convert(v, cty.Bool); err == nil && b.IsKnown() && !b.IsNull() {
			return b.True()
		}
		return c.wrongType(v)
	case Int, Unit:
		return c.integer(v)
	case Ref:
		return c.reference(v)
	case Refs:
		return listOf[ref](c, v)
	case Ints:
		return listOf[int](c, v)
	case Words, Strings, Dates, Codes:
		return listOf[string](c, v)
	case Values:
		return listOf[graph.Value](c, v)
	case ValueMap:
		return c.valueMap(v)
	case JSON:
		return c.json(v)
	}
	text, ok := toText(v)
	if !ok || v.Type() == reference || v.Type() != cty.String && c.schema.Kind != Text && c.schema.Kind != Value {
		return c.wrongType(v)
	}
	return c.text(text)
}

// elements are the kinds of the members of lists.
var elements = map[Kind]Kind{Refs: Ref, Ints: Int, Words: Word, Strings: Text, Dates: Dates, Codes: Codes, Values: Value}

func (c conversion) text(text string) any {
	switch c.schema.Kind {
	case Word:
		if !c.word(text, c.schema.Words) {
			return nil
		}
	case Duration:
		return c.duration(text)
	case Size:
		size, err := graph.ParseSize(text)
		if err != nil {
			c.scope.report.add(diag.BadSize, c.at, "Not a size", "%q is not a size for %s: %s.", text, c.schema.Name, err)
			return nil
		}
		return size
	case Instant:
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return c.bad("%q is not a time. Write it in full with its zone: \"2026-12-01T00:00:00Z\".", text)
		}
		return t.UTC()
	case Dates:
		if _, err := time.Parse("2006-01-02", text); err != nil {
			return c.bad("%q is not a date. Write \"2026-12-25\".", text)
		}
	case Clock:
		if _, err := time.Parse("15:04", text); err != nil || len(text) != 5 {
			return c.bad("%q is not a local time. Write hours and minutes: \"07:30\".", text)
		}
	case Zone:
		if !slices.Contains(c.schema.Words, text) && !c.zone(text) {
			return nil
		}
	case Cron:
		if !c.cron(text) {
			return nil
		}
	case Pattern:
		if !c.pattern(text) {
			return nil
		}
	case Marker:
		if !c.marker(text) {
			return nil
		}
	case Folder:
		return c.folder(text)
	case Version:
		if _, err := parseConstraint(text); err != nil {
			return c.bad("%s. Write \">= 0.1\", or \">= 0.1, < 2.0\".", err)
		}
	case Codes:
		return c.code(text)
	case Value:
		v := c.scope.parts(text)
		if c.schema.Private {
			c.openly(c.schema.Name, v)
		}
		return v
	}
	return text
}

func (c conversion) word(text string, words []string) bool {
	if slices.Contains(words, text) {
		return true
	}
	hint := ""
	if near := diag.Suggest(text, words); near != "" {
		hint = fmt.Sprintf(" Did you mean %q?", near)
	}
	c.scope.report.add(diag.UnknownWord, c.at, "Unknown word", "%s takes %s, not %q.%s", c.schema.Name, orList(words), text, hint)
	return false
}

func (c conversion) duration(text string) any {
	d, err := graph.ParseDuration(text)
	report := func(format string, args ...any) any {
		c.scope.report.add(diag.BadDuration, c.at, "Not a duration", "%q is not a duration for %s: %s.", text, c.schema.Name, fmt.Sprintf(format, args...))
		return nil
	}
	switch {
	case strings.HasPrefix(text, "-"):
		return report("a duration is never negative")
	case err != nil:
		return report("%s", strings.TrimSuffix(err.Error(), "."))
	case d.Std() < time.Duration(c.schema.Min)*time.Second:
		c.scope.report.add(diag.BadDuration, c.at, "Duration too short", "%s is at least %s, not %s.", c.schema.Name,
			graph.Duration(time.Duration(c.schema.Min)*time.Second), d)
		return nil
	case c.schema.Max > 0 && d.Std() > time.Duration(c.schema.Max)*time.Second:
		c.scope.report.add(diag.BadDuration, c.at, "Duration too long", "%s is at most %s, not %s.", c.schema.Name,
			graph.Duration(time.Duration(c.schema.Max)*time.Second), d)
		return nil
	}
	return d
}

func (c conversion) integer(v cty.Value) any {
	if endless(v) {
		return c.wrongType(v)
	}
	n, err := convert.Convert(v, cty.Number)
	if err != nil || n.IsNull() {
		if text, ok := toText(v); ok && c.schema.Kind == Unit {
			return c.noCount(text)
		}
		return c.wrongType(v)
	}
	f := n.AsBigFloat()
	i, exact := f.Int64()
	lowest, highest := int64(c.schema.Min), int64(c.schema.Max)
	switch {
	case !f.IsInt():
		return c.bad("%s is a whole number, not %s.%s", c.schema.Name, f.Text('g', 6), c.smaller(f))
	case i < lowest:
		hint := ""
		if c.schema.Kind == Unit {
			hint = " An offset goes back by itself: days = 1 reads what is a day older. Nothing reads or waits into the past."
		}
		return c.bad("%s is at least %d, not %s.%s", c.schema.Name, lowest, f.Text('g', 20), hint)
	case highest > 0 && i > highest || exact != 0 || i > 1<<31:
		if highest == 0 {
			highest = 1 << 31
		}
		return c.bad("%s is at most %d, not %s.", c.schema.Name, highest, f.Text('g', 20))
	}
	return int(i)
}

// noCount reports text where the number of a unit stands.
func (c conversion) noCount(text string) any {
	hint := ""
	if m := lengthOfTime.FindStringSubmatch(text); m != nil {
		hint = fmt.Sprintf(": %s = %s", cmp.Or(unitOf(m[2], &waitSchema), c.schema.Name), m[1])
	}
	c.scope.report.add(diag.WrongType, c.at, "Wrong type", "%q is not a number. Write a number without quotes and unit%s.", text, hint)
	return nil
}

// smaller says how a part of a unit is written in the next smaller one.
func (c conversion) smaller(f *big.Float) string {
	next := map[string]string{"hours": "minutes", "minutes": "seconds"}[c.schema.Name]
	whole := new(big.Float).Mul(f, big.NewFloat(60))
	if n, exact := whole.Int64(); next != "" && c.schema.Kind == Unit && exact == big.Exact && n > 0 {
		return fmt.Sprintf(" Write %s = %d.", next, n)
	}
	return ""
}

// reference takes an address, and says how to write one where it is quoted.
func (c conversion) reference(v cty.Value) any {
	if r := c.scope.whole(v); r != nil {
		return c.instances(r)
	}
	if c.schema.All && v.Type().Equals(cty.EmptyObject) { // for_each over nothing
		return []ref{}
	}
	if v.Type() != reference {
		text, isText := toText(v)
		kinds := form(c.schema.Refs[0])
		if isText && v.Type() == cty.String {
			if addr := c.unquoted(text); addr != "" {
				c.scope.used[addr] = true
				if c.inJSON() {
					c.scope.report.add(diag.QuotedReference, c.at, "Text instead of a reference", "A reference in JSON is an interpolation: write \"${%s}\".", addr)
					return nil
				}
				c.scope.report.add(diag.QuotedReference, c.at, "Reference in quotes", "References have no quotes: write %s.", addr)
				return nil
			}
			hint := c.scope.likely(c.schema.Refs[0], strings.TrimPrefix(text, c.schema.Refs[0]+"."))
			how := "without quotes: " + kinds
			if c.inJSON() {
				how = fmt.Sprintf("in JSON as \"${%s}\"", kinds)
			}
			c.scope.report.add(diag.QuotedReference, c.at, "Text where a reference is needed", "%s takes references, written %s.%s", c.schema.Name, how, hint)
			return nil
		}
		c.scope.report.add(diag.WrongType, c.at, "Wrong type", "%s takes a reference such as %s, not %s.", c.schema.Name, kinds, typeName(v))
		return nil
	}
	addr := *v.EncapsulatedValue().(*graph.Addr)
	if !slices.Contains(c.schema.Refs, addr.Kind()) {
		c.scope.report.add(diag.WrongReference, c.at, "Reference of the wrong kind",
			"%s takes references such as %s. %s is %s %s.", c.schema.Name, form(c.schema.Refs[0]), addr, article(noun(addr.Kind())), noun(addr.Kind()))
		return nil
	}
	return ref{addr: addr, at: c.at}
}

// inJSON reports whether the value stands in a file in JSON.
func (c conversion) inJSON() bool { return strings.HasSuffix(c.at.Filename, jsonSuffix) }

// instances takes all instances of a block that is named without a key, where
// that has a meaning.
func (c conversion) instances(r *repeat) any {
	if !c.schema.All || !slices.Contains(c.schema.Refs, r.addr.Kind()) {
		how := "name one by its key"
		if c.listed {
			how = fmt.Sprintf("write values(%s), which is a list of all of them, or name one by its key", r.addr)
		}
		c.scope.report.add(diag.KeylessReference, c.at, "Instance without its key",
			"%s has for_each, so it is several blocks: %s. %s", r.addr, how, r.list())
		return nil
	}
	refs := make([]ref, 0, len(r.instances))
	for _, i := range r.instances {
		refs = append(refs, ref{addr: i.addr, at: c.at})
	}
	return refs
}

// unquoted returns the address that a text means, as it is or with the type of
// block before it.
func (c conversion) unquoted(text string) string {
	if c.scope.blocks[graph.Addr(text)] != nil {
		return text
	}
	for _, kind := range c.schema.Refs {
		for _, name := range c.scope.declaredNames(kind) {
			if name == text || strings.HasSuffix(name, "."+text) {
				return kind + "." + name
			}
		}
	}
	return ""
}

// plainCommand is a command line of words that no shell would change.
var plainCommand = regexp.MustCompile(`^[\w./:=@%+,-]+( +[\w./:=@%+,-]+)+$`)

// asList says how a single value is written as a list. A command line in one
// element would be the name of one program.
func (c conversion) asList(v cty.Value) string {
	text, _ := toText(v)
	switch {
	case c.schema.Name != "command" || !strings.Contains(text, " "):
		return "put it into square brackets"
	case plainCommand.MatchString(text):
		return `write ["` + strings.Join(strings.Fields(text), `", "`) + `"], each argument by itself`
	}
	return `write ["PROGRAM", "ARGUMENT", …], each argument by itself, since no shell takes it apart`
}

// listOf converts the members of a list. Those that are unknown or wrong are
// left out; a list of nothing else is wrong itself.
func listOf[T any](c conversion, v cty.Value) any {
	ty := v.Type()
	if !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
		if r := c.scope.whole(v); r != nil {
			c.scope.report.add(diag.KeylessReference, c.at, "Instances that are not a list",
				"%s has for_each. Write values(%s) for all its instances, or name some by their keys. %s", r.addr, r.addr, r.list())
			return nil
		}
		if _, ok := toText(v); ok || ty == reference {
			c.scope.report.add(diag.WrongType, c.at, "Wrong type", "%s takes a list: %s.", c.schema.Name, c.asList(v))
			return nil
		}
		return c.wrongType(v)
	}
	list := []T{}
	inner := *c.schema
	inner.Kind = elements[inner.Kind]
	members, lost := v.AsValueSlice(), false
	for i, e := range members {
		if e.IsNull() {
			continue
		}
		part := conversion{scope: c.scope, schema: &inner, at: c.at, listed: true}
		if len(c.parts) == len(members) {
			part.at = c.parts[i]
		}
		if x, ok := part.member(e).(T); ok {
			list = append(list, x)
		} else {
			lost = true
		}
	}
	if lost && len(list) == 0 {
		return nil
	}
	return list
}

// member converts an element of a list.
func (c conversion) member(v cty.Value) any {
	v = c.unmark(v)
	if !v.IsKnown() {
		return nil
	}
	switch c.schema.Kind {
	case Ref, Int:
		return c.value(v)
	}
	text, ok := toText(v)
	if !ok || v.Type() == reference {
		c.scope.report.add(diag.WrongType, c.at, "Wrong type", "%s is a list of texts; this is %s.", c.schema.Name, typeName(v))
		return nil
	}
	return c.text(text)
}

func (c conversion) bad(format string, args ...any) any {
	code := diag.BadValue
	if c.schema.Kind == Unit {
		code = diag.BadUnits
	}
	c.scope.report.add(code, c.at, "Wrong value for "+c.schema.Name, format, args...)
	return nil
}

func (c conversion) wrongType(v cty.Value) any {
	if c.schema.Kind == Word && len(c.schema.Words) > 0 {
		c.scope.report.add(diag.WrongType, c.at, "Wrong type", "%s takes %s, in quotes, not %s.", c.schema.Name, orList(c.schema.Words), typeName(v))
		return nil
	}
	c.scope.report.add(diag.WrongType, c.at, "Wrong type", "%s takes %s, not %s.", c.schema.Name, wanted[c.schema.Kind], typeName(v))
	return nil
}

func typeName(v cty.Value) string {
	switch ty := v.Type(); {
	case ty == reference:
		return "a reference"
	case ty == cty.String:
		return "text"
	case ty == cty.Bool:
		return "true or false"
	case ty == cty.Number:
		return "a number"
	case ty.IsObjectType() || ty.IsMapType():
		return "an object"
	default:
		return "a list"
	}
}

// unmark reports what came from a sensitive variable.
func (c conversion) unmark(v cty.Value) cty.Value {
	if !v.ContainsMarked() {
		return v
	}
	c.scope.report.add(diag.SensitiveValue, c.at, "Sensitive variable in the graph",
		"%s would hold the value of a sensitive variable, and be stored and shown. Declare a secret and write secret.NAME where the value is needed.", c.schema.Name)
	return cty.DynamicVal
}
