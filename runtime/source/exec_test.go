package source_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/source"
	"github.com/waybill-dev/waybill/runtime/value"
)

func call(t *testing.T, script string) source.ExecCall {
	t.Helper()
	workspace := t.TempDir()
	if err := os.WriteFile(filepath.Join(workspace, "password"), []byte("canary-9c2e\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", -8*3600)
	return source.ExecCall{
		Exec: &graph.Exec{
			Command:     []graph.Value{graph.Text("sh"), graph.Text("-c"), graph.Text(script), graph.Text("sh"), {{Ref: "range.start", Format: "YYYYMMDD"}}},
			Environment: map[string]graph.Value{"PASSWORD": {{Ref: "secret.password"}}, "WAYBILL_RUN": graph.Text("mine")},
		},
		Values: &value.Resolver{
			Secrets: value.NewSecrets(workspace, []graph.Secret{{Name: "password", File: "password"}}, &value.Redactor{}),
			Zone:    zone,
			Run:     value.Run{ID: "courier_group.daily@2026-11-22T21:00:00Z", Group: "courier_group.daily"},
			Range:   window.Range{Start: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)},
		},
		Workspace: workspace, Key: "run/legacy", Staging: t.TempDir(),
	}
}

func TestExecTellsTheProgramWhatToFetch(t *testing.T) {
	t.Parallel()
	c := call(t, `echo "$1 $WAYBILL_KEY $WAYBILL_RUN $WAYBILL_GROUP $WAYBILL_RANGE_START $WAYBILL_RANGE_END $PASSWORD" > "$WAYBILL_LANDING/got"; pwd`)
	result, err := source.Exec(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(c.Staging, "got"))
	want := "20261121 run/legacy courier_group.daily@2026-11-22T21:00:00Z courier_group.daily 2026-11-21T00:00:00-08:00 2026-11-22T00:00:00-08:00 canary-9c2e\n"
	if string(got) != want || err != nil {
		t.Errorf("%s %v", got, err)
	}
	if dir, _ := filepath.EvalSymlinks(c.Workspace); result.Output != dir+"\n" {
		t.Errorf("it ran in %s", result.Output)
	}
}

func TestExecWorksWhereItIsTold(t *testing.T) {
	t.Parallel()
	c := call(t, "pwd -P")
	c.Exec.WorkingDir = "tools"
	if err := os.Mkdir(filepath.Join(c.Workspace, "tools"), 0o755); err != nil {
		t.Fatal(err)
	}
	result, err := source.Exec(t.Context(), c)
	if dir, _ := filepath.EvalSymlinks(c.Workspace); err != nil || result.Output != filepath.Join(dir, "tools")+"\n" {
		t.Errorf("it ran in %s: %v", result.Output, err)
	}
}

// A program goes on only when somebody has been told of what it has written so far.
func TestExecTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	c := call(t, `cd "$WAYBILL_LANDING"; printf 123 > a; mkdir -p d; ln -s a link; printf 4567 > d/b; while ! test -e "$OLDPWD/seen"; do sleep 0.01; done; printf 8 > c`)
	c.Every = time.Millisecond
	var last graph.Transfer // told by one goroutine that has ended with Exec
	c.Progress = func(p graph.Transfer) {
		if last = p; p.Bytes == 7 {
			if err := os.WriteFile(filepath.Join(c.Workspace, "seen"), nil, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := source.Exec(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if last.Files < 2 || last.Bytes < 7 || last.Of != 0 || last.All != 0 || last.File != "a" && last.File != "d/b" && last.File != "c" {
		t.Errorf("%+v", last)
	}
}

func TestExecExitStatus(t *testing.T) {
	t.Parallel()
	for status, test := range map[string]struct {
		fault value.Fault
		says  string
	}{
		"0":   {"", ""},
		"75":  {value.NotReady, "exit status 75"},
		"1":   {value.Failed, "exit status 1: cannot log in with (secret password)"},
		"127": {value.Failed, "exit status 127"},
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			c := call(t, `echo "cannot log in with $PASSWORD" >&2; exit `+status)
			c.Output = &out
			result, err := source.Exec(t.Context(), c)
			if value.FaultOf(err) != test.fault || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v", err)
			}
			if all := out.String() + result.Output + result.Stderr; strings.Contains(all, "canary") || !strings.Contains(all, "(secret password)") {
				t.Errorf("%q", all)
			}
		})
	}
}

func TestExecFaults(t *testing.T) {
	t.Parallel()
	c := call(t, "exit 0")
	c.Exec.Environment["X"] = graph.Value{{Ref: "secret.absent"}}
	if _, err := source.Exec(t.Context(), c); value.FaultOf(err) != value.Misconfigured {
		t.Errorf("error %v", err)
	}
	c = call(t, "exit 0")
	c.Exec.Command = nil
	if _, err := source.Exec(t.Context(), c); value.FaultOf(err) != value.Misconfigured {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := source.Exec(ctx, call(t, "sleep 600")); value.FaultOf(err) != value.Timeout {
		t.Errorf("error %v", err)
	}
}
