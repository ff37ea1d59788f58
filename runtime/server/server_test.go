package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/server"
	"github.com/waybill-dev/waybill/runtime/store"
)

// own has connections that no other test closes: those of the default client are,
// whenever a test closes its server.
var own = &http.Client{Transport: &http.Transport{}}

// ask sends a request with the token and returns the answer with its body.
func (w *world) ask(method, path, body string, headers ...string) (*http.Response, string) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.ctx, method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer, err := own.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer, string(text)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.remote = w.local
	w.deploy(orders())
	large := `{"group": "daily", "date": "` + strings.Repeat("x", 2<<20) + `"}`
	newer := `{"graph": {"format_version": 99, "landing": "x", "runtime": {"path": "x"}}}`
	for _, c := range []struct {
		what, method, path, body, headers string
		status                            int
		says                              string
	}{
		{"alive without a token", "GET", "/healthz", "", "Authorization: ", 200, `{"status":"alive"}`},
		{"no token", "GET", "/v1/runs", "", "Authorization: ", 401, "send Authorization: Bearer"},
		{"another scheme", "GET", "/v1/runs", "", "Authorization: Basic " + token, 401, "does not know this token"},
		{"another token", "GET", "/v1/runs", "", "Authorization: Bearer " + token + "0", 401, "does not know this token"},
		{"an unknown route without a token", "GET", "/v2/runs", "", "Authorization: ", 401, ""},
		{"an unknown route", "GET", "/v2/runs", "", "", 404, api.CodeNoRoute},
		{"another method", "DELETE", "/v1/runs", "", "", 405, "takes no DELETE"},
		{"the head alone", "HEAD", "/v1/version", "", "", 200, ""},
		{"what it is", "GET", "/v1/version", "", "", 200, `"release":"v9.9.9"`},
		{"the document", "GET", "/v1/openapi.json", "", "", 200, `"openapi": "3.1.0"`},
		{"unchanged", "GET", "/v1/deployment", "", `If-None-Match: "1"`, 304, ""},
		{"changed", "GET", "/v1/deployment", "", `If-None-Match: "0"`, 200, `"serial":1`},
		{"a short name", "GET", "/v1/runs?group=daily&state=failed&state=stopped&limit=1", "", "", 200, `{"runs":[]}`},
		{"a limit that is none", "GET", "/v1/runs?limit=0", "", "", 400, "from 1 to 1000"},
		{"a cursor that is none", "GET", "/v1/runs?cursor=x", "", "", 400, "not a cursor"},
		{"a time that is none", "GET", "/v1/runs?from=yesterday", "", "", 400, "from=yesterday"},
		{"a state that is none", "GET", "/v1/runs?state=failed&state=faled", "", "", 400, `\"faled\" is none of scheduled, waiting`},
		{"a kind that is none", "GET", "/v1/runs?kind=ad", "", "", 400, "scheduled, adhoc, backfill"},
		{"an unknown parameter", "GET", "/v1/runs?grup=daily", "", "", 400, `no parameter \"grup\"`},
		{"an unknown run", "GET", "/v1/runs/daily@x", "", "", 404, "not in the store"},
		{"stop an unknown run", "POST", "/v1/runs/daily@x/stop", "", "", 404, "there is no run courier_group.daily@x"},
		{"an unknown group", "POST", "/v1/groups/other/pause", "", "", 404, "not deployed"},
		{"an unknown command", "GET", "/v1/commands/7", "", "", 404, "command 7"},
		{"a command that is none", "GET", "/v1/commands/x", "", "", 404, "a command is a number"},
		{"a wait that is none", "GET", "/v1/commands/1?wait=soon", "", "", 400, "wait=soon"},
		{"a run of no group", "POST", "/v1/runs", `{"date": "2026-01-05"}`, "", 400, "which group"},
		{"an unknown field", "POST", "/v1/runs", `{"group": "daily", "dates": []}`, "", 400, `unknown field \"dates\"`},
		{"no JSON", "POST", "/v1/runs", `group=daily`, "", 400, "invalid character"},
		{"two documents", "POST", "/v1/runs", `{"group": "daily"} {}`, "", 400, "more after the document"},
		{"too large", "POST", "/v1/runs", large, "", 413, "more than 1048576 bytes"},
		{"a run", "POST", "/v1/runs", `{"group": "daily", "date": "2026-01-05"}`, "Idempotency-Key: one", 202, `"state":"pending"`},
		{"the same run", "POST", "/v1/runs", `{"group": "daily", "date": "2026-01-05"}`, "Idempotency-Key: one", 202, `"id":1`},
		{"another run of that name", "POST", "/v1/runs", `{"group": "daily"}`, "Idempotency-Key: one", 409, "with other arguments"},
		{"on whose behalf", "POST", "/v1/groups/daily/pause", "", "Waybill-Actor: eve", 202, `"by":"eve (ci)"`},
		{"on nobody's behalf", "POST", "/v1/groups/daily/resume", "{}", "", 202, `"by":"ci"`},
		{"a long key", "POST", "/v1/groups/daily/pause", "", "Idempotency-Key: " + strings.Repeat("x", 201), 400, "longer than 200"},
		{"a key that cannot be read", "POST", "/v1/groups/daily/pause", "", "Idempotency-Key: a\tb", 400, "cannot be read"},
		{"a key that is no text", "POST", "/v1/groups/daily/pause", "", "Idempotency-Key: \xff", 400, "cannot be read"},
		{"no condition", "PUT", "/v1/deployment", newer, "", 428, "If-Match"},
		{"a condition that is none", "PUT", "/v1/deployment", newer, "If-Match: 1", 400, "neither"},
		{"a graph of a newer release", "PUT", "/v1/deployment", newer, `If-Match: "1"`, 422, "upgrade the server"},
		{"no graph", "PUT", "/v1/deployment", "{}", `If-Match: "1"`, 422, "has no graph"},
	} {
		var headers []string
		if c.headers != "" {
			headers = []string{c.headers}
		}
		answer, body := w.ask(c.method, c.path, c.body, headers...)
		if answer.StatusCode != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s; want %d and %q", c.what, answer.StatusCode, body, c.status, c.says)
		}
		if answer.Header.Get(api.HeaderAPI) != "1" || answer.Header.Get(api.HeaderRequest) == "" {
			t.Errorf("%s: the answer does not say what it is: %v", c.what, answer.Header)
		}
		if c.status >= 400 && c.method != "HEAD" {
			var p api.Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil || p.Status != c.status || p.Title == "" || p.Request != answer.Header.Get(api.HeaderRequest) {
				t.Errorf("%s: the problem is %s", c.what, body)
			}
		}
	}
}

