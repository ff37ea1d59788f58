package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

// process is a waybill of its own, whose output a test can follow.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  chan string // of standard output and standard error
	output strings.Builder
}

// patience is how long a test waits for another process before it fails.
const patience = 2 * time.Minute

// start runs this test binary as waybill, see TestMain.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.CommandContext(ctx, binary), lines: make(chan string, 1000)}
	p.cmd.Args = append([]string{"waybill"}, args...)
	p.cmd.Env = append(os.Environ(), "USER=tester")
	p.cmd.Stdout, p.cmd.Stderr = write, write
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close() // the process has its own
	go func() {
		defer close(p.lines)
		for in := bufio.NewScanner(read); in.Scan(); {
			p.lines <- in.Text()
		}
	}()
	t.Cleanup(func() {
		cancel()
		p.end()
		_ = read.Close()
	})
	return p
}

// await reads the output up to a line that holds the words.
func (p *process) await(words string) {
	p.t.Helper()
	for line := range p.lines {
		p.output.WriteString(line + "\n")
		if strings.Contains(line, words) {
			return
		}
	}
	p.t.Fatalf("waybill ended without printing %q:\n%s", words, p.output.String())
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// end waits for the process and returns its exit code, -1 where a signal ended it.
func (p *process) end() int {
	for line := range p.lines {
		p.output.WriteString(line + "\n")
	}
	var failed *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &failed) {
		return p.cmd.ProcessState.ExitCode() // it was waited for before
	}
	return p.cmd.ProcessState.ExitCode()
}

// must runs a command line in this process and fails the test unless it ends
// with the exit code.
func must(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	got, stdout, stderr := waybill(t, args...)
	if got != code {
		t.Fatalf("waybill %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, stdout, stderr)
	}
	return stdout, stderr
}

// detail is a run as show --json prints it.
func detail(t *testing.T, dir, run string) store.Detail {
	t.Helper()
	document, _ := must(t, exitOK, "show", run, dir, "--json")
	var d store.Detail
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// workspaceOf writes files into a new directory and returns it.
func workspaceOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		put(t, filepath.Join(dir, name), content)
	}
	return dir
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(content), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// patient is a workspace whose courier waits an hour for its file.
const patient = `
courier "orders" {
  poll_every = "1s"
  filedrop { url = "inbox" }
  file "orders" { pattern = "orders-{yyyy}-{MM}-{dd}.csv" }
  ready { stable_for = "0s" }
}
courier_group "daily" {
  schedule = "0 6 * * *"
  courier "orders" {
    wait { hours = 1 }
    offset { days = 1 }
  }
}
`

func appliedWorkspace(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := workspaceOf(t, files)
	must(t, exitOK, "apply", dir, "--auto-approve")
	return dir
}

func TestServeStopsOnSignals(t *testing.T) {
	t.Parallel()
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient, "inbox/none.txt": ""})
	for _, s := range []struct {
		signal os.Signal
		code   int
	}{{os.Interrupt, exitInterrupted}, {syscall.SIGTERM, exitOK}} {
		serve := start(t, "serve", dir)
		serve.await("serving")
		serve.signal(s.signal)
		if code := serve.end(); code != s.code {
			t.Errorf("%v: exit code %d, want %d\n%s", s.signal, code, s.code, serve.output.String())
		}
		if stdout, _ := must(t, exitOK, "status", dir); !strings.Contains(stdout, "Nobody serves it") {
			t.Errorf("%v: the store is still held:\n%s", s.signal, stdout)
		}
	}
}

