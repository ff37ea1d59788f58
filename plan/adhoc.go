package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// AdHocVersion is the version of the JSON form of an [AdHoc]: "major.minor". A
// minor one only adds keys.
const AdHocVersion = "1.0"

// AdHocInput is all that the plan of a run that somebody asks for depends on.
type AdHocInput struct {
	Graph    *graph.Graph // what is applied
	Group    graph.Addr
	Ask      window.Ask // NoRange is worked out here
	Couriers []string   // members of the group; none: all
	LoadOnly bool
	Reload   bool
	SLA      bool
	Edited   bool // the workspace is not what is applied
	Facts    graph.Facts
	Tool     string // release of Waybill
}

// AdHoc says what a run would do that somebody asks for: exactly that, as long as
// sources and store stay as the facts found them. It is plain data. Couriers are
// in the order of the group, files by date and path.
type AdHoc struct {
	FormatVersion string       `json:"format_version"`
	Tool          string       `json:"tool"`
	TZData        string       `json:"tzdata"`
	At            time.Time    `json:"at"` // by the runtime's clock
	Group         graph.Addr   `json:"group"`
	Serial        int64        `json:"serial"`   // of the deployment that it is a run of
	Timezone      string       `json:"timezone"` // of the schedule
	FileDates     string       `json:"file_dates"`
	Data          Data         `json:"data"`
	Start         Start        `json:"start"`
	Couriers      []AdHocPull  `json:"couriers"`
	Steps         []AdHocStep  `json:"steps"`
	NotAwaited    []graph.Addr `json:"not_awaited,omitempty"` // groups that scheduled runs wait for, and this does not
	Summary       AdHocSummary `json:"summary"`
	Notes         []string     `json:"notes,omitempty"`

	MovesWatermarks bool `json:"moves_watermarks"` // never: what runs that are asked for read is read again by the schedule
	Reload          bool `json:"reload,omitempty"` // versions that have landed land again
	LoadOnly        bool `json:"load_only,omitempty"`
}

// The forms of Data.
const (
	DataDay     = "day"     // a calendar day was named
	DataRange   = "range"   // a beginning was named
	DataTick    = "tick"    // what the scheduled run of Tick reads
	DataAll     = "all"     // everything there is
	DataUndated = "undated" // no courier goes by date
)

// Data is which data was asked for.
type Data struct {
	Form           string       `json:"form"`
	Day            string       `json:"day,omitempty"`
	Tick           time.Time    `json:"tick,omitzero"`
	Newest         bool         `json:"newest,omitempty"` // nothing was named: the newest tick
	Range          window.Range `json:"range,omitzero"`   // as named, before offsets
	OffsetsApplied bool         `json:"offsets_applied"`
}

// The states of a Start.
const (
	StartsNow    = "now"
	StartsQueued = "queued"  // behind Ahead
	StartRefused = "refused" // nobody serves, and what stands Ahead would never end
)

// Start is when the run would begin.
type Start struct {
	State  string     `json:"state"`
	Ahead  []AheadRun `json:"ahead,omitempty"`
	Served bool       `json:"served"` // a process that serves carries it out; else the command does
	Paused bool       `json:"paused,omitempty"`
}

// AheadRun is a run that has to end first.
type AheadRun struct {
	Key   string `json:"key"`
	State string `json:"state"`
}

// AdHocStep is what becomes of one bridge, process or activation.
type AdHocStep struct {
	Step  graph.Addr `json:"step"`
	State string     `json:"state"`
	Why   string     `json:"why,omitempty"`
	// Files and Bytes are what it would be handed: what has landed since it last
	// succeeded, and what this run lands. Bridges are handed nothing.
	Files int   `json:"files,omitempty"`
	Bytes int64 `json:"bytes,omitempty"`
}

// The states of an AdHocStep.
const (
	StepRuns    = "runs"
	StepDepends = "depends" // it runs if what is awaited comes
	StepSkipped = "skipped" // it would not run, and Why says why
	StepOff     = "off"     // the kind of run does not reach it
)

// AdHocSummary counts the files of all couriers.
type AdHocSummary struct {
	Expected    int   `json:"expected"` // names looked for, optional ones included
	Land        int   `json:"land"`
	LandBytes   int64 `json:"land_bytes"`
	Landed      int   `json:"landed"` // there, and landed before: not landed again
	LandedBytes int64 `json:"landed_bytes"`
	NotReady    int   `json:"not_ready"`
	Missing     int   `json:"missing"`    // required ones
	NotLooked   int   `json:"not_looked"` // couriers whose source was not looked at
}

