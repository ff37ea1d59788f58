package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
)

// problem is an error that the asker is told as it is.
type problem struct{ api.Problem }

func (p *problem) Error() string { return p.Detail }

func problemf(status int, code, format string, args ...any) error {
	return &problem{api.Problem{
		Type: "urn:waybill:problem:" + code, Title: titles[code], Status: status, Code: code, Detail: fmt.Sprintf(format, args...),
	}}
}

// titles says what kind of problem a code is.
var titles = map[string]string{
	api.CodeBadRequest:   "Request that cannot be read",
	api.CodeUnauthorized: "No token that is known",
	api.CodeNotFound:     "Not there",
	api.CodeNoRoute:      "No such route",
	api.CodeNoMethod:     "Method that the route does not take",
	api.CodeTimeout:      "Request that was broken off",
	api.CodeTooLarge:     "Request that is too large",
	api.CodeNoCondition:  "Deployment without a condition",
	api.CodeStale:        "Stale plan",
	api.CodeRefused:      "Refused command",
	api.CodeNewerFormat:  "Written by a newer release",
	api.CodeBadGraph:     "Graph that cannot be run",
	api.CodeInternal:     "Fault of the server",
	api.CodeUnavailable:  "Server that is ending",
}

// fail answers with the problem that an error is.
func (x *exchange) fail(err error) {
	if x.w.status != 0 {
		x.w.problem = "broken off: " + err.Error()
		return // it is too late
	}
	p := problemOf(err).Problem
	if x.r.Context().Err() != nil && p.Code == api.CodeInternal { // most likely nobody listens; to say nothing would be a 200
		p = problemOf(problemf(http.StatusRequestTimeout, api.CodeTimeout, "the request was broken off: %s", err)).Problem
	}
	p.Request, x.w.problem = x.w.request, p.Code
	if p.Status >= http.StatusInternalServerError { // others are the asker's, who is told
		x.w.problem += ": " + p.Detail
	}
	text, err := json.Marshal(p)
	if err != nil { // a problem is plain data
		panic(fmt.Sprintf("server: encode a problem: %v", err))
	}
	_ = x.writeText(p.Status, api.ProblemType, text)
}

// problemOf is an error of the runtime as the asker sees it.
func problemOf(err error) *problem {
	var known *problem
	var stale *graph.StaleError
	var refused *runtime.RefusedError
	var busy *graph.BusyError
	as := func(status int, code string) *problem {
		_ = errors.As(problemf(status, code, "%s", err), &known)
		return known
	}
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &stale):
		p := as(http.StatusPreconditionFailed, api.CodeStale)
		current := stale.Current
		current.Graph, current.Zones = nil, nil
		p.Base, p.Current = stale.Base, &current
		return p
	case errors.As(err, &refused):
		p := as(http.StatusConflict, api.CodeRefused)
		p.Command = &refused.Command
		return p
	case errors.As(err, &busy):
		return as(http.StatusConflict, api.CodeRefused)
	case errors.Is(err, store.ErrNotFound):
		return as(http.StatusNotFound, api.CodeNotFound)
	case errors.Is(err, store.ErrClosed):
		return as(http.StatusServiceUnavailable, api.CodeUnavailable)
	}
	return as(http.StatusInternalServerError, api.CodeInternal)
}
