package lang

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// What is misspelt where it is declared is reported there, once. What it seems to
// declare counts as there and as unknown, so that nothing is said of all that
// uses it.

// meant is what an attribute that a block of a type cannot have seems to stand
// for, or "".
func (b *Block) meant(name, label0 string) string {
	if b.attribute(name) != nil || b.block(name) != nil {
		return ""
	}
	attrs, blocks := b.names(label0)
	return diag.Suggest(name, append(attrs, blocks...))
}

// misspelt reports whether one of the attributes of a block without type labels
// seems to stand for another.
func (b *Block) misspelt(attrs hclsyntax.Attributes) bool {
	for name := range attrs {
		if b.meant(name, "") != "" {
			return true
		}
	}
	return false
}

// repeatsOddly reports whether a block seems to be meant to be repeated, by
// something else than for_each.
func repeatsOddly(b *hclsyntax.Block) bool {
	schema := workspaceSchema.block(b.Type)
	if schema == nil || !schema.repeats() || b.Body.Attributes["for_each"] != nil {
		return false
	}
	for name := range b.Body.Attributes {
		if name == "count" || schema.meant(name, firstLabel(b.Labels)) == "for_each" {
			return true
		}
	}
	return false
}

// declareMeant takes down what blocks seem to declare that are wrong in their
// first line: in their type, or in the type that is their first label.
func (s *scope) declareMeant(b parsed) {
	schema := workspaceSchema.block(b.Type)
	if schema == nil {
		_, types := workspaceSchema.names("")
		schema = workspaceSchema.block(diag.Suggest(b.Type, types))
	}
	switch n := len(b.Labels); {
	case schema == nil:
	case n == 0 && len(schema.Labels) > 0:
		s.nameless[schema.Type] = true
	case schema == &localsSchema && b.Type != schema.Type:
		for _, name := range slices.Sorted(maps.Keys(b.Body.Attributes)) {
			if s.locals[name] == nil {
				s.locals[name] = &local{at: place(b.Body.Attributes[name].NameRange), state: done, value: cty.DynamicVal}
			}
			s.used["local."+name] = true
		}
	case len(schema.Labels) == 0:
	case schema == &variableSchema:
		if b.Type != schema.Type && s.variables[b.Labels[0]] == nil {
			s.variables[b.Labels[0]] = unknownVariable(b)
		}
		s.used["var."+b.Labels[0]] = true
	case schema.Words == nil:
		if n == len(schema.Labels) && b.Type != schema.Type {
			s.assume(b, schema.Type, b.Labels...)
		}
	case n <= 2 && hclsyntax.ValidIdentifier(b.Labels[n-1]):
		for _, word := range append(schema.Words[:len(schema.Words):len(schema.Words)], b.Labels[0]) {
			s.assume(b, schema.Type, word, b.Labels[n-1])
		}
	}
}

// assume lets an address be there, one block or several, about which nothing is
// known.
func (s *scope) assume(b parsed, kind string, labels ...string) {
	addr := graph.NewAddr(kind, labels...)
	if s.blocks[addr] != nil {
		return
	}
	s.blocks[addr] = place(b.DefRange())
	s.repeats[addr] = &repeat{addr: addr, state: done, all: cty.DynamicVal, assumed: true}
	s.used[string(addr)] = true
}

// firstLabel is the first of some labels, or "".
func firstLabel(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	return labels[0]
}

// mostPlaces bounds how many places a message shows besides the first.
const mostPlaces = 4

// absentBlock reports that a block is not there, unless it may be one without a
// name, which is reported.
func (s *scope) absentBlock(addr graph.Addr, at *diag.Range, format string, args ...any) {
	if !s.nameless[addr.Kind()] {
		s.absent(string(addr), at, "Unknown "+noun(addr.Kind()), format, args...)
	}
}

// absence is where the workspace names something that is not there.
type absence struct {
	message int // in the report
	detail  string
	places  map[diag.Range]bool
}

// absent reports that something is not there: the first time it is named as a
// problem of that place, and then as another place of the same problem. Instances
// of one block report the same place again.
func (s *scope) absent(key string, at *diag.Range, summary, format string, args ...any) {
	before := s.report.absences[key]
	if before == nil || *s.report.list[before.message].Range == *at {
		d := s.report.add(diag.UnknownReference, at, summary, format, args...)
		if before == nil {
			if s.report.absences == nil {
				s.report.absences = map[string]*absence{}
			}
			s.report.absences[key] = &absence{message: len(s.report.list) - 1, detail: d.Detail, places: map[diag.Range]bool{}}
		}
		return
	}
	if before.places[*at] {
		return
	}
	before.places[*at] = true
	d := &s.report.list[before.message]
	if len(before.places) <= mostPlaces {
		d.Related = append(d.Related, diag.Related{Message: "named here, too", Range: *at})
		return
	}
	rest := "one more place names it"
	if n := len(before.places) - mostPlaces; n > 1 {
		rest = fmt.Sprintf("%d more places name it", n)
	}
	d.Detail = fmt.Sprintf("%s And %s.", before.detail, rest)
}