// TestWhileServing sends commands to the process that serves.
func TestWhileServing(t *testing.T) {
	t.Parallel()
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient, "inbox/none.txt": ""})
	serve := start(t, "serve", dir)
	serve.await("serving")

	_, stderr := must(t, exitError, "serve", dir)
	if !strings.Contains(stderr, "the store is held by tester@") {
		t.Errorf("the second serve does not say who holds the store:\n%s", stderr)
	}
	if stdout, _ := must(t, exitOK, "status", dir); !strings.Contains(stdout, "Held by tester@") {
		t.Errorf("status does not say who holds the store:\n%s", stdout)
	}
	stdout, _ := must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "one", "--detach")
	if !strings.Contains(stdout, "Handed over to tester@") {
		t.Errorf("run --detach does not say who took it:\n%s", stdout)
	}
	if !strings.Contains(stdout, "'waybill show daily@one "+dir+"' shows how it goes") {
		t.Errorf("run --detach does not name its run:\n%s", stdout)
	}
	stdout, _ = must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "one", "--detach")
	if !strings.Contains(stdout, "daily@one was asked for with this token before") {
		t.Errorf("the second run --detach with a token does not name the run of the first:\n%s", stdout)
	}
	serve.await("command") // it has taken the run
	must(t, exitOK, "pause", "daily", dir)
	if stdout, _ := must(t, exitOK, "plan", dir); !strings.Contains(stdout, "paused") {
		t.Errorf("the plan does not say that the group is paused:\n%s", stdout)
	}
	must(t, exitOK, "resume", "daily", dir)

	put(t, filepath.Join(dir, "main.hcl"), strings.ReplaceAll(patient, "0 6 * * *", "0 7 * * *"))
	stdout, _ = must(t, exitOK, "apply", dir, "--auto-approve")
	if !strings.Contains(stdout, "This is serial 2.") || !strings.Contains(stdout, "takes it up now") {
		t.Errorf("apply does not say who takes it up:\n%s", stdout)
	}
	must(t, exitOK, "stop", "daily", dir)
	must(t, exitNotDone, "run", "daily", dir, "--date", "2026-11-20", "--token", "one") // the same run: waits for its end
	if d := detail(t, dir, "daily@one"); d.Run.State != store.Stopped || d.Run.Serial != 1 {
		t.Errorf("the run is %s with serial %d, want stopped with serial 1", d.Run.State, d.Run.Serial)
	}
	serve.signal(syscall.SIGTERM)
	if code := serve.end(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, serve.output.String())
	}
}

// TestInterruptRun interrupts a run that waits for a file. Nobody would go on
// with it, so it is stopped; a retry goes on with it.
func TestInterruptRun(t *testing.T) {
	t.Parallel()
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient, "inbox/none.txt": ""})
	client := start(t, "run", "daily", dir, "--date", "2026-11-20", "--token", "one")
	client.await("not there yet")
	client.signal(os.Interrupt)
	if code := client.end(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d\n%s", code, exitInterrupted, client.output.String())
	}
	if !strings.Contains(client.output.String(), "Interrupted: daily@one was stopped. 'waybill retry daily@one") {
		t.Errorf("it does not say what becomes of the run:\n%s", client.output.String())
	}
	if d := detail(t, dir, "daily@one"); d.Run.State != store.Stopped {
		t.Errorf("the interrupted run is %s, want it stopped", d.Run.State)
	}
	put(t, filepath.Join(dir, "inbox", "orders-2026-11-20.csv"), "a\n1\n")
	must(t, exitOK, "retry", "daily@one", dir)
	if d := detail(t, dir, "daily@one"); d.Run.State != store.Succeeded || len(d.Landings) != 1 {
		t.Errorf("the run is %s with %d landings, want succeeded with one", d.Run.State, len(d.Landings))
	}
}

// TestInterruptWatching interrupts a command that watches a run of the process
// that serves: the run goes on there.
func TestInterruptWatching(t *testing.T) {
	t.Parallel()
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient, "inbox/none.txt": ""})
	serve := start(t, "serve", dir)
	serve.await("serving")
	client := start(t, "run", "daily", dir, "--date", "2026-11-20", "--token", "one")
	client.await("not there yet")
	client.signal(os.Interrupt)
	if code := client.end(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d\n%s", code, exitInterrupted, client.output.String())
	}
	if !strings.Contains(client.output.String(), "goes on in the process that serves") {
		t.Errorf("it does not say what becomes of the run:\n%s", client.output.String())
	}
	put(t, filepath.Join(dir, "inbox", "orders-2026-11-20.csv"), "a\n1\n")
	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "one") // waits for the same run
	serve.signal(syscall.SIGTERM)
	if code := serve.end(); code != exitOK {
		t.Errorf("serve: exit code %d\n%s", code, serve.output.String())
	}
}