// MakeAdHoc plans a run that somebody asks for. The error is a *[window.AskError]
// for a question that makes no sense; another one for a group or courier that is
// not in the graph.
func MakeAdHoc(in AdHocInput) (*AdHoc, error) {
	g := in.Graph.Group(in.Group)
	if g == nil {
		return nil, fmt.Errorf("%s is not in what is applied", in.Group)
	}
	cal, err := window.NewCalendar(g)
	if err != nil {
		return nil, err
	}
	members, err := picked(g, in.Couriers)
	if err != nil {
		return nil, err
	}
	in.Ask.NoRange = !slices.ContainsFunc(members, func(m graph.Member) bool {
		c := in.Graph.Courier(m.Courier)
		return c != nil && window.NeedsRange(c)
	})
	asked, err := cal.AdHoc(in.Ask, in.Facts.At)
	if err != nil {
		return nil, err
	}
	a := &AdHoc{
		FormatVersion: AdHocVersion, Tool: in.Tool, TZData: cron.Release(), At: in.Facts.At.UTC(), Group: g.Addr, Serial: in.Facts.Serial,
		Timezone: g.Timezone, FileDates: g.FileDates, Reload: in.Reload, LoadOnly: in.LoadOnly,
		Couriers: []AdHocPull{}, Steps: []AdHocStep{}, Data: dataOf(asked, in.Ask),
	}
	a.Start = startOf(cal, &in.Facts)
	for _, m := range members {
		pull, err := (&puller{in: &in, cal: cal, asked: asked}).pull(m)
		if err != nil {
			return nil, err
		}
		a.Couriers = append(a.Couriers, pull)
		a.Summary.add(&pull)
	}
	a.steps(&in, g)
	for _, after := range g.After {
		a.NotAwaited = append(a.NotAwaited, after.Group)
	}
	a.note(&in, cal)
	return a, nil
}

// picked is the members that a run is about: the named ones, or all.
func picked(g *graph.Group, names []string) ([]graph.Member, error) {
	for _, name := range names {
		if g.Member(name) == nil {
			return nil, fmt.Errorf("%s has no courier %q", g.Addr, name)
		}
	}
	if len(names) == 0 {
		return g.Members, nil
	}
	return slices.DeleteFunc(slices.Clone(g.Members), func(m graph.Member) bool { return !slices.Contains(names, m.Name) }), nil
}

func dataOf(asked window.AdHoc, ask window.Ask) Data {
	d := Data{Range: asked.Range, Tick: asked.Tick, OffsetsApplied: asked.ApplyOffsets}
	switch {
	case asked.All:
		d.Form = DataAll
	case !asked.Tick.IsZero():
		d.Form, d.Newest, d.OffsetsApplied = DataTick, ask.At == "", true
	case asked.Range.Empty():
		d.Form = DataUndated
	case ask.Date != "":
		d.Form, d.Day = DataDay, ask.Date
	default:
		d.Form = DataRange
	}
	return d
}

// startOf asks the group's Step, as the runtime would, whether the run begins at
// once.
func startOf(cal *window.Calendar, f *graph.Facts) Start {
	const asked = "asked"
	s := Start{State: StartsQueued, Served: f.Held, Paused: f.Paused != nil}
	state := window.State{Paused: s.Paused}
	for _, r := range f.Open {
		o := window.Open{Key: r.Key, Tick: r.ScheduledAt, Status: statusOf(r.State), Asked: r.Asked, Keep: r.Asked}
		state.Open = append(state.Open, o)
		if o.Status == window.StatusBlocked && f.Held || o.Status == window.StatusQueued && s.Paused && !o.Asked && f.Held {
			continue // it is set aside, and holds up nothing that is asked for
		}
		s.Ahead = append(s.Ahead, AheadRun{Key: r.Key, State: r.State})
	}
	if !f.Held && len(s.Ahead) > 0 {
		s.State = StartRefused
		return s
	}
	_, decisions := cal.Step(state, window.Asked{Key: asked})
	if slices.Contains(decisions, window.Decision(window.Start{Key: asked})) {
		s.State, s.Ahead = StartsNow, nil
	}
	return s
}

// statusOf is where an open run stands, by the runtime's word for it.
func statusOf(state string) window.Status {
	switch state {
	case "running", "finalizing":
		return window.StatusRunning
	case "stopping":
		return window.StatusStopping
	case "blocked":
		return window.StatusBlocked
	}
	return window.StatusQueued
}

func (s *AdHocSummary) add(c *AdHocPull) {
	s.Expected += len(c.Expected)
	if c.NotLooked != "" {
		s.NotLooked++
	}
	for _, f := range c.Files {
		switch f.State {
		case FileLands:
			s.Land++
			s.LandBytes += f.Size
		case FileLanded:
			s.Landed++
			s.LandedBytes += f.Size
		case FileNotReady:
			s.NotReady++
		case FileMissing:
			if !f.Optional {
				s.Missing++
			}
		}
	}
}
