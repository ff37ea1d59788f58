package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// AdHocPull is what one courier would do.
type AdHocPull struct {
	Courier      graph.Addr     `json:"courier"`
	Name         string         `json:"name"`   // the member's
	Source       string         `json:"source"` // its kind
	Range        window.Range   `json:"range,omitzero"`
	Everything   bool           `json:"everything,omitempty"` // no range: all that is there, or that has arrived
	RangeIgnored bool           `json:"range_ignored,omitempty"`
	Watermark    time.Time      `json:"watermark,omitzero"` // where it stays
	Expected     []FileDetail   `json:"expected"`           // the names looked for
	LookedAt     time.Time      `json:"looked_at,omitzero"`
	NotLooked    string         `json:"not_looked,omitempty"` // why nothing is known of its files
	Files        []AdHocFile    `json:"files"`
	Request      string         `json:"request,omitempty"` // of a rest_api or a warehouse: what it asks for, without secrets
	Then         string         `json:"then"`
	Wait         graph.Duration `json:"wait"`
	Deadline     time.Time      `json:"deadline,omitzero"` // of the wait, if the run starts at AdHoc.At
	Settles      time.Time      `json:"settles,omitzero"`  // when what still changes lands, if it does so no more and nothing else is missing
	OnMissing    string         `json:"on_missing"`
	Warnings     int            `json:"warnings,omitempty"` // files that the first look misses, optional ones included
}

// What a courier's first look comes to.
const (
	PullLands   = "lands"   // everything required is there
	PullWaits   = "waits"   // until Deadline, for what is missing or not ready
	PullMissing = "missing" // something is, and it does not wait
	PullNothing = "nothing" // its range is empty
	PullRuns    = "runs"    // its program, which says what there is
	PullAsks    = "asks"    // an interface or a database, for Request
	PullUnknown = "unknown" // its source was not looked at
)

// AdHocFile is a file that was found, or one that is missing.
type AdHocFile struct {
	State    string    `json:"state"`
	File     string    `json:"file"` // the file block
	Date     string    `json:"date,omitempty"`
	Name     string    `json:"name"` // its path; of a missing one the name looked for
	Size     int64     `json:"size,omitempty"`
	ModTime  time.Time `json:"mod_time,omitzero"`
	Optional bool      `json:"optional,omitempty"`
	Why      string    `json:"why,omitempty"` // not_ready: still changing, too small, no done marker and so on
	// Manifest is the list of the producer with which it is compared while it lands.
	Manifest string `json:"manifest,omitempty"`
	// Landed is the newest landing at this path: of this version where the state
	// is landed, or it lands again; else of an earlier one.
	Landed *Landed `json:"landed,omitempty"`
	Again  bool    `json:"again,omitempty"` // this version has landed, and lands again: reload
}

// The states of an AdHocFile.
const (
	FileLands    = "lands"
	FileLanded   = "landed"    // this version has landed: it does not land again
	FileNotReady = "not_ready" // there, and not whole yet
	FilePassed   = "passed"    // older than what the courier first read
	FileMissing  = "missing"
)

// Landed is when a version of a file landed.
type Landed struct {
	Run  string    `json:"run"`
	At   time.Time `json:"at"`
	Size int64     `json:"size"`
}

// puller plans the couriers of one run.
type puller struct {
	in    *AdHocInput
	cal   *window.Calendar
	asked window.AdHoc
}

func (p *puller) pull(m graph.Member) (AdHocPull, error) {
	courier := p.in.Graph.Courier(m.Courier)
	pull := AdHocPull{
		Courier: m.Courier, Name: m.Name, Source: courier.Source(), RangeIgnored: courier.IgnoresRange,
		Range: p.asked.For(m.Offset, p.cal), Wait: m.Wait, OnMissing: m.OnMissing, Expected: []FileDetail{}, Files: []AdHocFile{},
	}
	pull.Everything = pull.Range.Empty() && p.asked.Tick.IsZero()
	want, err := p.cal.WantAdHoc(courier, p.asked, m.Offset)
	if err != nil {
		return pull, err
	}
	if !want.All {
		pull.Expected = append(pull.Expected, details(want)...)
	}
	facts := p.in.Facts.Courier(m.Name)
	if facts == nil {
		facts = &graph.CourierFacts{NotLooked: "nobody was asked"}
	}
	pull.Watermark = facts.Watermark
	switch {
	case want.Nothing() && window.NeedsRange(courier):
		pull.Then = PullNothing
		return pull, nil
	case courier.Exec != nil:
		pull.Then, pull.NotLooked = PullRuns, facts.NotLooked
	case courier.Fetches():
		pull.Then, pull.NotLooked, pull.Request = PullAsks, facts.NotLooked, p.requestText(courier, &pull)
	case facts.LookedAt.IsZero():
		pull.Then, pull.NotLooked = PullUnknown, facts.NotLooked
	default:
		pull.LookedAt = facts.LookedAt
		p.judge(&pull, courier, want, facts)
	}
	if m.Wait > 0 {
		pull.Deadline = window.Deadline(m.Wait, p.in.Facts.At)
	}
	return pull, nil
}

