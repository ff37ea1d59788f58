package lang

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// maxInstances bounds what one for_each makes.
const maxInstances = 100_000

// repeat is a block with for_each. Its instances are worked out once, before any
// block is decoded; what stands in the block is evaluated for each of them.
type repeat struct {
	addr      graph.Addr
	block     *hclsyntax.Block
	attr      *hclsyntax.Attribute
	state     progress
	known     bool // what for_each gives could be worked out
	assumed   bool // there may be no such block: another that is misspelt seems to be it
	instances []instance
	at        map[string]int // of a key in instances
	all       cty.Value      // the address of each, by key; unknown if they are not known
}

// instance is one of the blocks that a for_each makes.
type instance struct {
	addr  graph.Addr
	key   string
	value cty.Value
}

// item is what a name means within one round of a for_each: "each" in a block,
// the iterator in a dynamic block.
type item struct {
	name  string
	key   cty.Value
	value cty.Value
	outer *item
}

// find returns the round that a name belongs to, or nil.
func (i *item) find(name string) *item {
	for ; i != nil; i = i.outer {
		if i.name == name {
			return i
		}
	}
	return nil
}

// repeats reports whether blocks of a type can have for_each.
func (b *Block) repeats() bool { return b.attribute("for_each") != nil }

// expand works out the instances of a block.
func (s *scope) expand(r *repeat) {
	if r.state != untouched {
		return
	}
	found := len(s.report.list)
	v := s.eval(r.attr.Expr, site{what: "for_each", kind: r.addr.Kind(), addr: string(r.addr)})
	rounds, ok := s.rounds(r.attr.Expr, v, "for_each")
	s.report.about(found, string(r.addr))
	r.state = done
	if !ok {
		return
	}
	r.known = true
	r.at = make(map[string]int, len(rounds))
	addresses := make(map[string]cty.Value, len(rounds))
	for i, round := range rounds {
		round.addr = r.addr.Instance(round.key)
		r.instances = append(r.instances, round)
		r.at[round.key] = i
		addresses[round.key] = addressValue(round.addr)
	}
	r.all = cty.ObjectVal(addresses)
}

// rounds divides a value into what each block is made from, by key. It reports a
// value that cannot be gone through; one that is unknown was reported before.
func (s *scope) rounds(e hclsyntax.Expression, v cty.Value, what string) ([]instance, bool) {
	at := place(e.Range())
	bad := func(summary, format string, args ...any) ([]instance, bool) {
		s.report.add(diag.BadForEach, at, summary, format, args...)
		return nil, false
	}
	if v.IsMarked() {
		s.report.add(diag.SensitiveValue, at, "Sensitive variable in for_each",
			"The keys of %s become part of addresses, which are stored and shown, so they cannot come from a sensitive variable.", what)
		return nil, false
	}
	if !v.IsKnown() || v.Type().IsSetType() && !v.IsWhollyKnown() {
		return nil, false
	}
	ty := v.Type()
	switch {
	case v.IsNull():
		return bad("for_each over null", "The value is null. Write {} or toset([]) for no instances.")
	case ty.IsTupleType() || ty.IsListType():
		return bad("for_each over a list", "A list has no keys that would stay when it changes. Make a set of its texts: for_each = toset(%s).", s.quote(e))
	case ty.IsSetType():
		if ty.ElementType() != cty.String && v.LengthInt() > 0 {
			return bad("for_each over the wrong kind of set", "A set for for_each holds texts; this one holds another type. Write a map: { KEY = VALUE }.")
		}
	case !ty.IsMapType() && !ty.IsObjectType():
		hint := ""
		if ty == cty.Number || ty == cty.Bool {
			hint = " For a block that is there or not write for_each = var.on ? toset([\"one\"]) : toset([])."
		}
		return bad("Wrong type", "for_each takes a map or a set of texts, not %s.%s", typeName(v), hint)
	}
	if n := v.LengthInt(); n > maxInstances {
		return bad("for_each over too much", "There would be %d instances; there can be %d.", n, maxInstances)
	}
	if !s.budget.make(v.LengthInt(), e.Range()) {
		s.reportFault(what)
		return nil, false
	}
	list := make([]instance, 0, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		k, x := it.Element()
		if !k.IsKnown() {
			return nil, false
		}
		if k.IsNull() {
			return bad("for_each over null", "One of the texts in the set is null.")
		}
		key := k.AsString()
		if key == "" || strings.ContainsFunc(key, func(c rune) bool { return !unicode.IsPrint(c) }) {
			return bad("Wrong key in for_each", "The key %q cannot be part of an address: a key is a text that can be read, and is not empty.", key)
		}
		list = append(list, instance{key: key, value: x})
	}
	slices.SortFunc(list, func(x, y instance) int { return strings.Compare(x.key, y.key) })
	return list, true
}

// quote is how an expression is named in a message: as it is if it is a
// reference, else an ellipsis.
func (s *scope) quote(e hclsyntax.Expression) string {
	n, ok := e.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return "[…]"
	}
	if name, ok := valueName(n.Traversal); ok && len(n.Traversal) == 2 {
		return name
	}
	return "…"
}

// instance resolves an instance by its key, or reports that there is none.
func (s *scope) instance(r *repeat, key string, at *diag.Range) cty.Value {
	if !r.known {
		s.used[string(r.addr)] = true
		return cty.DynamicVal
	}
	if i, ok := r.at[key]; ok {
		s.used[string(r.instances[i].addr)] = true
		return addressValue(r.instances[i].addr)
	}
	candidates := make([]string, 0, len(r.instances))
	for _, i := range r.instances {
		candidates = append(candidates, i.key)
	}
	hint := " " + r.list()
	if near := diag.Suggest(key, candidates); near != "" {
		addr := r.addr.Instance(near)
		s.used[string(addr)] = true
		hint = fmt.Sprintf(" Did you mean %s?", addr)
	} else {
		s.used[string(r.addr)] = true // whichever is meant
	}
	s.report.add(diag.UnknownReference, at, "Unknown instance", "There is no %s.%s", r.addr.Instance(key), hint)
	return cty.DynamicVal
}

// everyone is the object of all instances.
func (s *scope) everyone(r *repeat) cty.Value {
	s.used[string(r.addr)] = true
	return r.all
}

// list is a sentence with the addresses of the instances, the first few of many.
func (r *repeat) list() string {
	const most = 6
	names := make([]string, 0, most)
	for _, i := range r.instances[:min(most, len(r.instances))] {
		names = append(names, string(i.addr))
	}
	switch n := len(r.instances); {
	case n == 0:
		return "Its for_each is empty, so it has no instances."
	case n > most:
		return fmt.Sprintf("There are %s and %d more.", strings.Join(names, ", "), n-most)
	}
	return "There are: " + strings.Join(names, ", ") + "."
}

// whole returns the block whose instances a value holds, where it is what a
// bare label gives.
func (s *scope) whole(v cty.Value) *repeat {
	if !v.Type().IsObjectType() || v.IsNull() || v.LengthInt() == 0 {
		return nil
	}
	it := v.ElementIterator()
	it.Next()
	_, x := it.Element()
	if x.Type() != reference || x.IsNull() || !x.IsKnown() {
		return nil
	}
	base, _, _ := strings.Cut(string(*x.EncapsulatedValue().(*graph.Addr)), "[")
	r := s.repeats[graph.Addr(base)]
	if r == nil || len(r.instances) != v.LengthInt() {
		return nil
	}
	return r
}
