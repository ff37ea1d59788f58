package action_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/action"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// send sends a request and demands that no secret shows in the error.
func send(ctx context.Context, t *testing.T, request graph.HTTP) (action.Response, error) {
	t.Helper()
	r, err := action.HTTP(ctx, action.HTTPCall{Request: &request, Values: values(t), Key: "run 1/activation.x"})
	hasNoSecret(t, err)
	return r, err
}

func hasNoSecret(t *testing.T, err error) {
	t.Helper()
	for _, part := range []string{canary, "5d1e", "canary%2F"} {
		if err != nil && strings.Contains(fmt.Sprintf("%v", err), part) {
			t.Errorf("a secret shows: %v", err)
		}
	}
}

func TestHTTPRequest(t *testing.T) {
	t.Parallel()
	type seen struct {
		Method, URI, Body, Key, Type, Auth, Own, Host string
	}
	var got seen
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{
			Method: r.Method, URI: r.RequestURI, Body: string(body), Key: r.Header.Get("Idempotency-Key"), Type: r.Header.Get("Content-Type"),
			Auth: r.Header.Get("Authorization"), Own: r.Header.Get("X-Own"), Host: r.Host,
		}
		w.Header().Set("X-Job", "7")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"job":7}`)
	})
	const key = "run 1/activation.x"
	host := strings.TrimPrefix(url, "http://")
	token := graph.Value{{Ref: "secret.token"}}
	for _, test := range []struct {
		name    string
		request graph.HTTP
		want    seen
	}{
		{"bare", graph.HTTP{URL: graph.Text(url + "/a?b=c")}, seen{Method: "POST", URI: "/a?b=c"}},
		{
			"run-time values in the URL",
			graph.HTTP{Method: "PUT", URL: graph.Value{{Literal: url + "/"}, {Ref: "run.landing"}, {Literal: "?t="}, {Ref: "secret.token"}}},
			seen{Method: "PUT", URI: "/landing%2Fx.json?t=canary%2F5d1e%2Bx"},
		},
		{
			"body and headers",
			graph.HTTP{URL: graph.Text(url), Body: graph.Value{{Literal: "run="}, {Ref: "run.id"}}, Headers: map[string]graph.Value{
				"X-Own": token, "content-type": graph.Text("text/x"), "Authorization": {{Literal: "Key "}, {Ref: "secret.token"}}, "host": graph.Text("other.example.com"),
			}},
			seen{Method: "POST", URI: "/", Body: "run=run 1", Own: canary, Type: "text/x", Auth: "Key " + canary, Host: "other.example.com"},
		},
		{
			"json and bearer token",
			graph.HTTP{URL: graph.Text(url), JSON: graph.Value{{Literal: `{"id":"`}, {Ref: "run.id"}, {Literal: `"}`}}, BearerToken: token},
			seen{Method: "POST", URI: "/", Body: `{"id":"run 1"}`, Type: "application/json", Auth: "Bearer " + canary},
		},
		{
			"basic authentication",
			graph.HTTP{Method: "GET", URL: graph.Text(url), BasicAuth: &graph.BasicAuth{Username: graph.Text("u"), Password: graph.Text("p")}},
			seen{Method: "GET", URI: "/", Auth: "Basic dTpw"},
		},
	} {
		r, err := send(t.Context(), t, test.request)
		if err != nil || r.Status != 201 || string(r.Body) != `{"job":7}` || r.Headers.Get("X-Job") != "7" {
			t.Errorf("%s: %+v %v", test.name, r, err)
		}
		want := test.want
		want.Key = key
		if want.Host == "" {
			want.Host = host
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestHTTPStatus(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "you sent %s %s", r.Header.Get("Authorization"), strings.Repeat("x", 400))
	})
	for _, test := range []struct {
		status int
		expect []int
		fault  value.Fault
	}{
		{200, nil, ""}, {204, nil, ""}, {299, nil, ""},
		{200, []int{202}, value.Failed}, {404, []int{200, 404}, ""}, {500, []int{500}, ""},
		{400, nil, value.Failed}, {409, nil, value.Failed}, {422, nil, value.Failed},
		{401, nil, value.Misconfigured}, {403, nil, value.Misconfigured}, {404, nil, value.Misconfigured}, {405, nil, value.Misconfigured}, {410, nil, value.Misconfigured},
		{408, nil, value.SourceError}, {425, nil, value.SourceError}, {429, nil, value.SourceError}, {500, nil, value.SourceError}, {502, nil, value.Unknown}, {504, nil, value.Unknown}, {503, nil, value.SourceError},
	} {
		r, err := send(t.Context(), t, graph.HTTP{
			URL: graph.Text(fmt.Sprintf("%s/%d", url, test.status)), ExpectStatus: test.expect, BasicAuth: &graph.BasicAuth{Username: graph.Text("user"), Password: graph.Value{{Ref: "secret.token"}}},
		})
		if value.FaultOf(err) != test.fault || r.Status != test.status {
			t.Errorf("%d: %d %v", test.status, r.Status, err)
		}
		if err != nil && (!strings.Contains(err.Error(), fmt.Sprintf("POST %s/%d: the answer was %d ", url, test.status, test.status)) || len(err.Error()) > 500) {
			t.Errorf("%v", err)
		}
	}
}

func TestHTTPTellsWhenToTryAgain(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.Header().Set("Retry-After", r.URL.RawQuery)
		w.WriteHeader(status)
	})
	for path, want := range map[string]time.Duration{
		"/429?90": 90 * time.Second, "/503?7": 7 * time.Second, "/429?soon": 0, "/500?90": 0, "/400?90": 0, "/502?90": 0, "/403?90": 90 * time.Second,
	} {
		_, err := send(t.Context(), t, graph.HTTP{URL: graph.Text(url + path)})
		var asks *web.PatienceError
		if errors.As(err, &asks) != (want > 0) || want > 0 && (asks.Pause != want || value.FaultOf(err) != value.SourceError) {
			t.Errorf("%s: %+v %v", path, asks, err)
		}
	}
}

func TestHTTPAnswerIsCapped(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 3<<20)) })
	r, err := send(t.Context(), t, graph.HTTP{URL: graph.Text(url)})
	if err != nil || len(r.Body) != 1<<20 || !r.Truncated {
		t.Errorf("%d bytes, %v %v", len(r.Body), r.Truncated, err)
	}
}

func TestHTTPRedirects(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	other := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/there":
			http.Redirect(w, r, other+"/end?private", http.StatusTemporaryRedirect)
		case "/ring":
			http.Redirect(w, r, "/ring", http.StatusFound)
		}
	})
	for path, fault := range map[string]value.Fault{"GET /here": "", "GET /there": value.Misconfigured, "GET /ring": value.Misconfigured, "POST /here": value.Misconfigured, "POST /there": value.Misconfigured} {
		method, path, _ := strings.Cut(path, " ")
		_, err := send(t.Context(), t, graph.HTTP{Method: method, URL: graph.Text(url + path), BearerToken: graph.Value{{Ref: "secret.token"}}})
		if value.FaultOf(err) != fault || err != nil && strings.Contains(err.Error(), "private") {
			t.Errorf("%s %s: error %v", method, path, err)
		}
	}
	if reached.Load() != 0 {
		t.Error("credentials went to another host")
	}
}

func TestHTTPThatCannotBeSent(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	for _, test := range []struct {
		request graph.HTTP
		fault   value.Fault
		says    string
	}{
		{graph.HTTP{URL: graph.Text("http://127.0.0.1:1")}, value.SourceError, "connection refused"},
		{graph.HTTP{URL: graph.Text(secure.URL)}, value.Misconfigured, "certificate does not hold"},
		{graph.HTTP{URL: graph.Text("ftp://host/x")}, value.Misconfigured, "must start with http"},
		{graph.HTTP{URL: graph.Value{{Ref: "secret.token"}}}, value.Misconfigured, "POST ${secret.token}: the URL must start with"},
		{graph.HTTP{URL: graph.Value{{Literal: "http://["}, {Ref: "secret.token"}}}, value.Misconfigured, "that is not a URL"},
		{graph.HTTP{URL: graph.Value{{Literal: "http://x/"}, {Ref: "secret.lost"}}}, value.Misconfigured, "url: read secret lost: file "},
		{graph.HTTP{URL: graph.Text("http://x"), Body: graph.Value{{Ref: "secret.lost"}}}, value.Misconfigured, "body: "},
		{graph.HTTP{URL: graph.Text("http://x"), JSON: graph.Value{{Ref: "secret.lost"}}}, value.Misconfigured, "json: "},
		{graph.HTTP{URL: graph.Text("http://x"), BearerToken: graph.Value{{Ref: "secret.lost"}}}, value.Misconfigured, "bearer_token: "},
		{graph.HTTP{URL: graph.Text("http://x"), Headers: map[string]graph.Value{"A": {{Ref: "secret.lost"}}}}, value.Misconfigured, "header A: "},
		{graph.HTTP{URL: graph.Text("http://x"), BasicAuth: &graph.BasicAuth{Username: graph.Value{{Ref: "secret.lost"}}}}, value.Misconfigured, "username: "},
		{graph.HTTP{URL: graph.Text("http://x"), BasicAuth: &graph.BasicAuth{Password: graph.Value{{Ref: "secret.lost"}}}}, value.Misconfigured, "password: "},
	} {
		_, err := send(t.Context(), t, test.request)
		if value.FaultOf(err) != test.fault || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v", err)
		}
	}
}

func TestHTTPWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.URL.Path == "/half" {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"job":`)
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	})
	for _, test := range []struct {
		request graph.HTTP
		fault   value.Fault
	}{
		{graph.HTTP{URL: graph.Text(url)}, value.Unknown},
		{graph.HTTP{URL: graph.Text(url), Body: graph.Text("x")}, value.Unknown},
		{graph.HTTP{Method: "GET", URL: graph.Text(url)}, value.SourceError},
		{graph.HTTP{URL: graph.Text(url + "/half")}, ""}, // it was accepted, and nobody reads the body
		{graph.HTTP{URL: graph.Text(url + "/half"), Poll: &graph.Poll{}}, value.Unknown},
		{graph.HTTP{Method: "GET", URL: graph.Text(url + "/half")}, value.SourceError},
	} {
		requests.Store(0)
		_, err := send(t.Context(), t, test.request)
		if value.FaultOf(err) != test.fault || requests.Load() != 1 {
			t.Errorf("%d requests, error %v", requests.Load(), err)
		}
	}
}

func TestHTTPStopsWithItsContext(t *testing.T) {
	t.Parallel()
	stop := errors.New("stopped by ana")
	for method, fault := range map[string]value.Fault{"POST": value.Unknown, "GET": value.Failed} {
		ctx, cancel := context.WithCancelCause(t.Context())
		release := make(chan struct{})
		url := serve(t, func(http.ResponseWriter, *http.Request) {
			cancel(stop)
			<-release
		})
		_, err := send(ctx, t, graph.HTTP{Method: method, URL: graph.Text(url)})
		close(release)
		if value.FaultOf(err) != fault || !errors.Is(err, stop) {
			t.Errorf("%s: error %v", method, err)
		}
		if _, err := send(ctx, t, graph.HTTP{URL: graph.Text(url)}); value.FaultOf(err) != value.Failed || !errors.Is(err, stop) {
			t.Errorf("never sent: error %v", err)
		}
	}
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := send(late, t, graph.HTTP{URL: graph.Text("http://127.0.0.1:1")}); value.FaultOf(err) != value.Timeout {
		t.Errorf("error %v", err)
	}
}
