// Package process runs the programs that couriers and steps name: never through
// a shell, in a process group of their own that is ended as a whole, with their
// output passed on line by line, without secrets and within bounds.
package process

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// DefaultGrace is how long a program may take to end after SIGTERM.
const DefaultGrace = 10 * time.Second

// linger is how long a program that has ended is waited for when something it
// started still holds its output open.
const linger = 2 * time.Second

// workspaceVariable names the workspace to every program: what is relative to it is
// not relative to the program's own folder.
const workspaceVariable = "WAYBILL_WORKSPACE"

// Command is a program to run.
type Command struct {
	Argv      []string          // the program and its arguments
	Workspace string            // what a relative program and a relative Dir are relative to
	Dir       string            // the working directory; empty: Workspace
	Env       map[string]string // on top of the environment of this process
	Drop      []string          // variables of this process that the program does not inherit
	Script    string            // the program, where it is a file of the workspace: its path there
	ScriptSHA string            // what that file's SHA-256 must be, in hex; empty: anything
	Output    io.Writer         // gets both streams, whole lines; one that fails does not stop the program; may be nil
	Stdout    io.Writer         // gets standard output as it comes, in place of Output, Redactor and Result; may be nil
	Redactor  *value.Redactor   // of Output and Result; may be nil
	Grace     time.Duration     // between SIGTERM and SIGKILL; 0: DefaultGrace
	Limits    Limits
}

// Limits bound the program and each process that it starts, every one by itself. On
// Linux only; zero is no limit.
type Limits struct {
	Memory    uint64        // bytes of data: heap and private memory, not code and files
	CPUTime   time.Duration // in whole seconds; then it is killed
	OpenFiles uint64
}

// LimitsOf are those that an exec block sets.
func LimitsOf(e *graph.Exec) Limits {
	return Limits{Memory: uint64(e.Limits.Memory), CPUTime: e.Limits.CPUTime.Std(), OpenFiles: uint64(e.Limits.OpenFiles)}
}

// Result is how a program ended and what it said.
type Result struct {
	ExitCode  int    // -1: a signal ended it
	Output    string // the last 64 KiB of both streams, from the start of a line
	Truncated bool   // there was more
	Stderr    string // the last lines of standard error, at most 2 KiB
	ended     string // "exit status 3", "signal: killed"
}

// Err describes an end other than exit status 0, with the last lines of
// standard error, as Failed; nil for exit status 0.
func (r Result) Err(op string) error {
	if r.ExitCode == 0 {
		return nil
	}
	said := strings.TrimSpace(r.Stderr)
	if said == "" {
		said = "nothing was written to standard error"
	}
	return value.Failed.Errorf(op, "it ended with %s: %s", r.ended, said)
}

// Run runs a program to its end. The error is nil however the program ended by
// itself; see [Result.Err]. It is Misconfigured where the program could not be
// started or is not the one that was applied, and that of [value.Interrupted]
// where ctx ended first, whatever the program's exit status is then: the whole
// process group has got SIGTERM and, after the grace, SIGKILL, and on Linux so has
// what has left the group for a session of its own. What a program
// leaves running in its group when it ends is killed. On Linux the program dies
// with this process.
func Run(ctx context.Context, c Command) (Result, error) {
	if len(c.Argv) == 0 {
		return Result{}, value.Misconfigured.Errorf("run a program", "the command is empty")
	}
	op := "run " + c.Argv[0]
	if ctx.Err() != nil {
		return Result{}, value.Interrupted(ctx, op)
	}
	dir, err := filepath.Abs(c.Workspace)
	if err != nil {
		return Result{}, value.Misconfigured.Wrap(op, err)
	}
	path, err := c.find(dir)
	if err != nil {
		return Result{}, value.Misconfigured.Wrap(op, err)
	}
	work, err := c.workingDir(dir)
	if err != nil {
		return Result{}, value.Misconfigured.Wrap(op, err)
	}
	out := newCapture(c)
	mark := "WAYBILL_PROCESS=" + rand.Text() // by which its strays are found
	p, err := start(func() *exec.Cmd {
		cmd := c.build(dir, work, path, out)
		cmd.Env = append(cmd.Env, mark)
		return cmd
	}, c.Limits)
	if err != nil {
		return Result{}, value.Misconfigured.Errorf(op, "it cannot be started: %w", err)
	}
	interrupted, err := p.wait(ctx, c.Grace, mark)
	out.close()
	result := out.result(p.cmd.ProcessState)
	if interrupted {
		return result, value.Interrupted(ctx, op)
	}
	return result, value.Failed.Wrap(op, err)
}

func (c Command) build(workspace, dir, path string, out *capture) *exec.Cmd {
	cmd := &exec.Cmd{Path: path, Args: c.Argv, Dir: dir, Stdout: out.stdout, Stderr: out.stderr, WaitDelay: linger}
	cmd.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, replaced := c.Env[name]
		return replaced || name == "PWD" || slices.Contains(c.Drop, name)
	})
	cmd.Env = append(cmd.Env, "PWD="+dir)
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		cmd.Env = append(cmd.Env, name+"="+c.Env[name])
	}
	cmd.Env = append(cmd.Env, workspaceVariable+"="+workspace) // of two, the last one holds
	ownGroup(cmd)
	return cmd
}

// program is one that runs.
type program struct {
	cmd  *exec.Cmd
	done chan error
}

// start starts the program on a thread that lives as long as the program: on
// Linux the program is told of the death of the thread that started it.
func start(build func() *exec.Cmd, l Limits) (*program, error) {
	p := &program{done: make(chan error, 1)}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var err error
		p.cmd, err = startPatiently(build)
		if err == nil && l != (Limits{}) {
			if err = restrict(p.cmd.Process.Pid, l); err != nil {
				killGroup(p.cmd.Process.Pid)
				_ = p.cmd.Wait()
			}
		}
		started <- err
		if err == nil {
			p.done <- p.cmd.Wait()
		}
	}()
	return p, <-started
}

// startPatiently tries again while the file is open for writing: that is so
// for a moment after it was written, for as long as another process that is
// being started at that moment has inherited the open file.
func startPatiently(build func() *exec.Cmd) (*exec.Cmd, error) {
	cmd := build()
	err := cmd.Start()
	for pause := 10 * time.Millisecond; isBusy(err) && pause < time.Second; pause *= 2 {
		time.Sleep(pause)
		cmd = build()
		err = cmd.Start()
	}
	return cmd, err
}

// wait returns when the program has ended and nothing of its group is left.
// interrupted says that it was told to end.
func (p *program) wait(ctx context.Context, grace time.Duration, mark string) (interrupted bool, err error) {
	if grace <= 0 {
		grace = DefaultGrace
	}
	select {
	case err = <-p.done:
	case <-ctx.Done():
		interrupted = true
		endGroup(p.cmd.Process.Pid)
		signalStrays(mark, syscall.SIGTERM)
		defer signalStrays(mark, syscall.SIGKILL)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case err = <-p.done:
		case <-timer.C:
			killGroup(p.cmd.Process.Pid)
			signalStrays(mark, syscall.SIGKILL) // they may hold its output open
			err = <-p.done
		}
	}
	killGroup(p.cmd.Process.Pid)
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return interrupted, err
}