// TestUnsoundGraphs sends graphs that no workspace compiles to.
func TestUnsoundGraphs(t *testing.T) {
	t.Parallel()
	w := open(t)
	for says, change := range map[string]func(*graph.Graph){
		"there is no courier.gone":       func(g *graph.Graph) { g.Groups[0].Members[0].Courier = "courier.gone" },
		"there is no process.gone":       func(g *graph.Graph) { g.Groups[0].Processes = []graph.Addr{"process.gone"} },
		"there is no courier_group.gone": func(g *graph.Graph) { g.Groups[0].After = []graph.After{{Group: "courier_group.gone"}} },
		"it has no url":                  func(g *graph.Graph) { g.Couriers[0].Filedrop, g.Couriers[0].RestAPI = nil, &graph.RestAPI{} },
		"it cannot write rows as": func(g *graph.Graph) {
			g.Couriers[0].Filedrop, g.Couriers[0].Warehouse = nil, &graph.Warehouse{Format: "/../../x"}
		},
		"process.a: it has no statements": func(g *graph.Graph) { g.Processes = []graph.Step{{Addr: "process.a", SQL: &graph.SQL{}}} },
		"does nothing":                    func(g *graph.Graph) { g.Processes = []graph.Step{{Addr: "process.a"}} },
		"no cursor from": func(g *graph.Graph) {
			g.Couriers[0].Filedrop = nil
			g.Couriers[0].RestAPI = &graph.RestAPI{HTTP: graph.HTTP{URL: graph.Text("https://x")}, Records: "a", Paging: &graph.Paging{Way: graph.PagingCursor, From: "first_record", Path: "id", MaxPages: 1}}
		},
		"its command is empty": func(g *graph.Graph) { g.Processes = []graph.Step{{Addr: "process.a", Exec: &graph.Exec{}}} },
		"its working_dir": func(g *graph.Graph) {
			g.Processes = []graph.Step{{Addr: "process.a", Exec: &graph.Exec{Command: []graph.Value{graph.Text("x")}, WorkingDir: "s3://b"}}}
		},
		"it has no source":              func(g *graph.Graph) { g.Couriers[0].Filedrop = nil },
		"file orders":                   func(g *graph.Graph) { g.Couriers[0].Files[0].Pattern = "{yyyy" },
		"schedule":                      func(g *graph.Graph) { g.Groups[0].Schedule = "soon" },
		"timezone":                      func(g *graph.Graph) { g.Groups[0].Timezone = "Mars/Olympus" },
		"courier.orders stands twice":   func(g *graph.Graph) { g.Couriers = append(g.Couriers, g.Couriers[0]) },
		"courier_group.daily stands":    func(g *graph.Graph) { g.Groups = append(g.Groups, g.Groups[0]) },
		"process.a stands twice or not": func(g *graph.Graph) { g.Processes = []graph.Step{{Addr: "process.b"}, {Addr: "process.a"}} },
		`name \"orders\" is`:            func(g *graph.Graph) { g.Groups[0].Members = append(g.Groups[0].Members, g.Groups[0].Members[0]) },
		`name \"\" is`:                  func(g *graph.Graph) { g.Groups[0].Members[0].Name = "" },
		"courier_group.a and courier_group.b are moved to": func(g *graph.Graph) {
			g.Moved = []graph.Moved{{From: "courier_group.a", To: daily}, {From: "courier_group.b", To: daily}}
		},
		"is not the address of a": func(g *graph.Graph) { g.Groups[0].Addr = "" },
		"no format_version":       func(g *graph.Graph) { g.FormatVersion = 0 },
	} {
		text, err := json.Marshal(graph.Deployment{Graph: orders(change)})
		if err != nil {
			t.Fatal(err)
		}
		answer, body := w.ask("PUT", "/v1/deployment", string(text), "If-None-Match: *")
		if answer.StatusCode != 422 || !strings.Contains(body, says) || !strings.Contains(body, api.CodeBadGraph) {
			t.Errorf("%d %s, want 422 and %q", answer.StatusCode, body, says)
		}
	}
	text, err := json.Marshal(graph.Deployment{Graph: orders(), Digest: "sha256:0"})
	if err != nil {
		t.Fatal(err)
	}
	if answer, body := w.ask("PUT", "/v1/deployment", string(text), "If-None-Match: *"); answer.StatusCode != 422 || !strings.Contains(body, "changed on the way") {
		t.Errorf("with another digest: %d %s", answer.StatusCode, body)
	}
}

