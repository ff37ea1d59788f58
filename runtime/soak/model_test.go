package soak_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestModel lives through random histories under a fake clock: ticks, files that
// come in time, late or never, programs that fail, deploys, pauses, runs that
// somebody asks for, retries, backfills, what operators decide, a receiver of
// alerts that is down, and crashes in the middle of anything. What the store and the world then have is
// compared with what a reader of docs/runs.md would expect.
func TestModel(t *testing.T) {
	t.Parallel()
	seeds := slices.Clone(keptSeeds)
	first := seed(20261122)
	for n := range rounds(histories) {
		if seed := first*1_000_000 + uint64(n); !slices.Contains(keptSeeds, seed) { // no round has one of another
			seeds = append(seeds, seed)
		}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, seed)
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("the history:\n%s", strings.Join(h.told, "\n"))
				}
			})
			synctest.Test(t, h.live)
		})
	}
}

// goOn are the couriers whose runs go on without what is missing.
var goOn = []string{"orders", "views"}

// histories is how many there are in the sample. historyDays is how long each
// lasts, in which much happens; and afterLife how long everybody then waits for
// what is under way to come to its end.
const (
	histories   = 12
	historyDays = 2
	afterLife   = 20 * time.Hour
)

// keptSeeds are of histories that always run, besides those that a round draws:
// each has found something, or finds at once what is hard to find.
var keptSeeds = []uint64{
	20261122000007, // a run is tried again and stopped, whose courier had gone on without a file
	5000046,        // a run that goes on without a file is let go on once more by an operator, and stopped
	11000176,       // what a run has gone on without comes, cannot be landed, and is tried again
	9000010,        // a process dies while an activation rests, and the next one finds its run due
}

// history is one life of a runtime. Times in it are those of the fake clock.
type history struct {
	*testing.T
	seed    uint64
	chance  *rand.Rand
	dir     string
	fuse    *fuse
	runtime *runtime.Runtime
	serving func()
	graph   *graph.Graph
	arrived map[string]time.Time // files by path in the workspace
	marks   map[string]time.Time // the newest watermark that was seen of each courier
	pager   *pager
	crashed int         // how often
	begun   []time.Time // when each process began to serve
	told    []string
}

