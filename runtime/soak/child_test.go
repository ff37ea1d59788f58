package soak_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"modernc.org/sqlite"

	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// What a child is told through its environment.
const (
	childDir    = "WAYBILL_SOAK_DIR"    // of the workspace that it serves
	childGroups = "WAYBILL_SOAK_GROUPS" // it ends when the runs of so many groups have
	childKill   = "WAYBILL_SOAK_KILL"   // it kills itself when it is about to make this commit
)

// TestMain turns the test binary into a serving process where it is told so.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := serve(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serve serves a workspace until its runs have ended, and that was told.
func serve(dir string) error {
	killAtCommit()
	groups, err := strconv.Atoi(os.Getenv(childGroups))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	log := hclog.New(&hclog.LoggerOptions{Level: hclog.Info, Output: os.Stderr})
	r, err := runtime.Open(ctx, dir+"/.waybill", runtime.Options{Workspace: dir, Actor: "child", Poll: 5 * time.Millisecond, Logger: log})
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx) }()
	for ended, untold := 0, 1; ended < groups || untold > 0; {
		select {
		case err := <-served:
			return errors.Join(err, errors.New("it stopped serving before the runs had ended"))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
		ended = 0
		for i := range groups {
			if d, err := r.Run(ctx, runKey(i)); err == nil && store.Ended(d.Run.State) {
				ended++
			}
		}
		alerts, err := r.Alerts(ctx) // behind the runs: the message stands there when its run has ended
		if err != nil {
			ended = 0
			continue // a fault of the disk
		}
		untold = 0
		for _, a := range alerts {
			untold += a.Waiting
		}
	}
	cancel()
	err = <-served
	if errors.Is(err, context.Canceled) { // it had not begun yet, since there was nothing left to do
		err = nil
	}
	return errors.Join(err, r.Close())
}

// killAtCommit kills the process when SQLite is about to make a certain commit,
// and counts them on standard output otherwise.
func killAtCommit() {
	at, err := strconv.ParseInt(os.Getenv(childKill), 10, 64)
	if err != nil {
		return
	}
	var commits atomic.Int64
	sqlite.RegisterConnectionHook(func(c sqlite.ExecQuerierContext, _ string) error {
		c.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			if commits.Add(1) == at {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
			return 0
		})
		return nil
	})
}

// child is a serving process of a scene.
func (s *scene) child(wrapper []string, environment ...string) (*exec.Cmd, *bytes.Buffer) {
	s.Helper()
	exe, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	argv := append(append([]string{}, wrapper...), exe)
	cmd := exec.CommandContext(s.Context(), argv[0], argv[1:]...)
	cmd.Env = append(append(os.Environ(), childDir+"="+s.dir, childGroups+"="+strconv.Itoa(s.groups)), environment...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	return cmd, &said
}

// goOn lets a process that nothing happens to bring the runs to their end.
func (s *scene) goOn() {
	s.Helper()
	cmd, said := s.child(nil)
	if err := cmd.Run(); err != nil {
		s.Fatalf("the next process cannot go on: %v\n%s", err, said)
	}
}

// killed reports whether a process was ended by SIGKILL; any other failure is an
// error of the test.
func (s *scene) killed(err error, said *bytes.Buffer) bool {
	s.Helper()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		s.died++
		return true
	}
	if err != nil {
		s.Fatalf("the process ended with %v\n%s", err, said)
	}
	return false
}
