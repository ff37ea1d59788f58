package soak_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// Calls that a disk may refuse, and with what.
var (
	diskCalls  = []string{"pwrite64", "write", "fsync", "ftruncate", "renameat,rename,linkat,link", "openat"}
	diskErrors = []string{"ENOSPC", "EIO"}
)

// TestTheDiskFails makes calls for the store and for folders of the landing fail,
// one or some in a row. A process that lives on brings its runs to their end; after
// one that gives up, and says why, the next does.
func TestTheDiskFails(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(seed(20261122), 2))
	for range rounds(12) {
		calls, kind := diskCalls[chance.IntN(len(diskCalls))], diskErrors[chance.IntN(len(diskErrors))]
		first := 1 + chance.IntN(25)
		when := fmt.Sprintf("%d..%d", first, first+chance.IntN(5))
		inject := fmt.Sprintf("inject=%s:error=%s:when=%s", calls, kind, when)
		t.Run(inject, func(t *testing.T) {
			t.Parallel()
			failDisk(t, calls, inject)
		})
	}
}

func failDisk(t *testing.T, calls, inject string) {
	t.Helper()
	s := newScene(t, 1, 2, 10)
	wrapper := []string{"strace", "-f", "-qq", "--seccomp-bpf", "--signal=none", "-o", filepath.Join(t.TempDir(), "trace"), "-e", "trace=" + calls, "-e", inject}
	for _, path := range s.paths() {
		wrapper = append(wrapper, "-P", path)
	}
	cmd, said := s.child(wrapper)
	if err := cmd.Run(); err != nil {
		s.died++
		if !strings.Contains(said.String(), "no space left") && !strings.Contains(said.String(), "input/output error") &&
			!strings.Contains(said.String(), "disk") {
			t.Errorf("it gave up and does not say why: %v", err)
		}
		s.goOn()
	}
	s.check()
	if t.Failed() {
		t.Logf("what it said:\n%s", said)
	}
}

// paths are files and folders of a scene that exist, or that the process makes.
func (s *scene) paths() []string {
	landing := filepath.Join(s.dir, "landing")
	paths := []string{filepath.Join(s.storePath(), "waybill.db"), filepath.Join(s.storePath(), "waybill.db-wal"), landing}
	for i := range s.groups {
		paths = append(paths, filepath.Join(landing, group(i).Name()))
		for _, name := range couriers {
			paths = append(paths, filepath.Join(landing, group(i).Name(), name))
		}
	}
	return paths
}
