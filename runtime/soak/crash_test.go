package soak_test

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"modernc.org/sqlite"
)

// fuse is how many commits a store has left before its process is dead and does
// not know it yet: every later one fails.
type fuse struct{ left atomic.Int64 }

func (f *fuse) set(commits int64) { f.left.Store(commits) }
func (f *fuse) repair()           { f.set(math.MaxInt64) }
func (f *fuse) blown() bool       { return f.left.Load() <= 0 }
func (f *fuse) burn() (dead bool) { return f.left.Add(-1) < 0 }

// fuses are those of the stores in some folders.
var fuses = struct {
	sync.Mutex
	once sync.Once
	of   map[string]*fuse
}{of: map[string]*fuse{}}

// crashable is the fuse of the store in a folder.
func crashable(t *testing.T, dir string) *fuse {
	fuses.once.Do(func() {
		sqlite.RegisterConnectionHook(func(c sqlite.ExecQuerierContext, dsn string) error {
			fuses.Lock()
			defer fuses.Unlock()
			for dir, f := range fuses.of {
				if strings.Contains(dsn, dir) {
					c.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
						if f.burn() {
							return 1
						}
						return 0
					})
				}
			}
			return nil
		})
	})
	fuses.Lock()
	defer fuses.Unlock()
	f := &fuse{}
	f.repair()
	fuses.of[dir] = f
	t.Cleanup(func() {
		fuses.Lock()
		defer fuses.Unlock()
		delete(fuses.of, dir)
	})
	return f
}

// Crashes of a history.
const (
	mostCommits = 20               // that a process makes before it dies
	patience    = 6 * time.Hour    // for them: it dies then at the latest
	inVain      = 10 * time.Minute // it may work on, and nothing of that is written
)

// crash kills the process in the middle of what it does: before one of its next
// commits, whatever that writes, and nothing is written from then on. After a
// while another process goes on.
func (h *history) crash(down time.Duration) {
	h.crashed++
	commits := h.chance.Int64N(mostCommits)
	h.fuse.set(commits)
	for until := time.Now().Add(patience); !h.fuse.blown() && time.Now().Before(until); {
		time.Sleep(time.Minute)
		synctest.Wait()
	}
	h.fuse.set(0)
	h.say("crash after %d commits, for %s", commits, down.Round(time.Minute))
	time.Sleep(time.Duration(h.chance.Int64N(int64(inVain))))
	h.stop()
	h.fuse.repair()
	time.Sleep(down)
	h.start()
	synctest.Wait()
}
