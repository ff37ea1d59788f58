package process_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/process"
	"github.com/waybill-dev/waybill/runtime/value"
)

func shell(script string, args ...string) process.Command {
	return process.Command{Argv: append([]string{"sh", "-c", script, "sh"}, args...)}
}

func TestRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script       string
		code         int
		output, errs string
		says         string // in Result.Err
	}{
		"nothing":           {script: ":"},
		"output":            {script: "echo a; echo b", output: "a\nb\n"},
		"both streams":      {script: "echo out; sleep 0; echo err >&2", output: "out\nerr\n", errs: "err\n"},
		"no line end":       {script: "printf a", output: "a\n"},
		"exit status":       {script: "echo why >&2; exit 3", code: 3, output: "why\n", errs: "why\n", says: "run it: it ended with exit status 3: why"},
		"silent failure":    {script: "exit 75", code: 75, says: "exit status 75: nothing was written to standard error"},
		"signal":            {script: "kill -9 $$", code: -1, says: "signal: killed"},
		"not UTF-8":         {script: `printf '\377x'`, output: "\uFFFDx\n"},
		"no standard input": {script: "cat"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := process.Run(t.Context(), shell(test.script))
			if err != nil {
				t.Fatal(err)
			}
			// The streams are two pipes: which of them is read first is not known.
			if got.ExitCode != test.code || len(got.Output) != len(test.output) || got.Stderr != test.errs || name != "both streams" && got.Output != test.output {
				t.Errorf("%+v", got)
			}
			err = got.Err("run it")
			if (err == nil) != (test.code == 0) || err != nil && (value.FaultOf(err) != value.Failed || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestArgumentsAreNotSeenByAShell(t *testing.T) {
	t.Parallel()
	args := []string{"a b", "$HOME", "; exit 9", "*", "", "'\"`"}
	got, err := process.Run(t.Context(), shell(`for a; do echo "<$a>"; done`, args...))
	want := "<" + strings.Join(args, ">\n<") + ">\n"
	if diff := cmp.Diff(want, got.Output); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

// The variables are those of the process, so this test cannot be parallel.
func TestEnvironment(t *testing.T) {
	t.Setenv("WAYBILL_TEST_INHERITED", "inherited")
	t.Setenv("WAYBILL_TEST_REPLACED", "old")
	t.Setenv("WAYBILL_TEST_SECRET", "secret")
	c := shell(`echo "$WAYBILL_TEST_INHERITED $WAYBILL_TEST_REPLACED ${WAYBILL_TEST_SECRET-none}"; env | grep ^PWD=; pwd -P`)
	c.Env = map[string]string{"WAYBILL_TEST_REPLACED": "new"}
	c.Drop = []string{"WAYBILL_TEST_SECRET"}
	c.Workspace, _ = filepath.EvalSymlinks(t.TempDir())
	got, err := process.Run(t.Context(), c)
	if want := "inherited new none\nPWD=" + c.Workspace + "\n" + c.Workspace + "\n"; err != nil || got.Output != want {
		t.Errorf("%q %v", got.Output, err)
	}
}

// A program works in a folder of its own, and is found where it always is.
func TestWorkingDir(t *testing.T) {
	t.Parallel()
	workspace, _ := filepath.EvalSymlinks(t.TempDir())
	elsewhere, _ := filepath.EvalSymlinks(t.TempDir())
	if err := os.MkdirAll(filepath.Join(workspace, "tools", "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	script := []byte("#!/bin/sh\necho \"$WAYBILL_WORKSPACE\"; echo \"$PWD\"; pwd -P\n")
	sum := sha256.Sum256(script)
	for _, name := range []string{"run.sh", "tools/file"} {
		if err := os.WriteFile(filepath.Join(workspace, name), script, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		dir, works, says string
	}{
		"none":          {"", workspace, ""},
		"in it":         {"tools/deep", filepath.Join(workspace, "tools", "deep"), ""},
		"absolute":      {elsewhere, elsewhere, ""},
		"absent":        {"tools/gone", "", "run ./run.sh: its working_dir tools/gone is not there; make the folder"},
		"a file":        {"tools/file", "", "its working_dir tools/file is not a folder"},
		"below a file":  {"tools/file/x", "", "its working_dir tools/file/x is not a folder"},
		"with the root": {"/", "/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, script := range []string{"", "run.sh"} {
				got, err := process.Run(t.Context(), process.Command{
					Argv: []string{"./run.sh"}, Workspace: workspace, Dir: test.dir, Script: script, ScriptSHA: hex.EncodeToString(sum[:]),
				})
				if test.says != "" {
					if value.FaultOf(err) != value.Misconfigured || !strings.Contains(err.Error(), test.says) {
						t.Errorf("%v", err)
					}
					continue
				}
				if want := workspace + "\n" + test.works + "\n" + test.works + "\n"; err != nil || got.Output != want {
					t.Errorf("%q %v", got.Output, err)
				}
			}
		})
	}
}

func TestProgramsAndScripts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const text = "#!/bin/sh\necho script $1\n"
	for name, mode := range map[string]os.FileMode{"run.sh": 0o755, "bin/run.sh": 0o755, "plain.sh": 0o644} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte(text))
	right, wrong := hex.EncodeToString(sum[:]), strings.Repeat("0", 64)
	for name, test := range map[string]struct {
		program, script, sha string
		says                 string // empty: it runs
	}{
		"relative":               {program: "./run.sh"},
		"relative, deeper":       {program: "bin/run.sh"},
		"absolute":               {program: filepath.Join(dir, "run.sh")},
		"script by bare name":    {program: "run.sh", script: "run.sh", sha: right},
		"script by path":         {program: "./bin/run.sh", script: "bin/run.sh", sha: strings.ToUpper(right)},
		"script, any content":    {program: "run.sh", script: "run.sh"},
		"changed script":         {program: "run.sh", script: "run.sh", sha: wrong, says: "the script run.sh was changed after it was applied; run waybill apply"},
		"argument that changed":  {program: "sh", script: "run.sh", sha: wrong, says: "was changed after it was applied"},
		"script is gone":         {program: "gone.sh", script: "gone.sh", sha: right, says: "was there when it was applied and is gone"},
		"bare name, not in PATH": {program: "run.sh", says: `there is no program "run.sh" in the folders of PATH; write ./run.sh`},
		"nothing there":          {program: "./gone.sh", says: "cannot be started: "},
		"not executable":         {program: "./plain.sh", says: "cannot be started: "},
		"a folder":               {program: "./bin", says: "cannot be started: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := process.Run(t.Context(), process.Command{Argv: []string{test.program, "ran"}, Workspace: dir, Script: test.script, ScriptSHA: test.sha})
			if test.says == "" {
				if err != nil || got.Output != "script ran\n" {
					t.Errorf("%+v %v", got, err)
				}
				return
			}
			if value.FaultOf(err) != value.Misconfigured || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := process.Run(t.Context(), process.Command{}); value.FaultOf(err) != value.Misconfigured {
		t.Errorf("empty command: %v", err)
	}
}

func TestOutputIsCapped(t *testing.T) {
	t.Parallel()
	var all bytes.Buffer
	c := shell(`i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; echo last >&2`)
	c.Output = &all
	got, err := process.Run(t.Context(), c)
	if err != nil || !got.Truncated || len(got.Output) > 64<<10 || len(got.Output) < 60<<10 || !strings.HasPrefix(got.Output, "line ") || !strings.Contains(got.Output, "\nline 19999\n") {
		t.Errorf("%v %d bytes, %.20q…", err, len(got.Output), got.Output)
	}
	if n := strings.Count(all.String(), "\n"); n != 20001 {
		t.Errorf("%d lines were passed on", n)
	}
	long := shell(`head -c 100000 /dev/zero | tr '\0' x; head -c 5000 /dev/zero | tr '\0' e >&2`)
	if got, err = process.Run(t.Context(), long); err != nil || len(got.Output) > 64<<10 || len(got.Stderr) > 2<<10 || len(got.Stderr) < 1<<10 {
		t.Errorf("%v %d and %d bytes", err, len(got.Output), len(got.Stderr))
	}
}

// lines fails on everything but whole lines.
type lines struct {
	t   *testing.T
	got []string
}

func (l *lines) Write(p []byte) (int, error) {
	if bytes.Count(p, []byte("\n")) != 1 || p[len(p)-1] != '\n' {
		l.t.Errorf("%q is not one line", p)
	}
	l.got = append(l.got, string(p))
	return 0, errors.New("the reader has gone")
}

func TestOutputIsWholeLinesWithoutSecrets(t *testing.T) {
	t.Parallel()
	const canary = "canary-7f3a-value"
	var redactor value.Redactor
	redactor.Add("token", canary)
	out := &lines{t: t}
	c := shell(`printf 'in pieces: canary-'; sleep 0.01; printf '7f3a'; sleep 0.01; echo -value; echo "to stderr: $TOKEN" >&2; printf "at the end: $TOKEN"; exit 4`)
	c.Env, c.Redactor, c.Output = map[string]string{"TOKEN": canary}, &redactor, out
	got, err := process.Run(t.Context(), c)
	if err != nil || len(out.got) != 3 {
		t.Errorf("%v %q", err, out.got)
	}
	for _, text := range []string{strings.Join(out.got, ""), got.Output, got.Stderr, got.Err("x").Error()} {
		if strings.Contains(text, "7f3a") || !strings.Contains(text, "(secret token)") {
			t.Errorf("%q", text)
		}
	}
}

func TestRunDoesNotStartWhenItIsTooLate(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := fmt.Errorf("stopped by ana")
	cancel(cause)
	file := filepath.Join(t.TempDir(), "ran")
	_, err := process.Run(ctx, shell("touch "+file))
	if _, missing := os.Stat(file); !errors.Is(err, cause) || missing == nil {
		t.Errorf("%v %v", err, missing)
	}
}
