package diag

import (
	"encoding/json"
	"io"
	"strings"
)

// FormatVersion is the version of the document that WriteJSON writes.
const FormatVersion = "1.0"

type document struct {
	FormatVersion string       `json:"format_version"`
	Valid         bool         `json:"valid"`
	ErrorCount    int          `json:"error_count"`
	WarningCount  int          `json:"warning_count"`
	Diagnostics   []documented `json:"diagnostics"`
}

type documented struct {
	Diagnostic
	Snippet *snippet `json:"snippet,omitempty"`
}

// snippet is the code of a range in whole lines. The highlight is in bytes of
// Code, end exclusive.
type snippet struct {
	Code           string `json:"code"`
	StartLine      int    `json:"start_line"`
	HighlightStart int    `json:"highlight_start"`
	HighlightEnd   int    `json:"highlight_end"`
}

// WriteJSON writes one document with all problems, sorted: format_version,
// valid, error_count, warning_count and diagnostics. A diagnostic whose file is
// in sources, which may be nil, has a snippet: the lines of its range, of a long
// one the first. The error is that of w.
func WriteJSON(w io.Writer, l List, sources map[string][]byte) error {
	sorted := l.Sorted()
	doc := document{
		FormatVersion: FormatVersion,
		Valid:         !sorted.HasErrors(),
		ErrorCount:    sorted.Count(Error),
		WarningCount:  sorted.Count(Warning),
		Diagnostics:   make([]documented, len(sorted)),
	}
	files := newFiles(sources)
	for i, d := range sorted {
		doc.Diagnostics[i] = documented{Diagnostic: d, Snippet: files.snippet(d.Range)}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

func (f files) snippet(r *Range) *snippet {
	if r == nil {
		return nil
	}
	var lines []string
	out := &snippet{StartLine: r.Start.Line}
	length := 0
	for _, s := range f.excerpt(*r) {
		if s.number == 0 {
			break
		}
		if s.begins {
			out.HighlightStart = s.from
		}
		out.HighlightEnd = length + s.to
		lines, length = append(lines, s.text), length+len(s.text)+1
	}
	if lines == nil {
		return nil
	}
	out.Code = strings.Join(lines, "\n")
	return out
}
