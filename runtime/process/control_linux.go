package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxHunts bounds how often strays are looked for that start others meanwhile.
const maxHunts = 5

// signalStrays sends a signal to every process that was started with an entry in
// its environment, wherever it has gone: one that has made a session of its own is
// in no group that could be ended.
func signalStrays(entry string, signal syscall.Signal) {
	wanted := []byte(entry + "\x00")
	sent := map[int]bool{}
	for range maxHunts {
		found, err := filepath.Glob("/proc/[0-9]*")
		if err != nil {
			return
		}
		more := false
		for _, dir := range found {
			pid, err := strconv.Atoi(filepath.Base(dir))
			if err != nil || sent[pid] {
				continue
			}
			env, err := os.ReadFile(dir + "/environ") // those of other users are not ours
			if err != nil || !bytes.HasPrefix(env, wanted) && !bytes.Contains(env, append([]byte{0}, wanted...)) {
				continue
			}
			sent[pid], more = true, true
			_ = syscall.Kill(pid, signal) // one that is gone is what was wanted
		}
		if !more {
			return
		}
	}
}

// restrict bounds a program that has just started, and what it will start.
func restrict(pid int, l Limits) error {
	for _, r := range []struct {
		name     string
		resource int
		limit    uint64
	}{
		{"memory", unix.RLIMIT_DATA, l.Memory}, {"cpu_time", unix.RLIMIT_CPU, uint64(l.CPUTime.Seconds())}, {"open_files", unix.RLIMIT_NOFILE, l.OpenFiles},
	} {
		if r.limit == 0 {
			continue
		}
		if err := unix.Prlimit(pid, r.resource, &unix.Rlimit{Cur: r.limit, Max: r.limit}, nil); err != nil {
			return fmt.Errorf("limit %s: %w", r.name, err)
		}
	}
	return nil
}
