//go:build unix

package process_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/runtime/process"
	"github.com/waybill-dev/waybill/runtime/value"
)

// pipe makes a named pipe. Whoever holds it open for writing lives: reading it
// to its end waits for the last of them.
func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// holder opens the pipe, which waits for a writer, and tells when all are gone.
func holder(t *testing.T, path string) (opened, gone <-chan error) {
	t.Helper()
	first, last := make(chan error, 1), make(chan error, 1)
	go func() {
		f, err := os.Open(path)
		first <- err
		if err == nil {
			_, err = io.Copy(io.Discard, f)
			_ = f.Close()
		}
		last <- err
	}()
	return first, last
}

func TestTheWholeGroupEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"that asks to end":          `exec 3>"$1"; sleep 600 & wait`,
		"that does not listen":      `trap "" TERM; exec 3>"$1"; sleep 600 & wait; sleep 600`,
		"whose leader leaves first": `trap "exit 0" TERM; exec 3>"$1"; (trap "" TERM; sleep 600) & wait`,
		"three deep":                `exec 3>"$1"; sh -c 'sh -c "sleep 600" & wait' & wait`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := pipe(t)
			opened, gone := holder(t, path)
			ctx, cancel := context.WithCancelCause(t.Context())
			stop := errors.New("stopped by ana")
			go func() {
				<-opened
				cancel(stop)
			}()
			c := shell(script, path)
			c.Grace = 50 * time.Millisecond
			_, err := process.Run(ctx, c)
			if !errors.Is(err, stop) || value.FaultOf(err) != value.Failed {
				t.Errorf("error %v", err)
			}
			if err := <-gone; err != nil {
				t.Error(err)
			}
		})
	}
}

// One that has left the group for a session of its own ends with it all the same.
func TestAStrayEnds(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		return
	}
	for name, script := range map[string]string{
		"that asks to end":     `setsid sh -c 'exec 3>"$1"; sleep 600' sh "$1" & wait`,
		"that does not listen": `setsid sh -c 'trap "" TERM; exec 3>"$1"; while :; do sleep 1; done' sh "$1" & wait`,
		"whose parent left":    `setsid sh -c 'sh -c "exec 3>\"$1\"; sleep 600" sh "$1" & exit' sh "$1"; sleep 600`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := pipe(t)
			opened, gone := holder(t, path)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-opened
				cancel()
			}()
			c := shell(script, path)
			c.Grace = 50 * time.Millisecond
			if _, err := process.Run(ctx, c); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if err := <-gone; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		return
	}
	limits := process.Limits{Memory: 64 << 20, CPUTime: time.Second, OpenFiles: 20}
	for name, c := range map[string]struct {
		script, want string
		limits       process.Limits
	}{
		"memory":     {`ulimit -d`, "65536\n", limits},
		"cpu_time":   {`ulimit -t`, "1\n", limits},
		"open_files": {`sh -c "ulimit -n"`, "20\n", limits},
		"none":       {`ulimit -d`, "unlimited\n", process.Limits{OpenFiles: 20}},
	} {
		command := shell("sleep 0.1; " + c.script) // limits come just after the start
		command.Limits = c.limits
		got, err := process.Run(t.Context(), command)
		if err != nil || got.Output != c.want {
			t.Errorf("%s: %q, want %q: %v", name, got.Output, c.want, err)
		}
	}
	busy := shell("while :; do :; done")
	busy.Limits = process.Limits{CPUTime: time.Second}
	got, err := process.Run(t.Context(), busy)
	if err != nil || !strings.Contains(got.Err("run it").Error(), "killed") {
		t.Errorf("too much work: %v: %v", got.Err("run it"), err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	got, err := process.Run(ctx, shell("echo started; sleep 600"))
	if value.FaultOf(err) != value.Timeout || !errors.Is(err, context.DeadlineExceeded) || got.ExitCode != -1 || !strings.Contains(err.Error(), "did not end in its time") {
		t.Errorf("%+v %v", got, err)
	}
}

func TestAProgramMayCleanUp(t *testing.T) {
	t.Parallel()
	path := pipe(t)
	opened, gone := holder(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-opened
		cancel()
	}()
	got, err := process.Run(ctx, shell(`trap 'echo cleaned; exit 5' TERM; exec 3>"$1"; sleep 600 & wait`, path))
	if !errors.Is(err, context.Canceled) || got.Output != "cleaned\n" || got.ExitCode != 5 {
		t.Errorf("%+v %v", got, err)
	}
	<-gone
}

func TestWhatAProgramLeavesBehindIsEnded(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"quiet":                      `exec 3>"$1"; sleep 600 >/dev/null 2>&1 &`,
		"with the output still open": `exec 3>"$1"; sleep 600 & echo left`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := pipe(t)
			_, gone := holder(t, path)
			got, err := process.Run(t.Context(), shell(script, path))
			if err != nil || got.ExitCode != 0 {
				t.Errorf("%+v %v", got, err)
			}
			if err := <-gone; err != nil {
				t.Error(err)
			}
		})
	}
}
