package window

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// MaxPassed is how many files a verdict names that it does not take.
const MaxPassed = 20

// Passed is a file that a look saw and that is not taken, with the reason.
type Passed struct {
	Path    string    `json:"path"`
	Size    int64     `json:"size"`
	ModTime time.Time `json:"mod_time,omitzero"`
	File    string    `json:"file,omitempty"` // the file block whose pattern it matches; empty: none
	Date    string    `json:"date,omitempty"` // the date in its path
	Why     string    `json:"why"`            // one of the values of Missing.Why, or of those below
	Detail  string    `json:"detail,omitempty"`
}

// The values of Passed.Why besides those of [Missing]: the file has landed, by an
// earlier run or attempt; its date or its time is not in the range; it was there
// before the courier began to read; its path is no name that the courier looks
// for; it tells of other files.
const (
	HasLanded  = "has landed"
	OutOfRange = "outside the range"
	SeenBefore = "older than the first run"
	NoMatch    = "matches no pattern"
	TellsOf    = "tells of other files"
)

// rankOf orders the reasons by how near a file is to being taken: those that the
// run waits for, and then the rest.
func rankOf(why string) int {
	return max(slices.Index([]string{HasLanded, OutOfRange, SeenBefore, NoMatch, TellsOf}, why), -1) + 1
}

const ranks = 6

// passed collects the nearest files of each rank.
type passed struct {
	nearest [ranks][]near
	count   int
}

// near is a file with how far it is from being taken, among those of its rank.
type near struct {
	Passed
	far int64
}

func (n near) compare(m near) int {
	return cmp.Or(cmp.Compare(n.far, m.far), strings.Compare(n.Path, m.Path))
}

// add notes a file, unless it is farther than enough others.
func (p *passed) add(n near) {
	p.count++
	rank := &p.nearest[rankOf(n.Why)]
	i, _ := slices.BinarySearchFunc(*rank, n, near.compare)
	if i == MaxPassed {
		return
	}
	*rank = slices.Insert(*rank, i, n)
	*rank = (*rank)[:min(len(*rank), MaxPassed)]
}

// list returns the files that are waited for and, of the others, the nearest of
// each rank in turn, so that none of the reasons hides another one.
func (p *passed) list() []Passed {
	keep := [ranks]int{min(len(p.nearest[0]), MaxPassed)}
	for left, depth := MaxPassed-keep[0], 0; left > 0 && depth < MaxPassed; depth++ {
		for r := 1; r < ranks && left > 0; r++ {
			if depth < len(p.nearest[r]) {
				keep[r]++
				left--
			}
		}
	}
	var all []Passed
	for r, list := range p.nearest {
		for _, n := range list[:keep[r]] {
			all = append(all, n.Passed)
		}
	}
	return all
}

// passOver notes why the run does not take an object. The reason of the nearest
// file block counts.
func (j *judge) passOver(o Object) {
	best := near{Passed: Passed{Why: NoMatch}, far: -1}
	for _, f := range j.want.Files {
		n := j.reason(f, o)
		if best.far < 0 || cmp.Or(cmp.Compare(rankOf(n.Why), rankOf(best.Why)), cmp.Compare(n.far, best.far)) < 0 {
			best = n
		}
	}
	best.Path, best.Size, best.ModTime = o.Path, o.Size, o.ModTime
	j.passed.add(best)
}

// reason says why an object that is in nothing that waits is not taken for a file
// block.
func (j *judge) reason(f FileWant, o Object) near {
	date, ok := f.Pattern.Match(o.Path)
	if !ok {
		return near{Passed: Passed{Why: NoMatch}, far: f.distance(o.Path)}
	}
	n := near{Passed: Passed{File: f.File.Name, Date: f.Pattern.Unit().Format(date)}}
	switch {
	case j.history.landed(o):
		n.Why, n.far = HasLanded, -o.ModTime.Unix()
	case f.arrives() && j.want.ByModTime:
		n.Why, n.Detail = OutOfRange, "modified "+beside(o.ModTime.Before(j.want.Range.Start))
		n.far = int64(min(o.ModTime.Sub(j.want.Range.Start).Abs(), o.ModTime.Sub(j.want.Range.End).Abs()))
	case f.arrives():
		n.Why, n.far = SeenBefore, -o.ModTime.Unix()
	case len(f.Dates) == 0:
		n.Why, n.far, n.Detail = OutOfRange, -int64(date), "no date is in the range"
	default:
		first, last := f.Dates[0].Wall, f.Dates[len(f.Dates)-1].Wall
		n.Why, n.Detail = OutOfRange, "its date is "+beside(date < first)
		n.far = int64(max(first-date, date-last))
	}
	return n
}

func beside(before bool) string {
	if before {
		return "before what the run reads"
	}
	return "after what the run reads"
}

// resembled is with how many of the wanted names a path is compared.
const resembled = 4

// distance says how unlike a path is to the names that a file block looks for: the
// letters that neither begin nor end both.
func (f FileWant) distance(path string) int64 {
	far := differ(path, f.Pattern.String())
	for _, d := range f.Dates[max(0, len(f.Dates)-resembled):] {
		far = min(far, differ(path, d.Name))
	}
	return int64(far)
}

func differ(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	a, b = a[n:], b[n:]
	for n = 0; n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n]; {
		n++
	}
	return len(a) + len(b) - 2*n
}
