package runtime

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// token names an ad hoc run whose sender gave it no name.
func token() string { return "adhoc-" + strings.ToLower(rand.Text()[:8]) }

// runCommand queues an ad hoc run.
func (d *desk) runCommand(c store.Command) (outcome, error) {
	cal, err := d.calendar(c.Group)
	if err != nil {
		return outcome{}, err
	}
	var args RunArgs
	if err := readArgs(c, &args); err != nil {
		return outcome{}, err
	}
	if err := d.members(cal.Group(), args.Couriers); err != nil {
		return outcome{}, err
	}
	if args.SLA && cal.Group().SLA == 0 {
		return outcome{}, refuse("%s has no sla that --sla could hold the run to", c.Group)
	}
	adhoc, err := cal.AdHoc(args.Ask(d.program.NeedsNoRange(cal.Group(), args.Couriers)), d.now)
	var no *window.AskError
	if errors.As(err, &no) {
		return outcome{}, refuse("%s", no.Error())
	}
	if err != nil {
		return outcome{}, err
	}
	if err := d.free(c.Group); err != nil {
		return outcome{}, err
	}
	name := c.Token
	if name == "" {
		name = token()
	}
	if _, err := time.Parse(time.RFC3339, name); err == nil {
		return outcome{}, refuse("the token %s reads as the time of a scheduled run, whose key it would take; give another --token", name)
	}
	r := d.queued(c, store.KindAdHoc, graph.RunKey(c.Group, name))
	r.Request = store.Document(scene.Request{Args: args, AdHoc: adhoc})
	if args.LoadOnly {
		r.RunType = graph.RunSource
	}
	if err := d.queue(r, "asked for by "+c.By); err != nil {
		return outcome{}, err
	}
	return outcome{runs: []string{r.Key}, message: "queued " + r.Key}, nil
}

// members refuses names that are not couriers of the group.
func (d *desk) members(g *graph.Group, names []string) error {
	for _, n := range names {
		if g.Member(n) == nil {
			var known []string
			for _, m := range g.Members {
				known = append(known, m.Name)
			}
			return refuse("%s has no courier %q; it has %s", g.Addr, n, strings.Join(known, ", "))
		}
	}
	return nil
}

// queued is the row of a run that somebody asked for.
func (d *desk) queued(c store.Command, kind, key string) store.Run {
	return store.Run{
		Key: key, Group: c.Group, Kind: kind, State: store.Waiting, Keep: true, Serial: d.serial,
		Digest: d.program.Digest, Attempt: 1, RunType: d.program.Group(c.Group).RunType, By: c.By, CreatedAt: d.now,
	}
}

// queue puts a run that was asked for into the queue of its group.
func (d *desk) queue(r store.Run, why string) error {
	if known, found, err := d.tx.Run(r.Key); err != nil {
		return err
	} else if found && r.Attempt == 1 {
		return refuse("a run %s exists already (%s); give another --token", r.Key, known.State)
	}
	var err error
	if r.Queue, err = d.tx.NextQueue(); err != nil {
		return err
	}
	if err := d.tx.PutRun(r); err != nil {
		return err
	}
	if err := note(d.tx, d.now, r.Key, "", EventQueued, "%s", why); err != nil {
		return err
	}
	d.errand.claim(r.Key)
	return d.step(r.Group, window.Asked{Key: r.Key})
}

// stopCommand ends one run, or all open runs of a group.
func (d *desk) stopCommand(c store.Command) (outcome, error) {
	var args StopArgs
	if err := readArgs(c, &args); err != nil {
		return outcome{}, err
	}
	keys := []string{args.Run}
	if args.Run == "" {
		runs, err := d.tx.OpenRuns(c.Group)
		if err != nil {
			return outcome{}, err
		}
		keys = nil
		for _, r := range slices.Backward(runs) { // the queue first, so that nothing begins meanwhile
			if !r.Expected() {
				keys = append(keys, r.Key)
			}
		}
		if len(keys) == 0 {
			return outcome{}, refuse("%s has no run to stop", c.Group)
		}
	}
	for _, key := range keys {
		r, found, err := d.tx.Run(key)
		switch {
		case err != nil:
			return outcome{}, err
		case !found:
			return outcome{}, refuse("there is no run %s; `waybill runs` lists them", key)
		case store.Ended(r.State):
			return outcome{}, refuse("the run %s has ended (%s)", key, r.State)
		case r.Expected():
			return outcome{}, refuse("the run %s has not begun; `waybill pause %s` holds the schedule", key, r.Group.Name())
		}
		d.errand.claim(key)
		if err := d.stopRun(key, "stopped by "+c.By); err != nil {
			return outcome{}, err
		}
	}
	return outcome{runs: keys, message: "stopping " + strings.Join(keys, ", ")}, nil
}

// pauseCommand holds the schedule of a group. Runs that were asked for go on.
func (d *desk) pauseCommand(c store.Command) (outcome, error) {
	if _, err := d.calendar(c.Group); err != nil {
		return outcome{}, err
	}
	if p, paused, err := d.tx.Paused(c.Group); err != nil {
		return outcome{}, err
	} else if paused {
		return outcome{}, refuse("%s is paused already, by %s since %s", c.Group, p.By, words.Stamp(p.At))
	}
	if err := d.tx.SetPause(graph.Pause{Group: c.Group, By: c.By, At: d.now}); err != nil {
		return outcome{}, err
	}
	err := note(d.tx, d.now, "", string(c.Group), EventPaused, "paused by %s", c.By)
	return outcome{message: string(c.Group) + " is paused"}, err
}

// resumeCommand lets the schedule of a group go on: the ticks that it has missed
// are taken as its catch_up says, and one that waits begins. An errand leaves
// that to a server.
func (d *desk) resumeCommand(c store.Command) (outcome, error) {
	if _, paused, err := d.tx.Paused(c.Group); err != nil {
		return outcome{}, err
	} else if !paused {
		return outcome{}, refuse("%s is not paused", c.Group)
	}
	if err := d.tx.ClearPause(c.Group); err != nil {
		return outcome{}, err
	}
	if err := note(d.tx, d.now, "", string(c.Group), EventResumed, "resumed by %s", c.By); err != nil {
		return outcome{}, err
	}
	done := outcome{message: string(c.Group) + " goes on"}
	if d.errand != nil {
		return done, nil
	}
	return done, d.step(c.Group, window.Resumed{Now: d.now})
}
