// Package diag is everything Waybill can say about a configuration.
//
// A problem of the configuration is a [Diagnostic]: a stable code, a source
// range, what is wrong and what to write instead. A fault of the machine (a
// disk, a network) is an ordinary error and never a Diagnostic. Functions that
// check something return what they could work out together with a [List] of
// everything they found; a List may hold warnings only.
//
// The codes live in one table (see [Explain]); `waybill explain` and
// docs/diagnostics.md are generated from it. A code is never reused.
package diag

import (
	"cmp"
	"slices"
	"strings"
)

// Severity says whether a problem stops the work.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

func (s Severity) rank() int {
	switch s {
	case Error:
		return 0
	case Warning:
		return 1
	default:
		return 2
	}
}

// Code names a kind of problem: "WB" and three digits.
type Code string

// Pos is a place in a source file. Line and Column count from 1, Column in
// grapheme clusters; Byte counts from 0.
type Pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Range is a stretch of a source file, End exclusive. Filename is relative to
// the workspace.
type Range struct {
	Filename string `json:"filename"`
	Start    Pos    `json:"start"`
	End      Pos    `json:"end"`
}

// Related points at a second place that matters to a problem, such as the
// earlier of two equal names.
type Related struct {
	Message string `json:"message"`
	Range   Range  `json:"range"`
}

// Diagnostic is one problem. Summary is a short noun phrase without a final
// stop; Detail is full sentences that say what is wrong and what to write
// instead.
type Diagnostic struct {
	Code     Code      `json:"code"`
	Severity Severity  `json:"severity"`
	Summary  string    `json:"summary"`
	Detail   string    `json:"detail"`
	Address  string    `json:"address,omitempty"` // of the block it is about, such as courier_group.daily
	Range    *Range    `json:"range,omitempty"`   // nil where no place in a file is at fault
	Related  []Related `json:"related,omitempty"`
}

// List holds problems in no particular order until Sort.
type List []Diagnostic

// HasErrors reports whether any problem stops the work.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Count returns how many problems have severity s.
func (l List) Count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// Sorted returns the problems by file, byte, severity, code and summary, each
// once: the same input prints the same bytes.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, compare)
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return compare(a, b) == 0 && a.Detail == b.Detail
	})
}

func compare(a, b Diagnostic) int {
	ar, br := place(a), place(b)
	return cmp.Or(
		strings.Compare(ar.Filename, br.Filename),
		cmp.Compare(ar.Start.Byte, br.Start.Byte),
		cmp.Compare(a.Severity.rank(), b.Severity.rank()),
		strings.Compare(string(a.Code), string(b.Code)),
		strings.Compare(a.Address, b.Address),
		strings.Compare(a.Summary, b.Summary),
		strings.Compare(a.Detail, b.Detail),
	)
}

func place(d Diagnostic) Range {
	if d.Range == nil {
		return Range{}
	}
	return *d.Range
}
