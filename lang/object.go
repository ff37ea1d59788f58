package lang

import (
	"fmt"
	"strconv"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// has reports whether an attribute was written and is not null.
func (o *object) has(name string) bool {
	return o.field(name) != nil
}

// field returns an attribute that was written, or nil.
func (o *object) field(name string) *field {
	for i := range o.fields {
		if o.fields[i].name == name {
			return &o.fields[i]
		}
	}
	return nil
}

// written returns an attribute that was written and is right.
func written[T any](o *object, name string) (T, bool) {
	var v T
	ok := false
	if f := o.field(name); f != nil {
		v, ok = f.value.(T)
	}
	return v, ok
}

// text returns an attribute that is text, else its default.
func (o *object) text(name string) string {
	if v, ok := written[string](o, name); ok {
		return v
	}
	return o.attribute(name).Default
}

func (o *object) flag(name string) bool {
	if v, ok := written[bool](o, name); ok {
		return v
	}
	return o.attribute(name).Default == "true"
}

func (o *object) number(name string) int {
	if v, ok := written[int](o, name); ok {
		return v
	}
	n, _ := strconv.Atoi(o.attribute(name).Default)
	return n
}

func (o *object) duration(name string) graph.Duration {
	if v, ok := written[graph.Duration](o, name); ok {
		return v
	}
	if def := o.attribute(name).Default; def != "" {
		d, err := graph.ParseDuration(def)
		if err != nil {
			panic(fmt.Sprintf("lang: default of %s: %v", name, err))
		}
		return d
	}
	return 0
}

func (o *object) size(name string) graph.Size {
	if v, ok := written[graph.Size](o, name); ok {
		return v
	}
	if def := o.attribute(name).Default; def != "" {
		size, err := graph.ParseSize(def)
		if err != nil {
			panic(fmt.Sprintf("lang: default of %s: %v", name, err))
		}
		return size
	}
	return 0
}

func (o *object) value(name string) graph.Value {
	v, _ := written[graph.Value](o, name)
	return v
}

func (o *object) values(name string) []graph.Value {
	v, _ := written[[]graph.Value](o, name)
	return v
}

func (o *object) valueMap(name string) map[string]graph.Value {
	v, _ := written[map[string]graph.Value](o, name)
	return v
}

func (o *object) list(name string) []string {
	v, _ := written[[]string](o, name)
	return v
}

// attribute returns the schema of an attribute that the block's type has.
func (o *object) attribute(name string) *Attribute {
	a := o.schema.attribute(name)
	if a == nil { // a mistake in this package: the table and the code disagree
		panic(fmt.Sprintf("lang: %s has no attribute %s", o.schema.Type, name))
	}
	return a
}

// empty reports whether an attribute is a list that was written without members.
func empty[T any](o *object, name string) bool {
	list, ok := written[[]T](o, name)
	return ok && len(list) == 0 && len(o.field(name).parts) == 0
}

// only returns the block of a type that may be there once, or nil.
func (o *object) only(kind string) *object {
	if list := o.blocks[kind]; len(list) > 0 {
		return list[0]
	}
	return nil
}

// place returns where an attribute was written, else where the block was.
func (o *object) place(name string) *diag.Range {
	if f := o.field(name); f != nil {
		return f.at
	}
	return o.at
}

// inner returns a duration in a nested block, 0 without the block.
func (o *object) inner(block, name string) graph.Duration {
	if b := o.only(block); b != nil {
		return b.duration(name)
	}
	return 0
}
