package process_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/process"
	"github.com/waybill-dev/waybill/runtime/value"
)

func helper(script string) value.Helper {
	return value.Helper{Name: "lake", Redactor: &value.Redactor{}, Exec: &graph.SecretExec{
		Command: []string{"sh", "-c", script}, Output: graph.OutputFirstLine, Timeout: graph.Duration(30 * time.Second),
	}}
}

func TestAProgramTellsASecret(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ script, output, want string }{
		"a line":                 {"echo hunter2", graph.OutputFirstLine, "hunter2"},
		"without a line end":     {"printf hunter2", graph.OutputFirstLine, "hunter2"},
		"space around it":        {`printf '  hunter 2 \r\nuser: ann\n'`, graph.OutputFirstLine, "hunter 2"},
		"much behind it":         {`echo hunter2; head -c 200000 /dev/zero | tr '\0' x`, graph.OutputFirstLine, "hunter2"},
		"standard error is left": {"echo warning >&2; echo hunter2", graph.OutputFirstLine, "hunter2"},
		"all":                    {`printf ' BEGIN\nkey\nEND\n'`, graph.OutputAll, " BEGIN\nkey\nEND"},
		"all, with space":        {`printf 'key\n\n'`, graph.OutputAll, "key\n"},
		"environment":            {`echo "$ADDRESS"`, graph.OutputFirstLine, "https://vault.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := helper(test.script)
			h.Exec.Output, h.Exec.Environment = test.output, map[string]string{"ADDRESS": "https://vault.example.com"}
			if got, err := process.Secret(t.Context(), h); got != test.want || err != nil {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}

func TestAProgramTellsNoSecret(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		fault  value.Fault
		says   string
	}{
		"it fails":             {"echo the vault is sealed >&2; exit 2", value.SourceError, "run sh: it ended with exit status 2: the vault is sealed"},
		"it may be asked":      {"exit 75", value.SourceError, "exit status 75: nothing was written"},
		"no permission":        {"echo log in first >&2; exit 77", value.Misconfigured, "exit status 77: log in first"},
		"a wrong setting":      {"exit 78", value.Misconfigured, "exit status 78"},
		"not there":            {"exec nothing-of-that-name", value.Misconfigured, "exit status 127"},
		"killed":               {"kill -9 $$", value.SourceError, "signal: killed"},
		"nothing":              {"true", value.Misconfigured, "it wrote no secret to standard output"},
		"an empty line":        {"echo; echo hunter2", value.Misconfigured, "the first line is empty"},
		"not text":             {`printf '\377\n'`, value.Misconfigured, "is not text"},
		"too long":             {`head -c 70000 /dev/zero | tr '\0' x`, value.Misconfigured, "more than 64 KiB"},
		"what it said already": {"echo canary-7f3a; echo cannot renew canary-7f3a or known-9c1b >&2; exit 1", value.SourceError, "cannot renew (secret lake) or (secret known)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := helper(test.script)
			h.Redactor.Add("known", "known-9c1b")
			got, err := process.Secret(t.Context(), h)
			if got != "" || value.FaultOf(err) != test.fault || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q %s %v", got, value.FaultOf(err), err)
			}
			if text := "canary-7f3a"; h.Redactor.String(text) != text {
				t.Error("what may be no secret is hidden from now on")
			}
		})
	}
}

func TestAProgramThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	h := helper("sleep 600")
	h.Exec.Timeout = graph.Duration(time.Millisecond)
	_, err := process.Secret(t.Context(), h)
	if value.FaultOf(err) != value.SourceError || !strings.Contains(err.Error(), "it did not answer within") {
		t.Errorf("%s %v", value.FaultOf(err), err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("ana stopped it")
	cancel(why)
	if _, err = process.Secret(ctx, helper("sleep 600")); !errors.Is(err, why) || value.FaultOf(err) != value.Failed {
		t.Errorf("%s %v", value.FaultOf(err), err)
	}
}

func TestTheProgramOfASecretIsTheOneThatWasApplied(t *testing.T) {
	t.Parallel()
	h := helper("")
	h.Workspace = t.TempDir()
	h.Exec.Command, h.Exec.Script = []string{"./get.sh"}, "get.sh"
	text := []byte("#!/bin/sh\necho hunter2\n")
	if err := os.WriteFile(filepath.Join(h.Workspace, "get.sh"), text, 0o755); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	h.Exec.ScriptSHA = hex.EncodeToString(sum[:])
	if got, err := process.Secret(t.Context(), h); got != "hunter2" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	h.Exec.ScriptSHA = strings.Repeat("0", 64)
	_, err := process.Secret(t.Context(), h)
	if value.FaultOf(err) != value.Misconfigured || !strings.Contains(err.Error(), "was changed after it was applied") {
		t.Errorf("%v", err)
	}
}
