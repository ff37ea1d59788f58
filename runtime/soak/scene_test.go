// Package soak_test breaks a runtime in every way that can be thought of while it
// works, lets another one go on, and wants that nothing was lost and nothing was
// done twice. What is in here runs a sample with the other tests; `make soak` runs
// all of it.
package soak_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// loadedDay is the day that the runs of a scene load.
const loadedDay = "2026-11-20"

// scene is a workspace with a store in which runs of some groups have been asked
// for, and what the world outside has seen of them. Each group has two couriers
// with some files, a process that may be repeated, and an activation that may not.
type scene struct {
	*testing.T
	dir    string
	groups int
	files  int // of a courier
	world  *world
	pager  *pager // is told how the runs end
	died   int    // how many processes were killed, or gave up
}

// world is everything outside: it counts the requests with each key. The answer to
// the first request of a step of every third group is lost on its way.
type world struct {
	*httptest.Server
	mu       sync.Mutex
	requests map[string]int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{requests: map[string]int{}}
	w.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		key := r.Header.Get("Idempotency-Key")
		w.requests[key]++
		if number, err := strconv.Atoi(key[len(key)-1:]); err == nil && number%3 == 1 && w.requests[key] == 1 {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *world) count(key string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests[key]
}

// newScene builds a scene and asks for its runs, which nobody carries out yet.
func newScene(t *testing.T, groups, files, size int) *scene {
	t.Helper()
	s := &scene{T: t, dir: t.TempDir(), groups: groups, files: files, world: newWorld(t), pager: newPager(t)}
	g := &graph.Graph{FormatVersion: graph.FormatVersion, Landing: "landing", Runtime: graph.Runtime{Path: ".waybill"}, Alerts: []graph.Alert{s.pager.alert()}}
	for i := range groups {
		s.addGroup(g, i, size)
	}
	slices.SortFunc(g.Couriers, func(a, b graph.Courier) int { return strings.Compare(string(a.Addr), string(b.Addr)) })
	r := s.open()
	defer s.close(r)
	if _, err := r.Deploy(t.Context(), graph.Deployment{Graph: g}); err != nil {
		t.Fatal(err)
	}
	for i := range groups {
		_, err := r.Send(t.Context(), store.Command{
			Verb: store.VerbRun, Group: group(i), Token: token(i), By: "ann", Args: []byte(`{"date":"` + loadedDay + `"}`),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func group(i int) graph.Addr  { return graph.GroupAddr(fmt.Sprint("g", i)) }
func token(i int) string      { return fmt.Sprint("once", i) }
func runKey(i int) string     { return string(group(i)) + "@" + token(i) }
func process(i int) string    { return fmt.Sprint("process.p", i) }
func activation(i int) string { return fmt.Sprint("activation.campaign.a", i) }

var couriers = []string{"a", "b"}

func (s *scene) addGroup(g *graph.Graph, i, size int) {
	s.Helper()
	one := graph.Group{
		Addr: group(i), Timezone: "UTC", FileDates: "UTC", RunType: graph.RunFull,
		DST:     graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"},
		Overlap: graph.BufferOne, CatchUp: graph.Coalesce,
		Processes: []graph.Addr{graph.Addr(process(i))}, Activations: []graph.Addr{graph.Addr(activation(i))},
		Alerts: []graph.Addr{pagerAddr},
	}
	patience := graph.Duration(time.Hour)
	retry := graph.Retry{Attempts: 1000, Backoff: graph.Duration(time.Millisecond), MaxBackoff: graph.Duration(time.Millisecond)}
	for _, name := range couriers {
		inbox := fmt.Sprintf("inbox/%d/%s", i, name)
		addr := graph.NewAddr(graph.KindCourier, fmt.Sprint(name, i))
		for n := range s.files {
			s.write(filepath.Join(inbox, fmt.Sprintf("%s-%d.csv", loadedDay, n)), strings.Repeat(fmt.Sprintln(i, name, n), size))
		}
		g.Couriers = append(g.Couriers, graph.Courier{
			Addr: addr, Filedrop: &graph.Filedrop{URL: graph.Text(inbox)}, Timeout: patience, Retry: retry,
			Files: []graph.File{{Name: "f", Pattern: "{yyyy}-{MM}-{dd}-*.csv", Require: graph.RequireEach}},
		})
		one.Members = append(one.Members, graph.Member{Name: name, Courier: addr, Wait: patience, OnMissing: graph.OnMissingStop, NotifyMissing: true})
	}
	step := graph.Step{Timeout: patience, Retry: retry, HTTP: &graph.HTTP{Method: "POST", URL: graph.Text(s.world.URL)}}
	step.Addr, step.OnUnknown = graph.Addr(process(i)), graph.OnUnknownRetry
	g.Processes = append(g.Processes, step)
	step.Addr, step.OnUnknown, step.Type = graph.Addr(activation(i)), graph.OnUnknownHold, "campaign"
	g.Activations = append(g.Activations, step)
	g.Groups = append(g.Groups, one)
}

// write puts a file into the workspace that has stood still for long.
func (s *scene) write(name, content string) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
	old := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, old, old); err != nil {
		s.Fatal(err)
	}
}

func (s *scene) storePath() string { return filepath.Join(s.dir, ".waybill") }

func (s *scene) open() *runtime.Runtime {
	s.Helper()
	r, err := runtime.Open(context.Background(), s.storePath(), runtime.Options{Workspace: s.dir, Actor: "ann"})
	if err != nil {
		s.Fatal(err)
	}
	return r
}

func (s *scene) close(r *runtime.Runtime) {
	s.Helper()
	if err := r.Close(); err != nil {
		s.Error(err)
	}
}

// check wants that every run has ended, every file has landed once and whole,
// every step was done, no activation was sent twice, and each end was told. An activation that was
// being sent when the process was killed may be held instead, which is what
// keeps it from being sent again.
func (s *scene) check() {
	s.Helper()
	r := s.open()
	defer s.close(r)
	for i := range s.groups {
		d, err := r.Run(s.Context(), runKey(i))
		if err != nil {
			s.Error(err)
			continue
		}
		s.checkRun(d, i)
		s.checkTold(d, i)
		for _, name := range couriers {
			s.checkLandings(d, i, name)
		}
	}
}

func (s *scene) checkRun(d store.Detail, i int) {
	s.Helper()
	sent := s.world.count(d.Run.Key + "/" + activation(i))
	held := slices.ContainsFunc(d.Tasks, func(t store.Task) bool { return t.State == store.Held })
	switch {
	case sent > 1:
		s.Errorf("%s: the activation was sent %d times", d.Run.Key, sent)
	case held && d.Run.State == store.Failed:
	case d.Run.State != store.Succeeded:
		s.Errorf("%s is %s: %s", d.Run.Key, d.Run.State, d.Run.Message)
	case sent == 0:
		s.Errorf("%s has succeeded, and its activation was never sent", d.Run.Key)
	}
	if s.world.count(d.Run.Key+"/"+process(i)) == 0 {
		s.Errorf("%s: the process was never done", d.Run.Key)
	}
	for n, e := range d.Events {
		if e.Seq != int64(n+1) {
			s.Errorf("%s: event %d has the number %d", d.Run.Key, n+1, e.Seq)
		}
	}
}

// checkTold wants that the end of a run was told, once, save for one message that may
// come again after each process that died.
func (s *scene) checkTold(d store.Detail, i int) {
	s.Helper()
	s.pager.mu.Lock()
	defer s.pager.mu.Unlock()
	succeeded, other := 0, 0
	for _, m := range s.pager.messages {
		switch {
		case m.Group != group(i):
		case m.Event == "succeeded":
			succeeded++
		default:
			other++
		}
	}
	switch {
	case d.Run.State == store.Succeeded && succeeded != 1:
		s.Errorf("%s has succeeded, which was told %d times", d.Run.Key, succeeded)
	case d.Run.State == store.Failed && (other == 0 || succeeded > 0):
		s.Errorf("%s has failed: %d messages tell so, and %d that it has succeeded", d.Run.Key, other, succeeded)
	}
	if s.pager.repeated > s.died {
		s.Errorf("%d messages came twice, and %d processes died", s.pager.repeated, s.died)
	}
}

// checkLandings compares what the store says has landed, and what is in the
// landing folder, with the inbox.
func (s *scene) checkLandings(d store.Detail, i int, courier string) {
	s.Helper()
	recorded := map[string]int{}
	for _, l := range d.Landings {
		if l.Courier == courier {
			recorded[l.Path]++
		}
	}
	places := map[string][]string{}
	folder := filepath.Join(s.dir, "landing", group(i).Name(), courier)
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".csv" {
			places[filepath.Base(path)] = append(places[filepath.Base(path)], path)
		}
		return err
	})
	if err != nil {
		s.Error(err)
	}
	for n := range s.files {
		name := fmt.Sprintf("%s-%d.csv", loadedDay, n)
		if recorded[name] != 1 || len(places[name]) != 1 {
			s.Errorf("%s of %s in %s is recorded %d times, and is at %v", name, courier, d.Run.Key, recorded[name], places[name])
			continue
		}
		want, err1 := os.ReadFile(filepath.Join(s.dir, "inbox", strconv.Itoa(i), courier, name))
		got, err2 := os.ReadFile(places[name][0])
		if err1 != nil || err2 != nil || string(got) != string(want) {
			s.Errorf("%s has landed with %d bytes of %d, or others: %v %v", name, len(got), len(want), err1, err2)
		}
	}
}

// rounds is how often a test goes round: usual times WAYBILL_SOAK, which `make
// soak` sets.
func rounds(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("WAYBILL_SOAK")); err == nil && n > 0 {
		return usual * n
	}
	return usual
}

// seed is where chance begins: WAYBILL_SEED, or what the test says.
func seed(usual uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv("WAYBILL_SEED"), 10, 64); err == nil {
		return n
	}
	return usual
}
