package main

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The tests of examples/ci run the shell steps of its pipelines as they are
// written there, with what their services would give them: checkouts of a
// repository, variables, artefacts, and an API for comments.

// ciTools is what the steps call besides waybill; runners have it, or install it.
var ciTools = []string{"bash", "curl", "git", "jq"}

// bench is what a pipeline runs on.
type bench struct {
	t          *testing.T
	repository string // the checkouts are cloned from it
	home       string // its bin has what the steps install
	forge      *forge
	token      string // of the server, as the project has it
}

// newBench makes a repository of examples/ci whose server is at the address.
func newBench(t *testing.T, address string) *bench {
	t.Helper()
	for _, tool := range ciTools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the steps of examples/ci need %s: %v", strings.Join(ciTools, ", "), err)
		}
	}
	b := &bench{t: t, repository: t.TempDir(), home: t.TempDir(), forge: newForge(t), token: testToken}
	if err := os.CopyFS(b.repository, os.DirFS(filepath.Join("..", "..", "examples", "ci"))); err != nil {
		t.Fatal(err)
	}
	b.rewrite("main.hcl", "https://waybill.example.com", address)
	b.git("init", "--quiet", "--initial-branch=main")
	b.commit("Begin")
	b.stub("apt-get", "exit 0")
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The only thing that is installed is waybill, of a stated release.
	b.stub("go", `[[ "$*" =~ ^install\ github.com/waybill-dev/waybill/cmd/waybill@v[0-9]+\.[0-9]+\.[0-9]+$ ]] || exit 1
ln -sf '`+binary+`' "$HOME/bin/waybill"`)
	return b
}

// stub makes a program of the steps one of the test's.
func (b *bench) stub(name, script string) {
	b.t.Helper()
	put(b.t, filepath.Join(b.home, "bin", name), "#!/usr/bin/env bash\n"+script+"\n")
	if err := os.Chmod(filepath.Join(b.home, "bin", name), 0o755); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) git(args ...string) {
	b.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = b.repository
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("git %s: %v\n%s", args[0], err, out)
	}
}

// commit records the files of the repository as they are.
func (b *bench) commit(message string) {
	b.t.Helper()
	b.git("add", "--all")
	b.git("commit", "--quiet", "--message", message)
}

// rewrite replaces words in a file of the repository.
func (b *bench) rewrite(file, from, to string) {
	b.t.Helper()
	path := filepath.Join(b.repository, file)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), from) {
		b.t.Fatalf("%s has no %q (%v)", file, from, err)
	}
	put(b.t, path, strings.ReplaceAll(string(text), from, to))
}

// checkout is a clean clone of the repository.
func (b *bench) checkout() string {
	b.t.Helper()
	dir := filepath.Join(b.t.TempDir(), "checkout")
	b.git("clone", "--quiet", b.repository, dir)
	return dir
}

// bash runs a script as a runner does and returns what it prints.
func (b *bench) bash(dir, script string, env map[string]string) (output string, ok bool) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "step.sh")
	put(b.t, file, script)
	cmd := exec.CommandContext(b.t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", file)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + b.home, "PATH=" + filepath.Join(b.home, "bin") + ":" + os.Getenv("PATH"), "CI=true", "USER=runner", "NO_PROXY=127.0.0.1"}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		cmd.Env = append(cmd.Env, name+"="+env[name])
	}
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		b.t.Fatal(err)
	}
	return string(out), err == nil
}

// decodeStrictly reads a YAML file into a value that has a place for each key.
func decodeStrictly(t *testing.T, path string, into any) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

var comparison = regexp.MustCompile(`^(\S+) (==|!=) (\S+)$`)

// holds evaluates comparisons with && between them. Its operands are texts in
// quotes and what value knows; an operand alone is true when it is "true".
func holds(t *testing.T, condition string, value func(name string) string) bool {
	t.Helper()
	operand := func(s string) string {
		if strings.ContainsAny(s[:1], `"'`) {
			return strings.Trim(s, `"'`)
		}
		return value(s)
	}
	for part := range strings.SplitSeq(condition, " && ") {
		if m := comparison.FindStringSubmatch(part); m != nil {
			if (operand(m[1]) == operand(m[3])) != (m[2] == "==") {
				return false
			}
		} else if operand(part) != "true" {
			return false
		}
	}
	return true
}

// comment is a comment of a pull request or a note of a merge request.
type comment struct {
	ID     int    `json:"id"`
	Body   string `json:"body"`
	User   author `json:"user"`   // GitHub
	Author author `json:"author"` // GitLab
}

type author struct {
	ID    int    `json:"id"`
	Login string `json:"login"`
}

// The tokens with which the pipelines comment.
const (
	githubToken = "token-of-the-job"
	gitlabToken = "token-of-the-project"
)

// forge is the API of a service for comments on change request 7, which has more
// of them than a page holds.
type forge struct {
	url string

	mu       sync.Mutex
	comments []comment
	writes   []string // methods
}

func newForge(t *testing.T) *forge {
	f := &forge{}
	for i := range 130 {
		f.comments = append(f.comments, comment{ID: i + 1, Body: "Nice.", User: author{ID: 3, Login: "ben"}, Author: author{ID: 3}})
	}
	f.comments[5].Body = "<!-- waybill plan -->\nquoted by somebody"
	mux := http.NewServeMux()
	for _, list := range []string{"/repos/acme/loads/issues/7/comments", "/projects/11/merge_requests/7/notes"} {
		mux.HandleFunc("GET "+list, f.list)
		mux.HandleFunc("POST "+list, f.write)
	}
	mux.HandleFunc("PATCH /repos/acme/loads/issues/comments/{id}", f.write)
	mux.HandleFunc("PUT /projects/11/merge_requests/7/notes/{id}", f.write)
	mux.HandleFunc("GET /user", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":9}`) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+githubToken && r.Header.Get("PRIVATE-TOKEN") != gitlabToken {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *forge) list(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	page, _ := strconv.Atoi(r.FormValue("page"))
	size, _ := strconv.Atoi(r.FormValue("per_page"))
	from := min((page-1)*size, len(f.comments))
	_ = json.NewEncoder(w).Encode(f.comments[from:min(from+size, len(f.comments))])
}

func (f *forge) write(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var said comment
	if r.Header.Get("PRIVATE-TOKEN") != "" {
		said.Body = r.FormValue("body")
	} else if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.writes = append(f.writes, r.Method)
	if id, err := strconv.Atoi(r.PathValue("id")); err == nil {
		f.comments[id-1].Body = said.Body
		return
	}
	said.ID, said.User, said.Author = len(f.comments)+1, author{ID: 9, Login: "github-actions[bot]"}, author{ID: 9}
	f.comments = append(f.comments, said)
	w.WriteHeader(http.StatusCreated)
}

// said is the comments that pipelines have written, and how.
func (f *forge) said() (bodies, writes []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.comments {
		if r.User.ID == 9 {
			bodies = append(bodies, r.Body)
		}
	}
	return bodies, f.writes
}

// jobs is what became of the jobs of a pipeline, by their names, which are the
// same wherever it runs.
type jobs struct {
	start  func(name string)
	log    map[string]string
	result map[string]string // success, failure, skipped
}

func newJobs(start func(name string)) *jobs {
	return &jobs{start: start, log: map[string]string{}, result: map[string]string{}}
}

func (j *jobs) merge() (log string, ok bool) {
	j.start("plan")
	return j.log["plan"], j.result["plan"] == "success"
}

func (j *jobs) approve() (log string, ok bool) {
	j.start("apply")
	return j.log["apply"], j.result["apply"] != "failure"
}
