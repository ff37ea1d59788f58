package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// refusal says to the one who sent a command why it is not carried out.
type refusal struct{ why string }

func (r refusal) Error() string { return r.why }

func refuse(format string, args ...any) error { return refusal{fmt.Sprintf(format, args...)} }

// obey carries out the commands that have been sent. On an errand that is only
// the one this process came for.
func (e *engine) obey(ctx context.Context, now time.Time) error {
	var pending []store.Command
	err := e.store.View(ctx, func(tx *store.Tx) (err error) {
		pending, err = tx.Commands()
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range pending {
		if e.only != nil && e.only.command != c.ID {
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
	err := e.desk(ctx, now, func(d *desk) (err error) {
		if done, err = d.command(c, e.only != nil); err != nil {
			return err
		}
		return d.tx.Finish(c.ID, store.CommandDone, done.message, done.key(), now)
	})
	var no refusal
	if errors.As(err, &no) {
		e.log.Warn("command refused", "verb", c.Verb, "group", c.Group, "by", c.By, "why", no.why)
		return e.desk(ctx, now, func(d *desk) error {
			return d.tx.Finish(c.ID, store.CommandRefused, no.why, "", now)
		})
	}
	if err != nil {
		return err
	}
	e.log.Info("command", "verb", c.Verb, "group", c.Group, "by", c.By, "message", done.message)
	if e.only != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, key := range done.runs {
			e.only.runs[key] = true
		}
	}
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

// command carries out one command. alone says that nobody will act on the store
// once this command is done.
func (d *desk) command(c store.Command, alone bool) (outcome, error) {
	switch c.Verb {
	case store.VerbRun:
		return d.runCommand(c, alone)
	case store.VerbStop:
		return d.stopCommand(c)
	case store.VerbRetry:
		return d.retryCommand(c, alone)
	case store.VerbPause:
		return d.pauseCommand(c)
	case store.VerbResume:
		return d.resumeCommand(c)
	case store.VerbBackfill:
		return d.backfillCommand(c, alone)
	case store.VerbAdvance:
		return d.advanceCommand(c)
	default:
		return outcome{}, refuse("this release does not know the command %q", c.Verb)
	}
}

// calendar is that of a group that must be deployed.
func (d *desk) calendar(group graph.Addr) (*window.Calendar, error) {
	if cal := d.program.calendars[group]; cal != nil {
		return cal, nil
	}
	return nil, refuse("%s is not deployed; `waybill status` lists the groups that are", group)
}

// free refuses a new run of a group whose last one was left unfinished, where
// nobody would finish it.
func (d *desk) free(group graph.Addr, alone bool) error {
	if !alone {
		return nil
	}
	runs, err := d.tx.OpenRuns(group)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(runs, func(r store.Run) bool { return !expected(r) })
	if i < 0 {
		return nil
	}
	return refuse("the run %s of this group has not ended (%s) and nobody is running it: `waybill serve` goes on with it, `waybill stop %s` ends it",
		runs[i].Key, runs[i].State, runs[i].Key)
}

// errand is what a process that is not a server came for.
type errand struct {
	command int64
	runs    map[string]bool
}

// errands reports whether a run is one that this process is to see through:
// every run, for a server.
func (e *engine) errands(key string) bool {
	if e.only == nil {
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.only.runs[key]
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
		for key := range e.only.runs {
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
