package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/runtime/client"
	"github.com/waybill-dev/waybill/runtime/value"
)

// program is one invocation of waybill: everything that its commands may touch.
type program struct {
	env    map[string]string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time
	hide   *value.Redactor // of what is logged and kept

	dir       string // -C
	noColor   bool
	logLevel  string
	logFormat string

	holding atomic.Bool // the command may hold the store: an interrupt waits for it
	serving atomic.Bool // the command is serve
}

// run carries out one command line and returns its exit code. args is without
// the program's name, environ as of os.Environ. A cancelled ctx interrupts the
// command, which leaves everything whole.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	text, problems := &screen{to: stdout}, &screen{to: stderr}
	defer text.close()
	defer problems.close()
	p := &program{env: environment(environ), stdin: stdin, stdout: text, stderr: problems, now: time.Now, hide: &value.Redactor{}}
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(text)
	root.SetErr(problems)

	done := make(chan error, 1)
	go func() { done <- root.ExecuteContext(ctx) }()
	err := p.await(ctx, done)
	switch {
	case err == nil && p.serving.Load() && terminated(ctx): // how a service manager stops a service
		return exitOK
	case ctx.Err() != nil:
		return exitInterrupted
	}
	return p.report(err)
}

// graceTime is how long an interrupted command may take to come back, unless it
// holds the store. What is still out after it waits for a file that does not
// end, and has changed nothing.
const graceTime = time.Second

// await waits for the command to end, after an interrupt only as long as that
// can be of use.
func (p *program) await(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	if p.holding.Load() {
		return <-done
	}
	grace := time.NewTimer(graceTime)
	defer grace.Stop()
	select {
	case err := <-done:
		return err
	case <-grace.C:
		return context.Cause(ctx)
	}
}

// report prints what went wrong and returns the exit code for it.
func (p *program) report(err error) int {
	if err == nil {
		return exitOK
	}
	code := exitError
	var status *exitStatus
	switch {
	case unread(err):
		return exitUnread
	case errors.As(err, &status):
		code = status.code
	}
	if message := err.Error(); message != "" {
		fmt.Fprintf(p.stderr, "%s %s\n", p.paint(p.stderr, red, "Error:"), message)
	}
	var a *advice
	var server *client.Error
	var refused refusedPlan
	switch {
	case errors.As(err, &refused):
		fmt.Fprintf(p.stderr, "%s 'waybill explain %s' says more.\n", refused.Cure(), refused.Code())
	case errors.As(err, &a) && a.hint != "":
		fmt.Fprintf(p.stderr, "%s\n", a.hint)
	case errors.As(err, &server) && hintFor(server) != "":
		fmt.Fprintf(p.stderr, "%s\n", hintFor(server))
	default:
		if hint := p.machineHint(err); hint != "" {
			fmt.Fprintln(p.stderr, hint)
		}
	}
	return code
}

// refusedPlan is why a saved plan was refused.
type refusedPlan interface {
	error
	Cure() string // what to do about it
	Code() diag.Code
}

// path resolves a path as typed by the user against -C.
func (p *program) path(name string) string {
	if p.dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.dir, name)
}

// logger writes to stderr what --log-level lets through; fallback is the level
// without the flag.
func (p *program) logger(fallback hclog.Level) (hclog.Logger, error) {
	level := fallback
	if p.logLevel != "" {
		level = hclog.LevelFromString(p.logLevel)
		if level == hclog.NoLevel {
			return nil, fmt.Errorf("--log-level %q is not a level: write off, error, warn, info, debug or trace", p.logLevel)
		}
	}
	if p.logFormat != "" && p.logFormat != logText && p.logFormat != logJSON {
		return nil, fmt.Errorf("--log-format %q is no form of log lines: write text or json", p.logFormat)
	}
	color := hclog.ColorOff
	if p.colored(p.stderr) && p.logFormat != logJSON {
		color = hclog.ForceColor
	}
	return hclog.New(&hclog.LoggerOptions{
		Name: "waybill", Level: level, Output: p.hide.Whole(p.stderr), Color: color, TimeFn: p.now, JSONFormat: p.logFormat == logJSON,
	}), nil
}

// The forms of log lines.
const (
	logText = "text"
	logJSON = "json"
)

// readLine reads one line of the input, giving up when ctx ends.
func (p *program) readLine(ctx context.Context) (string, error) {
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		var line strings.Builder
		var b [1]byte
		for {
			n, err := p.stdin.Read(b[:])
			if n == 1 && b[0] != '\n' {
				line.WriteByte(b[0])
			}
			if err != nil || n == 1 && b[0] == '\n' {
				got <- answer{strings.TrimSuffix(line.String(), "\r"), err}
				return
			}
		}
	}()
	select {
	case a := <-got:
		return a.line, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// readAll reads the input to its end, giving up when ctx ends.
func (p *program) readAll(ctx context.Context) ([]byte, error) {
	type answer struct {
		text []byte
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := io.ReadAll(p.stdin)
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		return a.text, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok {
			env[name] = value
		}
	}
	return env
}

// interrupted is the error of a command whose context has ended, else nil.
func interrupted(cmd *cobra.Command) error { return context.Cause(cmd.Context()) }
