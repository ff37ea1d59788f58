package action_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/action"
	"github.com/waybill-dev/waybill/runtime/value"
)

// canary is the value of secret.token; no output and no error may show it.
const canary = "canary/5d1e+x"

func values(t *testing.T) *value.Resolver {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte(canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &value.Resolver{
		Secrets: value.NewSecrets(dir, []graph.Secret{{Name: "token", File: "token"}, {Name: "lost", File: "lost"}}, &value.Redactor{}),
		Run:     value.Run{ID: "run 1", Landing: "landing/x.json"},
	}
}

func shell(t *testing.T, script string) action.ExecCall {
	t.Helper()
	return action.ExecCall{
		Exec: &graph.Exec{
			Command:     []graph.Value{graph.Text("sh"), graph.Text("-c"), graph.Text(script), graph.Text("sh"), {{Ref: "run.landing"}}},
			Environment: map[string]graph.Value{"TOKEN": {{Ref: "secret.token"}}, "EXTRA": graph.Text("block"), "WAYBILL_KEY": graph.Text("mine")},
		},
		Values: values(t), Workspace: t.TempDir(), Key: "run 1/process.stitch", Env: map[string]string{"EXTRA": "caller"},
	}
}

func TestExec(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script, output string
		code           int
		fault          value.Fault
		says           string
	}{
		"success":                            {script: `echo "$1 $WAYBILL_KEY $EXTRA $TOKEN"`, output: "landing/x.json run 1/process.stitch caller (secret token)\n"},
		"failure":                            {script: `echo "no $TOKEN" >&2; exit 3`, output: "no (secret token)\n", code: 3, fault: value.Failed, says: "run sh: it ended with exit status 3: no (secret token)"},
		"75 is no more than another failure": {script: `exit 75`, code: 75, fault: value.Failed, says: "exit status 75"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			c := shell(t, test.script)
			c.Output = &out
			got, err := action.Exec(t.Context(), c)
			if got.Output != test.output || got.ExitCode != test.code || out.String() != test.output {
				t.Errorf("%+v, %q", got, out.String())
			}
			if value.FaultOf(err) != test.fault || err != nil && err.Error() != test.says && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestExecWorksWhereItIsTold(t *testing.T) {
	t.Parallel()
	c := shell(t, "pwd -P")
	c.Exec.WorkingDir = "tools"
	if _, err := action.Exec(t.Context(), c); value.FaultOf(err) != value.Misconfigured || !strings.Contains(err.Error(), "its working_dir tools is not there") {
		t.Errorf("error %v", err)
	}
	if err := os.Mkdir(filepath.Join(c.Workspace, "tools"), 0o755); err != nil {
		t.Fatal(err)
	}
	result, err := action.Exec(t.Context(), c)
	if dir, _ := filepath.EvalSymlinks(c.Workspace); err != nil || result.Output != filepath.Join(dir, "tools")+"\n" {
		t.Errorf("it ran in %s: %v", result.Output, err)
	}
}

func TestExecFaults(t *testing.T) {
	t.Parallel()
	c := shell(t, "exit 0")
	c.Exec.Environment["X"] = graph.Value{{Ref: "secret.lost"}}
	if _, err := action.Exec(t.Context(), c); value.FaultOf(err) != value.Misconfigured || !strings.Contains(err.Error(), "environment variable X: read secret lost: file ") {
		t.Errorf("error %v", err)
	}
	c = shell(t, "exit 0")
	if err := os.WriteFile(filepath.Join(c.Workspace, "send.sh"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.Exec = &graph.Exec{Command: []graph.Value{graph.Text("./send.sh")}, Script: "send.sh", ScriptSHA: "00"}
	if _, err := action.Exec(t.Context(), c); value.FaultOf(err) != value.Misconfigured || !strings.Contains(err.Error(), "changed after it was applied; run waybill apply") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := action.Exec(ctx, shell(t, "sleep 600")); value.FaultOf(err) != value.Timeout {
		t.Errorf("error %v", err)
	}
}
