package soak_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// diskCalls are calls that a disk may refuse, and how many of a thread's are refused
// in turn: about as many as one makes before the runs of a scene have ended.
var diskCalls = []struct {
	names string
	most  int
}{
	{"pwrite64", 90},
	{"write", 8},
	{"fsync", 30},
	{"ftruncate", 3},
	{"renameat,linkat", 8},
	{"mkdirat", 10},
	{"unlinkat", 16},
	{"openat", 80},
}

// diskErrors are what it refuses them with.
var diskErrors = []string{"ENOSPC", "EIO"}

// refusal is the answer of a disk to some calls in a row of each thread, from the
// first on, which is 1, to the last.
type refusal struct {
	calls, errno string
	first, last  int
}

func (r refusal) String() string {
	return fmt.Sprintf("inject=%s:error=%s:when=%d..%d", r.calls, r.errno, r.first, r.last)
}

// TestTheDiskFails makes each call in turn for the store and the landing fail, alone
// or with some that follow. A process that lives on brings its runs to their end;
// after one that gives up, and says why, the next does. A sample draws some of the
// calls, a full round has them all.
func TestTheDiskFails(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(seed(20261122), 2))
	var all []refusal
	for _, calls := range diskCalls {
		for first := range calls.most {
			for _, errno := range diskErrors {
				all = append(all, refusal{calls.names, errno, 1 + first, 1 + first + chance.IntN(5)})
			}
		}
	}
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, r := range all[:min(rounds(20), len(all))] {
		t.Run(r.String(), func(t *testing.T) {
			t.Parallel()
			failDisk(t, r)
		})
	}
}

func failDisk(t *testing.T, r refusal) {
	t.Helper()
	s := newScene(t, 1, 2, 10)
	trace := filepath.Join(t.TempDir(), "trace")
	cmd, said := s.child(s.traced(trace, r))
	if err := cmd.Run(); err != nil {
		s.died++
		if !strings.Contains(said.String(), "no space left") && !strings.Contains(said.String(), "input/output error") &&
			!strings.Contains(said.String(), "disk") {
			t.Errorf("it gave up and does not say why: %v", err)
		}
		s.goOn()
	}
	s.check()
	if text, err := os.ReadFile(trace); r.first == 1 && !strings.Contains(string(text), "(INJECTED)") {
		t.Errorf("it made no such call: %v", err)
	}
	if t.Failed() {
		t.Logf("what it said:\n%s", said)
	}
}

// traced is what stands before a command whose disk refuses some calls.
func (s *scene) traced(trace string, r refusal) []string {
	wrapper := []string{"strace", "-f", "-qq", "--seccomp-bpf", "--signal=none", "-o", trace, "-e", "trace=" + r.calls, "-e", r.String()}
	for _, path := range s.paths() {
		wrapper = append(wrapper, "-P", path)
	}
	return wrapper
}

// paths are files and folders of a scene that exist, or that the process makes.
func (s *scene) paths() []string {
	landing := filepath.Join(s.dir, "landing")
	paths := []string{
		filepath.Join(s.storePath(), "waybill.db"), filepath.Join(s.storePath(), "waybill.db-wal"), landing, filepath.Join(landing, ".staging"),
	}
	for i := range s.groups {
		staging, folder := filepath.Join(landing, ".staging", runKey(i)), filepath.Join(landing, group(i).Name())
		runs := filepath.Join(folder, "_runs")
		paths = append(paths, staging, folder, runs, filepath.Join(runs, runKey(i)))
		for _, step := range []string{process(i), activation(i)} {
			listed := filepath.Join(staging, "%_"+step+".json")
			paths = append(paths, listed, filepath.Join(listed, step+".json"))
		}
		for _, name := range couriers {
			staged, landed := filepath.Join(staging, name), filepath.Join(folder, name, runKey(i))
			paths = append(paths, staged, filepath.Join(staged, "manifest.json"), filepath.Join(folder, name), landed, filepath.Join(landed, "f"))
			for n := range s.files {
				paths = append(paths, filepath.Join(staged, fmt.Sprint(n)))
			}
		}
	}
	return paths
}
