package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// workflow is a workflow of GitHub Actions, with the keys that examples/ci uses.
type workflow struct {
	Name string
	On   map[string]*struct{ Branches []string }

	Permissions map[string]string
	Concurrency struct {
		Group            string
		CancelInProgress string `yaml:"cancel-in-progress"`
	}
	Defaults struct{ Run struct{ Shell string } }
	Env      map[string]string
	Jobs     map[string]workflowJob
}

type workflowJob struct {
	If          string
	Needs       string
	RunsOn      string `yaml:"runs-on"`
	Timeout     int    `yaml:"timeout-minutes"`
	Environment string
	Permissions map[string]string
	Outputs     map[string]string
	Steps       []workflowStep
}

type workflowStep struct {
	Name, ID, If, Uses, Run string
	Env, With               map[string]string
}

// github runs the workflow of examples/ci for one event.
type github struct {
	*bench
	*jobs
	workflow  workflow
	context   map[string]string // what expressions may name
	artifacts string            // directory: artefact, then files
}

// newGithub is a run of the workflow. fork: the pull request is from one.
func (b *bench) newGithub(event string, fork bool) *github {
	g := &github{bench: b, artifacts: b.t.TempDir()}
	g.jobs = newJobs(g.job)
	decodeStrictly(b.t, filepath.Join(b.repository, ".github", "workflows", "waybill.yml"), &g.workflow)
	g.context = map[string]string{
		"github.event_name": event, "github.repository": "acme/loads", "github.actor": "ann", "github.token": githubToken,
		"github.ref": "refs/heads/main", "secrets.WAYBILL_TOKEN": b.token,
		"github.event.pull_request.number": "7", "github.event.pull_request.head.repo.full_name": "acme/loads",
	}
	if fork {
		g.context["github.event.pull_request.head.repo.full_name"] = "mallory/loads"
		g.context["secrets.WAYBILL_TOKEN"] = ""
	}
	return g
}

func (g *github) value(name string) string {
	g.t.Helper()
	v, ok := g.context[name]
	if !ok && !strings.HasPrefix(name, "steps.") { // a step that did not get so far has no outputs
		g.t.Fatalf("waybill.yml names %s, which the test does not know", name)
	}
	return v
}

var expression = regexp.MustCompile(`\$\{\{ (.*?) \}\}`)

// expand puts in the values of expressions.
func (g *github) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(s string) string { return g.value(expression.FindStringSubmatch(s)[1]) })
}

var statusFunction = regexp.MustCompile(`(success|failure|always|cancelled)\(\)`)

// wanted evaluates a condition of a job or a step, when what is before it has
// failed or not.
func (g *github) wanted(condition string, failed bool) bool {
	condition = expression.ReplaceAllString(condition, "$1")
	if !statusFunction.MatchString(condition) {
		condition = strings.TrimSuffix("success() && "+condition, " && ")
	}
	return holds(g.t, condition, func(name string) string {
		switch {
		case name == "success()" && !failed, name == "!cancelled()", name == "failure()" && failed:
			return "true"
		case strings.HasSuffix(name, "()"):
			return "false"
		}
		return g.value(name)
	})
}

// job runs a job, in a checkout of its own.
func (g *github) job(name string) {
	g.t.Helper()
	job, ok := g.workflow.Jobs[name]
	if !ok {
		g.t.Fatalf("there is no job %s", name)
	}
	if !g.wanted(job.If, job.Needs != "" && g.result[job.Needs] != "success") {
		g.result[name] = "skipped"
		return
	}
	dir, failed := g.t.TempDir(), false
	for _, step := range job.Steps {
		if !g.wanted(step.If, failed) {
			continue
		}
		if step.Uses != "" {
			g.use(step, &dir)
		} else if !g.step(name, step, dir) {
			failed = true
		}
	}
	g.result[name] = map[bool]string{false: "success", true: "failure"}[failed]
	for output, value := range job.Outputs {
		g.context["needs."+name+".outputs."+output] = g.expand(value)
	}
}

