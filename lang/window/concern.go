package window

import (
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Bases are the folders of the source in which what matters to a verdict can be:
// the files, their done markers and their manifests.
func (w Want) Bases(ready graph.Ready) []string {
	var all []string
	for _, f := range w.Files {
		all = append(all, f.Pattern.Base())
	}
	for _, name := range []string{ready.DoneMarker, ready.Manifest} {
		m, _ := ParseMarker(name) // Want has refused a bad one
		switch {
		case m == nil:
		case m.pattern != nil:
			all = append(all, m.pattern.Base())
		case m.before != "":
			for _, f := range w.Files {
				all = append(all, m.base(f))
			}
		}
	}
	return all
}

// Place is where an object belongs in what a run wants: the name of the file
// block and the date. It is false for an object that the run does not want, and
// for one that only tells of others.
func (w Want) Place(o Object, ready graph.Ready) (file, date string, ok bool) {
	if w.tells(o, ready) {
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
	if w.tells(o, ready) {
		return true
	}
	_, _, ok := w.Place(o, ready)
	return ok
}

// Matches reports whether an object has a name that the run could take, of
// whatever date: of the others no verdict asks the [History].
func (w Want) Matches(o Object) bool {
	return slices.ContainsFunc(w.Files, func(f FileWant) bool {
		_, ok := f.Pattern.Match(o.Path)
		return ok
	})
}

// DatesWanted are the dates of the files that the run looks for, as landings have
// them; those of files that go by arrival have none.
func (w Want) DatesWanted() []string {
	var all []string
	for _, f := range w.Files {
		if f.arrives() {
			continue
		}
		for _, d := range f.Dates {
			all = append(all, f.Pattern.Unit().Format(d.Wall))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// tells reports whether an object is a done marker or a manifest.
func (w Want) tells(o Object, ready graph.Ready) bool {
	marker, _ := ParseMarker(ready.DoneMarker) // Want has refused bad ones
	lists, _ := ParseMarker(ready.Manifest)
	return marker.is(o.Path, w.Files) || lists.is(o.Path, w.Files)
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
