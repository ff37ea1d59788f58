package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// foretoldWorkspace has couriers of every kind whose sources can be listed, and
// steps of every kind.
const foretoldWorkspace = `
courier "days" {
  filedrop { url = "drop" }
  file "d" { pattern = "d-{yyyy}{MM}{dd}.csv" }
  file "extra" {
    pattern  = "x-{yyyy}{MM}{dd}*.csv"
    optional = true
    days     = ["mon", "tue", "wed", "thu", "fri"]
  }
  ready { stable_for = "10m" }
}

courier "hours" {
  filedrop { url = "drop" }
  file "h" {
    pattern = "hours/{yyyy}/h-{yyyy}{MM}{dd}{HH}.csv"
    require = "any"
  }
  ready {
    stable_for  = "0s"
    done_marker = "{file}.done"
  }
  poll_every = "30m"
}

courier "arrivals" {
  filedrop { url = "drop" }
  file "a" { pattern = "a-*.csv" }
  ready { stable_for = "1m" }
}

bridge "gate" {
  direction = "inbound"
  exec { command = ["true"] }
}
process "load" {
  exec { command = ["true"] }
}
activation "campaign" "mail" {
  require_complete = true
  exec { command = ["true"] }
}

courier_group "daily" {
  schedule    = "0 6 * * *"
  timezone    = "Europe/Berlin"
  file_dates  = "schedule"
  accept      = ["WB821"]
  processes   = [process.load]
  activations = [activation.campaign.mail]

  courier "days" {
    offset { days = 1 }
  }
  courier "hours" {
    offset { hours = 30 }
    wait { hours = 1 }
  }
}

courier_group "lenient" {
  schedule     = "30 18 * * *"
  timezone     = "America/Los_Angeles"
  run_type     = "refresh"
  processes    = [process.load]
  activations  = [activation.campaign.mail]
  past_day_only = true

  bridge "gate" {
    use = bridge.gate
  }
  courier "arrivals" { on_missing = "continue" }
  courier "days" { on_missing = "continue" }
  courier "hours" { on_missing = "continue" }
}

courier_group "arrived" {
  couriers    = [courier.arrivals]
  activations = [activation.campaign.mail]
}
`

// foretoldForms are the ways to ask for a run.
var foretoldForms = []runtime.RunArgs{
	{},
	{Date: "2000-01-08"},
	{Date: "2000-01-08", ApplyOffsets: true},
	{Date: "2000-01-09", LoadOnly: true},
	{Date: "2000-01-12"},
	{From: "2000-01-06", To: "2000-01-09"},
	{From: "2000-01-08"},
	{From: "2000-01-08T12:00:00Z", To: "2000-01-08T20:30:00Z"},
	{From: "1999-01-01", To: "2000-01-09"},
	{At: "2000-01-09"},
	{At: "2000-01-09", Couriers: []string{"days"}},
	{All: true},
	{All: true, Reload: true},
	{Date: "2000-01-08", Reload: true},
	{Date: "2000-01-07", Couriers: []string{"hours"}},
}

// TestTheRunIsWhatPlanRunForetells asks for runs in every form, of sources with
// random files of which some have landed and some changed since, and compares
// what plan run says with what run reads, lands and does.
func TestTheRunIsWhatPlanRunForetells(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := memoryDir(t)
			writeWorkspace(t, dir, foretoldWorkspace)
			synctest.Test(t, func(t *testing.T) {
				f := &foretold{T: t, dir: dir, runtime: openInBubble(t, dir), random: rand.New(rand.NewPCG(seed, 1)), then: map[string]int{}}
				time.Sleep(time.Until(parseInstant(t, "2000-01-10T12:00:00Z")))
				f.apply()
				for _, i := range f.random.Perm(len(foretoldForms)) {
					time.Sleep(time.Second) // a list of a source is as old as it says
					f.files()
					for _, group := range []graph.Addr{"courier_group.daily", "courier_group.lenient", "courier_group.arrived"} {
						f.compare(group, foretoldForms[i])
					}
				}
				t.Logf("%v", f.then)
				if f.then[plan.PullLands] == 0 || f.then[plan.PullMissing] == 0 || f.then[plan.FileLanded] == 0 {
					t.Errorf("the cases are too much alike: %v", f.then)
				}
			})
		})
	}
}

// foretold is a workspace whose runs are compared with what was said of them.
type foretold struct {
	*testing.T
	dir     string
	runtime *runtime.Runtime
	graph   *graph.Graph
	random  *rand.Rand
	then    map[string]int // how often each outcome was foretold
}

