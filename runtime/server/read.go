package server

import (
	_ "embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
)

//go:embed openapi.json
var document []byte

func (s *Server) health(x *exchange) error {
	return x.write(http.StatusOK, api.Health{Status: "alive"})
}

func (s *Server) version(x *exchange) error {
	return x.write(http.StatusOK, api.Release{Release: s.options.Release, API: api.Version, TZData: s.options.TZData})
}

func (s *Server) document(x *exchange) error {
	return x.writeText(http.StatusOK, "application/json", document)
}

// deployment answers with what is applied; its serial is the entity tag.
func (s *Server) deployment(x *exchange) error {
	d, err := s.options.Runtime.Deployment(x.r.Context())
	if err != nil {
		return err
	}
	x.w.Header().Set("ETag", tag(d.Serial))
	if x.r.Header.Get("If-None-Match") == tag(d.Serial) {
		x.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return x.write(http.StatusOK, d)
}

func tag(serial int64) string { return `"` + strconv.FormatInt(serial, 10) + `"` }

func (s *Server) standing(x *exchange) error {
	standing, err := s.options.Runtime.Standing(x.r.Context())
	if err != nil {
		return err
	}
	return x.write(http.StatusOK, standing)
}

func (s *Server) holder(x *exchange) error {
	h, held, err := s.options.Runtime.Holder(x.r.Context())
	if err != nil {
		return err
	}
	return x.write(http.StatusOK, api.Holder{Held: held, Holder: h})
}

// groups answers with every group that is applied and the last run of each.
func (s *Server) groups(x *exchange) error {
	d, err := s.options.Runtime.Deployment(x.r.Context())
	if err != nil {
		return err
	}
	runs, err := s.options.Runtime.LastRuns(x.r.Context())
	if err != nil {
		return err
	}
	last := map[graph.Addr]*store.Run{}
	for i := range runs {
		last[runs[i].Group] = &runs[i]
	}
	all := api.Groups{Groups: []api.Group{}}
	for i := range d.Graph.Groups {
		addr := d.Graph.Groups[i].Addr
		all.Groups = append(all.Groups, api.Group{Group: addr, LastRun: last[addr]})
	}
	return x.write(http.StatusOK, all)
}

// Pages of runs.
const (
	usualPage   = 100
	largestPage = 1000
)

func (s *Server) runs(x *exchange) error {
	filter, err := runFilter(x.r.URL.Query())
	if err != nil {
		return err
	}
	limit := filter.Limit
	filter.Limit++ // one more, to know whether there is a next page
	found, err := s.options.Runtime.Runs(x.r.Context(), filter)
	if err != nil {
		return err
	}
	page := api.Runs{Runs: found}
	if len(found) > limit {
		page.Runs, page.Next = found[:limit], api.WriteCursor(found[limit-1].Cursor())
	}
	if page.Runs == nil {
		page.Runs = []store.Run{}
	}
	return x.write(http.StatusOK, page)
}

// runFilter reads the question of a list of runs.
func runFilter(q url.Values) (f store.RunFilter, err error) {
	f = store.RunFilter{States: q["state"], Kind: q.Get("kind"), Limit: usualPage}
	instant := func(at *time.Time) func(string) error {
		return func(text string) error { *at, err = time.Parse(time.RFC3339, text); return err }
	}
	known := map[string]func(string) error{
		"state": func(string) error { return allOf(q["state"], states) },
		"kind":  func(string) error { return allOf(q["kind"], kinds) },
		"run_type": func(text string) error {
			f.RunType = text
			return allOf(q["run_type"], runTypes)
		},
		"group": func(text string) error { f.Group = graph.GroupAddr(text); return nil },
		"from":  instant(&f.From), "until": instant(&f.Until),
		"ended_from": instant(&f.EndedFrom), "ended_until": instant(&f.EndedUntil),
		"limit": func(text string) error {
			f.Limit, err = strconv.Atoi(text)
			if err == nil && (f.Limit < 1 || f.Limit > largestPage) {
				err = fmt.Errorf("it is a number from 1 to %d", largestPage)
			}
			return err
		},
		"cursor": func(text string) error { f.Before, err = api.ReadCursor(text); return err },
	}
	for name, values := range q {
		set := known[name]
		if set == nil {
			return f, problemf(http.StatusBadRequest, api.CodeBadRequest, "there is no parameter %q", name)
		}
		if err := set(values[0]); err != nil {
			return f, problemf(http.StatusBadRequest, api.CodeBadRequest, "%s=%s: %s", name, values[0], err)
		}
	}
	return f, nil
}

// states, kinds and runTypes are those of a run.
var (
	states   = store.RunMachine().Names()
	kinds    = []string{store.KindScheduled, store.KindAdHoc, store.KindBackfill}
	runTypes = []string{graph.RunFull, graph.RunRefresh, graph.RunSource}
)

// allOf refuses words that are not known.
func allOf(words, known []string) error {
	for _, w := range words {
		if !slices.Contains(known, w) {
			return fmt.Errorf("%q is none of %s", w, strings.Join(known, ", "))
		}
	}
	return nil
}

func (s *Server) run(x *exchange) error {
	d, err := s.options.Runtime.Run(x.r.Context(), x.runKey())
	if err != nil {
		return err
	}
	return x.write(http.StatusOK, d)
}

// runKey is the run that the path names.
func (x *exchange) runKey() string { return string(graph.GroupAddr(x.r.PathValue("key"))) }

// command answers with how far a command has come: at once, or where the request
// says how long to wait, when there is something new.
func (s *Server) command(x *exchange) error {
	id, err := strconv.ParseInt(x.r.PathValue("id"), 10, 64)
	if err != nil {
		return problemf(http.StatusNotFound, api.CodeNotFound, "a command is a number, and %q is none", x.r.PathValue("id"))
	}
	after, wait, err := s.patience(x.r.URL.Query())
	if err != nil {
		return err
	}
	if wait > 0 { // the deadline for the request's arrival would end the wait
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Time{})
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	look := time.NewTicker(s.limits.Poll)
	defer look.Stop()
	for {
		p, err := s.options.Runtime.Progress(x.r.Context(), id, after)
		if err != nil {
			return err
		}
		if wait == 0 || p.Over || len(p.Events) > 0 {
			return x.write(http.StatusOK, p)
		}
		after = p.Next // what was looked through is not looked through again
		select {
		case <-look.C:
		case <-over.C:
			wait = 0
		case <-s.leaving:
			wait = 0
		case <-x.r.Context().Done():
			return x.r.Context().Err()
		}
	}
}

// patience reads after and wait of a question about a command.
func (s *Server) patience(q url.Values) (after int64, wait time.Duration, err error) {
	if text := q.Get("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return 0, 0, problemf(http.StatusBadRequest, api.CodeBadRequest, "after=%s: write next of the answer before", text)
		}
	}
	if text := q.Get("wait"); text != "" {
		if wait, err = time.ParseDuration(text); err != nil || wait < 0 {
			return 0, 0, problemf(http.StatusBadRequest, api.CodeBadRequest, "wait=%s: write a length of time such as 30s", text)
		}
	}
	return after, min(wait, s.limits.Wait), nil
}
