package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Entry is what the catalogue knows of one code. Title is a short noun phrase;
// Explanation is paragraphs of plain English, divided by empty lines: what
// happens, why it hurts, what to write. Bad and Good are HCL, or a command line
// for the codes of plan and apply.
type Entry struct {
	Code        Code
	Severity    Severity
	Title       string
	Explanation string
	Bad         string
	Good        string
}

// table holds every entry by code; index finds one.
var (
	table = slices.SortedFunc(slices.Values(slices.Concat(
		cronCodes, dstCodes, windowCodes, zoneCodes, loadCodes, languageCodes, workflowCodes, planCodes,
	)), func(a, b Entry) int { return cmp.Compare(a.Code, b.Code) })
	index = indexTable()
)

func indexTable() map[Code]int {
	m := make(map[Code]int, len(table))
	for i, e := range table {
		m[e.Code] = i
	}
	return m
}

// Explain returns the entry of a code, or false for a code that does not exist.
func Explain(c Code) (Entry, bool) {
	i, ok := index[c]
	if !ok {
		return Entry{}, false
	}
	return table[i], true
}

// Entries returns the whole catalogue by code.
func Entries() []Entry { return slices.Clone(table) }

// New is a Diagnostic with the severity of the table; format and args make its
// detail. It copies at, which is nil where no place in a file is at fault. It
// panics for a code that is not in the table: that is a mistake of the caller.
func (c Code) New(at *Range, summary, format string, args ...any) Diagnostic {
	e, ok := Explain(c)
	if !ok {
		panic(fmt.Sprintf("diag: the code %q is not in the table", string(c)))
	}
	d := Diagnostic{Code: c, Severity: e.Severity, Summary: summary, Detail: fmt.Sprintf(format, args...)}
	if at != nil {
		r := *at
		d.Range = &r
	}
	return d
}

// ParseCode reads a code as a person types it: "WB301", "wb301" or "301". The
// code need not exist.
func ParseCode(s string) Code {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !strings.HasPrefix(s, "WB") {
		s = "WB" + s
	}
	return Code(s)
}
