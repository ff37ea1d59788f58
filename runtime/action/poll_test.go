package action_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/action"
	"github.com/waybill-dev/waybill/runtime/value"
)

func state(op, want string) graph.Condition {
	return graph.Condition{Op: op, Left: graph.Value{{Ref: "response.json.state"}}, Right: graph.Text(want)}
}

func TestPollOnce(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"/jobs/running": `{"state":"RUNNING"}`, "/jobs/done": `{"state":"DONE"}`, "/jobs/broken": `{"state":"FAILED"}`, "/jobs/strange": `{"other":1}`, "/jobs/html": `<html>`,
		"/jobs/a%2Fb": `{"state":"DONE"}`,
	}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.URL.EscapedPath()]
		switch {
		case r.Header.Get("Authorization") != "Bearer "+canary || r.Header.Get("X-Own") != "own" || r.Method != http.MethodGet || r.Header.Get("Idempotency-Key") != "":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/jobs/ill":
			w.WriteHeader(http.StatusBadGateway)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, text)
	})
	call := action.PollCall{
		Poll: &graph.Poll{URL: graph.Value{{Literal: url + "/jobs/"}, {Ref: "response.json.job_id"}}, Done: state("!=", "RUNNING"), Success: state("==", "DONE")},
		Base: &graph.HTTP{URL: graph.Text(url), BearerToken: graph.Value{{Ref: "secret.token"}}, Headers: map[string]graph.Value{"X-Own": graph.Text("own")}},
	}
	for job, test := range map[string]struct {
		done, success bool
		fault         value.Fault
	}{
		"running": {}, "done": {done: true, success: true}, "a/b": {done: true, success: true}, "broken": {done: true},
		"strange": {fault: value.Failed}, "html": {fault: value.Failed}, "ill": {fault: value.SourceError}, "gone": {fault: value.Misconfigured},
	} {
		call := call
		call.Values = values(t).WithResponse(value.Response{Body: []byte(`{"job_id":"` + job + `"}`)})
		got, err := action.PollOnce(t.Context(), call)
		hasNoSecret(t, err)
		if got.Done != test.done || got.Success != test.success || value.FaultOf(err) != test.fault {
			t.Errorf("%s: %+v %v", job, got, err)
		}
	}
	call.Values = values(t).WithResponse(value.Response{Body: []byte(`{}`)})
	if _, err := action.PollOnce(t.Context(), call); value.FaultOf(err) != value.Failed || !strings.Contains(err.Error(), "poll url: use response.json.job_id") {
		t.Errorf("error %v", err)
	}
}

func TestPollTrustsNoHostThatAnAnswerNames(t *testing.T) {
	t.Parallel()
	answer := func(w http.ResponseWriter, r *http.Request) {
		auth := r.Header.Get("Authorization")
		if auth == "" {
			auth = "none"
		}
		_, _ = io.WriteString(w, `{"state":"`+strings.TrimPrefix(auth, "Bearer ")+`"}`)
	}
	own, other := serve(t, answer), serve(t, answer)
	fromAnswer := graph.Value{{Ref: "response.headers.Location"}}
	for name, test := range map[string]struct {
		url      graph.Value
		location string
		want     string
	}{
		"own path, from the answer":       {graph.Value{{Literal: own + "/"}, {Ref: "response.headers.Location"}}, "x", canary},
		"own host, its name of it":        {graph.Value{{Literal: "http://127.0.0."}, {Ref: "response.headers.Location"}, {Literal: own[len("http://127.0.0.1"):]}}, "1", canary},
		"another host, its name of it":    {graph.Value{{Literal: "http://127.0.0."}, {Ref: "response.headers.Location"}, {Literal: other[len("http://127.0.0.1"):]}}, "1", "none"},
		"own host, from the answer":       {fromAnswer, own + "/jobs/1", canary},
		"another host, from the answer":   {fromAnswer, other + "/jobs/1", "none"},
		"another host, as it was written": {graph.Text(other), "", canary},
	} {
		got, err := action.PollOnce(t.Context(), action.PollCall{
			Poll:   &graph.Poll{URL: test.url, Done: state("==", test.want), Success: state("==", test.want)},
			Base:   &graph.HTTP{URL: graph.Text(own), BearerToken: graph.Value{{Ref: "secret.token"}}},
			Values: values(t).WithResponse(value.Response{Headers: http.Header{"Location": {test.location}}}),
		})
		if err != nil || !got.Success {
			t.Errorf("%s: %s %v", name, got.Response.Body, err)
		}
	}
}

func TestPollDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	url := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	_, err := action.PollOnce(t.Context(), action.PollCall{
		Poll: &graph.Poll{URL: graph.Text(url)}, Base: &graph.HTTP{URL: graph.Text(url)}, Values: values(t), Limit: 10 * time.Millisecond,
	})
	if value.FaultOf(err) != value.SourceError || !strings.Contains(err.Error(), "no answer within 10ms") {
		t.Errorf("error %v", err)
	}
}
