package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// target is what a name means: a key that is unlike any other, its value, and
// the steps of the traversal that are left to take on it.
type target struct {
	key   string
	value cty.Value
	rest  hcl.Traversal
	hole  bool // a run-time value, and allowed here
}

// unresolved stands for a name that was reported.
var unresolved = target{key: "(unresolved)", value: cty.DynamicVal}

// labelCount is how many labels follow the type of block in its address.
var labelCount = map[string]int{
	graph.KindCourier: 1, graph.KindBridge: 1, graph.KindProcess: 1, graph.KindActivation: 2,
	graph.KindAlert: 2, graph.KindGroup: 1,
}

// valueName returns "var.x" or "local.x" for a traversal that begins so.
func valueName(t hcl.Traversal) (string, bool) {
	if root := t.RootName(); root != "var" && root != "local" || len(t) < 2 {
		return "", false
	}
	a, ok := t[1].(hcl.TraverseAttr)
	return t.RootName() + "." + a.Name, ok
}

func (s *scope) resolve(t hcl.Traversal, at site) target {
	root := t.RootName()
	switch root {
	case "var":
		return resolveValue(s, t, "variable", s.variables, s.variable)
	case "local":
		return resolveValue(s, t, "local value", s.locals, s.local)
	case "run", "range", "response", "secret":
		return s.resolveRuntime(t, at)
	}
	if n, ok := labelCount[root]; ok {
		return s.resolveAddress(t, n)
	}
	if i := at.items.find(root); i != nil {
		return s.resolveItem(t, i)
	}
	return s.unknownRoot(t, at)
}

func resolveValue[V any](s *scope, t hcl.Traversal, noun string, known map[string]V, value func(string) cty.Value) target {
	key, ok := valueName(t)
	at := place(t.SourceRange())
	if !ok {
		s.report.add(diag.UnknownReference, at, "Incomplete reference", "%s is followed by a name: %s.NAME.", t.RootName(), t.RootName())
		return unresolved
	}
	name := key[strings.IndexByte(key, '.')+1:]
	if _, ok := known[name]; !ok {
		if !s.nameless[noun] {
			s.absent(key, at, "Unknown "+noun, "There is no %s %q.%s", noun, name, s.nearby(name, t.RootName(), keys(known)))
		}
		return unresolved
	}
	s.used[key] = true
	return target{key: key, value: value(name), rest: t[2:]}
}

// nearby suggests a name of the same kind, else the same name of the other kind.
func (s *scope) nearby(name, root string, names []string) string {
	if near := diag.Suggest(name, names); near != "" {
		s.used[root+"."+near] = true
		return fmt.Sprintf(" Did you mean %s.%s?", root, near)
	}
	_, isLocal := s.locals[name]
	_, isVariable := s.variables[name]
	switch {
	case isLocal && root == "var":
		s.used["local."+name] = true
		return fmt.Sprintf(" It is a local value: write local.%s.", name)
	case isVariable && root == "local":
		s.used["var."+name] = true
		return fmt.Sprintf(" It is a variable: write var.%s.", name)
	case len(names) == 0 && root == "var":
		return fmt.Sprintf(" Declare it: variable %q { … }.", name)
	case len(names) == 0:
		return fmt.Sprintf(" Declare it: locals { %s = … }.", name)
	case len(names) <= mostListed:
		return fmt.Sprintf(" There are: %s.%s.", root, strings.Join(names, ", "+root+"."))
	}
	return ""
}

// mostListed bounds how many names a message lists where none is near.
const mostListed = 8

