package lang

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// declare takes down what every name means, before anything is evaluated.
func (s *scope) declare(blocks []parsed) {
	taken := map[string]*diag.Range{}
	var odd []parsed
	for _, b := range blocks {
		if b.Type == "locals" {
			s.declareLocals(b, taken)
			continue
		}
		schema := workspaceSchema.block(b.Type)
		if schema == nil || len(schema.Labels) == 0 || !validLabels(schema, b.Labels) {
			odd = append(odd, b)
			continue // reported when it is decoded
		}
		addr := graph.NewAddr(b.Type, b.Labels...)
		key, at := string(addr), place(b.DefRange())
		if b.Type == "variable" {
			key = "var." + b.Labels[0]
		}
		if !s.claim(taken, key, noun(b.Type), at) {
			continue
		}
		if b.Type == "variable" {
			s.variables[b.Labels[0]] = s.newVariable(b)
			continue
		}
		s.blocks[addr] = at
		if a := b.Body.Attributes["for_each"]; a != nil && schema.repeats() || repeatsOddly(b.Block) {
			s.repeats[addr] = &repeat{addr: addr, block: b.Block, attr: a, all: cty.DynamicVal}
			if b.broken || a == nil {
				s.repeats[addr].state = done
			}
		}
	}
	for _, b := range odd {
		s.declareMeant(b)
	}
}

// validLabels reports whether a block has the labels that its type takes.
func validLabels(schema *Block, labels []string) bool {
	if len(labels) != len(schema.Labels) {
		return false
	}
	for i, l := range labels {
		if i == 0 && schema.Words != nil {
			if !slices.Contains(schema.Words, l) {
				return false
			}
		} else if !hclsyntax.ValidIdentifier(l) {
			return false
		}
	}
	return true
}

func (s *scope) declareLocals(b parsed, taken map[string]*diag.Range) {
	for _, name := range slices.Sorted(maps.Keys(b.Body.Attributes)) {
		a := b.Body.Attributes[name]
		if !s.claim(taken, "local."+name, "local value", place(a.NameRange)) {
			continue
		}
		s.locals[name] = &local{at: place(a.NameRange), expr: a.Expr}
		if b.broken {
			s.locals[name].state, s.locals[name].value = done, cty.DynamicVal
		}
	}
}

// claim reports a name that is taken.
func (s *scope) claim(taken map[string]*diag.Range, key, noun string, at *diag.Range) bool {
	first, ok := taken[key]
	if !ok {
		taken[key] = at
		return true
	}
	d := s.report.add(diag.DuplicateName, at, "Name used twice", "There is another %s, in %s line %d. Rename one of them, or remove it.",
		key, first.Filename, first.Start.Line)
	d.Address = key
	d.Related = []diag.Related{{Message: "the other " + noun, Range: *first}}
	return false
}
