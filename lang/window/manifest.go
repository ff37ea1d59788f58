package window

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Check is what a file must be when it lands, as a manifest says. What is zero is
// not checked.
type Check struct {
	Manifest string `json:"manifest"` // its path
	Size     *int64 `json:"size,omitempty"`
	SHA256   string `json:"sha256,omitempty"`
	MD5      string `json:"md5,omitempty"`
	Rows     *int64 `json:"rows,omitempty"`
}

// Manifests are the objects of a look that must be read before it is judged: those
// that list files which the run wants and which have not landed. What is in them,
// by [ParseManifest], goes into the look.
func (w Want) Manifests(l Look, ready graph.Ready, h History) []Object {
	m, _ := ParseMarker(ready.Manifest) // Want has refused a bad one
	if m == nil {
		return nil
	}
	wanted := map[string]bool{}
	if m.pattern == nil {
		marker, _ := ParseMarker(ready.DoneMarker)
		for _, o := range l.Objects {
			if !marker.is(o.Path, w.Files) && !h.landed(o) && slices.ContainsFunc(w.Files, func(f FileWant) bool {
				date, ok := f.Pattern.Match(o.Path)
				return ok && w.selects(f, date, o, h)
			}) {
				wanted[m.before+o.Path+m.after] = true
			}
		}
	}
	var found []Object
	for _, o := range l.Objects {
		if wanted[o.Path] || m.pattern != nil && w.listedBy(m.pattern, o) {
			found = append(found, o)
		}
	}
	return found
}

// listedBy reports whether an object is a manifest of a date that the run wants.
func (w Want) listedBy(p *Pattern, o Object) bool {
	date, ok := p.Match(o.Path)
	return ok && slices.ContainsFunc(w.Files, func(f FileWant) bool {
		return w.All || f.arrives() || slices.ContainsFunc(f.Dates, func(d Date) bool {
			return agree(date, p.Unit(), d.Wall, f.Pattern.Unit())
		})
	})
}

// agree reports whether two dates are the same in the larger of their units.
func agree(a cron.Wall, ua Unit, b cron.Wall, ub Unit) bool {
	common := min(ua, ub)
	return common == None || common.Floor(a) == common.Floor(b)
}

// lists is what the manifests of a look say.
type lists struct {
	name *Marker // nil: no manifest is asked for
	all  []*manifest
	own  map[string]*manifest // by path, of those that are named after one file
}

// manifest is one that is there.
type manifest struct {
	object  Object
	date    cron.Wall // of one that is named by a pattern
	settles time.Time // when it is known to be whole
	content graph.Manifest
	read    bool
	files   map[string]graph.ListedFile // by the path that they stand for
}

// readLists finds the manifests of the look.
func (j *judge) readLists(name *Marker) {
	if j.lists.name = name; name == nil {
		return
	}
	j.lists.own = map[string]*manifest{}
	paths := make(map[string]bool, len(j.look.Objects))
	for _, o := range j.look.Objects {
		paths[o.Path] = true
	}
	for _, o := range j.look.Objects {
		if !name.is(o.Path, j.want.Files) || name.pattern != nil && !j.want.listedBy(name.pattern, o) {
			continue
		}
		m := &manifest{object: o, settles: j.sight(o), files: map[string]graph.ListedFile{}}
		if name.pattern != nil {
			m.date, _ = name.pattern.Match(o.Path)
		}
		m.content, m.read = j.look.Manifests[o.Path]
		for _, f := range m.content.Files {
			m.files[standsFor(f.Path, o.Path, paths)] = f
		}
		j.lists.all = append(j.lists.all, m)
		if name.pattern == nil {
			j.lists.own[o.Path] = m
		}
	}
	// What several list, the newest has the word on.
	slices.SortStableFunc(j.lists.all, func(a, b *manifest) int { return b.object.ModTime.Compare(a.object.ModTime) })
}

// standsFor is the path of the file that a name in a manifest stands for: seen
// from the folder of the manifest, or else from that of the source. Of a name that
// begins with / the last part counts.
func standsFor(name, manifest string, paths map[string]bool) string {
	if name == "" {
		return ""
	}
	if strings.HasPrefix(name, "/") {
		name = path.Base(name)
	}
	name = path.Clean(name)
	if near := path.Join(path.Dir(manifest), name); paths[near] || !paths[name] {
		return near
	}
	return name
}

// of are the manifests that may list a file.
func (l *lists) of(file string, date cron.Wall, u Unit) []*manifest {
	if l.name.pattern == nil {
		if m := l.own[l.name.before+file+l.name.after]; m != nil {
			return []*manifest{m}
		}
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.all), func(m *manifest) bool {
		return !agree(m.date, l.name.pattern.Unit(), date, u)
	})
}

// listed compares a file with what its manifests say of it: what it must be when
// it lands, or why it does not count yet.
func (j *judge) listed(o Object, date cron.Wall, u Unit) (*Check, *pending) {
	if j.lists.name == nil {
		return nil, nil
	}
	wait := &pending{path: o.Path, why: NoManifest}
	for _, m := range j.lists.of(o.Path, date, u) {
		f, ok := m.files[o.Path]
		if !ok && j.lists.name.pattern == nil {
			f, ok = m.files[""]
		}
		switch {
		case m.settles.After(j.look.At):
			return nil, &pending{path: o.Path, why: StillChanging, settles: m.settles, detail: "its manifest " + m.object.Path + " does"}
		case !m.read || m.content.Error != "":
			wait = &pending{path: o.Path, why: BadManifest, detail: strings.TrimSuffix(m.object.Path+": "+m.content.Error, ": ")}
		case !ok && wait.why == NoManifest:
			wait = &pending{path: o.Path, why: NotListed, detail: m.object.Path}
		case !ok:
		case f.Size != nil && *f.Size != o.Size:
			return nil, &pending{path: o.Path, why: OtherSize, detail: fmt.Sprintf("%d bytes, and %s says %d", o.Size, m.object.Path, *f.Size)}
		default:
			return &Check{Manifest: m.object.Path, Size: f.Size, SHA256: f.SHA256, MD5: f.MD5, Rows: f.Rows}, nil
		}
	}
	return nil, wait
}

// demand waits for the files of a wanted date that a manifest lists and that are
// not there. One that is not whole lists nothing yet.
func (j *judge) demand() {
	if j.lists.name == nil || j.lists.name.pattern == nil || j.want.All {
		return
	}
	there := map[string]bool{}
	for _, o := range j.look.Objects {
		there[o.Path] = true
	}
	for _, m := range j.lists.all {
		if m.settles.After(j.look.At) {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(m.files)) {
			if !there[name] {
				there[name] = true // is waited for once
				j.demandOne(m, name)
			}
		}
	}
}

func (j *judge) demandOne(m *manifest, name string) {
	for i, f := range j.want.Files {
		date, ok := f.Pattern.Match(name)
		if !ok || f.arrives() || !agree(m.date, j.lists.name.pattern.Unit(), date, f.Pattern.Unit()) {
			continue
		}
		if !f.has(date) {
			continue
		}
		if j.found[i][date] == nil {
			j.found[i][date] = &finding{}
		}
		j.found[i][date].pending = append(j.found[i][date].pending, pending{path: name, why: ListedAbsent})
		return
	}
}
