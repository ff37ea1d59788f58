package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/store"
)

// interfaces are the two of examples/rest-api: a marketing API with events, and a
// CRM with contacts.
type interfaces struct {
	t         *testing.T
	url       string
	marketing string // the key
	crm       string // the client's secret

	mu       sync.Mutex
	asked    []string // pages that were answered as they should be
	patience int      // requests that are answered with 429
	expires  int      // requests after which a token holds no more
	tokens   int
	wait     func(page string) // is called before a page of events is answered
}

const eventPages, contactCount = 5, 450

// answerInterfaces starts both, and gives their secrets to the environment.
func answerInterfaces(t *testing.T) *interfaces {
	t.Helper()
	i := &interfaces{t: t, marketing: "canary-marketing-key-77", crm: "canary-crm-client-88", patience: 1, expires: 2, wait: func(string) {}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v3/events", i.events)
	mux.HandleFunc("POST /oauth2/token", i.token)
	mux.HandleFunc("GET /services/contacts", i.contacts)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.url = server.URL
	t.Setenv("MARKETING_KEY", i.marketing)
	t.Setenv("CRM_CLIENT_SECRET", i.crm)
	return i
}

func (i *interfaces) events(out http.ResponseWriter, in *http.Request) {
	q := in.URL.Query()
	page := q.Get("cursor")
	i.wait(page)
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case in.Header.Get("X-Api-Key") != i.marketing:
		http.Error(out, `{"error": "unknown key `+in.Header.Get("X-Api-Key")+`"}`, http.StatusUnauthorized)
		return
	case i.patience > 0:
		i.patience--
		out.Header().Set("Retry-After", "1")
		http.Error(out, "slower", http.StatusTooManyRequests)
		return
	}
	i.asked = append(i.asked, "events "+q.Get("from")+" "+q.Get("to")+" "+page)
	n, _ := strconv.Atoi(strings.TrimPrefix(page, "c-"))
	next := "null"
	if n < eventPages-1 {
		next = fmt.Sprintf(`"c-%d"`, n+1)
	}
	out.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(out, `{"data": {"events": [{"id": %d, "value": 1.50}, {"id": %d, "text": "Zoë"}]}, "meta": {"next_cursor": %s}}`, 2*n, 2*n+1, next)
}

func (i *interfaces) token(out http.ResponseWriter, in *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	out.Header().Set("Content-Type", "application/json")
	id, secret, basic := in.BasicAuth()
	if !basic { // the other of the two ways that servers have
		id, secret = in.FormValue("client_id"), in.FormValue("client_secret")
	}
	if id != "waybill" || secret != i.crm || in.FormValue("scope") != "contacts.read" {
		out.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(out, `{"error": "invalid_client", "error_description": "%s is not known"}`, secret)
		return
	}
	i.tokens++
	_, _ = fmt.Fprintf(out, `{"access_token": "canary-token-%d", "token_type": "Bearer", "expires_in": 3600}`, i.tokens)
}

func (i *interfaces) contacts(out http.ResponseWriter, in *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	valid := in.Header.Get("Authorization") == fmt.Sprintf("Bearer canary-token-%d", i.tokens)
	if i.expires--; i.expires == 0 || !valid {
		http.Error(out, "the token has expired", http.StatusUnauthorized)
		i.tokens += 100 // the one that was given holds no more
		return
	}
	i.asked = append(i.asked, "contacts "+in.URL.RawQuery)
	from, _ := strconv.Atoi(in.URL.Query().Get("offset"))
	limit, _ := strconv.Atoi(in.URL.Query().Get("limit"))
	var list []string
	for n := from; n < min(from+limit, contactCount); n++ {
		list = append(list, fmt.Sprintf(`{"id": %d}`, n))
	}
	out.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(out, `{"total": %d, "records": [%s]}`, contactCount, strings.Join(list, ", "))
}

// seen returns what was asked since it was last called.
func (i *interfaces) seen() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := i.asked
	i.asked = nil
	return all
}

// applied copies the example and applies it to the interfaces.
func (i *interfaces) applied(flags ...string) string {
	i.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "rest-api", "main.hcl"))
	if err != nil {
		i.t.Fatal(err)
	}
	dir := workspaceOf(i.t, map[string]string{"main.hcl": string(text)})
	must(i.t, exitOK, append([]string{"apply", dir, "--auto-approve", "--var", "marketing=" + i.url, "--var", "crm=" + i.url}, flags...)...)
	return dir
}

func dayOfEvents(cursors ...string) []string {
	var all []string
	for _, c := range cursors {
		all = append(all, "events 2026-11-20T00:00:00Z 2026-11-21T00:00:00Z "+c)
	}
	return all
}

func eventLines() string {
	var b strings.Builder
	for n := range eventPages {
		fmt.Fprintf(&b, "{\"id\":%d,\"value\":1.50}\n{\"id\":%d,\"text\":\"Zoë\"}\n", 2*n, 2*n+1)
	}
	return b.String()
}

// landedOf is what a courier of the example has landed, a path each.
func landedOf(t *testing.T, dir, courier string) map[string]string {
	t.Helper()
	files := map[string]string{}
	walk(t, filepath.Join(dir, "landing"), func(path, content string) {
		if parts := strings.SplitN(path, "/", 4); len(parts) == 4 && parts[1] == courier && parts[3] != "manifest.json" {
			files[parts[3]] = content
		}
	})
	return files
}

