package window

import (
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
)

// Marker is a compiled done_marker, the file that says that another one is whole,
// or the name of a manifest, which says so of the files that it lists. It is either built from the path of the file it marks, such as "{file}.done", or
// a pattern of its own, such as "{yyyy}/{MM}/{dd}/_SUCCESS".
type Marker struct {
	before, after string   // around {file}
	pattern       *Pattern // nil with {file}
}

const fileToken = "{file}"

// ParseMarker reads a done_marker or a manifest; the empty text is no marker, nil. The error is
// always a *PatternError.
func ParseMarker(s string) (*Marker, error) {
	if s == "" {
		return nil, nil
	}
	before, after, ok := strings.Cut(s, fileToken)
	if !ok {
		p, err := ParsePattern(s)
		if err != nil {
			return nil, err
		}
		return &Marker{pattern: p}, nil
	}
	if i := strings.IndexAny(before+after, "*?{}"); i >= 0 {
		if i >= len(before) {
			i += len(fileToken)
		}
		return nil, &PatternError{diag.PatternToken, i, 1, "a name with {file} has no other tokens and no wildcards",
			"write text around {file}, such as {file}.done, or a pattern without {file}"}
	}
	if before == "" && after == "" {
		return nil, &PatternError{diag.PatternToken, 0, len(s), "the file would tell of itself", "write text around {file}, such as {file}.done"}
	}
	if err := checkPath(before + "marked" + after); err != nil { // as long as {file}, so that offsets are right
		return nil, err
	}
	return &Marker{before: before, after: after}, nil
}

// base is the longest folder in which the markers of a file block lie.
func (m *Marker) base(f FileWant) string {
	folder := m.before[:strings.LastIndexByte(m.before, '/')+1]
	if folder == m.before {
		folder += f.Pattern.Base()
	}
	return strings.TrimSuffix(folder, "/")
}

// marks reports whether an object of these paths says that the file at path is
// whole, which the pattern of a file block dates so.
func (m *Marker) marks(path string, date cron.Wall, u Unit, there *listing) bool {
	if m == nil {
		return true
	}
	if m.pattern == nil {
		return there.paths[m.before+path+m.after]
	}
	return slices.ContainsFunc(there.marked, func(marked cron.Wall) bool { return agree(marked, m.pattern.Unit(), date, u) })
}

// is reports whether the path is that of a marker, which is never data.
func (m *Marker) is(path string, files []FileWant) bool {
	if m == nil {
		return false
	}
	if m.pattern != nil {
		_, ok := m.pattern.Match(path)
		return ok
	}
	file, ok := strings.CutPrefix(path, m.before)
	if !ok {
		return false
	}
	if file, ok = strings.CutSuffix(file, m.after); !ok {
		return false
	}
	for _, f := range files {
		if _, ok := f.Pattern.Match(file); ok {
			return true
		}
	}
	return false
}

// listing is what markers are looked up in.
type listing struct {
	paths  map[string]bool
	marked []cron.Wall // dates of the markers that are there, of a marker with a pattern
}

func (m *Marker) listing(objects []Object) *listing {
	l := &listing{}
	if m == nil {
		return l
	}
	l.paths = make(map[string]bool, len(objects))
	seen := map[cron.Wall]bool{}
	for _, o := range objects {
		l.paths[o.Path] = true
		if m.pattern == nil {
			continue
		}
		if w, ok := m.pattern.Match(o.Path); ok && !seen[w] {
			seen[w] = true
			l.marked = append(l.marked, w)
		}
	}
	return l
}
