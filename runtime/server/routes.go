package server

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/waybill-dev/waybill/runtime/api"
)

// route is one thing that can be asked. A new one is a row here, a method, and an
// operation in openapi.json.
type route struct {
	method, path string
	name         string // its operationId
	serve        func(*Server, *exchange) error
	open         bool // for everybody, without a token
}

// routes is everything that can be asked. A path's {key} and {group} are a run
// and a group, with or without "courier_group." before them.
var routes = []route{
	{"GET", "/healthz", "getHealth", (*Server).health, true},
	{"GET", "/v1/version", "getVersion", (*Server).version, false},
	{"GET", "/v1/openapi.json", "getDocument", (*Server).document, false},
	{"GET", "/v1/deployment", "getDeployment", (*Server).deployment, false},
	{"PUT", "/v1/deployment", "putDeployment", (*Server).deploy, false},
	{"GET", "/v1/standing", "getStanding", (*Server).standing, false},
	{"GET", "/v1/holder", "getHolder", (*Server).holder, false},
	{"GET", "/v1/runs", "listRuns", (*Server).runs, false},
	{"POST", "/v1/runs", "startRun", (*Server).startRun, false},
	{"GET", "/v1/runs/{key}", "getRun", (*Server).run, false},
	{"GET", "/v1/runs/{key}/why", "explainRun", (*Server).whyRun, false},
	{"GET", "/v1/runs/{key}/logs", "getLogs", (*Server).logs, false},
	{"POST", "/v1/runs/{key}/stop", "stopRun", (*Server).stopRun, false},
	{"POST", "/v1/runs/{key}/retry", "retryRun", (*Server).retryRun, false},
	{"POST", "/v1/runs/{key}/restart", "restartRun", (*Server).restartRun, false},
	{"POST", "/v1/runs/{key}/skip", "skipTask", (*Server).skipTask, false},
	{"POST", "/v1/runs/{key}/ignore-missing", "ignoreMissing", (*Server).ignoreMissing, false},
	{"GET", "/v1/groups", "listGroups", (*Server).groups, false},
	{"GET", "/v1/groups/{group}/why", "explainGroup", (*Server).whyGroup, false},
	{"GET", "/v1/groups/{group}/facts", "getFacts", (*Server).facts, false},
	{"POST", "/v1/groups/{group}/stop", "stopGroup", (*Server).stopGroup, false},
	{"POST", "/v1/groups/{group}/pause", "pauseGroup", (*Server).pauseGroup, false},
	{"POST", "/v1/groups/{group}/resume", "resumeGroup", (*Server).resumeGroup, false},
	{"POST", "/v1/groups/{group}/backfill", "backfillGroup", (*Server).backfillGroup, false},
	{"POST", "/v1/groups/{group}/advance", "advanceGroup", (*Server).advanceGroup, false},
	{"GET", "/v1/incidents", "listIncidents", (*Server).incidents, false},
	{"GET", "/v1/alerts", "listAlerts", (*Server).alerts, false},
	{"GET", "/v1/commands/{id}", "getCommand", (*Server).command, false},
}

// routed is the table as a handler.
func (s *Server) routed() *http.ServeMux {
	byPath := map[string]map[string]*route{}
	for i := range routes {
		r := &routes[i]
		if byPath[r.path] == nil {
			byPath[r.path] = map[string]*route{}
		}
		byPath[r.path][r.method] = r
	}
	mux := http.NewServeMux()
	for path, methods := range byPath {
		var allowed []string
		for m := range methods {
			allowed = append(allowed, m)
		}
		slices.Sort(allowed)
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			method := r.Method
			if method == http.MethodHead {
				method = http.MethodGet
			}
			s.handle(w.(*answer), r, cmp.Or(methods[method], noMethod(allowed)))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.handle(w.(*answer), r, noRoute) })
	return mux
}

// noRoute answers what is asked of a path that is not in the table.
var noRoute = &route{serve: func(_ *Server, x *exchange) error {
	return problemf(http.StatusNotFound, api.CodeNoRoute, "this release has no %s; /v1/openapi.json lists what it has", x.r.URL.Path)
}}

func noMethod(allowed []string) *route {
	return &route{serve: func(_ *Server, x *exchange) error {
		for _, m := range allowed {
			x.w.Header().Add("Allow", m)
		}
		return problemf(http.StatusMethodNotAllowed, api.CodeNoMethod, "%s takes no %s", x.r.URL.Path, x.r.Method)
	}}
}
