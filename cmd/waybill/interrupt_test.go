package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// commandLines has one command line for each command.
func commandLines(dir string) map[string][]string {
	return map[string][]string{
		"advance":        {"advance", "daily", dir, "--to", "2026-11-20", "--reason", "test"},
		"alert":          {"alert", "list", dir},
		"apply":          {"apply", dir, "--auto-approve"},
		"backfill":       {"backfill", "daily", dir},
		"completion":     {"completion", "bash"},
		"console":        {"console", dir},
		"cron":           {"cron", "* * * * *", "--until", "9999-01-01"},
		"exit-codes":     {"help", "exit-codes"},
		"explain":        {"explain"},
		"fmt":            {"fmt", dir},
		"graph":          {"graph", dir},
		"help":           {"help"},
		"ignore-missing": {"ignore-missing", "daily", dir},
		"incidents":      {"incidents", dir},
		"init":           {"init", filepath.Join(dir, "new")},
		"logs":           {"logs", "daily", dir},
		"pause":          {"pause", "daily", dir},
		"plan":           {"plan", dir, "--out", filepath.Join(dir, "x.plan")},
		"restart":        {"restart", "daily", dir},
		"resume":         {"resume", "daily", dir},
		"retry":          {"retry", "daily", dir},
		"run":            {"run", "daily", dir},
		"runs":           {"runs", "daily", dir},
		"schema":         {"schema", "--json"},
		"serve":          {"serve", dir},
		"show":           {"show", "daily", dir},
		"status":         {"status", dir},
		"skip":           {"skip", "orders", "daily", dir},
		"stop":           {"stop", "daily", dir},
		"store":          {"store", "backup", filepath.Join(dir, "copy.db"), dir},
		"validate":       {"validate", dir},
		"version":        {"version"},
		"why":            {"why", "daily", dir},
	}
}

// TestInterruptEveryCommand checks that an interrupted command ends with its own
// exit code and leaves the directory as it was.
func TestInterruptEveryCommand(t *testing.T) {
	t.Parallel()
	p := &program{env: map[string]string{}}
	lines := commandLines("")
	for _, c := range p.rootCommand().Commands() {
		if lines[c.Name()] == nil {
			t.Errorf("commandLines has none for %s", c.Name())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text := []byte("courier_group \"daily\" {\nschedule = \"0 6 * * *\"\n}\n") // fmt would change it
			if err := os.WriteFile(filepath.Join(dir, "main.hcl"), text, 0o666); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(signalled{os.Interrupt})
			if code := run(ctx, commandLines(dir)[name], nil, strings.NewReader(""), io.Discard, io.Discard); code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 1 {
				t.Errorf("the directory has %v (%v), want main.hcl alone", entries, err)
			}
			if got, err := os.ReadFile(filepath.Join(dir, "main.hcl")); err != nil || !bytes.Equal(got, text) {
				t.Errorf("main.hcl is now %q (%v)", got, err)
			}
		})
	}
}

// typing is a standard input that nobody types into: it reports the first read
// and answers none.
type typing struct {
	asked chan struct{}
	never chan struct{}
}

func (i typing) Read([]byte) (int, error) {
	close(i.asked)
	<-i.never
	return 0, io.EOF
}

func waitForTyping(t *testing.T) (typing, context.Context) {
	t.Helper()
	i := typing{make(chan struct{}), make(chan struct{})}
	t.Cleanup(func() { close(i.never) })
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		<-i.asked
		cancel(signalled{os.Interrupt})
	}()
	return i, ctx
}

func TestInterruptWhileReadingInput(t *testing.T) {
	t.Parallel()
	input, ctx := waitForTyping(t)
	if code := run(ctx, []string{"fmt", "-"}, nil, input, io.Discard, io.Discard); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
}

func TestInterruptAtPrompt(t *testing.T) {
	t.Parallel()
	input, ctx := waitForTyping(t)
	p := &program{stdin: input, stdout: io.Discard, stderr: io.Discard}
	var s signalled
	if err := p.approve(ctx); !errors.As(err, &s) {
		t.Errorf("the prompt returned %v, want the signal", err)
	}
}

// TestTerminateServe checks that SIGTERM is how serve is stopped, and an
// interrupt for everything else.
func TestTerminateServe(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(context.Background())
	if terminated(ctx) {
		t.Error("a context that goes on counts as terminated")
	}
	cancel(signalled{syscall.SIGTERM})
	if !terminated(ctx) {
		t.Error("SIGTERM does not count as termination")
	}
	cmd := &cobra.Command{}
	cmd.SetContext(ctx)
	if interrupted(cmd) == nil {
		t.Error("SIGTERM does not interrupt")
	}
}

// TestHeldByARun has a command wait for a run that holds the store: it says so, and
// what becomes of it when nobody waits any more.
func TestHeldByARun(t *testing.T) {
	t.Parallel()
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient, "inbox/none.txt": ""})
	run := start(t, "run", "daily", dir, "--date", "2026-11-20")
	run.await("late")
	pause := start(t, "pause", "daily", dir)
	pause.await("holds the store, and has not taken this up")
	pause.signal(os.Interrupt)
	pause.await("It stays asked for, and the next 'waybill serve' does it.")
	if code := pause.end(); code != exitInterrupted {
		t.Errorf("the pause ended with %d, want %d", code, exitInterrupted)
	}
	run.signal(os.Interrupt)
	run.await("Interrupted")
	run.end()
}
