package client_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/client"
	"github.com/waybill-dev/waybill/runtime/store"
)

// against makes a client of a server that answers as a test says. Its n-th
// request, from 1, is answered with n.
func against(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) (*client.Client, *atomic.Int64) {
	t.Helper()
	asked := new(atomic.Int64)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(api.HeaderAPI, "1")
		answer(int(asked.Add(1)), w, r)
	}))
	t.Cleanup(h.Close)
	return dial(t, h.URL), asked
}

func dial(t *testing.T, url string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{URL: url, Token: "secret", Actor: "ann\n", Patience: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func kind(err error) client.Kind {
	var e *client.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// TestAgain counts how often a server is asked that does not answer at first.
func TestAgain(t *testing.T) {
	t.Parallel()
	gateway := func(w http.ResponseWriter) {
		w.Header().Del(api.HeaderAPI)
		w.WriteHeader(http.StatusBadGateway)
	}
	hangUp := func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }
	ending := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", api.ProblemType)
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"code": "unavailable", "status": 503, "detail": "ending"}`)
	}
	for name, fail := range map[string]func(http.ResponseWriter){"a gateway": gateway, "a connection that ends": hangUp, "a server that ends": ending} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var keys [2]string
			c, asked := against(t, func(n int, w http.ResponseWriter, r *http.Request) {
				if n%2 == 1 {
					keys[0] = r.Header.Get(api.HeaderKey)
					fail(w)
					return
				}
				keys[1] = r.Header.Get(api.HeaderKey)
				fmt.Fprint(w, `{"id": 3}`)
			})
			if _, err := c.Standing(t.Context()); err != nil || asked.Load() != 2 {
				t.Errorf("a question: %v after %d requests", err, asked.Load())
			}
			sent, err := c.Send(t.Context(), store.Command{Verb: store.VerbPause, Group: "courier_group.daily"})
			if err != nil || sent.ID != 3 || keys[0] == "" || keys[0] != keys[1] {
				t.Errorf("a command: %+v, %v, with the keys %q", sent, err, keys)
			}
			before := asked.Load()
			_, err = c.Deploy(t.Context(), graph.Deployment{Graph: &graph.Graph{}}) // and one question what is applied now
			if kind(err) != client.Unreachable || asked.Load() != before+2 || !strings.Contains(err.Error(), "whether it was applied is not known") {
				t.Errorf("a deployment: %v after %d requests", err, asked.Load()-before)
			}
		})
	}
}

// TestLostAnswer deploys and hears nothing, and asks what is applied now.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	g := &graph.Graph{FormatVersion: 1}
	for name, now := range map[string]graph.Deployment{
		"applied":               {Serial: 4, Digest: g.Digest(), AppliedBy: "ann (ci)", Graph: g},
		"not applied":           {Serial: 3, Digest: "sha256:0", Graph: g},
		"somebody else's":       {Serial: 4, Digest: "sha256:0", Graph: g},
		"followed by another's": {Serial: 5, Digest: g.Digest(), Graph: g},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := against(t, func(_ int, w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPut {
					panic(http.ErrAbortHandler)
				}
				if err := json.NewEncoder(w).Encode(now); err != nil {
					t.Error(err)
				}
			})
			got, err := c.Deploy(t.Context(), graph.Deployment{Serial: 3, Graph: g})
			if name == "applied" && (err != nil || got.Serial != 4 || got.AppliedBy != "ann (ci)") {
				t.Errorf("deployed as %+v, %v", got, err)
			}
			if name != "applied" && (kind(err) != client.Unreachable || !strings.Contains(err.Error(), "not known, plan again")) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// TestNeverSent deploys where no connection comes about.
func TestNeverSent(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(refusing.Close)
	proxy, err := url.Parse(refusing.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Options{
		URL: "https://waybill.example.com", Token: "secret", Patience: time.Millisecond, Transport: &http.Transport{Proxy: http.ProxyURL(proxy)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Deploy(t.Context(), graph.Deployment{Graph: &graph.Graph{}}); kind(err) != client.Unreachable || strings.Contains(err.Error(), "not known") {
		t.Errorf("through a proxy that does not connect: %v", err)
	}
	c = dial(t, strings.Replace(refusing.URL, "http:", "https:", 1))
	if _, err := c.Standing(t.Context()); kind(err) != client.NotWaybill || !strings.Contains(err.Error(), "write http://") {
		t.Errorf("TLS to a server without: %v", err)
	}
}

// TestLargeAnswers gets more than any server sends, packed small.
func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	c, asked := against(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write(append(bytes.Repeat([]byte(" "), 1<<20), "{}"...))
		_ = z.Close()
	})
	c.Bound(1 << 20)
	if _, err := c.Standing(t.Context()); kind(err) != client.NotWaybill || asked.Load() != 1 || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("the error is %v after %d requests", err, asked.Load())
	}
}

// TestOddKeys asks for runs whose keys would change the path.
func TestOddKeys(t *testing.T) {
	t.Parallel()
	c, asked := against(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if got := r.URL.EscapedPath(); got != "/v1/runs/..%2Fdeployment" {
			t.Errorf("the request is for %s", got)
		}
		fmt.Fprint(w, `{}`)
	})
	for _, key := range []string{"", ".", ".."} {
		if _, err := c.Run(t.Context(), key); !errors.Is(err, store.ErrNotFound) || asked.Load() != 0 {
			t.Errorf("the run %q: %v", key, err)
		}
	}
	if _, err := c.Run(t.Context(), "../deployment"); err != nil {
		t.Error(err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	if _, err := client.New(client.Options{URL: "https://example.com", Token: "a\nb"}); kind(err) != client.Unauthorized {
		t.Errorf("a token of two lines: %v", err)
	}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(api.HeaderAPI, "1")
		fmt.Fprintf(w, `{"paused": [{"by": %q}]}`, r.Header.Get("Authorization"))
	}))
	t.Cleanup(h.Close)
	c, err := client.New(client.Options{URL: h.URL, Token: "secret\n"}) // as a file ends
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.Standing(t.Context()); err != nil || s.Paused[0].By != "Bearer secret" {
		t.Errorf("asked with %+v, %v", s, err)
	}
}

// TestServerThatBegins asks a server that does not listen yet, at a port that no
// other test can be given.
func TestServerThatBegins(t *testing.T) {
	t.Parallel()
	c := dial(t, "http://127.0.0.1:1")
	_, err := c.Deploy(t.Context(), graph.Deployment{Graph: &graph.Graph{}})
	if kind(err) != client.Unreachable || strings.Contains(err.Error(), "not known") {
		t.Errorf("a deployment that was never sent: %v", err)
	}
}

// TestWhatCannotBeUnderstood gets answers of other servers.
func TestWhatCannotBeUnderstood(t *testing.T) {
	t.Parallel()
	problem := func(status int, text string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set(api.HeaderRelease, "v0.9.0")
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}
	}
	version := func(v string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set(api.HeaderAPI, v)
			w.Header().Set(api.HeaderRelease, "v0.9.0")
			w.WriteHeader(404)
		}
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		kind   client.Kind
		says   string
	}{
		"newer":   {version("2"), client.OtherVersion, "the server (v0.9.0) speaks version 2 of the interface and this waybill version 1: upgrade waybill here"},
		"older":   {version("0"), client.OtherVersion, "upgrade the server"},
		"strange": {version("x"), client.OtherVersion, "version x"},
		"a web site": {func(w http.ResponseWriter) {
			w.Header().Del(api.HeaderAPI)
			fmt.Fprint(w, "<html>")
		}, client.NotWaybill, "what answers there (200 OK) is no server of Waybill"},
		"TLS without TLS": {func(w http.ResponseWriter) {
			w.Header().Del(api.HeaderAPI)
			w.WriteHeader(400)
		}, client.NotWaybill, "then write https://"},
		"a proxy with a limit": {func(w http.ResponseWriter) {
			w.Header().Del(api.HeaderAPI)
			w.WriteHeader(413)
		}, client.NotWaybill, "(413 Request Entity Too Large) is no server of Waybill, or a proxy that does not let the request through"},
		"a login page": {func(w http.ResponseWriter) {
			w.Header().Del(api.HeaderAPI)
			w.Header().Set("Location", "https://login.example.com")
			w.WriteHeader(302)
		}, client.NotWaybill, "it redirects to https://login.example.com"},
		"no such route":  {problem(404, `{"code": "no_route", "detail": "this release has no /v1/x"}`), client.OtherVersion, "the server (v0.9.0) does not know what this release asks"},
		"a wrong token":  {problem(401, `{"code": "unauthorized", "detail": "the server does not know this token"}`), client.Unauthorized, "does not let us in"},
		"no reason":      {problem(500, `oh`), client.Unreachable, "500 Internal Server Error"},
		"half an answer": {problem(200, `{"serial": 1, "graph": {`), client.Unreachable, "the answer broke off"},
		"no graph":       {problem(200, `{"serial": 1}`), client.NotWaybill, "no graph"},
		"a newer graph":  {problem(200, `{"serial": 1, "tool": "v2.0.0", "graph": {"format_version": 99}}`), client.OtherVersion, "written by a newer release (v2.0.0, graph format 99; this release knows 1)"},
		"a fault":        {problem(500, `{"code": "internal", "detail": "the disk is full", "request": "me"}`), "", "the server failed (request me in its log): the disk is full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, _ := against(t, func(_ int, w http.ResponseWriter, _ *http.Request) { c.answer(w) })
			_, err := server.Deployment(t.Context())
			if err == nil || kind(err) != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v (%s), want %s and %q", err, kind(err), c.kind, c.says)
			}
		})
	}
}

func TestWhoAsks(t *testing.T) {
	t.Parallel()
	c, _ := against(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization") + " " + r.Header.Get(api.HeaderActor); got != "Bearer secret ann" {
			t.Errorf("the request is of %q", got)
		}
		fmt.Fprint(w, `{}`)
	})
	if _, err := c.Standing(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestServerClock goes by the server's clock, however wrong that of this machine
// is.
func TestServerClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)
	c, _ := against(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set(api.HeaderTime, at.Format(time.RFC3339Nano))
		fmt.Fprint(w, `{}`)
	})
	if _, err := c.Standing(t.Context()); err != nil {
		t.Error(err)
	}
	if now := c.Now(); now.Before(at) || now.After(at.Add(time.Minute)) {
		t.Errorf("the server's clock shows %s, want %s", now, at)
	}
}

// TestLostServer loses the server while a command is watched.
func TestLostServer(t *testing.T) {
	t.Parallel()
	c, _ := against(t, func(n int, w http.ResponseWriter, r *http.Request) {
		switch n {
		case 1:
			fmt.Fprint(w, `{"id": 3, "state": "pending"}`)
		case 2: // the server begins again
			w.Header().Del(api.HeaderAPI)
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			fmt.Fprint(w, `{"command": {"id": 3, "state": "done", "run": "a@b"}, "runs": ["a@b"], "events": [{"id": 9, "type": "started"}], "next": 9}`)
		case 4:
			if r.URL.Query().Get("after") != "9" {
				t.Errorf("it is asked for news after %s", r.URL.Query().Get("after"))
			}
			fmt.Fprint(w, `{"command": {"id": 3, "state": "refused", "message": "no"}, "next": 9, "over": true}`)
		}
	})
	var told []string
	_, err := c.Do(t.Context(), store.Command{Verb: store.VerbRun, Group: "courier_group.a"}, func(e store.Event) { told = append(told, e.Type) })
	var refused *runtime.RefusedError
	if !errors.As(err, &refused) || err.Error() != "no" || len(told) != 1 {
		t.Errorf("the command ended with %v after %v", err, told)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, says := range map[string]string{
		"waybill.example.com":             "is no address of a server",
		"ftp://waybill.example.com":       "is no address of a server",
		"https://":                        "is no address of a server",
		"https://ci:token@example.com":    "a token is written as token",
		"https://example.com?token=x":     "a token is written as token",
		"https://example.com/\x7f":        "cannot be read",
		"https://ci:token@[::1":           "cannot be read",
		"https://example.com/waybill/api": "",
	} {
		_, err := client.New(client.Options{URL: address})
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", address, err, says)
		}
	}
}
