package window

import "github.com/waybill-dev/waybill/lang/graph"

// Place is where an object belongs in what a run wants: the name of the file
// block and the date. It is false for an object that the run does not want, and
// for one that only marks others as whole.
func (w Want) Place(o Object, ready graph.Ready) (file, date string, ok bool) {
	marker, _ := ParseMarker(ready.DoneMarker) // Want has refused a bad one
	if marker.is(o.Path, w.Files) {
		return "", "", false
	}
	for _, f := range w.Files {
		if d, ok := f.Pattern.Match(o.Path); ok && w.selects(f, d, o, History{}) {
			return f.File.Name, f.Pattern.Unit().Format(d), true
		}
	}
	return "", "", false
}

// Concerns reports whether an object matters to a verdict. A look without the
// others is judged alike.
func (w Want) Concerns(o Object, ready graph.Ready) bool {
	marker, _ := ParseMarker(ready.DoneMarker)
	if marker.is(o.Path, w.Files) {
		return true
	}
	_, _, ok := w.Place(o, ready)
	return ok
}

// Dated reports whether a path is that of a file whose date the run looks for.
func (w Want) Dated(path string) bool {
	for _, f := range w.Files {
		if f.arrives() || w.All {
			continue
		}
		if d, ok := f.Pattern.Match(path); ok {
			if f.has(d) {
				return true
			}
		}
	}
	return false
}
