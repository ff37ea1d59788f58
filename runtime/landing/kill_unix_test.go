//go:build unix

package landing_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/landing"
)

const (
	childDir   = "WAYBILL_TEST_LANDING_DIR"   // makes the test binary land what is in this folder
	childLimit = "WAYBILL_TEST_LANDING_LIMIT" // with files of at most this many bytes
	childKill  = "WAYBILL_TEST_LANDING_KILL"  // and die before this change of the disk, counted from 1
	fileCount  = 12
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

// child lands all files of a folder and names each change of the disk, before
// it is made, on standard output.
func child(dir string) int {
	if limit, err := strconv.ParseUint(os.Getenv(childLimit), 10, 64); err == nil {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			fmt.Println(err)
			return 2
		}
	}
	l, err := landing.Open(context.Background(), landing.Options{Workspace: dir, URL: "landing"})
	if err != nil {
		fmt.Println(err)
		return 2
	}
	last, _ := strconv.Atoi(os.Getenv(childKill))
	changes := 0
	l.SetFault(func(op, name string) error {
		if changes++; changes == last {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		fmt.Println(op, name)
		return nil
	})
	var items []landing.Item
	for n := range fileCount {
		item, err := take(filepath.Join(dir, sourceName(n)), sourceName(n))
		if err != nil {
			fmt.Println(err)
			return 2
		}
		items = append(items, item)
	}
	if _, err := l.Land(context.Background(), job(items...)); err != nil {
		fmt.Println(err)
		if errors.Is(err, syscall.EFBIG) {
			return 3
		}
		return 2
	}
	return 0
}

func sourceName(n int) string { return fmt.Sprintf("in/%d/file", n) }

// prepare writes the source files and returns what must be landed in the end.
func prepare(t *testing.T, dir string) (items []landing.Item, want map[string]string) {
	t.Helper()
	want = map[string]string{}
	for n := range fileCount {
		text := strings.Repeat(strconv.Itoa(n)+"\n", 50_000)
		items = append(items, put(t, dir, sourceName(n), text))
		want[place+"orders/"+sourceName(n)] = text
	}
	return items, want
}

func start(t *testing.T, dir string, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), childDir+"="+dir), env...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func TestKillInTheMiddleThenLandAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	prepare(t, dir)
	cmd, lines := start(t, dir)
	total := 0
	for lines.Scan() {
		total++
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	const kills = 20
	for k := range kills {
		t.Run(strconv.Itoa(k), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			items, want := prepare(t, dir)
			change := 1 + k*total/kills
			cmd, lines := start(t, dir, childKill+"="+strconv.Itoa(change))
			for lines.Scan() {
			}
			if err := cmd.Wait(); err == nil {
				t.Fatal("it was not killed")
			}
			// Once more, this time from outside and at no change in particular.
			cmd, lines = start(t, dir)
			for range change {
				lines.Scan()
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			l := open(t, dir)
			assertWhole(t, l, dir, want)
			files, err := l.Land(t.Context(), job(items...))
			if err != nil || len(files) != fileCount {
				t.Fatalf("%d files, %v", len(files), err)
			}
			if diff := cmp.Diff(want, landed(t, filepath.Join(dir, "landing"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDiskThatTakesNoMore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	prepare(t, dir)
	cmd, lines := start(t, dir, childLimit+"=70000")
	var last string
	for lines.Scan() {
		last = lines.Text()
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("%v: %s", err, last)
	}
	if got := tree(t, filepath.Join(dir, "landing")); len(got) > 0 {
		t.Errorf("half landed: %v", got)
	}
}
