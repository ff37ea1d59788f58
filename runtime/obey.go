package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// refusal says to the one who sent a command why it is not carried out.
type refusal struct{ why string }

func (r refusal) Error() string { return r.why }

func refuse(format string, args ...any) error { return refusal{fmt.Sprintf(format, args...)} }

// obey carries out commands that have been sent. On an errand these are the one
// this process came for, and those that stop what it works on.
func (e *engine) obey(ctx context.Context, now time.Time, pending []store.Command) error {
	for _, c := range pending {
		if !e.only.concerns(c) {
			continue
		}
		if err := e.carryOut(ctx, now, c); err != nil {
			return fmt.Errorf("command %d (%s): %w", c.ID, c.Verb, err)
		}
	}
	return nil
}

// carryOut carries one command out, or writes why not.
func (e *engine) carryOut(ctx context.Context, now time.Time, c store.Command) error {
	var done outcome
	err := guard(func() error {
		return e.desk(ctx, now, func(d *desk) (err error) {
			if done, err = d.command(c); err != nil {
				return err
			}
			return d.tx.Finish(c.ID, store.CommandDone, done.message, done.key(), now)
		})
	})
	var no refusal
	var broken *defect
	if errors.As(err, &broken) {
		e.log.Error("Waybill broke over a command, which is refused", "verb", c.Verb, "group", c.Group, "panic", broken.value, "stack", string(broken.stack))
		err = refusal{broken.why()}
	}
	if errors.As(err, &no) {
		e.log.Warn("command refused", "verb", c.Verb, "group", c.Group, "by", c.By, "why", no.why)
		return e.desk(ctx, now, func(d *desk) error {
			return d.tx.Finish(c.ID, store.CommandRefused, no.why, "", now)
		})
	}
	if err != nil {
		return err
	}
	e.ticks.forget() // a pause may be over
	signal(e.rescheduled)
	e.log.Info("command", "verb", c.Verb, "group", c.Group, "by", c.By, "message", done.message)
	return nil
}

// outcome is what a command has come to: the runs that it made or touched, and
// a sentence.
type outcome struct {
	runs    []string
	message string
}

// key is the run that is named with the command: the last of them.
func (o outcome) key() string {
	if len(o.runs) == 0 {
		return ""
	}
	return o.runs[len(o.runs)-1]
}

// readArgs reads the arguments of a command, which another release may have
// sent.
func readArgs(c store.Command, into any) error {
	if err := store.Parse(c.Args, into); err != nil {
		return refuse("this release cannot read the arguments of the command %q: %s", c.Verb, err)
	}
	return nil
}

// command carries out one command.
func (d *desk) command(c store.Command) (outcome, error) {
	switch c.Verb {
	case store.VerbRun:
		return d.runCommand(c)
	case store.VerbStop:
		return d.stopCommand(c)
	case store.VerbRetry:
		return d.retryCommand(c)
	case store.VerbRestart:
		return d.restartCommand(c)
	case store.VerbSkip:
		return d.skipCommand(c)
	case store.VerbIgnore:
		return d.ignoreCommand(c)
	case store.VerbPause:
		return d.pauseCommand(c)
	case store.VerbResume:
		return d.resumeCommand(c)
	case store.VerbBackfill:
		return d.backfillCommand(c)
	case store.VerbAdvance:
		return d.advanceCommand(c)
	default:
		return outcome{}, refuse("this release does not know the command %q", c.Verb)
	}
}

// calendar is that of a group that must be deployed.
func (d *desk) calendar(group graph.Addr) (*window.Calendar, error) {
	if cal := d.program.Calendars[group]; cal != nil {
		return cal, nil
	}
	return nil, refuse("%s is not deployed; `waybill status` lists the groups that are", group)
}

// free refuses a new run of a group whose last one was left unfinished, where
// nobody would finish it: on an errand.
func (d *desk) free(group graph.Addr) error {
	if d.errand == nil {
		return nil
	}
	runs, err := d.tx.OpenRuns(group)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(runs, func(r store.Run) bool { return !r.Expected() })
	if i < 0 {
		return nil
	}
	return refuse("%s", leftBehind(runs[i]))
}

// leftBehind says what can be done about a run that stands in the way of an
// errand.
func leftBehind(r store.Run) string {
	return fmt.Sprintf("the run %s of this group has not ended (%s) and nobody is running it: `waybill serve` goes on with it, `waybill stop %s` ends it",
		r.Key, r.State, r.Key)
}

// errand is what a process that is not a server came for: a command, and the
// runs that it makes or touches. A nil errand is a server's: every run.
type errand struct {
	command int64
	mu      sync.Mutex
	runs    map[string]bool
}

// claim makes a run part of the errand.
func (a *errand) claim(key string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runs[key] = true
}

// has reports whether this process is to see a run through.
func (a *errand) has(key string) bool {
	if a == nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.runs[key]
}

// concerns reports whether this process is to carry a command out.
func (a *errand) concerns(c store.Command) bool {
	if a == nil || a.command == c.ID {
		return true
	}
	ofGroup := func(key string) bool { return graph.GroupAddr(graph.OfRun(key)) == c.Group }
	return c.Verb == store.VerbStop && slices.ContainsFunc(a.keys(), ofGroup)
}

// keys are the runs of the errand.
func (a *errand) keys() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.runs))
}

// errandOver reports whether the command of an errand is finished and its runs
// have ended.
func (e *engine) errandOver(ctx context.Context) (over bool, err error) {
	if e.only == nil {
		return false, nil
	}
	err = e.store.View(ctx, func(tx *store.Tx) error {
		c, _, err := tx.Command(e.only.command)
		if err != nil || c.State == store.CommandPending || c.State == store.CommandAccepted {
			return err
		}
		for _, key := range e.only.keys() {
			r, found, err := tx.Run(key)
			if err != nil || found && !store.Ended(r.State) && r.State != store.Blocked {
				return err
			}
		}
		over = true
		return nil
	})
	return over, err
}
