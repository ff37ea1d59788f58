package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes. Scripts branch on them: they never change their meaning.
const (
	exitOK          = 0
	exitError       = 1
	exitChanges     = 2 // plan --detailed-exitcode
	exitSyntax      = 2 // fmt
	exitUnformatted = 3
	exitNotDone     = 4
	exitInterrupted = 130
	exitUnread      = 141
)

// exitCodes is the table behind `waybill help exit-codes`.
var exitCodes = []struct {
	code    int
	command string
	meaning string
}{
	{exitOK, "any", "done; a run succeeded, warnings or not"},
	{exitError, "any", "a mistake, a refusal or a fault, as printed"},
	{exitChanges, "plan --detailed-exitcode", "there are changes (0: there are none)"},
	{exitSyntax, "fmt", "a file does not parse; it was left as it is"},
	{exitUnformatted, "fmt --check", "a file is not formatted"},
	{exitNotDone, "run, retry, restart, …", "the run ended failed, stopped or blocked"},
	{exitInterrupted, "any", "interrupted; what was done is whole"},
	{exitUnread, "any", "nobody read the output on, as with '| head'"},
}

// exitStatus ends the program with a code. An empty message means that everything
// there is to say was printed already.
type exitStatus struct {
	code    int
	message string
}

func (e *exitStatus) Error() string { return e.message }

// unread reports whether an error is that the reader of the standard output went
// away. Other programs die of a signal then, which shells count as 141 too.
func unread(err error) bool {
	var written *fs.PathError
	return errors.Is(err, syscall.EPIPE) && errors.As(err, &written) && written.Op == "write" && written.Path == os.Stdout.Name()
}

// said ends the program with a code after the reasons were printed.
func said(code int) error { return &exitStatus{code: code} }

// advice is an error with what to do about it, shown below the message.
type advice struct {
	err  error
	hint string
}

func (a *advice) Error() string { return a.err.Error() }
func (a *advice) Unwrap() error { return a.err }

// advise builds an error of a message and what to do about it.
func advise(hint, format string, args ...any) error {
	return &advice{err: fmt.Errorf(format, args...), hint: hint}
}

// signalled is the cause of a context that a signal ended.
type signalled struct{ os.Signal }

func (s signalled) Error() string { return s.String() }

// withSignals returns a context that the first SIGINT or SIGTERM cancels. The
// second one ends the process at once.
func withSignals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// A reader of the output that goes away must not take a run with it. Ignoring
	// the signal would make the programs of steps ignore it, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(signalled{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// terminated reports whether it was SIGTERM that ended the context.
func terminated(ctx context.Context) bool {
	var s signalled
	return errors.As(context.Cause(ctx), &s) && s.Signal == syscall.SIGTERM
}
