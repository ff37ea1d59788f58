package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/store"
)

// kills is how often the serving process is killed, and killSeed where the
// moments come from.
const (
	kills    = 20
	killSeed = 20261121
)

// TestKilledServeLandsEveryFileOnce kills a serving process with SIGKILL at a
// random moment of a run and lets another one go on: every file lands exactly
// once, whole, and the step after it is done.
func TestKilledServeLandsEveryFileOnce(t *testing.T) {
	t.Parallel()
	length := calibrate(t)
	moments := rand.New(rand.NewPCG(killSeed, 0))
	for i := range kills {
		moment := time.Duration(moments.Int64N(int64(length)))
		t.Run(fmt.Sprintf("%02d after %s", i, moment.Round(time.Microsecond)), func(t *testing.T) {
			t.Parallel()
			dir := killWorkspace(t)
			serve := start(t, "serve", dir)
			serve.await("serving")
			must(t, exitOK, runOnce(dir, "--detach")...)
			serve.await("command") // it has taken the run and begins now
			<-time.After(moment)
			serve.signal(syscall.SIGKILL)
			if code := serve.end(); code != -1 {
				t.Fatalf("the killed process ended with %d\n%s", code, serve.output.String())
			}
			serve = start(t, "serve", dir)
			serve.await("serving")
			must(t, exitOK, runOnce(dir)...) // the same token: waits for the same run to end
			serve.signal(syscall.SIGTERM)
			if code := serve.end(); code != exitOK {
				t.Errorf("exit code %d\n%s", code, serve.output.String())
			}
			checkLandings(t, dir)
		})
	}
}

// killWorkspace is an applied workspace with three couriers of eight files each,
// large enough for a kill to hit the middle of one.
func killWorkspace(t *testing.T) string {
	t.Helper()
	files := map[string]string{"step.sh": "echo \"$WAYBILL_KEY\" >> steps.txt\n"}
	config := "process \"step\" {\n  exec { command = [\"sh\", \"step.sh\"] }\n  retry {\n    backoff = \"1s\"\n  }\n}\n"
	group := "courier_group \"daily\" {\n  processes = [process.step]\n"
	for _, courier := range []string{"a", "b", "c"} {
		config += fmt.Sprintf("courier %q {\n  filedrop { url = \"inbox/%s\" }\n"+
			"  file \"f\" { pattern = \"{yyyy}-{MM}-{dd}/*.csv\" }\n  ready { stable_for = \"0s\" }\n}\n", courier, courier)
		group += fmt.Sprintf("  courier %q {}\n", courier)
		for i := range 8 {
			name := fmt.Sprintf("2026-11-20/%d.csv", i)
			files[filepath.Join("inbox", courier, name)] = strings.Repeat(courier+name+"\n", 20000)
		}
	}
	files["main.hcl"] = config + group + "}\n"
	return appliedWorkspace(t, files)
}

func runOnce(dir string, flags ...string) []string {
	return append([]string{"run", "daily", dir, "--date", "2026-11-20", "--token", "once"}, flags...)
}

// calibrate measures how long the run takes when nobody kills it.
func calibrate(t *testing.T) time.Duration {
	t.Helper()
	dir := killWorkspace(t)
	serve := start(t, "serve", dir)
	serve.await("serving")
	must(t, exitOK, runOnce(dir)...)
	serve.signal(syscall.SIGTERM)
	serve.end()
	checkLandings(t, dir)
	run := detail(t, dir, "daily@once").Run
	return run.EndedAt.Sub(run.StartedAt)
}

// checkLandings compares what the store and the landing folder have with what
// was in the inbox.
func checkLandings(t *testing.T, dir string) {
	t.Helper()
	want := map[string]string{}
	walk(t, filepath.Join(dir, "inbox"), func(path, content string) { want[path] = content })

	d := detail(t, dir, "daily@once")
	if d.Run.State != store.Succeeded {
		t.Errorf("the run is %s: %s", d.Run.State, d.Run.Message)
	}
	recorded := map[string]int{}
	for _, l := range d.Landings {
		recorded[l.Courier+"/"+l.Path]++
	}
	landed, times := map[string]string{}, map[string]int{}
	walk(t, filepath.Join(dir, "landing"), func(path, content string) {
		if filepath.Ext(path) == ".csv" { // <group>/<courier>/<run>/<file>/<path>, or a leftover
			parts := strings.SplitN(path, "/", 5)
			name := parts[1] + "/" + parts[len(parts)-1]
			landed[name] = content
			times[name]++
		}
	})
	once := map[string]int{}
	for name := range want {
		once[name] = 1
	}
	if diff := cmp.Diff(once, recorded); diff != "" {
		t.Errorf("how often each file is recorded as landed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(once, times); diff != "" {
		t.Errorf("how often each file is in the landing folder (-want +got):\n%s", diff)
	}
	for name, content := range want {
		if landed[name] != content {
			t.Errorf("%s has landed with %d bytes, want %d, or with others", name, len(landed[name]), len(content))
		}
	}
	if steps, err := os.ReadFile(filepath.Join(dir, "steps.txt")); err != nil || len(steps) == 0 {
		t.Errorf("the step after the couriers was not done: %v", err)
	}
}

// walk calls a function for every file below a folder, with its path there.
func walk(t *testing.T, root string, visit func(path, content string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		below, _ := filepath.Rel(root, path) // path begins with root
		visit(filepath.ToSlash(below), string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
