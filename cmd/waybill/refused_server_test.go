package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/apply"
)

// clientOf is a workspace with one group whose server is at the address.
func clientOf(t *testing.T, address string) string {
	t.Helper()
	return workspaceOf(t, map[string]string{"token": testToken + "\n", "main.hcl": patient + `
waybill {
  runtime {
    url   = "` + address + `"
    token = secret.server
  }
}
secret "server" { file = "token" }
`})
}

// TestPlanOfAServerThatCannotBeAsked plans against servers of other versions and
// against what is none: the part of the plan that needs no server is shown, the
// message says what is wrong and what is missing, nothing is saved, and apply
// does nothing.
func TestPlanOfAServerThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	answer := func(version string, status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if version != "" {
				w.Header().Set("Waybill-Api", version)
				w.Header().Set("Waybill-Release", "v9.9.9")
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"newer":             {answer("2", 200, `{}`), "the server (v9.9.9) speaks version 2 of the interface and this waybill version 1: upgrade waybill here"},
		"older":             {answer("0", 200, `{}`), "speaks version 0 of the interface and this waybill version 1: upgrade the server, or use its release here"},
		"without the route": {answer("1", 404, `{"code": "no_route", "detail": "this release has no /v1/deployment"}`), "does not know what this release asks: upgrade the server"},
		"newer deployment":  {answer("1", 200, `{"serial": 7, "tool": "v9.9.9", "graph": {"format_version": 99}}`), "was written by a newer release (v9.9.9, graph format 99; this release knows 1): use that release here"},
		"unknown token":     {answer("1", 401, `{"code": "unauthorized", "detail": "the server does not know this token"}`), "does not let us in: the server does not know this token"},
		"something else":    {answer("", 200, "<html>Welcome</html>"), "is no server of Waybill"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example.com/", http.StatusFound)
		}, "it redirects to https://login.example.com/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(tt.handler)
			t.Cleanup(s.Close)
			dir := clientOf(t, s.URL)
			saved := filepath.Join(dir, "next.plan")
			stdout, stderr := must(t, exitError, "plan", dir, "--out", saved)
			for _, words := range []string{tt.want, "watermarks, pauses and open runs are missing. It was not saved."} {
				if !strings.Contains(stderr, words) {
					t.Errorf("%q is not said:\n%s", words, stderr)
				}
			}
			if !strings.Contains(stdout, "offline: compared with nothing") || !strings.Contains(stdout, "At 06:00 every day") {
				t.Errorf("the plan without the server is not shown:\n%s", stdout)
			}
			if _, err := os.Stat(saved); err == nil {
				t.Error("the plan was saved")
			}
			if _, stderr := must(t, exitError, "apply", dir, "--auto-approve"); !strings.Contains(stderr, "nothing was applied") || !strings.Contains(stderr, tt.want) {
				t.Errorf("apply says:\n%s", stderr)
			}
		})
	}
}

// TestPlanIsBoundToItsServer applies a plan to a server with another store than
// the one it was made against, and to one where somebody else was faster.
func TestPlanIsBoundToItsServer(t *testing.T) {
	t.Parallel()
	_, made := listening(t, workspaceOf(t, map[string]string{"inbox/none.txt": ""}))
	_, other := listening(t, workspaceOf(t, map[string]string{"inbox/none.txt": ""}))
	dir := clientOf(t, made)
	saved := filepath.Join(t.TempDir(), "next.plan")
	must(t, exitOK, "plan", dir, "--out", saved)
	p, err := apply.Read(saved)
	if err != nil {
		t.Fatal(err)
	}
	if p.Base.Store == "" {
		t.Fatal("the plan does not say which store it was made against")
	}
	p.Graph.Runtime.URL = other // as if another server had taken over the address
	p.GraphDigest = p.Graph.Digest()
	moved := filepath.Join(t.TempDir(), "moved.plan")
	if err := apply.Write(moved, p); err != nil {
		t.Fatal(err)
	}
	_, stderr := must(t, exitError, "apply", moved, dir)
	for _, words := range []string{"the plan is of another workspace: it was made against store " + p.Base.Store, "Apply it where it was made, or plan again here.", "WB922"} {
		if !strings.Contains(stderr, words) {
			t.Errorf("%q is not said:\n%s", words, stderr)
		}
	}
	must(t, exitOK, "apply", saved, dir)
	if _, stderr := must(t, exitError, "apply", saved, dir); !strings.Contains(stderr, "(ci) applied serial 1 at") || !strings.Contains(stderr, "Plan again") {
		t.Errorf("applied twice:\n%s", stderr)
	}
}