func (f *foretold) apply() {
	f.Helper()
	workspace, problems, err := lang.Load(f.dir, lang.Options{})
	if err != nil || problems.HasErrors() {
		f.Fatal(err, problems)
	}
	f.graph = workspace.Graph
	if _, err := f.runtime.Deploy(f.Context(), graph.Deployment{Graph: f.graph}); err != nil {
		f.Fatal(err)
	}
}

// files writes some files, which may replace others, and takes some away.
func (f *foretold) files() {
	f.Helper()
	for range 12 {
		day := time.Date(2000, 1, 5+f.random.IntN(8), f.random.IntN(24), 0, 0, 0, time.UTC)
		name := []string{
			day.Format("d-20060102.csv"), day.Format("d-20060102.csv"), day.Format("x-20060102-a.csv"), day.Format("x-20060102-b.csv"),
			day.Format("hours/2006/h-2006010215.csv"), day.Format("hours/2006/h-2006010215.csv.done"), fmt.Sprintf("a-%d.csv", f.random.IntN(4)), "other.txt",
		}[f.random.IntN(8)]
		path := filepath.Join(f.dir, "drop", name)
		if f.random.IntN(6) == 0 {
			_ = os.Remove(path) // it may not be there
			continue
		}
		written := time.Now().Add(-time.Duration(f.random.IntN(60*48)) * time.Minute)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, f.random.IntN(2000)), 0o600); err != nil {
			f.Fatal(err)
		}
		if err := os.Chtimes(path, written, written); err != nil {
			f.Fatal(err)
		}
	}
}

// compare asks what a run would do, has it done, and compares.
func (f *foretold) compare(group graph.Addr, args runtime.RunArgs) {
	f.Helper()
	args.Couriers = slices.DeleteFunc(slices.Clone(args.Couriers), func(c string) bool { return f.graph.Group(group).Member(c) == nil })
	before := f.standing()
	facts, err := f.runtime.Facts(f.Context(), group, args)
	if err != nil {
		f.refused(group, args, err)
		return
	}
	a, err := plan.MakeAdHoc(plan.AdHocInput{
		Graph: f.graph, Group: group, Couriers: args.Couriers, LoadOnly: args.LoadOnly, Reload: args.Reload, Facts: overTheWire(f.T, facts),
		Ask: window.Ask{Date: args.Date, From: args.From, To: args.To, All: args.All, At: args.At, ApplyOffsets: args.ApplyOffsets},
	})
	if err != nil {
		f.Fatal(err)
	}
	c := f.run(group, args)
	d, err := f.runtime.Run(f.Context(), c.Run)
	if err != nil {
		f.Fatal(err)
	}
	for _, pull := range a.Couriers {
		f.then[pull.Then]++
		for _, file := range pull.Files {
			f.then[file.State]++
		}
	}
	said, done := f.said(a, d), f.done(a, d)
	if diff := cmp.Diff(said, done); diff != "" {
		f.Errorf("%s %+v (-foretold +happened):\n%s", group, args, diff)
	}
	if diff := cmp.Diff(before, f.standing()); diff != "" {
		f.Errorf("the run has moved something:\n%s", diff)
	}
}