// TestRESTExample runs the example against its interfaces: a day lands, whole and
// once, and nothing of the secrets is anywhere.
func TestRESTExample(t *testing.T) {
	i := answerInterfaces(t)
	dir := i.applied()

	says, _ := must(t, exitOK, "plan", "run", "daily", dir, "--date", "2026-11-20")
	for _, want := range []string{
		"contacts  everything: it ignores ranges", "GET " + i.url + "/services/contacts?order=id",
		i.url + "/v3/events?from=2026-11-20T00%3A00%3A00Z&to=2026-11-21T00%3A00%3A00Z&limit=500",
	} {
		if !strings.Contains(strings.Join(strings.Fields(says), ""), strings.Join(strings.Fields(want), "")) {
			t.Errorf("the plan of the run does not say %q:\n%s", want, says)
		}
	}
	if asked := i.seen(); len(asked) > 0 {
		t.Errorf("a plan asks for %q", asked)
	}

	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "once")
	asked := i.seen()
	slices.SortStableFunc(asked, func(a, b string) int { return strings.Compare(b[:1], a[:1]) })
	want := append(dayOfEvents("", "c-1", "c-2", "c-3", "c-4"),
		"contacts order=id&limit=200&offset=0", "contacts order=id&limit=200&offset=200", "contacts order=id&limit=200&offset=400")
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	var contacts strings.Builder
	for n := range contactCount {
		fmt.Fprintf(&contacts, "{\"id\":%d}\n", n)
	}
	for courier, content := range map[string]string{"events": eventLines(), "contacts": contacts.String()} {
		if diff := cmp.Diff(map[string]string{"data/records.jsonl": content}, landedOf(t, dir, courier)); diff != "" {
			t.Errorf("%s has landed (-want +got):\n%s", courier, diff)
		}
	}
	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "once")
	if again := i.seen(); len(again) > 0 {
		t.Errorf("a run that is over asks again: %q", again)
	}
	logs, _ := must(t, exitOK, "logs", "daily@once", dir)
	for _, want := range []string{"the server asks for patience", "5 pages with 10 records", "3 pages with 450 records"} {
		if !strings.Contains(logs, want) {
			t.Errorf("the log does not say %q:\n%s", want, logs)
		}
	}
	walk(t, dir, func(path, content string) {
		if strings.Contains(path, ".staging/") {
			t.Errorf("%s is left", path)
		}
		for _, secret := range []string{i.marketing, i.crm, "canary-token"} {
			if strings.Contains(content, secret) {
				t.Errorf("%s holds %s", path, secret)
			}
		}
	})
}

// TestRESTWrongCredentials gives each interface another secret than it knows.
func TestRESTWrongCredentials(t *testing.T) {
	i := answerInterfaces(t)
	dir := i.applied()
	t.Setenv("MARKETING_KEY", "canary-wrong-key-1")
	t.Setenv("CRM_CLIENT_SECRET", "canary-wrong-secret-2")
	code, out, problems := waybill(t, "run", "daily", dir, "--date", "2026-11-20", "--token", "once")
	if code == exitOK {
		t.Errorf("it runs:\n%s", out)
	}
	d := detail(t, dir, "daily@once")
	got := map[string]string{}
	for _, task := range d.Tasks {
		got[task.Name] = task.State + ", " + task.Fault + ": " + strings.ReplaceAll(task.Message, i.url, "URL")
	}
	want := map[string]string{
		"events":   `failed, misconfigured: GET URL/v3/events?from=${range.start}&to=${range.end}&limit=500: the answer was 401 Unauthorized: {"error": "unknown key (secret marketing_key)"}`,
		"contacts": `failed, misconfigured: get a token from URL/oauth2/token: the answer was 401 Unauthorized: invalid_client, (secret crm_client) is not known; see whether client_id and client_secret are right`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if strings.Contains(out+problems, "canary") {
		t.Errorf("it prints a secret:\n%s%s", out, problems)
	}

	t.Setenv("MARKETING_KEY", i.marketing)
	t.Setenv("CRM_CLIENT_SECRET", i.crm)
	must(t, exitOK, "retry", "daily@once", dir)
	if got := landedOf(t, dir, "events")["data/records.jsonl"]; got != eventLines() {
		t.Errorf("after a retry has landed\n%s", got)
	}
}

// TestRESTKilledBetweenPages kills the serving process while it waits for a page:
// the next goes on there, and nothing is lost or doubled.
func TestRESTKilledBetweenPages(t *testing.T) {
	i := answerInterfaces(t)
	i.patience, i.expires = 0, -1
	reached, killed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	i.wait = func(page string) {
		if page == "c-3" {
			once.Do(func() { close(reached) })
			<-killed
		}
	}
	dir := i.applied()
	serve := start(t, "serve", dir)
	serve.await("serving")
	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "once", "--courier", "events", "--detach")
	<-reached
	serve.signal(syscall.SIGKILL)
	serve.end()
	close(killed)
	before := len(i.seen())
	serve = start(t, "serve", dir)
	serve.await("serving")
	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "once", "--courier", "events")
	serve.signal(syscall.SIGTERM)
	serve.end()
	if d := detail(t, dir, "daily@once"); d.Run.State != store.Succeeded {
		t.Errorf("the run is %s: %s", d.Run.State, d.Run.Message)
	}
	if got := landedOf(t, dir, "events")["data/records.jsonl"]; got != eventLines() {
		t.Errorf("has landed\n%s", got)
	}
	after := i.seen()
	if before != 3 || slices.Contains(after, dayOfEvents("")[0]) || len(after) < 2 {
		t.Errorf("%d pages were answered before it was killed, and then %q", before, after)
	}
}