// broken is a runtime that fails in several ways.
type broken struct{ server.Runtime }

func (broken) Facts(context.Context, graph.Addr, runtime.RunArgs) (graph.Facts, error) {
	return graph.Facts{}, errors.New("the disk is full")
}

func (broken) Standing(context.Context) (graph.Standing, error) {
	return graph.Standing{}, errors.New("the disk is full")
}

func (broken) Holder(context.Context) (store.Holder, bool, error) { panic("a mistake") }

func (broken) Deployment(context.Context) (graph.Deployment, error) {
	return graph.Deployment{}, store.ErrClosed
}

func TestFaults(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	h := httptest.NewServer(checked(t, server.New(server.Options{
		Runtime: broken{}, Tokens: tokens(t, "ci "+token), Logger: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Trace}),
	})))
	w := &world{T: t, ctx: t.Context(), url: h.URL}
	for path, want := range map[string]string{
		"/v1/standing":   "500 the disk is full",
		"/v1/holder":     "500 the server failed; its log has more under me",
		"/v1/deployment": "503 the store is closed",
	} {
		status, says, _ := strings.Cut(want, " ")
		if answer, body := w.ask("GET", path, "", "X-Request-Id: me"); !strings.HasPrefix(answer.Status, status) || !strings.Contains(body, says) {
			t.Errorf("%s: %s %s, want %s", path, answer.Status, body, want)
		}
	}
	h.Close()
	for _, words := range []string{"a mistake", "request=me", "token=ci", "status=500", `problem="internal: the disk is full"`} {
		if !strings.Contains(log.String(), words) {
			t.Errorf("the log does not say %q:\n%s", words, log.String())
		}
	}
	if strings.Contains(log.String(), token) {
		t.Errorf("the log has the token:\n%s", log.String())
	}
}

