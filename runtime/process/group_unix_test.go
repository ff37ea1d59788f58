//go:build unix

package process_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
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
