package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// gitlabFile is a pipeline of GitLab CI, with the keys that examples/ci uses.
type gitlabFile struct {
	Workflow  struct{ Rules []gitlabRule }
	Stages    []string
	Variables map[string]string
	Default   struct {
		Image        string
		Timeout      string
		BeforeScript []string `yaml:"before_script"`
	}
	Jobs map[string]gitlabJob `yaml:",inline"`
}

type gitlabRule struct {
	If           string
	When         string
	AllowFailure *bool `yaml:"allow_failure"`
	Variables    map[string]string
}

type gitlabJob struct {
	Stage         string
	Rules         []gitlabRule
	Needs         []string
	BeforeScript  []string `yaml:"before_script"`
	Script        []string
	Environment   string
	ResourceGroup string `yaml:"resource_group"`
	Artifacts     struct {
		When     string
		Access   string
		ExpireIn string `yaml:"expire_in"`
		Paths    []string
	}
}

// gitlab runs the pipeline of examples/ci for one event.
type gitlab struct {
	*bench
	*jobs
	file      gitlabFile
	variables map[string]string
	artifacts string // directory: job, then files
}

// newGitlab is a pipeline. fork: the merge request is from one, and a member of
// the project has started its pipeline here.
func (b *bench) newGitlab(event string, fork bool) *gitlab {
	g := &gitlab{bench: b, artifacts: b.t.TempDir()}
	g.jobs = newJobs(g.job)
	decodeStrictly(b.t, filepath.Join(b.repository, ".gitlab-ci.yml"), &g.file)
	g.variables = map[string]string{
		"CI_PIPELINE_SOURCE": event, "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BRANCH": "main", "GITLAB_USER_LOGIN": "ann",
		"CI_API_V4_URL": b.forge.url, "CI_PROJECT_ID": "11", "WAYBILL_TOKEN": b.token, "WAYBILL_NOTE_TOKEN": gitlabToken,
		"CI_MERGE_REQUEST_IID": "", "CI_MERGE_REQUEST_PROJECT_ID": "", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "",
	}
	if event == "merge_request_event" {
		maps.Copy(g.variables, map[string]string{
			"CI_COMMIT_BRANCH": "", "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_PROJECT_ID": "11", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "11",
		})
	}
	if fork {
		g.variables["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"] = "666"
	}
	return g
}

// rule is the first one that matches, or nil.
func (g *gitlab) rule(rules []gitlabRule) *gitlabRule {
	g.t.Helper()
	for i := range rules {
		if holds(g.t, rules[i].If, func(name string) string {
			v, ok := g.variables[strings.TrimPrefix(name, "$")]
			if !ok {
				g.t.Fatalf(".gitlab-ci.yml names %s, which the test does not know", name)
			}
			return v
		}) {
			return &rules[i]
		}
	}
	return nil
}

// job runs a job in a checkout of its own, if its rules say so.
func (g *gitlab) job(name string) {
	g.t.Helper()
	job, ok := g.file.Jobs[name]
	if !ok {
		g.t.Fatalf("there is no job %s", name)
	}
	rule, dir := g.rule(job.Rules), g.checkout()
	failed := slices.ContainsFunc(job.Needs, func(n string) bool { return g.result[n] != "success" })
	if g.rule(g.file.Workflow.Rules) == nil || rule == nil || failed && rule.When != "always" {
		g.result[name] = "skipped"
		return
	}
	for _, needed := range job.Needs {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(g.artifacts, needed))); err != nil {
			g.t.Fatal(err)
		}
	}
	env := maps.Clone(g.file.Variables)
	maps.Copy(env, g.variables)
	maps.Copy(env, rule.Variables)
	before := g.file.Default.BeforeScript
	if job.BeforeScript != nil {
		before = job.BeforeScript
	}
	printed, ok := g.bash(dir, strings.Join(append(slices.Clone(before), job.Script...), "\n"), env)
	g.log[name], g.result[name] = printed, map[bool]string{true: "success", false: "failure"}[ok]
	if err := os.MkdirAll(filepath.Join(g.artifacts, name), 0o755); err != nil {
		g.t.Fatal(err)
	}
	for _, path := range job.Artifacts.Paths {
		if _, err := os.Stat(filepath.Join(dir, path)); err == nil && (ok || job.Artifacts.When == "always") {
			carry(g.t, filepath.Join(dir, path), filepath.Join(g.artifacts, name, path))
		}
	}
}

func (g *gitlab) propose() (log string, ok bool) {
	g.t.Helper()
	g.job("review")
	g.job("note")
	return g.log["review"] + g.log["note"], g.result["review"] == "success" && g.result["note"] != "failure"
}

// TestGitlabPipeline looks at what the steps cannot show.
func TestGitlabPipeline(t *testing.T) {
	t.Parallel()
	var f gitlabFile
	decodeStrictly(t, filepath.Join("..", "..", "examples", "ci", ".gitlab-ci.yml"), &f)
	for name, job := range f.Jobs {
		before := f.Default.BeforeScript
		if job.BeforeScript != nil {
			before = job.BeforeScript
		}
		if !slices.Contains(f.Stages, job.Stage) || len(job.Rules) == 0 || before[0] != "set -euo pipefail" {
			t.Errorf("job %s: stage %q, %d rules, begins with %q", name, job.Stage, len(job.Rules), before[0])
		}
		for _, needed := range job.Needs {
			if slices.Index(f.Stages, f.Jobs[needed].Stage) >= slices.Index(f.Stages, job.Stage) {
				t.Errorf("job %s needs %s, which is not of a stage before", name, needed)
			}
		}
	}
	if apply := f.Jobs["apply"]; apply.Environment == "" || apply.ResourceGroup == "" || apply.Rules[0].When != "manual" || *apply.Rules[0].AllowFailure {
		t.Errorf("apply is not held back: %+v", apply)
	}
}