// judge judges what was found, as the run's first look will.
func (p *puller) judge(pull *AdHocPull, courier *graph.Courier, want window.Want, facts *graph.CourierFacts) {
	known := newLandings(facts.Landings)
	seen := map[string]bool{}
	look := window.Look{At: facts.LookedAt, Manifests: map[string]graph.Manifest{}}
	for _, m := range facts.Manifests {
		look.Manifests[m.Path] = m
	}
	for _, o := range facts.Objects {
		object := window.Object{Path: o.Path, Size: o.Size, ModTime: o.ModTime, ETag: o.ETag}
		look.Objects = append(look.Objects, object)
		seen[o.Path] = o.Seen
	}
	history := window.History{Seen: func(o window.Object) bool { return seen[o.Path] }}
	if !p.in.Reload {
		history.Landed = known.has
	}
	verdict := want.Judge(look, nil, courier.Ready, history)
	j := newJudged(want, courier.Ready, verdict, history, known)
	for _, o := range look.Objects {
		if f, ok := j.file(o); ok {
			pull.Files = append(pull.Files, f)
		}
	}
	for _, m := range verdict.Missing {
		if m.Gone() {
			pull.Files = append(pull.Files, AdHocFile{State: FileMissing, File: m.File, Date: m.Date, Name: m.Name, Optional: m.Optional, Landed: known.dated(m)})
		}
	}
	slices.SortStableFunc(pull.Files, func(a, b AdHocFile) int {
		return cmp.Or(strings.Compare(a.Date, b.Date), strings.Compare(a.Name, b.Name))
	})
	pull.Then, pull.Warnings = p.then(pull, verdict, courier), len(verdict.Missing)
	if pull.Then == PullWaits && !slices.ContainsFunc(verdict.Missing, func(m window.Missing) bool { return !m.Optional && m.Why != window.StillChanging }) {
		pull.Settles = p.in.Facts.At.Add(verdict.Again.Sub(verdict.At)).UTC()
	}
}

// judged is a look with its verdict, to tell what became of each file.
type judged struct {
	want    window.Want
	ready   graph.Ready
	taken   map[string]window.Taken   // by path
	waits   map[string]window.Missing // by path
	history window.History
	known   landings
}

func newJudged(want window.Want, ready graph.Ready, v window.Verdict, h window.History, known landings) *judged {
	j := &judged{want: want, ready: ready, history: h, known: known, taken: map[string]window.Taken{}, waits: map[string]window.Missing{}}
	for _, t := range v.Take {
		j.taken[t.Object.Path] = t
	}
	for _, m := range v.Missing {
		if !m.Gone() {
			j.waits[m.Name] = m
		}
	}
	return j
}

// file is what becomes of an object; false for one that the run does not want.
func (j *judged) file(o window.Object) (AdHocFile, bool) {
	file, date, ok := j.want.Place(o, j.ready)
	f := AdHocFile{State: FileNotReady, File: file, Date: date, Name: o.Path, Size: o.Size, ModTime: o.ModTime, Landed: j.known.newest(o.Path)}
	if t, take := j.taken[o.Path]; take {
		f.State, f.File, f.Date, f.Again = FileLands, t.File, t.Date, j.known.has(o)
		if t.Check != nil {
			f.Manifest = t.Check.Manifest
		}
		return f, ok
	}
	if j.history.Landed != nil && j.history.Landed(o) {
		f.State, f.Landed = FileLanded, j.known.version(o)
		return f, ok
	}
	if m, waits := j.waits[o.Path]; waits {
		f.Why, f.Optional = m.Why, m.Optional
		return f, ok
	}
	if date == "" && !j.want.All && !j.want.ByModTime && j.history.Seen(o) {
		f.State = FilePassed
		return f, ok
	}
	f.Why, f.Optional = window.StillChanging, true // another file of its block is enough
	return f, ok
}

// then is what comes of the first look.
func (p *puller) then(pull *AdHocPull, v window.Verdict, courier *graph.Courier) string {
	wait := window.Wait{Deadline: window.Deadline(pull.Wait, p.in.Facts.At), Every: window.PollEvery(pull.Wait, courier.PollEvery)}
	switch out := wait.After(v, p.in.Facts.At, 0); {
	case out.Land:
		return PullLands
	case out.Missing:
		return PullMissing
	}
	return PullWaits
}

// landings are the landings of one courier by path, as they landed.
type landings map[string][]graph.Landing

func newLandings(all []graph.Landing) landings {
	l := landings{}
	for _, one := range all {
		l[one.Path] = append(l[one.Path], one)
	}
	return l
}

func (l landings) has(o window.Object) bool { return l.version(o) != nil }

// version is the last landing of a version, or nil.
func (l landings) version(o window.Object) *Landed {
	return last(l[o.Path], func(x graph.Landing) bool { return x.Version == o.Version() })
}

// newest is the last landing at a path, or nil.
func (l landings) newest(path string) *Landed {
	return last(l[path], func(graph.Landing) bool { return true })
}

// dated is the last landing of what is missing now, or nil.
func (l landings) dated(m window.Missing) *Landed {
	var found *Landed
	for _, path := range slices.Sorted(maps.Keys(l)) {
		if one := last(l[path], func(x graph.Landing) bool { return x.File == m.File && x.Date == m.Date && m.Date != "" }); one != nil {
			if found == nil || one.At.After(found.At) {
				found = one
			}
		}
	}
	return found
}

func last(all []graph.Landing, ok func(graph.Landing) bool) *Landed {
	for _, x := range slices.Backward(all) {
		if ok(x) {
			return &Landed{Run: x.Run, At: x.At, Size: x.Size}
		}
	}
	return nil
}