// listening serves a world until the returned function is called.
func (w *world) listening(o server.Options) (address string, stop func() error) {
	w.Helper()
	l, err := server.Listen("127.0.0.1:0", o.Certificate != nil)
	if err != nil {
		w.Fatal(err)
	}
	o.Runtime, o.Tokens = w.local, tokens(w.T, "ci "+token)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.New(o).Serve(ctx, l) }()
	return l.Addr().String(), func() error {
		cancel()
		return <-ended
	}
}

// TestStopAnswersWhoWaits ends a server while somebody waits for news.
func TestStopAnswersWhoWaits(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.remote = w.local
	w.deploy(orders())
	if _, err := w.Send(w.ctx, command(store.VerbPause, struct{}{})); err != nil { // nobody carries it out
		t.Fatal(err)
	}
	waits := &noticing{Runtime: w.local, asked: make(chan struct{}, 1)}
	l, err := server.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- server.New(server.Options{Runtime: waits, Tokens: tokens(t, "ci "+token)}).Serve(ctx, l)
	}()
	go func() {
		<-waits.asked
		cancel()
	}()
	w.url = "http://" + l.Addr().String()
	if answer, body := w.ask("GET", "/v1/commands/1?wait=60s", ""); answer.StatusCode != 200 || !strings.Contains(body, `"over":false`) {
		t.Errorf("who waited is answered %d %s", answer.StatusCode, body)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestGoneAsker says that it sends no more while the runtime is at work, which
// then fails in whatever way. Nobody may take that for success.
func TestGoneAsker(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	l, err := server.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- server.New(server.Options{
			Runtime: interrupted{}, Tokens: tokens(t, "ci "+token), Logger: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug}),
		}).Serve(ctx, l)
	}()
	for _, path := range []string{"/v1/standing", "/v1/holder"} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+token+"\r\n\r\n")
		if err := errors.Join(err, conn.(*net.TCPConn).CloseWrite()); err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(conn); !strings.HasPrefix(string(text), "HTTP/1.1 408") || !strings.Contains(string(text), "was broken off") {
			t.Errorf("%s is answered %q, %v", path, text, err)
		}
		_ = conn.Close()
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if strings.Contains(log.String(), "[ERROR]") || strings.Count(log.String(), "problem=request_timeout") != 2 {
		t.Errorf("the log says\n%s", log.String())
	}
}

// interrupted is a runtime that waits for its asker to hang up.
type interrupted struct{ server.Runtime }

func (interrupted) Standing(ctx context.Context) (graph.Standing, error) {
	<-ctx.Done()
	return graph.Standing{}, errors.New("interrupted (9)") // as a database may say it
}

func (interrupted) Holder(ctx context.Context) (store.Holder, bool, error) {
	<-ctx.Done()
	return store.Holder{}, false, ctx.Err()
}

// noticing is a runtime that tells when it is asked about a command.
type noticing struct {
	server.Runtime
	asked chan struct{}
}

func (n *noticing) Progress(ctx context.Context, command, after int64) (runtime.Progress, error) {
	select {
	case n.asked <- struct{}{}:
	default:
	}
	return n.Runtime.Progress(ctx, command, after)
}

