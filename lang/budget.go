package lang

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
)

// A workspace is worked out within these bounds, so that a slip of the pen costs
// seconds and a message, and not the memory of the machine. A step is an
// evaluation of something that can be evaluated many times, an element of a value
// that it gives, or stepText bytes of its text.
const (
	maxSteps     = 10_000_000 // of one load
	instanceCost = 200        // steps that each block made by for_each adds
	stepText     = 16         // bytes
	maxText      = 16 << 20   // bytes of text in one value
	maxElements  = 2_000_000  // of one value, those of its elements among them
	maxMade      = 1_000_000  // blocks that for_each and dynamic make in a workspace
	maxExponent  = 4096       // of numbers, in bits: to write out 1e9999999 takes a minute
	maxDigits    = 10_000     // of text that is read as a number
)

// budget counts what the evaluation of a workspace costs. All that is evaluated
// many times asks it, and stops when there is a fault.
type budget struct {
	allowed, used int
	made          int // blocks
	fault         *fault
	spent, told   bool            // nothing is left, and that was said
	beyond        map[string]bool // local values that were not worked out for it
}

// fault is why an expression was not worked out to its end.
type fault struct {
	code    diag.Code
	at      hcl.Range
	summary string
	detail  string
}

func newBudget() *budget { return &budget{allowed: maxSteps} }

// stopped is what an evaluation that was stopped returns. It is never shown: the
// fault is.
var stopped = hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Stopped"}}

// fail records the first fault of an expression.
func (b *budget) fail(at hcl.Range, code diag.Code, summary, format string, args ...any) bool {
	if b.fault == nil {
		b.fault = &fault{code: code, at: at, summary: summary, detail: fmt.Sprintf(format, args...)}
	}
	return false
}

// spend takes steps, and reports whether there were as many.
func (b *budget) spend(steps int, at hcl.Range) bool {
	if b.spent || steps > b.allowed-b.used {
		b.spent = true
		return b.fail(at, diag.TooMuch, "Too much to work out",
			"The expressions of this workspace take more than %d steps; this is where they ran out. Go through smaller lists, or write the values out.", b.allowed)
	}
	b.used += steps
	return true
}

// make takes blocks that for_each or dynamic makes, and reports whether there may
// be as many.
func (b *budget) make(blocks int, at hcl.Range) bool {
	if b.made+blocks > maxMade {
		return b.fail(at, diag.TooMuch, "Too many blocks", "for_each and dynamic make more than %d blocks in this workspace. Divide it into several.", maxMade)
	}
	b.made += blocks
	b.allowed += blocks * instanceCost
	return true
}

// admit takes a value that was worked out, and reports whether it is small enough.
func (b *budget) admit(v cty.Value, at hcl.Range) bool {
	size := extent{}
	size.add(v, 0)
	switch {
	case size.outsized:
		return b.fail(at, diag.HugeNumber, "Number out of bounds",
			numberBounds)
	case size.deep:
		return b.fail(at, diag.TooMuch, "Too much to work out", "This gives a value that is nested more than %d deep. Write it flatter.", maxDepth)
	case size.elements > maxElements:
		return b.fail(at, diag.TooMuch, "Too much to work out", "This gives a value of more than %d elements. Go through a smaller list, or divide it.", maxElements)
	case size.text > maxText:
		return b.fail(at, diag.TooMuch, "Too much to work out", "This gives text of more than %d MB. Put long text into a file that a process reads.", maxText>>20)
	}
	return b.spend(size.elements+size.text/stepText, at)
}

// readsNumber reports whether a value that is to be a number is not endless text,
// which takes long to read as one.
func (b *budget) readsNumber(v cty.Value, at hcl.Range) bool {
	v, _ = v.Unmark()
	if v.Type() != cty.String || !v.IsKnown() || v.IsNull() || len(v.AsString()) <= maxDigits {
		return true
	}
	return b.fail(at, diag.HugeNumber, "Number out of bounds", "A number is needed here, and this is text of %d characters.", len(v.AsString()))
}

const numberBounds = "This is a number that is too large or too small to be written out: numbers lie between 1e-1200 and 1e1200. Write a smaller one, or text in quotes."

// extent is how large a value is. The count ends where a bound is passed.
type extent struct {
	elements, text int
	outsized, deep bool
	endless        bool // text that begins with more than maxDigits digits
}

func (x *extent) add(v cty.Value, depth int) {
	if v.IsMarked() {
		v, _ = v.Unmark()
	}
	ty := v.Type()
	if !v.IsKnown() || v.IsNull() || ty == cty.Bool || ty.IsCapsuleType() {
		return
	}
	switch {
	case ty == cty.String:
		text := v.AsString()
		x.text += len(text)
		x.endless = x.endless || len(text) > maxDigits && len(strings.TrimLeft(text[:maxDigits], "+-.0123456789")) == 0
		return
	case ty == cty.Number:
		exponent := v.AsBigFloat().MantExp(nil)
		x.outsized = x.outsized || exponent > maxExponent || exponent < -maxExponent || v.AsBigFloat().IsInf()
		return
	case depth > maxDepth:
		x.deep = true
		return
	case ty.IsObjectType():
		names := ty.AttributeTypes()
		x.elements += len(names)
		for name := range names {
			if x.over() {
				return
			}
			x.text += len(name)
			x.add(v.GetAttr(name), depth+1)
		}
		return
	}
	x.elements += v.LengthInt()
	if e := ty; x.over() || e.IsCollectionType() && (e.ElementType() == cty.Bool || e.ElementType() == reference) {
		return
	}
	isMap := ty.IsMapType()
	for it := v.ElementIterator(); !x.over() && it.Next(); {
		k, e := it.Element()
		if isMap {
			x.text += len(k.AsString())
		}
		x.add(e, depth+1)
	}
}

func (x *extent) over() bool {
	return x.outsized || x.deep || x.elements > maxElements || x.text > maxText
}

// endless reports whether a value holds text that begins with more digits than a
// number has.
func endless(v cty.Value) bool {
	x := extent{}
	x.add(v, 0)
	return x.endless
}

// outsized reports whether a value holds a number beyond maxExponent.
func outsized(v cty.Value) bool {
	x := extent{}
	x.add(v, 0)
	return x.outsized
}

// beyond notes a local value that names one that was not worked out.
func (s *scope) beyond(what string) {
	if strings.HasPrefix(what, "local.") {
		if s.budget.beyond == nil {
			s.budget.beyond = map[string]bool{}
		}
		s.budget.beyond[what] = true
	}
}

// reportFault reports why the expression that was just evaluated was stopped, and
// reports whether it was. That nothing is left is said once: all that comes after
// is stopped for it, too.
func (s *scope) reportFault(what string) bool {
	f := s.budget.fault
	if f == nil {
		return false
	}
	s.budget.fault = nil
	s.beyond(what)
	if s.budget.spent && s.budget.told {
		return true
	}
	s.budget.told = s.budget.spent
	if t := s.templates[f.at.Filename]; t != nil {
		s.show(f.at.Filename, []byte(s.files.texts[f.at.Filename].text))
	}
	d := s.report.add(f.code, place(f.at), f.summary, "%s", f.detail)
	if strings.HasPrefix(what, "local.") {
		d.Address = what
	}
	return true
}
