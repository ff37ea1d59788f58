package web_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

// Whatever a redirect says, what a request carries reaches the host that it was
// written for, and no other.
func TestCredentialsStayWithTheirHost(t *testing.T) {
	t.Parallel()
	var strangers atomic.Int64
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	defer stranger.Close()
	host := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		switch at, to, _ := strings.Cut(in.URL.RawQuery, "="); at {
		case "away":
			http.Redirect(out, in, "http://localhost"+strings.TrimPrefix(stranger.URL, "http://127.0.0.1"), http.StatusTemporaryRedirect)
		case "port": // another port is another server
			http.Redirect(out, in, stranger.URL, http.StatusFound)
		case "scheme":
			http.Redirect(out, in, "https"+strings.TrimPrefix("http://"+in.Host, "http"), http.StatusFound)
		case "here":
			http.Redirect(out, in, "/?"+to, http.StatusFound)
		case "round":
			http.Redirect(out, in, "/?round", http.StatusFound)
		case "end":
			_, _ = fmt.Fprintf(out, "%s %s", in.Header.Get("Authorization"), in.Header.Get("X-Key"))
		}
	}))
	defer host.Close()
	client := &http.Client{Transport: web.NewTransport(false), CheckRedirect: web.SameHost}
	for _, c := range []struct {
		method, query string
		status        int
		says          string
	}{
		{"GET", "end", 200, "Bearer tok k"},
		{"GET", "here=end", 200, "Bearer tok k"},
		{"GET", "here=away", 307, ""},
		{"GET", "away", 307, ""},
		{"GET", "port", 302, ""},
		{"GET", "scheme", 302, ""},
		{"GET", "round", 302, ""},
		{"HEAD", "here=end", 200, ""},
		{"POST", "here=end", 302, ""},
		{"POST", "away", 307, ""},
	} {
		req, err := web.NewRequest(t.Context(), "ask", c.method, host.URL+"/?"+c.query, "")
		if err != nil {
			t.Fatal(err)
		}
		h := &graph.HTTP{BearerToken: graph.Text("tok"), Headers: map[string]graph.Value{"x-key": graph.Text("k")}}
		if err := web.Authorize(req, h, &value.Resolver{}); err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(req)
		if err != nil {
			t.Errorf("%s %s: %v", c.method, c.query, err)
			continue
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if says := string(text); answer.StatusCode != c.status || c.status == 200 && says != c.says {
			t.Errorf("%s %s: %d %q, want %d %q", c.method, c.query, answer.StatusCode, says, c.status, c.says)
		}
	}
	if n := strangers.Load(); n != 0 {
		t.Errorf("a stranger was asked %d times", n)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	got := map[value.Fault][]int{}
	for _, status := range []int{300, 302, 308, 400, 401, 403, 404, 405, 406, 408, 409, 410, 418, 422, 425, 429, 451, 500, 501, 502, 503, 504, 599} {
		fault := web.RefusalOf(status, http.Header{"Retry-After": {"soon"}})
		got[fault] = append(got[fault], status)
	}
	want := map[value.Fault][]int{
		value.SourceError:   {408, 425, 429, 500, 501, 502, 503, 504, 599},
		value.Misconfigured: {300, 302, 308, 401, 403, 404, 405, 410},
		value.Failed:        {400, 406, 409, 418, 422, 451},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"", "host/path", "ftp://host/", "https://", "https:host", "http://[", "https://host/%zz", "://"} {
		if _, err := web.NewRequest(t.Context(), "ask", "GET", target+"?key=hidden", ""); value.FaultOf(err) != value.Misconfigured || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v", target, err)
		}
	}
	req, err := web.NewRequest(t.Context(), "ask", "POST", "https://me:p%40ss@host/", "text")
	if err != nil || req.GetBody != nil {
		t.Fatalf("it may be sent twice: %v", err)
	}
	if user, password, _ := req.BasicAuth(); user != "me" || password != "p@ss" {
		t.Errorf("asks as %q with %q", user, password)
	}
	h := &graph.HTTP{BasicAuth: &graph.BasicAuth{Username: graph.Text("you"), Password: graph.Text("x")}, Headers: map[string]graph.Value{"host": graph.Text("virtual")}}
	if err := web.Authorize(req, h, &value.Resolver{}); err != nil {
		t.Fatal(err)
	}
	if user, _, _ := req.BasicAuth(); user != "you" || req.Host != "virtual" || req.Header.Get("Host") != "" {
		t.Errorf("asks %q as %q", req.Host, user)
	}
}