// TestSlowClients sends requests that do not end.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	w := open(t)
	for what, c := range map[string]struct {
		limits     server.Limits
		send, want string
	}{
		"a head that does not end": {server.Limits{Header: 50 * time.Millisecond}, "GET /v1/runs HTTP/1.1\r\nHost: x\r\n", ""},
		"a body that does not end": {server.Limits{Read: 100 * time.Millisecond},
			"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nAuthorization: Bearer " + token + "\r\n\r\n{", "408 Request Timeout"},
		"a head without end": {server.Limits{},
			"GET /v1/runs HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 100<<10), "431 Request Header Fields Too Large"},
	} {
		address, stop := w.listening(server.Options{Limits: c.limits})
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, c.send); err != nil {
			t.Logf("%s: %v", what, err)
		}
		text, err := io.ReadAll(conn) // ends when the server hangs up
		if !strings.Contains(string(text), c.want) {
			t.Errorf("%s is answered %q, %v; want %q", what, text, err, c.want)
		}
		_ = conn.Close()
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestListenRefusesWhatOthersReach(t *testing.T) {
	t.Parallel()
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0"} {
		var exposed *server.ExposedError
		if _, err := server.Listen(address, false); !errors.As(err, &exposed) {
			t.Errorf("%s without TLS: %v", address, err)
		}
		l, err := server.Listen(address, true)
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
	}
	l, err := server.Listen("localhost:0", false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	taken := l.Addr().String()
	for address, says := range map[string]string{
		"localhost": "listen on localhost: this is no host:port, such as 127.0.0.1:8480",
		"8480":      "listen on 8480: this is no host:port, such as 127.0.0.1:8480",
		taken:       "listen on " + taken + ": bind: address already in use",
	} {
		if _, err := server.Listen(address, false); err == nil || err.Error() != says {
			t.Errorf("%s: %v, want %q", address, err, says)
		}
	}
}

func TestTokenFiles(t *testing.T) {
	t.Parallel()
	const other = "fedcba9876543210"
	for text, says := range map[string]string{
		"":                              "has no token",
		"# nothing\n\n":                 "has no token",
		"short":                         "line 1: the token is shorter than 16",
		"a b " + other:                  "line 1 has 3 words",
		"a " + other + "\nb " + other:   "lines 1 and 2 have the same token",
		strings.Repeat("x", 1<<20+1):    "larger than 1 MiB",
		"# who\r\nci " + other + "\r\n": "",
		"\ufeffci " + other + "\n":      "", // as some editors begin a file
		"ci " + other + "é":             "line 1 has characters that no request can carry",
		"c\x00i\x00 " + other:           "line 1 has characters that no request can carry",
	} {
		file := filepath.Join(t.TempDir(), "tokens")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		known, err := server.ReadTokens(file, hclog.NewNullLogger())
		switch {
		case says == "" && err != nil, says != "" && (err == nil || !strings.Contains(err.Error(), says)):
			t.Errorf("%.40q: %v, want %q", text, err, says)
		case err != nil && strings.Contains(err.Error(), other):
			t.Errorf("the error has the token: %v", err)
		case err == nil:
			if name, ok := known.Whose(other); !ok || name != "ci" {
				t.Errorf("the token is that of %q, %t", name, ok)
			}
		}
	}
	if _, err := server.ReadTokens(filepath.Join(t.TempDir(), "none"), hclog.NewNullLogger()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := server.ReadTokens(t.TempDir(), hclog.NewNullLogger()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
}

// TestTokensAreReadAgain changes the file under the server.
func TestTokensAreReadAgain(t *testing.T) {
	t.Parallel()
	const first, second = "0123456789abcdef-1", "0123456789abcdef-22"
	file := filepath.Join(t.TempDir(), "tokens")
	write := func(text string, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.WriteFile(file, []byte(text), mode), os.Chmod(file, mode)); err != nil {
			t.Fatal(err)
		}
	}
	write(first, 0o600)
	known, err := server.ReadTokens(file, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	check := func(want ...bool) {
		t.Helper()
		for i, token := range []string{first, second} {
			if _, ok := known.Whose(token); ok != want[i] {
				t.Errorf("token %d is known: %t, want %t", i+1, ok, want[i])
			}
		}
	}
	check(true, false)
	write(first+"\n"+second, 0o600)
	check(true, true)
	write(second, 0o644) // open to everybody: not read
	check(true, true)
	if err := os.Chmod(file, 0o600); err != nil { // as the log advises
		t.Fatal(err)
	}
	check(false, true)
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	write(first, 0o600)
	check(true, false)
	put := file + ".new" // of the same size and time
	err = errors.Join(os.WriteFile(put, []byte("0123456789abcdef-3"), 0o600), os.Chtimes(put, info.ModTime(), info.ModTime()),
		os.Chtimes(file, info.ModTime(), info.ModTime()))
	if err != nil {
		t.Fatal(err)
	}
	check(true, false)
	if err := os.Rename(put, file); err != nil {
		t.Fatal(err)
	}
	check(false, false)
	write(second+"\n", 0o600)
	check(false, true)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	check(false, true)
	if err := known.Reload(); err == nil {
		t.Error("a file that is gone was read again")
	}
}
