// Package plan says what applying a workspace would change and what its groups
// will do next.
//
// [Make] is pure: it compares two graphs, lets every group run on from where the
// runtime stands, with the calendar and the decisions that the runtime itself
// uses ([window]), and looks for changes of the clock that a schedule runs into.
// It asks for no time and reads nothing; the same [Input] gives the same [Plan],
// byte for byte. Package plan/view shows a Plan, package apply saves and applies
// one. [MakeAdHoc] does the same for one run that somebody asks for: it judges what
// the runtime has found at the sources as the run itself will.
package plan

import (
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan/coverage"
)

// FormatVersion is the version of a Plan's JSON form: "major.minor". A reader
// refuses another major version; a minor one only adds keys.
const FormatVersion = "1.1"

// Defaults of an Input.
const (
	DefaultHorizon  = 7 * 24 * time.Hour
	DefaultPerGroup = 50
)

// Input is all that a plan depends on.
type Input struct {
	Deployed    graph.Deployment // what is applied; serial 0: nothing yet
	Graph       *graph.Graph     // what was written; nil where it has errors
	Standing    graph.Standing   // where the runtime stands
	At          time.Time        // the plan's now
	Horizon     time.Duration    // how far runs are looked at; 0: DefaultHorizon
	PerGroup    int              // how many runs of a group are listed; 0: DefaultPerGroup
	Tool        string           // release of Waybill
	AtStated    bool             // At was given by the user and is not the real time
	Offline     bool             // no runtime was asked
	Diagnostics diag.List        // what was said about Graph

	// Groups, Exclude and Target select groups by address. Groups shows only these
	// and those that they wait for or that wait for them; Exclude leaves some out
	// of what is shown. Target plans the changes of these groups alone, and of what
	// they need: everything else stays as it is applied.
	Groups, Exclude, Target []graph.Addr
}

// Plan is plain data. Lists are sorted: changes by address, runs by instant and
// group, groups by address.
type Plan struct {
	FormatVersion string              `json:"format_version"`
	Tool          string              `json:"tool"`
	TZData        string              `json:"tzdata"` // release of the zone data it was made with
	At            time.Time           `json:"at"`
	AtStated      bool                `json:"at_stated"`
	Offline       bool                `json:"offline"`
	View          View                `json:"view,omitzero"` // what was selected; empty: everything
	Horizon       graph.Duration      `json:"horizon"`
	Until         time.Time           `json:"until"` // At plus Horizon
	Base          Base                `json:"base"`
	GraphDigest   string              `json:"graph_digest,omitempty"` // empty where the workspace has errors
	Summary       Summary             `json:"summary"`
	Changes       []Change            `json:"changes"`
	Consequences  []Consequence       `json:"consequences"` // of groups whose runs the changes touch, by address
	Groups        []Group             `json:"groups"`
	Runs          []Run               `json:"runs"`
	Coverage      []coverage.Coverage `json:"coverage"` // of the couriers of scheduled groups
	Diagnostics   diag.List           `json:"diagnostics"`

	// Zones is the rules of the groups' zones that the plan was made with: its
	// deployment keeps them.
	Zones []graph.ZoneSpans `json:"zones,omitempty"`
	Graph *graph.Graph      `json:"graph,omitempty"`
}

// View is the selection of groups that a plan was made with. A plan with Groups or
// Exclude is for looking at and cannot be applied; one with Target can.
type View struct {
	Groups  []graph.Addr `json:"groups,omitempty"`
	Exclude []graph.Addr `json:"exclude,omitempty"`
	Target  []graph.Addr `json:"target,omitempty"`
}

// Partial reports whether the plan leaves out changes that applying it would make.
func (v View) Partial() bool { return len(v.Groups)+len(v.Exclude) > 0 }

// Base is the deployment that a plan was made against. Serial 0 means that
// nothing was applied.
type Base struct {
	Store     string    `json:"store,omitempty"`
	Serial    int64     `json:"serial"`
	Digest    string    `json:"digest,omitempty"`
	AppliedAt time.Time `json:"applied_at,omitzero"`
	AppliedBy string    `json:"applied_by,omitempty"`
	TZData    string    `json:"tzdata,omitempty"` // release of the zone data it was planned with
}

// Summary counts the changes.
type Summary struct {
	Add    int `json:"add"`
	Change int `json:"change"`
	Remove int `json:"remove"`
	Rename int `json:"rename"` // blocks under another address, whatever else of them changes
}