func TestWhatIsShownOfAnAnswer(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"https://me:pass@host:1/a%2Fb?key=1#part": "https://host:1/a%2Fb", "/path?key=1": "/path", "http://[": "an unreadable URL", "": "",
	} {
		if got := web.Location(http.Header{"Location": {location}}); got != want {
			t.Errorf("%q: %q, want %q", location, got, want)
		}
	}
	redactor := &value.Redactor{}
	redactor.Add("token", "canary-7f3a")
	for _, c := range []struct {
		body  string
		limit int
		cut   bool
		want  string
	}{
		{" no canary-7f3a \n", 100, false, "no (secret token)"},
		{"no canary-7f3a", 4, false, "no ("},
		{"ü\xff", 100, false, "ü\uFFFD"},
	} {
		if got := web.Quote([]byte(c.body), redactor, c.limit, c.cut); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
	if got := web.Quote([]byte("no canary-7f"), redactor, 100, true); strings.Contains(got, "canary") {
		t.Errorf("half of a secret is shown: %q", got)
	}
	_, err := http.Get("http://127.0.0.1:1/?key=hidden")
	if got := web.Cause(err); got == nil || strings.Contains(got.Error(), "hidden") || web.Cause(io.EOF) != io.EOF || !errors.Is(err, got) {
		t.Errorf("%v", got)
	}
}

func TestPatience(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 13, 0, 0, 0, time.UTC)
	type header map[string]string
	for name, c := range map[string]struct {
		status int
		header header
		pause  time.Duration
		asked  bool
	}{
		"seconds":            {429, header{"Retry-After": "7"}, 7 * time.Second, true},
		"unavailable":        {503, header{"Retry-After": "7"}, 7 * time.Second, true},
		"unavailable, alone": {503, nil, 0, false},
		"nothing":            {429, nil, 0, true},
		"garbage":            {429, header{"Retry-After": "soon"}, 0, true},
		"not a number":       {429, header{"Retry-After": "NaN"}, 0, true},
		"ill":                {500, header{"Retry-After": "7"}, 7 * time.Second, false},
		"at once":            {429, header{"Retry-After": "0"}, time.Second, true},
		"its own clock":      {429, header{"Retry-After": "Sat, 21 Nov 2026 09:01:30 GMT", "Date": "Sat, 21 Nov 2026 09:00:00 GMT"}, 90 * time.Second, true},
		"no clock":           {429, header{"Retry-After": "Sat, 21 Nov 2026 13:01:30 GMT"}, 90 * time.Second, true},
		"an instant":         {429, header{"X-RateLimit-Reset": fmt.Sprint(now.Unix() + 45)}, 45 * time.Second, true},
		"in milliseconds":    {429, header{"RateLimit-Reset": fmt.Sprint((now.Unix() + 45) * 1000)}, 45 * time.Second, true},
		"for ever":           {429, header{"Retry-After": "1e300"}, 9e9 * time.Second, true},
		"forbidden":          {403, header{"X-RateLimit-Reset": fmt.Sprint(now.Unix() + 45), "X-RateLimit-Remaining": "10"}, 45 * time.Second, false},
		"forbidden for now":  {403, header{"Retry-After": "60"}, time.Minute, true},
		"used up":            {403, header{"X-RateLimit-Reset": fmt.Sprint(now.Unix() + 45), "X-RateLimit-Remaining": "0"}, 45 * time.Second, true},
		"used up, no time":   {403, header{"X-RateLimit-Remaining": "0"}, 0, false},
		"forbidden, garbage": {403, header{"Retry-After": "soon"}, 0, false},
		"infinity":           {429, header{"Retry-After": "Inf"}, 9e9 * time.Second, true},
	} {
		h := http.Header{}
		for key, text := range c.header {
			h.Set(key, text)
		}
		if pause, asked := web.Patience(c.status, h, now); pause != c.pause || asked != c.asked {
			t.Errorf("%s: %s %v, want %s %v", name, pause, asked, c.pause, c.asked)
		}
	}
}
