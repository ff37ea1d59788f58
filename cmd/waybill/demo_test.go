package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemoGoesOn kills the demo with everything that it has started, each time some
// lines later: the next one goes on, until everything has landed once and was
// announced once.
func TestDemoGoesOn(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "waybill")
	if err := os.Symlink(binary, program); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(t.TempDir(), "demo")
	const step = 8
	for lines := 1; ; lines += step {
		code, output := demo(t, program, work, lines)
		if code == exitOK {
			break
		}
		if code != -1 {
			t.Fatalf("it does not go on, and ends with %d:\n%s", code, output)
		}
	}
	announced, err := os.ReadFile(filepath.Join(work, "announced.txt"))
	if want := "courier_group.daily@demo/activation.orchestration.announce: 4 files loaded\n"; err != nil || string(announced) != want {
		t.Errorf("announced %q, want %q (%v)", announced, want, err)
	}
	if d := detail(t, work, "daily@demo"); len(d.Landings) != 4 || d.Run.Attempt != 1 {
		t.Errorf("%d files have landed in attempt %d, want 4 in the first", len(d.Landings), d.Run.Attempt)
	}
}

// demo runs the demo in a folder and kills it, with all that it has started, when it has
// printed so many lines. It returns the exit code, -1 if it was killed.
func demo(t *testing.T, program, work string, lines int) (int, string) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("../../examples/quickstart/demo.sh", work)
	cmd.Env = append(os.Environ(), "WAYBILL="+program, "USER=tester")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	end := func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	defer time.AfterFunc(patience, end).Stop()
	var output strings.Builder
	for in := bufio.NewScanner(read); in.Scan(); {
		output.WriteString(in.Text() + "\n")
		if lines--; lines == 0 {
			end()
		}
	}
	_ = read.Close()
	var failed *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), output.String()
}