// Empty reports whether applying the plan would change nothing.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 && !p.Rezoned() }

// Rezoned reports whether what is applied was planned with another release of
// the zone data: applying the plan, even one without changes, records this one.
func (p *Plan) Rezoned() bool { return p.Base.TZData != "" && p.Base.TZData != p.TZData }

// Make works a plan out. What it finds wrong is in the Plan's diagnostics,
// behind those of the input.
func Make(in Input) *Plan {
	p := newPlan(in)
	if in.Graph == nil {
		p.Diagnostics = p.Diagnostics.Sorted()
		return p
	}
	if in.Deployed.Serial == 0 || in.Deployed.Graph == nil {
		in.Deployed.Graph = &graph.Graph{}
	}
	p.Diagnostics = append(p.Diagnostics, refusals(&in, p)...)
	if len(in.Target) > 0 {
		var problems diag.List
		in.Graph, problems = target(in)
		p.Graph, p.Diagnostics = in.Graph, append(p.Diagnostics, problems...)
		if problems.HasErrors() {
			p.Graph, p.Diagnostics = nil, p.Diagnostics.Sorted()
			return p
		}
	}
	p.GraphDigest = in.Graph.Digest()
	renames := graph.RenamesOf(in.Deployed.Graph, in.Graph)
	p.Diagnostics = append(p.Diagnostics, staleMoves(in, renames)...)
	in.Deployed.Graph, in.Standing = in.Deployed.Graph.Renamed(renames), in.Standing.Renamed(renames)
	p.Changes = diff(in, p.GraphDigest, renames)
	p.Summary = summarise(p.Changes)
	w, problems := newWorld(in, p.Until)
	p.Diagnostics = append(p.Diagnostics, problems...)
	c := &courses{before: appliedWorld(in, w), after: w, renames: renames, changes: p.Changes}
	w.earlier, w.keep = c.before, c.keep()
	for i := range in.Graph.Groups {
		p.addGroup(w, &in.Graph.Groups[i])
	}
	sortRuns(p.Runs)
	if in.Deployed.Serial != 0 {
		c.work(p)
		p.Diagnostics = append(p.Diagnostics, handovers(in.Graph, p.Consequences)...)
	}
	p.Zones = zoneSpans(in.Graph, p.At)
	calendarFacts(w, p.Diagnostics)
	p.Diagnostics = append(p.Diagnostics, hazards(w)...)
	p.narrow(in)
	p.Diagnostics = p.Diagnostics.Sorted()
	return p
}

// refusals reports an input that cannot be planned as it was asked for.
func refusals(in *Input, p *Plan) diag.List {
	list := misnamed(*in)
	if in.Horizon < 0 || in.Horizon > graph.MaxDuration.Std() {
		list = append(list, diag.PlanHorizon.New(nil, "Horizon out of bounds",
			"Runs can be looked at from now on for up to ten years, 3660d; the horizon is %s. Write for example --horizon 30d.", in.Horizon))
		p.Horizon, p.Until = graph.Duration(DefaultHorizon), p.At.Add(DefaultHorizon)
	}
	return list
}

func newPlan(in Input) *Plan {
	horizon := in.Horizon
	if horizon == 0 {
		horizon = DefaultHorizon
	}
	d := in.Deployed
	return &Plan{
		FormatVersion: FormatVersion,
		Tool:          in.Tool,
		TZData:        cron.Release(),
		At:            in.At.UTC(),
		AtStated:      in.AtStated,
		Offline:       in.Offline,
		Horizon:       graph.Duration(horizon),
		Until:         in.At.UTC().Add(horizon),
		Base:          Base{Store: d.Store, Serial: d.Serial, Digest: d.Digest, AppliedAt: d.AppliedAt.UTC(), AppliedBy: d.AppliedBy, TZData: d.TZData},
		Changes:       []Change{},
		Consequences:  []Consequence{},
		View:          View{Groups: in.Groups, Exclude: in.Exclude, Target: in.Target},
		Groups:        []Group{},
		Runs:          []Run{},
		Coverage:      []coverage.Coverage{},
		Diagnostics:   append(diag.List{}, in.Diagnostics...),
		Graph:         in.Graph,
	}
}

// summarise counts changes by what happens.
func summarise(changes []Change) Summary {
	var s Summary
	for _, c := range changes {
		switch c.Action {
		case Add:
			s.Add++
		case Remove:
			s.Remove++
		case Rename:
			s.Rename++
		default:
			s.Change++
		}
	}
	return s
}
