package window

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// MaxPrefixes is how many prefixes a list is asked for at most, where the patterns
// allow for so few.
const MaxPrefixes = 64

// Scope is where in a source what matters to verdicts can be: the files, their
// done markers and their manifests. Folders are the [Want.Bases]; each file is in
// one of them and begins with one of Prefixes, which are not cut at a slash. Both
// are empty where nothing is wanted.
//
// A dated pattern has a prefix for each of its dates. Where these are many, they
// are replaced by what they have in common.
func Scope(ready graph.Ready, wants ...Want) (folders, prefixes []string) {
	for _, w := range wants {
		folders = append(folders, w.Bases(ready)...)
		prefixes = append(prefixes, w.prefixes(ready)...)
	}
	if prefixes = outermost(prefixes); len(prefixes) == 0 {
		return nil, nil
	}
	slices.Sort(folders)
	folders = slices.Compact(folders)
	return folders, fewer(prefixes, folders)
}

// prefixes are what the names that matter begin with.
func (w Want) prefixes(ready graph.Ready) []string {
	marker, _ := ParseMarker(ready.DoneMarker) // Want has refused bad ones
	lists, _ := ParseMarker(ready.Manifest)
	var all []string
	for _, f := range w.Files {
		for _, date := range w.datesOf(f) {
			name := f.Pattern.prefix(date, f.known(w))
			all = append(all, name)
			for _, m := range []*Marker{marker, lists} {
				switch {
				case m == nil:
				case m.pattern != nil:
					all = append(all, m.pattern.prefix(date, f.known(w)))
				default:
					all = append(all, m.before+name)
				}
			}
		}
	}
	return all
}

// datesOf are the dates of a file block that a list is asked for; one that says
// nothing where it may be any.
func (w Want) datesOf(f FileWant) []cron.Wall {
	if f.arrives() || w.All {
		return []cron.Wall{0}
	}
	var walls []cron.Wall
	for _, d := range f.Dates {
		walls = append(walls, d.Wall)
	}
	return walls
}

// known is the smallest unit of the dates of [Want.datesOf] that is known.
func (f FileWant) known(w Want) Unit {
	if w.All {
		return None
	}
	return f.Pattern.Unit()
}

// prefix is what every match of a date begins with, of which what is smaller than
// a unit is not known.
func (p *Pattern) prefix(w cron.Wall, known Unit) string {
	var b []byte
	for _, x := range p.pieces {
		switch {
		case x.wild != 0 || x.unit > known:
			return string(b)
		case x.unit != None:
			b = x.unit.append(b, w)
		default:
			b = append(b, x.literal...)
		}
	}
	return string(b)
}

// On is the part of a Want that was missed: of each dated file block the dates
// that missing names.
func (w Want) On(missing []Missing) Want {
	on := Want{Range: w.Range}
	for _, f := range w.Files {
		f.Dates = slices.DeleteFunc(slices.Clone(f.Dates), func(d Date) bool {
			date := f.Pattern.Unit().Format(d.Wall)
			return !slices.ContainsFunc(missing, func(m Missing) bool { return m.File == f.File.Name && m.Date == date })
		})
		if !f.arrives() && len(f.Dates) > 0 {
			on.Files = append(on.Files, f)
		}
	}
	return on
}

// outermost sorts prefixes and drops those that begin with another one.
func outermost(prefixes []string) []string {
	slices.Sort(prefixes)
	var out []string
	for _, p := range prefixes {
		if len(out) == 0 || !strings.HasPrefix(p, out[len(out)-1]) {
			out = append(out, p)
		}
	}
	return out
}

// fewer replaces the prefixes that have most in common by that, until there are
// few enough. What is in two folders stays apart.
func fewer(prefixes, folders []string) []string {
	for len(prefixes) > MaxPrefixes {
		longest := -1
		for i := range len(prefixes) - 1 {
			longest = max(longest, len(joined(prefixes[i], prefixes[i+1], folders)))
		}
		if longest <= 0 {
			break
		}
		var out []string
		for _, p := range prefixes {
			last := len(out) - 1
			if last >= 0 {
				if j := joined(out[last], p, folders); len(j) == longest {
					out[last] = j
					continue
				}
			}
			out = append(out, p)
		}
		prefixes = outermost(out)
	}
	return prefixes
}

// joined is what two prefixes have in common below the folder that both are in,
// empty where they have nothing.
func joined(a, b string, folders []string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	common := a[:n]
	if inFolder(common, folders) != inFolder(a, folders) || inFolder(common, folders) != inFolder(b, folders) {
		return ""
	}
	return common
}

// inFolder is the innermost of the folders that everything with a prefix is in.
func inFolder(prefix string, folders []string) string {
	in := ""
	for _, f := range folders {
		if len(f) > len(in) && strings.HasPrefix(prefix, f+"/") {
			in = f
		}
	}
	return in
}
