//go:build unix

package bench_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// usage is what a process took.
type usage struct {
	Wall, CPU time.Duration // CPU of user and system
	Memory    int64         // most resident, in bytes
}

// measured makes this test binary the one that starts a process and measures it.
// On Linux a process counts the memory of the one that started it as its own, so
// that one has to be small.
const measured = "WAYBILL_BENCH_MEASURED"

func TestMain(m *testing.M) {
	if os.Getenv(measured) != "" {
		os.Exit(measureArgs())
	}
	code := m.Run()
	if err := os.RemoveAll(toolDir()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// measureArgs runs the program in the arguments and prints its usage as JSON.
func measureArgs() int {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	var said bytes.Buffer
	cmd.Stderr, cmd.Stdout = &said, &said
	start := time.Now()
	err := cmd.Run()
	u := usage{Wall: time.Since(start)}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v\n%s", os.Args[1:], err, said.Bytes())
		return 1
	}
	u.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.Memory = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" { // which counts bytes, all others kilobytes
		u.Memory *= 1024
	}
	if err := json.NewEncoder(os.Stdout).Encode(u); err != nil {
		return 1
	}
	return 0
}

// program is a command line that is measured, in a directory.
type program struct {
	dir  string
	args []string
	env  []string
	runs []usage
}

// once runs the program and keeps what it took. It must succeed.
func (p *program) once(b *testing.B) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self, p.args...)
	cmd.Dir = p.dir
	cmd.Env = append(append(os.Environ(), p.env...), measured+"=1")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%v\n%s", err, problems.Bytes())
	}
	var u usage
	if err := json.Unmarshal(out, &u); err != nil {
		b.Fatal(err)
	}
	p.runs = append(p.runs, u)
}

// best is the least that any run took of each.
func (p *program) best() usage {
	return usage{
		Wall:   least(p.runs, func(u usage) time.Duration { return u.Wall }),
		CPU:    least(p.runs, func(u usage) time.Duration { return u.CPU }),
		Memory: least(p.runs, func(u usage) int64 { return u.Memory }),
	}
}

func least[T cmp.Ordered](runs []usage, of func(usage) T) T {
	all := make([]T, len(runs))
	for i, u := range runs {
		all[i] = of(u)
	}
	return slices.Min(all)
}

func (u usage) String() string {
	return fmt.Sprintf("%.0f ms, CPU %.0f ms, %.0f MB", ms(u.Wall), ms(u.CPU), float64(u.Memory)/1e6)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// sideBySide runs programs in turn, so that what else the machine does disturbs
// all of them, and reports nothing itself. The best of the runs counts.
func sideBySide(b *testing.B, programs ...*program) {
	b.Helper()
	rounds := setting(b, "WAYBILL_BENCH_ROUNDS", "5")[0]
	for b.Loop() {
		for range rounds {
			for _, p := range programs {
				p.once(b)
			}
		}
	}
	quiet(b)
}

// quiet leaves out the time of a benchmark as a whole, which says nothing: it
// measures by itself.
func quiet(b *testing.B) { b.ReportMetric(0, "ns/op") }

// toolDir is where this process keeps the programs that it builds.
func toolDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("waybill-bench-%d", os.Getpid()))
}

// build builds waybill and the floor it is measured against, once.
var build = sync.OnceValue(func() error {
	for name, from := range map[string]string{"waybill": "..", "floor": "./testdata/floor"} {
		cmd := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(toolDir(), name), from)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
	}
	return nil
})

// tool is the path of a program of ours.
func tool(b *testing.B, name string) string {
	b.Helper()
	if err := build(); err != nil {
		b.Fatal(err)
	}
	return filepath.Join(toolDir(), name)
}

// setting is a list of numbers from the environment.
func setting(b *testing.B, name, otherwise string) []int {
	b.Helper()
	var list []int
	for field := range strings.FieldsSeq(cmp.Or(os.Getenv(name), otherwise)) {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			b.Fatalf("%s: %q is not a number above 0", name, field)
		}
		list = append(list, n)
	}
	return list
}

// atMost reports how many times what is measured goes into ours, and fails the
// benchmark where that is more than the target. What has a target is printed
// whether it is met or not.
func atMost(b *testing.B, limit, value float64, unit, of string) {
	b.Helper()
	b.ReportMetric(value, unit)
	judge(b, value <= limit, fmt.Sprintf("target ≤%.4gx %s: %.2fx", limit, of, value))
}

// atLeast is atMost the other way round.
func atLeast(b *testing.B, limit, value float64, unit, of string) {
	b.Helper()
	b.ReportMetric(value, unit)
	judge(b, value >= limit, fmt.Sprintf("target ≥%.4gx %s: %.2fx", limit, of, value))
}

func judge(b *testing.B, met bool, line string) {
	b.Helper()
	if met {
		b.Log(line)
	} else {
		b.Error(line + ", MISSED")
	}
}

func ratio[T time.Duration | int64](a, b T) float64 { return float64(a) / float64(b) }