func (s *scope) resolveAddress(t hcl.Traversal, labels int) target {
	kind, at := t.RootName(), place(t.SourceRange())
	names := labelsOf(t, labels)
	addr := graph.NewAddr(kind, names...)
	if len(names) < labels {
		s.reportShort(kind, names, at)
		return unresolved
	}
	if s.blocks[addr] == nil {
		known := s.declaredNames(kind)
		hint := s.likely(kind, strings.Join(names, "."))
		if hint == "" && len(known) > 0 && len(known) <= mostListed {
			hint = fmt.Sprintf(" There are: %s.%s.", kind, strings.Join(known, ", "+kind+"."))
		}
		s.absentBlock(addr, at, "There is no %s in the workspace.%s", addr, hint)
		return unresolved
	}
	rest := t[1+labels:]
	if r := s.repeats[addr]; r != nil {
		return s.resolveRepeat(r, rest, at)
	}
	s.used[string(addr)] = true
	if len(rest) == 0 {
		return target{key: string(addr), value: addressValue(addr)}
	}
	if _, ok := rest[0].(hcl.TraverseIndex); ok {
		s.report.add(diag.UnknownReference, at, "Instance of a block without for_each", "%s has no for_each, so it is one block: write %s.", addr, addr)
		return unresolved
	}
	s.reportAttribute(addr, at)
	return unresolved
}

// labelsOf returns the labels that a traversal gives to the type of block it
// begins with, at most n.
func labelsOf(t hcl.Traversal, n int) []string {
	var names []string
	for _, step := range t[1:min(len(t), 1+n)] {
		a, ok := step.(hcl.TraverseAttr)
		if !ok {
			break
		}
		names = append(names, a.Name)
	}
	return names
}

func (s *scope) reportAttribute(addr graph.Addr, at *diag.Range) {
	s.report.add(diag.UnknownReference, at, "Attribute of another block",
		"A reference is the address %s alone; attributes of other blocks cannot be read. Put the value into a local value and use it in both places.", addr)
}

// resolveRepeat resolves a block with for_each: one of its instances, or all.
func (s *scope) resolveRepeat(r *repeat, rest hcl.Traversal, at *diag.Range) target {
	if len(rest) == 0 {
		return target{key: string(r.addr), value: s.everyone(r)}
	}
	key := ""
	switch step := rest[0].(type) {
	case hcl.TraverseIndex:
		text, ok := toText(step.Key)
		if !ok {
			return unresolved
		}
		key = text
	case hcl.TraverseAttr:
		s.used[string(r.addr)] = true
		s.report.add(diag.UnknownReference, at, "Instance without its key", "%s has for_each. An instance is named by its key: %s.", r.addr, r.addr.Instance(step.Name))
		return unresolved
	default:
		return unresolved
	}
	v := s.instance(r, key, at)
	if len(rest) > 1 {
		s.reportAttribute(r.addr.Instance(key), at)
		return unresolved
	}
	return target{key: string(r.addr.Instance(key)), value: v}
}

// resolveItem resolves each.key, each.value, and what a dynamic block calls so.
func (s *scope) resolveItem(t hcl.Traversal, i *item) target {
	field := ""
	if len(t) > 1 {
		if a, ok := t[1].(hcl.TraverseAttr); ok {
			field = a.Name
		}
	}
	switch field {
	case "key":
		return target{key: i.name + ".key", value: i.key, rest: t[2:]}
	case "value":
		return target{key: i.name + ".value", value: i.value, rest: t[2:]}
	}
	s.report.add(diag.UnknownReference, place(t.SourceRange()), "Unknown name in for_each", "There are %s.key and %s.value.%s", i.name, i.name,
		didYouMean(field, i.name+".", []string{"key", "value"}))
	return unresolved
}

// likely suggests a declared block, which then counts as used: one spelling
// mistake is not two problems.
func (s *scope) likely(kind, name string) string {
	near := diag.Suggest(name, s.declaredNames(kind))
	if near == "" {
		return ""
	}
	s.used[kind+"."+near] = true
	return fmt.Sprintf(" Did you mean %s.%s?", kind, near)
}

