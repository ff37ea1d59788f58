package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/runtime/store"
)

const testToken = "0123456789abcdef-of-a-test"

// listening starts a server for a directory and returns its address.
func listening(t *testing.T, dir string, flags ...string) (serve *process, address string) {
	t.Helper()
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("ci "+testToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	serve = start(t, append([]string{"serve", dir, "--listen", "127.0.0.1:0", "--token-file", tokens}, flags...)...)
	serve.await("Listening on ")
	_, address, _ = strings.Cut(serve.output.String(), "Listening on ")
	serve.await("serving: store=")
	return serve, strings.TrimSpace(address)
}

var (
	checkedShell = regexp.MustCompile("(?s)<!-- checked -->\n```sh\n(.*?)```")
	curlWord     = regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)
)

// TestServerDocument sends the requests of docs/server.md, one after the other.
func TestServerDocument(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("..", "..", "docs", "server.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := checkedShell.FindSubmatch(source)
	if block == nil {
		t.Fatal("docs/server.md has no commands that are marked <!-- checked -->")
	}
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient, "inbox/orders-2026-11-20.csv": "a\n1\n"})
	_, address := listening(t, dir)
	known := map[string]string{"SERVER": address, "TOKEN": testToken}
	for line := range strings.Lines(string(block[1])) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		r := curlRequest(t, line, known)
		answer, err := own.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode > 299 {
			t.Errorf("%s\n%s %s %v", line, answer.Status, body, err)
		}
		_ = answer.Body.Close()
	}
	if d := detail(t, dir, "daily@nightly-2026-11-20"); d.Run.By != "ci" {
		t.Errorf("the run of the document is by %q", d.Run.By)
	}
	if stdout, _ := must(t, exitOK, "runs", "daily", dir); !strings.Contains(stdout, "daily@nightly-2026-11-20") {
		t.Errorf("the run of the document is not listed:\n%s", stdout)
	}
}

// curlRequest is the request that a curl command sends.
func curlRequest(t *testing.T, line string, variables map[string]string) *http.Request {
	t.Helper()
	var words []string
	for _, word := range curlWord.FindAllString(line, -1) {
		if !strings.HasPrefix(word, "'") {
			word = os.Expand(word, func(name string) string { return variables[name] })
		}
		words = append(words, strings.Trim(word, `"'`))
	}
	if words[0] != "curl" {
		t.Fatalf("%s: only curl commands are checked", line)
	}
	method, body, address, headers := "GET", "", "", http.Header{}
	for i := 1; i < len(words); i++ {
		option := words[i]
		if !strings.HasPrefix(option, "-") {
			address = option
			continue
		}
		i++
		switch option {
		case "-H":
			name, value, _ := strings.Cut(words[i], ": ")
			headers.Set(name, value)
		case "-X":
			method = words[i]
		case "-d":
			method, body = "POST", words[i]
		default:
			t.Fatalf("%s: the test does not know %s", line, option)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = headers
	return r
}

// TestInterruptClient interrupts a client that watches a run: the run goes on in
// the server, and when the server ends, with the next one.
func TestInterruptClient(t *testing.T) {
	t.Parallel()
	there := workspaceOf(t, map[string]string{"inbox/none.txt": ""})
	serve, address := listening(t, there, "--log-level", "debug")
	here := workspaceOf(t, map[string]string{"token": testToken, "main.hcl": patient + `
waybill {
  runtime {
    url   = "` + address + `"
    token = secret.server
  }
}
secret "server" {
  file = "token"
}
`})
	must(t, exitOK, "apply", here, "--auto-approve")
	client := start(t, "run", "daily", here, "--date", "2026-11-20", "--token", "one")
	client.await("not there yet")
	client.signal(os.Interrupt)
	if code := client.end(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d\n%s", code, exitInterrupted, client.output.String())
	}
	if !strings.Contains(client.output.String(), "daily@one goes on in the process that serves") {
		t.Errorf("it does not say what becomes of the run:\n%s", client.output.String())
	}
	client = start(t, "run", "daily", here, "--date", "2026-11-20", "--token", "one") // of which nothing is new
	serve.await("method=POST path=/v1/runs status=202")                               // of the first
	serve.await("method=POST path=/v1/runs status=202")
	serve.await("path=/v1/commands/1 status=200") // it knows how far the run is
	client.signal(os.Interrupt)
	if code := client.end(); code != exitInterrupted || !strings.Contains(client.output.String(), "daily@one goes on") {
		t.Errorf("interrupted again: exit code %d\n%s", code, client.output.String())
	}
	if d := detail(t, here, "daily@one"); store.Ended(d.Run.State) {
		t.Errorf("the run is %s", d.Run.State)
	}
	put(t, filepath.Join(there, "inbox", "orders-2026-11-20.csv"), "a\n1\n")
	must(t, exitOK, "run", "daily", here, "--date", "2026-11-20", "--token", "one") // waits for the same run
	serve.signal(syscall.SIGTERM)
	if code := serve.end(); code != exitOK {
		t.Errorf("serve: exit code %d\n%s", code, serve.output.String())
	}
	if strings.Contains(serve.output.String(), testToken) {
		t.Errorf("the log has the token:\n%s", serve.output.String())
	}
}