func newHistory(t *testing.T, seed uint64) *history {
	t.Helper()
	dir := t.TempDir()
	if memory, err := os.MkdirTemp("/dev/shm", "waybill-history"); err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(memory) })
		dir = memory
	}
	h := &history{
		T: t, seed: seed, chance: rand.New(rand.NewPCG(seed, 3)), dir: dir, fuse: crashable(t, dir),
		arrived: map[string]time.Time{}, marks: map[string]time.Time{}, pager: newPager(t),
	}
	h.program("process", "[ ! -e broken ] || exit 1\n")
	busyFirst := "" // it is never done twice, and so may not fail when it was done
	if rand.New(rand.NewPCG(seed, 4)).IntN(2) == 0 {
		busyFirst = "while read -r tried; do [ \"$tried\" != \"$WAYBILL_KEY\" ] || again=1; done < tried.txt\n" +
			"[ \"$again\" ] || { echo \"$WAYBILL_KEY\" >> tried.txt; exit 75; }\n"
	}
	h.program("activation", busyFirst)
	if err := os.WriteFile(filepath.Join(dir, "tried.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h.graph = h.workspace()
	return h
}

// program writes a step that notes what it is done for, behind what may end it before.
func (h *history) program(name, before string) {
	h.Helper()
	script := "#!/bin/sh\n" + before + "echo \"$WAYBILL_KEY\" >> " + name + ".txt\n"
	if err := os.WriteFile(filepath.Join(h.dir, name+".sh"), []byte(script), 0o700); err != nil {
		h.Fatal(err)
	}
}

// workspace is a random one: a group that reads hours, one that reads days and
// goes on without what is missing, and one that waits for the first.
func (h *history) workspace() *graph.Graph {
	overlap := []string{graph.BufferOne, graph.BufferAll, graph.SkipOverlap, graph.CancelOther}
	catchUp := []string{graph.Coalesce, graph.Each} // what catch_up = "skip" leaves out is not for this model
	pick := func(from []string) string { return from[h.chance.IntN(len(from))] }
	group := func(name, schedule string, members ...graph.Member) graph.Group {
		return graph.Group{
			Addr: graph.GroupAddr(name), Schedule: schedule, Timezone: "UTC", FileDates: "UTC", Active: true, RunType: graph.RunFull,
			DST: graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"}, Overlap: pick(overlap), CatchUp: pick(catchUp), Members: members,
			Processes:   []graph.Addr{graph.Addr("process." + name)},
			Activations: []graph.Addr{graph.Addr("activation.campaign." + name)},
			Alerts:      []graph.Addr{pagerAddr}, RuntimeAlert: graph.Duration(8 * time.Hour), SLA: graph.Duration(10 * time.Hour),
		}
	}
	member := func(name, onMissing string, wait time.Duration) graph.Member {
		return graph.Member{
			Name: name, Courier: graph.NewAddr(graph.KindCourier, name), Wait: graph.Duration(wait), OnMissing: onMissing, NotifyMissing: true,
		}
	}
	hours := group("hours", "0 */6 * * *", member("clicks", graph.OnMissingStop, 90*time.Minute), member("views", graph.OnMissingContinue, time.Hour))
	days := group("days", "0 5 * * *", member("orders", graph.OnMissingContinue, 4*time.Hour), member("stock", graph.OnMissingStop, 2*time.Hour))
	days.Members[0].Offset.Days = h.chance.IntN(2)
	waits := group("waits", "30 */12 * * *", member("sums", graph.OnMissingStop, 0))
	waits.After = []graph.After{{
		Name: "hours", Group: hours.Addr, Wait: graph.Duration(5 * time.Hour), OnMissing: pick([]string{graph.OnMissingStop, graph.OnMissingContinue}),
		Gate: pick([]string{graph.GateDownstream, graph.GateStart}),
	}}
	g := &graph.Graph{
		FormatVersion: graph.FormatVersion, Landing: "landing", Runtime: graph.Runtime{Path: ".waybill"},
		Groups: []graph.Group{days, hours, waits}, Alerts: []graph.Alert{h.pager.alert()},
	}
	retry := graph.Retry{Attempts: 3, Backoff: graph.Duration(time.Minute), MaxBackoff: graph.Duration(time.Hour)}
	for _, c := range []struct{ name, pattern string }{
		{"clicks", "{yyyy}{MM}{dd}{HH}.csv"}, {"orders", "{yyyy}{MM}{dd}.csv"}, {"stock", "{yyyy}{MM}{dd}.csv"},
		{"sums", "{yyyy}{MM}{dd}{HH}.csv"}, {"views", "{yyyy}{MM}{dd}{HH}.csv"},
	} {
		g.Couriers = append(g.Couriers, graph.Courier{
			Addr: graph.NewAddr(graph.KindCourier, c.name), Filedrop: &graph.Filedrop{URL: graph.Text("inbox/" + c.name)},
			Files: []graph.File{{Name: "f", Pattern: c.pattern, Require: graph.RequireEach}}, Timeout: graph.Duration(time.Hour), Retry: retry,
			PollEvery: graph.Duration(20 * time.Minute),
		})
		if err := os.MkdirAll(filepath.Join(h.dir, "inbox", c.name), 0o700); err != nil {
			h.Fatal(err)
		}
	}
	for _, group := range []string{"days", "hours", "waits"} {
		step := graph.Step{Timeout: graph.Duration(time.Hour), Retry: retry}
		step.Addr, step.OnUnknown, step.Exec = graph.Addr("process."+group), graph.OnUnknownRetry, command("./process.sh")
		g.Processes = append(g.Processes, step)
		step.Addr, step.OnUnknown, step.Exec, step.Type = graph.Addr("activation.campaign."+group), graph.OnUnknownHold, command("./activation.sh"), "campaign"
		step.Retry.Backoff = step.Retry.MaxBackoff
		g.Activations = append(g.Activations, step)
	}
	return g
}

func command(name string) *graph.Exec {
	return &graph.Exec{Command: []graph.Value{graph.Text(name)}}
}

func (h *history) say(format string, args ...any) {
	h.told = append(h.told, time.Now().UTC().Format("01-02 15:04 ")+fmt.Sprintf(format, args...))
}

// happening is something that happens at an instant.
type happening struct {
	at time.Time
	do func()
}

// between is any instant from one up to another.
func between(chance *rand.Rand, begin, end time.Time) time.Time {
	return begin.Add(time.Duration(chance.Int64N(int64(end.Sub(begin)))))
}

// live is the history from its first deploy to the last comparison.
func (h *history) live(t *testing.T) {
	h.T = t
	begin := time.Now().UTC()
	end := begin.AddDate(0, 0, historyDays)
	h.start()
	h.deploy()
	all := slices.Concat(h.arrivals(begin, end), h.troubles(begin, end), h.operations(begin, end), h.reversals(begin, end), h.skips(begin, end))
	slices.SortStableFunc(all, func(a, b happening) int { return a.at.Compare(b.at) })
	for _, next := range all {
		time.Sleep(time.Until(next.at))
		synctest.Wait()
		next.do()
		if t.Failed() {
			break
		}
		h.checkMarks()
	}
	// Everybody goes home: everything works, nobody holds a group, and what waits
	// comes to its end.
	h.mend()
	h.findLanding()
	h.pager.answer(http.StatusOK)
	for _, g := range h.graph.Groups {
		h.send(store.VerbResume, g.Addr, nil)
	}
	time.Sleep(afterLife)
	synctest.Wait()
	h.check(begin, end)
	h.stop()
}

// arrivals are the files of the history: most in time, some late, some never.
func (h *history) arrivals(begin, end time.Time) (all []happening) {
	for _, c := range []struct {
		name, layout string
		every        time.Duration
	}{
		{"clicks", "2006010215", time.Hour}, {"views", "2006010215", time.Hour}, {"sums", "2006010215", time.Hour},
		{"orders", "20060102", 24 * time.Hour}, {"stock", "20060102", 24 * time.Hour},
	} {
		for stamp := begin.AddDate(0, 0, -2); stamp.Before(end); stamp = stamp.Add(c.every) {
			late := time.Duration(h.chance.Int64N(int64(c.every)))
			switch h.chance.IntN(30) {
			case 0:
				if slices.Contains(goOn, c.name) {
					continue // it never comes
				}
			case 1, 2:
				late += time.Duration(h.chance.Int64N(int64(12 * time.Hour)))
			}
			name := filepath.Join("inbox", c.name, stamp.Format(c.layout)+".csv")
			at := stamp.Add(late)
			if at.Before(begin) {
				at = begin
			}
			all = append(all, happening{at, func() { h.arrive(name) }})
		}
	}
	return all
}

func (h *history) arrive(name string) {
	path := filepath.Join(h.dir, name)
	now := time.Now()
	if err := os.WriteFile(path+".part", []byte(name), 0o600); err != nil {
		h.Fatal(err)
	}
	if err := errors.Join(os.Chtimes(path+".part", now, now), os.Rename(path+".part", path)); err != nil {
		h.Fatal(err)
	}
	h.arrived[name] = now
}

// troubles are what people and machines do meanwhile.
func (h *history) troubles(begin, end time.Time) (all []happening) {
	for range 4 + h.chance.IntN(10) {
		at := between(h.chance, begin, end)
		group := h.graph.Groups[h.chance.IntN(len(h.graph.Groups))].Addr
		var do func()
		switch h.chance.IntN(7) {
		case 0:
			do = func() { h.say("pause %s", group); h.send(store.VerbPause, group, nil) }
		case 1, 2:
			do = func() { h.say("resume %s", group); h.send(store.VerbResume, group, nil) }
		case 3:
			day := at.AddDate(0, 0, -1).Format(time.DateOnly)
			do = func() { h.say("run %s for %s", group, day); h.send(store.VerbRun, group, runtime.RunArgs{Date: day}) }
		case 4:
			do = func() {
				h.graph.Groups[1].Description += "x"
				h.graph.Groups[0].Members[0].Wait = graph.Duration(time.Duration(1+h.chance.IntN(5)) * time.Hour)
				h.say("deploy")
				h.deploy()
			}
		default:
			down := time.Duration(h.chance.Int64N(int64(15 * time.Hour)))
			if h.chance.IntN(2) == 0 {
				down = 0
			}
			do = func() { h.crash(down) }
		}
		all = append(all, happening{at, do})
	}
	return all
}

// start opens the store and serves it.
func (h *history) start() {
	r, err := runtime.Open(context.Background(), filepath.Join(h.dir, ".waybill"), runtime.Options{Workspace: h.dir, Actor: "ann", Poll: 10 * time.Minute})
	if err != nil {
		h.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx) }()
	h.begun = append(h.begun, time.Now())
	h.runtime, h.serving = r, func() {
		cancel()
		if err := <-served; err != nil && !h.fuse.blown() {
			h.Errorf("serve: %v", err)
		}
	}
}

func (h *history) stop() {
	h.serving()
	if err := h.runtime.Close(); err != nil && !h.fuse.blown() {
		h.Error(err)
	}
}

func (h *history) deploy() {
	d, err := h.runtime.Deployment(context.Background())
	if err != nil {
		h.Fatal(err)
	}
	copied := *h.graph
	copied.Groups = slices.Clone(h.graph.Groups)
	for i := range copied.Groups {
		copied.Groups[i].Members = slices.Clone(copied.Groups[i].Members)
	}
	if _, err := h.runtime.Deploy(context.Background(), graph.Deployment{Serial: d.Serial, Graph: &copied}); err != nil {
		h.Fatal(err)
	}
}

func (h *history) send(verb string, group graph.Addr, args any) {
	c := store.Command{Verb: verb, Group: group, By: "ann"}
	if args != nil {
		text, err := json.Marshal(args)
		if err != nil {
			h.Fatal(err)
		}
		c.Args = text
	}
	if _, err := h.runtime.Send(context.Background(), c); err != nil {
		h.Fatal(err)
	}
}
