// Package api holds the words of the HTTP interface of a runtime that its server
// and its client share: headers, documents, the codes of problems and the
// position in a list. What the routes are is said in the OpenAPI document of
// package server.
//
// Times are RFC 3339 in UTC. A field that a reader does not know is new and may
// be passed over; a change that a reader must know of raises [Version].
package api

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Version is the version of the interface. Its routes begin with "/v1".
const Version = 1

// Headers of requests and answers.
const (
	// HeaderAPI is the version of the interface, in every answer of the server.
	HeaderAPI = "Waybill-Api"
	// HeaderRelease is the release of the server, in every answer to somebody
	// whom it knows.
	HeaderRelease = "Waybill-Release"
	// HeaderTime is the server's clock as it answers.
	HeaderTime = "Waybill-Time"
	// HeaderActor is the person or program on whose behalf a client asks.
	HeaderActor = "Waybill-Actor"
	// HeaderKey names a request to do something, so that sending it again does it
	// once.
	HeaderKey = "Idempotency-Key"
	// HeaderRequest names the request in the server's log.
	HeaderRequest = "X-Request-Id"
)

// ProblemType is the media type of a [Problem].
const ProblemType = "application/problem+json"

// The codes of problems. They never change their meaning.
const (
	CodeBadRequest   = "bad_request"
	CodeUnauthorized = "unauthorized"
	CodeNotFound     = "not_found" // the thing that the route names
	CodeNoRoute      = "no_route"
	CodeNoMethod     = "method_not_allowed"
	CodeTimeout      = "request_timeout"
	CodeTooLarge     = "too_large"
	CodeNoCondition  = "precondition_required"
	CodeStale        = "stale"
	CodeRefused      = "refused"
	CodeNewerFormat  = "newer_format"
	CodeBadGraph     = "bad_graph"
	CodeInternal     = "internal"
	CodeUnavailable  = "unavailable"
)

// Problem is why a request was not carried out, as in RFC 9457.
type Problem struct {
	Type   string `json:"type"` // "urn:waybill:problem:" and the code
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	// Request names the request in the server's log.
	Request string `json:"request,omitempty"`

	Base    int64             `json:"base,omitempty"`    // stale: what the plan was made from
	Current *graph.Deployment `json:"current,omitempty"` // stale: what is applied, without its graph
	Command *store.Command    `json:"command,omitempty"` // refused: the command
}

// Runs is a page of a list of runs.
type Runs struct {
	Runs []store.Run `json:"runs"`
	Next string      `json:"next,omitempty"` // cursor of the next page; empty: this is the last
}

// Groups is what is applied, as far as its runs go.
type Groups struct {
	Groups []Group `json:"groups"`
}

// Group is an applied group.
type Group struct {
	Group graph.Addr `json:"group"`
	// LastRun is the newest run that was carried out and is over; nil: none was.
	LastRun *store.Run `json:"last_run,omitempty"`
}

// Incidents is what is wrong, and what was.
type Incidents struct {
	Incidents []Incident `json:"incidents"`
}

// Incident is an incident with what people and alerts know it by.
type Incident struct {
	Key string `json:"incident"` // "daily/missing/orders#7"
	store.Incident
}

// WriteIncidents makes a document of incidents.
func WriteIncidents(all []store.Incident) Incidents {
	d := Incidents{Incidents: []Incident{}}
	for _, i := range all {
		d.Incidents = append(d.Incidents, Incident{Key: i.Key(), Incident: i})
	}
	return d
}

// Alerts is how the applied alerts stand.
type Alerts struct {
	Alerts []store.AlertStanding `json:"alerts"`
}

// Holder says who acts on the store.
type Holder struct {
	Held   bool         `json:"held"`
	Holder store.Holder `json:"holder,omitzero"` // the present one, else the last
}

// Release says what the server is.
type Release struct {
	Release string `json:"release"`
	API     int    `json:"api"`
	TZData  string `json:"tzdata"`
}

// Health says that the server is alive, and nothing else.
type Health struct {
	Status string `json:"status"` // "alive"
}

// WriteCursor writes a position in a list of runs as the text of a page's Next.
func WriteCursor(c store.Cursor) string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.At.UTC().Format(time.RFC3339Nano) + " " + c.Key))
}

// ReadCursor reads what WriteCursor wrote.
func ReadCursor(text string) (store.Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	at, key, ok := strings.Cut(string(raw), " ")
	if err != nil || !ok {
		return store.Cursor{}, errors.New("this is not a cursor: write the next of the page before")
	}
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return store.Cursor{}, errors.New("this is not a cursor: write the next of the page before")
	}
	return store.Cursor{At: t, Key: key}, nil
}
