package graph

import (
	"slices"
	"strings"
)

// Value is text of which some is known only when a run uses it. Its parts are
// joined in order; adjacent literals are one. A nil Value is an attribute that
// was not written.
type Value []Part

// Part is a literal, or a reference to a run-time value: "run.id",
// "run.scheduled_at", "range.start", "secret.crm_token",
// "response.json.job_id". Exactly one of Literal and Ref is set.
type Part struct {
	Literal string `json:"literal,omitempty"`
	Ref     string `json:"ref,omitempty"`
	Format  string `json:"format,omitempty"` // formatdate layout for a Ref that is a time
}

// Text returns the Value of a plain string.
func Text(s string) Value { return Value{{Literal: s}} }

// Literal returns the text and true where no part waits for a run.
func (v Value) Literal() (string, bool) {
	var b strings.Builder
	for _, p := range v {
		if p.Ref != "" {
			return "", false
		}
		b.WriteString(p.Literal)
	}
	return b.String(), true
}

// Refs returns the references in the Value, each once, in order of first use.
func (v Value) Refs() []string {
	var refs []string
	for _, p := range v {
		if p.Ref != "" && !slices.Contains(refs, p.Ref) {
			refs = append(refs, p.Ref)
		}
	}
	return refs
}

// String shows the Value as it would be written in a template.
func (v Value) String() string {
	var b strings.Builder
	for _, p := range v {
		switch {
		case p.Ref == "":
			b.WriteString(p.Literal)
		case p.Format != "":
			b.WriteString("${formatdate(\"" + p.Format + "\", " + p.Ref + ")}")
		default:
			b.WriteString("${" + p.Ref + "}")
		}
	}
	return b.String()
}

// Condition is a test of run-time values. With an operator of comparison
// (== != < <= > >= in) it compares Left with Right; with and, or and not it
// joins All. Values are compared as numbers where both are numbers, else as
// text; in asks whether Left is one of Any.
type Condition struct {
	Op    string      `json:"op"`
	Left  Value       `json:"left,omitempty"`
	Right Value       `json:"right,omitempty"`
	Any   []Value     `json:"any,omitempty"`
	All   []Condition `json:"all,omitempty"`
}
