package process

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	maxAnswer   = 64 << 10        // of standard output
	helperGrace = 2 * time.Second // between SIGTERM and SIGKILL
)

// The exit statuses of sysexits.h and of shells that say that trying again does
// not help: no permission, a wrong configuration, a program that cannot be run,
// one that is not there.
var hopeless = []int{77, 78, 126, 127}

// Secret asks a program for a secret and returns what it has written to standard
// output: its first line without the space around it, or all of it without one
// line end at its end.
//
// The error is Misconfigured where the program cannot be started or is not the
// one that was applied, for exit statuses 77, 78, 126 and 127, and for an answer
// that is empty, too long or not text; SourceError, worth another attempt, for
// any other exit status and for an end by a signal or by its time limit; and that
// of [value.Interrupted] where ctx ended first. It has the last lines of standard
// error, without the answer.
func Secret(ctx context.Context, h value.Helper) (string, error) {
	limit := h.Exec.Timeout.Std()
	late := fmt.Errorf("it did not answer within %s", h.Exec.Timeout)
	bounded, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	var out answer
	result, err := Run(bounded, Command{
		Argv: h.Exec.Command, Workspace: h.Workspace, Env: h.Exec.Environment, Drop: h.Drop,
		Script: h.Exec.Script, ScriptSHA: h.Exec.ScriptSHA, Stdout: &out, Redactor: h.Redactor, Grace: helperGrace,
	})
	op := "ask a program"
	if len(h.Exec.Command) > 0 {
		op = "run " + filepath.Base(h.Exec.Command[0])
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return "", value.Interrupted(ctx, op)
	case err != nil && errors.Is(context.Cause(bounded), late):
		err = value.SourceError.Wrap(op, late)
	case err != nil:
	case slices.Contains(hopeless, result.ExitCode):
		err = value.Misconfigured.Wrap(op, cause(result.Err(op)))
	case result.ExitCode != 0:
		err = value.SourceError.Wrap(op, cause(result.Err(op)))
	default:
		text, wrong := out.secret(h.Exec.Output)
		if wrong == nil {
			return text, nil
		}
		err = value.Misconfigured.Wrap(op, wrong)
	}
	return "", h.Redactor.Error(out.hidden(h.Name).Error(err)) // it may have said the same on standard error
}

// cause is an error without its operation.
func cause(err error) error {
	var e *value.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// answer takes what a program writes, up to a bound.
type answer struct {
	text    []byte
	tooLong bool
}

func (a *answer) Write(p []byte) (int, error) {
	n := min(len(p), maxAnswer-len(a.text))
	a.text = append(a.text, p[:n]...)
	a.tooLong = a.tooLong || n < len(p)
	return len(p), nil
}

// secret is what of the answer is the secret.
func (a *answer) secret(output string) (string, error) {
	text := string(a.text)
	if output == graph.OutputAll {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	} else if line, _, more := strings.Cut(text, "\n"); more || !a.tooLong {
		text, a.tooLong = strings.TrimSpace(line), false
	}
	switch {
	case a.tooLong:
		return "", errors.New("it wrote more than 64 KiB to standard output")
	case text == "":
		return "", errors.New("it wrote no secret to standard output: the first line is empty")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return "", errors.New("what it wrote to standard output is not text")
	}
	return text, nil
}

// hidden is what hides all lines that the program has written, whatever they
// were, in the error about it.
func (a *answer) hidden(name string) *value.Redactor {
	const short = 8 // found in ordinary text
	r := &value.Redactor{}
	for line := range strings.Lines(string(a.text)) {
		if line = strings.TrimSpace(line); len(line) >= short {
			r.Add(name, line)
		}
	}
	return r
}