// reportShort reports a reference that lacks labels: "alert.data_ops".
func (s *scope) reportShort(kind string, names []string, at *diag.Range) {
	hint := ""
	if len(names) == 1 {
		for _, known := range s.declaredNames(kind) {
			if strings.HasSuffix(known, "."+names[0]) {
				hint = fmt.Sprintf(" Did you mean %s.%s?", kind, known)
				s.used[kind+"."+known] = true
				break
			}
		}
	}
	s.report.add(diag.UnknownReference, at, "Incomplete reference", "A reference to %s %s is written %s.%s", article(noun(kind)), noun(kind), form(kind), hint)
}

// form is how a reference to a type of block is written.
func form(kind string) string {
	if labelCount[kind] == 2 {
		return kind + ".TYPE.NAME"
	}
	return kind + ".NAME"
}

// foreignRoots are names that other languages have, and what to write here.
var foreignRoots = map[string]string{
	"count":     "There is no count, and no count.index. for_each makes a block for each key of a map or a set, in which each.key is the key.",
	"module":    "There are no modules in this release: put the blocks into this directory, and name them as if they always stood there.",
	"data":      "There are no data sources. A value from outside is a variable: var.NAME.",
	"resource":  "There are no resources. A block is named by its type: courier.NAME, courier_group.NAME.",
	"output":    "There are no outputs. A value with a name is a local value: local.NAME.",
	"provider":  "There are no providers: sources and actions are built in.",
	"path":      "Paths are relative to the workspace: write \"inbox\" instead of \"${path.module}/inbox\".",
	"terraform": "There are no workspaces of Terraform here. For values that differ from place to place declare a variable \"env\", write var.env, and give --var env=prod or a file waybill.hclvars.",
	"self":      "A block cannot name itself. Put the value into a local value, and use local.NAME in both places.",
	"env":       "Expressions do not read the environment: declare a variable NAME, which WAYBILL_VAR_NAME gives a value, or a secret with env.",
}

// otherBools are true and false as other languages write them.
var otherBools = map[string]string{
	"yes": "true", "on": "true", "True": "true", "TRUE": "true", "no": "false", "off": "false", "False": "false", "FALSE": "false",
	"None": "null", "nil": "null", "undefined": "null", "NULL": "null",
}

func (s *scope) unknownRoot(t hcl.Traversal, where site) target {
	name, at := t.RootName(), place(t.SourceRange())
	if name == "each" {
		s.absent("each in "+cmp.Or(where.addr, where.what), at, "each without for_each", "each.key and each.value are known only in a top-level block that has for_each = …. In a dynamic block the element is called like the block that is made: file.key, file.value.")
		return unresolved
	}
	if why, ok := foreignRoots[name]; ok {
		s.report.add(diag.NotYet, at, "Unknown name "+name, "%s", why)
		return unresolved
	}
	hint := ""
	_, isLocal := s.locals[name]
	_, isVariable := s.variables[name]
	switch {
	case len(t) == 1 && isLocal:
		s.used["local."+name] = true
		hint = fmt.Sprintf(" It is a local value: write local.%s.", name)
	case len(t) == 1 && isVariable:
		s.used["var."+name] = true
		hint = fmt.Sprintf(" It is a variable: write var.%s.", name)
	case len(t) == 1 && slices.Contains([]string{"yyyy", "MM", "dd", "HH"}, name):
		hint = fmt.Sprintf(" In a file name, the part of a date is written {%s}, without the $.", name)
	case len(t) == 1 && otherBools[name] != "":
		hint = fmt.Sprintf(" Write %s.", otherBools[name])
	default:
		hint = didYouMean(name, "", append(keys(labelCount), "var", "local", "run", "range", "response", "secret"))
		if hint == "" && len(t) == 1 {
			hint = fmt.Sprintf(" Text stands in quotes: \"%s\".", name)
		}
	}
	s.report.add(diag.UnknownReference, at, "Unknown name "+name, "Nothing is called %s.%s", name, hint)
	return unresolved
}

// noun is the type of a block as a word.
func noun(kind string) string { return strings.ReplaceAll(kind, "_", " ") }

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an"
	}
	return "a"
}