// overTheWire is facts as a client of a server gets them.
func overTheWire(t *testing.T, f graph.Facts) (back graph.Facts) {
	t.Helper()
	text, err := json.Marshal(f)
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func (f *foretold) standing() graph.Standing {
	f.Helper()
	s, err := f.runtime.Standing(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	return s
}

func (f *foretold) run(group graph.Addr, args runtime.RunArgs) store.Command {
	f.Helper()
	text, err := json.Marshal(args)
	if err != nil {
		f.Fatal(err)
	}
	c, err := f.runtime.Do(f.Context(), store.Command{Verb: store.VerbRun, Group: group, Args: text}, nil)
	if err != nil {
		f.Fatalf("%s %+v: %v", group, args, err)
	}
	return c
}

// refused checks that what cannot be planned cannot be run, for the same reason.
func (f *foretold) refused(group graph.Addr, args runtime.RunArgs, why error) {
	f.Helper()
	text, err := json.Marshal(args)
	if err != nil {
		f.Fatal(err)
	}
	_, err = f.runtime.Do(f.Context(), store.Command{Verb: store.VerbRun, Group: group, Args: text}, nil)
	if err == nil || err.Error() != why.Error() {
		f.Errorf("%s %+v: plan run says %v, run %v", group, args, why, err)
	}
}

// fails names the courier that fails the run at once, if there is one: what has
// not begun by then does not begin.
func fails(a *plan.AdHoc) bool {
	return slices.ContainsFunc(a.Couriers, func(c plan.AdHocPull) bool {
		return c.Then == plan.PullMissing && c.OnMissing == graph.OnMissingStop
	})
}

// said is what the plan says of the run, in lines; of what it leaves open, what
// happened.
func (f *foretold) said(a *plan.AdHoc, d store.Detail) map[string]string {
	lines := map[string]string{"starts": fmt.Sprint(a.Start.State, " ", stampOf(a.At))}
	for _, c := range a.Couriers {
		line := fmt.Sprintf("[%s, %s) ", stampOf(c.Range.Start), stampOf(c.Range.End))
		task := taskOf(d, c.Name)
		var land []string
		for _, file := range c.Files {
			if file.State == plan.FileLands {
				land = append(land, fmt.Sprintf("%s %s %s %d", file.File, file.Date, file.Name, file.Size))
			}
		}
		slices.Sort(land)
		switch {
		case c.Then == plan.PullWaits, fails(a) && task.State == store.Skipped:
			line += f.came(task, d)
		case c.Then == plan.PullNothing:
			line += store.Landed
		case c.Then == plan.PullLands:
			line += fmt.Sprintf("%s %d %s", store.Landed, c.Warnings, strings.Join(land, ", "))
		case c.OnMissing == graph.OnMissingContinue:
			line += fmt.Sprintf("%s %s", store.Missing, strings.Join(land, ", "))
		default:
			line += store.Missing
		}
		if !c.Deadline.IsZero() && task.State != store.Skipped {
			line += " by " + stampOf(c.Deadline)
		}
		lines[c.Name] = strings.TrimSpace(line)
	}
	for _, s := range a.Steps {
		switch s.State {
		case plan.StepRuns:
			lines[string(s.Step)] = fmt.Sprintf("%s %d", store.Succeeded, s.Files)
		case plan.StepSkipped:
			lines[string(s.Step)] = store.Skipped
		case plan.StepDepends:
			lines[string(s.Step)] = f.stepDone(taskOf(d, string(s.Step)), d)
		}
	}
	return lines
}

// done is what the run did, in the same lines.
func (f *foretold) done(a *plan.AdHoc, d store.Detail) map[string]string {
	lines := map[string]string{"starts": fmt.Sprint(plan.StartsNow, " ", stampOf(d.Run.StartedAt))}
	for _, t := range d.Tasks {
		if t.Kind != store.KindCourier {
			lines[t.Name] = f.stepDone(t, d)
			continue
		}
		line := fmt.Sprintf("[%s, %s) ", stampOf(t.RangeStart), stampOf(t.RangeEnd)) + f.came(t, d)
		i := slices.IndexFunc(a.Couriers, func(c plan.AdHocPull) bool { return c.Name == t.Name })
		if i >= 0 && a.Couriers[i].Wait > 0 && a.Couriers[i].Then != plan.PullNothing && t.State != store.Skipped {
			line += " by " + stampOf(t.Deadline)
		}
		lines[t.Name] = strings.TrimSpace(line)
	}
	return lines
}

// came is how a courier's task ended, with what landed.
func (f *foretold) came(t store.Task, d store.Detail) string {
	var land []string
	for _, l := range d.Landings {
		if l.Courier == t.Name {
			land = append(land, fmt.Sprintf("%s %s %s %d", l.File, l.Date, l.Path, l.Size))
		}
	}
	slices.Sort(land)
	switch {
	case t.State == store.Landed && strings.HasPrefix(t.Message, "nothing to read"):
		return store.Landed
	case t.State == store.Landed:
		return fmt.Sprintf("%s %d %s", t.State, t.Warnings, strings.Join(land, ", "))
	}
	return strings.TrimSpace(t.State + " " + strings.Join(land, ", "))
}

// stepDone is how a step ended, and of how many files it was told.
func (f *foretold) stepDone(t store.Task, d store.Detail) string {
	if t.State != store.Succeeded {
		return t.State
	}
	if t.Kind == store.KindBridge {
		return t.State + " 0"
	}
	path := filepath.Join(f.dir, "landing", d.Run.Group.Name(), "_runs", strings.ReplaceAll(d.Run.Key, ":", "%3A"), t.Name+".json")
	text, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	var list struct{ Files []any }
	if err := json.Unmarshal(text, &list); err != nil {
		f.Fatal(err)
	}
	return fmt.Sprintf("%s %d", t.State, len(list.Files))
}

func taskOf(d store.Detail, name string) store.Task {
	for _, t := range d.Tasks {
		if t.Name == name {
			return t
		}
	}
	return store.Task{}
}