// step runs the commands of a step.
func (g *github) step(job string, step workflowStep, dir string) bool {
	g.t.Helper()
	output, summary := filepath.Join(g.t.TempDir(), "output"), filepath.Join(g.t.TempDir(), "summary")
	put(g.t, output, "")
	put(g.t, summary, "")
	env := map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_API_URL": g.forge.url, "GITHUB_REPOSITORY": "acme/loads", "GITHUB_WORKSPACE": dir,
		"GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary,
	}
	for _, more := range []map[string]string{g.workflow.Env, step.Env} {
		for name, value := range more {
			env[name] = g.expand(value)
		}
	}
	printed, ok := g.bash(dir, step.Run, env)
	text, err := os.ReadFile(summary)
	if err != nil {
		g.t.Fatal(err)
	}
	g.log[job] += printed + string(text)
	lines, err := os.ReadFile(output)
	if err != nil {
		g.t.Fatal(err)
	}
	for line := range strings.Lines(string(lines)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		g.context["steps."+step.ID+".outputs."+key] = value
	}
	return ok
}

var pinned = regexp.MustCompile(`^(actions/[a-z-]+)@[0-9a-f]{40}$`)

// use does what an action would.
func (g *github) use(step workflowStep, dir *string) {
	g.t.Helper()
	m := pinned.FindStringSubmatch(step.Uses)
	if m == nil {
		g.t.Fatalf("%s is not an action at a commit", step.Uses)
	}
	stored := filepath.Join(g.artifacts, step.With["name"])
	switch m[1] {
	case "actions/checkout":
		*dir = g.checkout()
	case "actions/setup-go":
	case "actions/upload-artifact":
		carry(g.t, filepath.Join(*dir, step.With["path"]), filepath.Join(stored, step.With["path"]))
	case "actions/download-artifact":
		if err := os.CopyFS(*dir, os.DirFS(stored)); err != nil {
			g.t.Fatal(err)
		}
	default:
		g.t.Fatalf("the test does not know %s", m[1])
	}
}

// carry copies a file.
func carry(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	put(t, to, string(text))
}

func (g *github) propose() (log string, ok bool) {
	g.t.Helper()
	g.job("review")
	return g.log["review"], g.result["review"] == "success"
}

// TestWorkflow looks at what the steps cannot show: who starts it, and what it
// may do.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	var w workflow
	decodeStrictly(t, filepath.Join("..", "..", "examples", "ci", ".github", "workflows", "waybill.yml"), &w)
	if events := slices.Sorted(maps.Keys(w.On)); !slices.Equal(events, []string{"pull_request", "push"}) || !slices.Equal(w.On["push"].Branches, []string{"main"}) {
		t.Errorf("it is started by %v", events)
	}
	if !maps.Equal(w.Permissions, map[string]string{"contents": "read"}) || w.Defaults.Run.Shell != "bash" || w.Concurrency.Group == "" {
		t.Errorf("permissions %v, shell %q, group %q", w.Permissions, w.Defaults.Run.Shell, w.Concurrency.Group)
	}
	for name, job := range w.Jobs {
		writes := 0
		for _, p := range job.Permissions {
			if p == "write" {
				writes++
			}
		}
		if name != "review" && writes > 0 || writes > 1 || job.Timeout == 0 {
			t.Errorf("job %s: permissions %v, timeout %d", name, job.Permissions, job.Timeout)
		}
		for _, step := range job.Steps {
			// Expressions in a script would be a way to write commands into a title.
			if strings.Contains(step.Run, "${{") || step.Run != "" && strings.Contains(step.Run, "\n") && !strings.HasPrefix(step.Run, "set -euo pipefail\n") {
				t.Errorf("job %s, step %s: the script has an expression, or does not stop at errors", name, step.Name)
			}
		}
	}
	if w.Jobs["apply"].Environment == "" {
		t.Error("apply has no environment that could be protected")
	}
}

// TestWorkflowAnnotates has a mistake shown at its line.
func TestWorkflowAnnotates(t *testing.T) {
	t.Parallel()
	b := newBench(t, "http://127.0.0.1:9") // nobody is asked for a plan with errors
	b.rewrite("main.hcl", "0 6 * * *", "0 25 * * *")
	b.commit("Start in the twenty-fifth hour")
	expect(t, "review", b.newGithub("pull_request", false).propose, false, `(?m)^::error file=main\.hcl,line=\d+,.*WB102`)
}
