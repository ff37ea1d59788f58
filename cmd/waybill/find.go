package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
	"github.com/waybill-dev/waybill/runtime/words"
)

// findRun finds a run by its key, by the beginning of its key, or by its group: the
// run of it that is under way, else one that is open, else the one that ended last.
func (a *applied) findRun(ctx context.Context, name string) (string, error) {
	group, full := graph.GroupAddr(graph.OfRun(name)), string(graph.GroupAddr(name))
	if full == string(group) {
		return a.presentRun(ctx, group)
	}
	if _, err := a.Run(ctx, full); !errors.Is(err, store.ErrNotFound) {
		return full, err
	}
	all, err := a.Runs(ctx, store.RunFilter{Group: group})
	if err != nil {
		return "", err
	}
	runs := slices.DeleteFunc(slices.Clone(all), func(r store.Run) bool { return !strings.HasPrefix(r.Key, full) })
	if len(runs) > 1 { // nobody means one that has not begun
		runs = slices.DeleteFunc(runs, func(r store.Run) bool { return r.Expected() })
	}
	var found []string
	for i := range runs {
		found = append(found, graph.ShortRun(runs[i].Key))
	}
	hint := "'" + waybillIn("runs "+group.Typed(), a.dir) + "' lists the runs."
	switch {
	case len(found) == 1:
		return string(graph.GroupAddr(found[0])), nil
	case len(found) > 1:
		return "", advise("Write more of it: "+strings.Join(found[:min(len(found), 5)], ", ")+".",
			"%q is the beginning of %d runs", name, len(found))
	case a.deployment.Graph.Group(group) == nil && len(all) == 0:
		_, err := a.group(group.Name())
		return "", err
	}
	return "", advise(hint, "there is no run %q", name)
}

// lister lists runs for questions about the latest of them.
func (a *applied) lister(ctx context.Context) why.Lister {
	return func(f store.RunFilter) ([]store.Run, error) { return a.Runs(ctx, f) }
}

// presentRun finds the run of a group that a person means.
func (a *applied) presentRun(ctx context.Context, group graph.Addr) (string, error) {
	open, found, err := a.openRun(ctx, group)
	if err != nil || found {
		return open.Key, err
	}
	last, found, err := why.LastEnded(a.lister(ctx), group)
	if err != nil || found {
		return last.Key, err
	}
	return "", a.neverRan(group)
}

// openRun finds the run of a group that is under way, else one that is blocked, else
// the first that waits.
func (a *applied) openRun(ctx context.Context, group graph.Addr) (first graph.OpenRun, found bool, err error) {
	now, err := a.Standing(ctx)
	if err != nil {
		return first, false, err
	}
	rank := func(o graph.OpenRun) int { return slices.Index([]string{store.Waiting, store.Blocked}, o.State) }
	for _, o := range now.Open {
		if o.Group == group && (!found || rank(first) == 0 && rank(o) != 0 || rank(first) > 0 && rank(o) < 0) {
			first, found = o, true
		}
	}
	return first, found, nil
}

// neverRan is the error of a group of which there is no run.
func (a *applied) neverRan(group graph.Addr) error {
	if _, err := a.group(group.Name()); err != nil {
		return err
	}
	return advise("'"+waybillIn("run "+group.Typed(), a.dir)+"' runs it now.", "%s has not run yet", group)
}

// toTryAgain finds the run of a group that a person means who wants it tried again:
// of those that failed or were stopped, the one that ended last and whose data no
// later run has.
func (a *applied) toTryAgain(ctx context.Context, group graph.Addr) (store.Run, error) {
	bad, err := why.EndedBadly(a.lister(ctx), group)
	if err != nil {
		return store.Run{}, err
	}
	var late error
	for _, r := range bad {
		by, overtaken, err := why.Overtaken(a.lister(ctx), r)
		switch {
		case err != nil:
			return r, err
		case !overtaken:
			return r, nil
		case late == nil:
			late = a.overtaken(r, by)
		}
	}
	if late != nil {
		return store.Run{}, late
	}
	return store.Run{}, a.noneFailed(ctx, group)
}

// overtaken says why a run that failed is not tried again: a later one has its data.
func (a *applied) overtaken(r, by store.Run) error {
	key, later, group := graph.ShortRun(r.Key), graph.ShortRun(by.Key), r.Group.Typed()
	if !store.Ended(by.State) {
		return advise("'"+waybillIn("why "+group, a.dir)+"' says how it goes.",
			"%s %s, and the later run %s, which is %s, reads its data", key, ended(r.State), later, words.State(by.State))
	}
	again := waybillIn("run "+group, a.dir) + " --at " + words.Stamp(r.ScheduledAt)
	return advise("'"+again+"' loads its range once more.",
		"%s %s, and the later run %s has its data: there is nothing to try again", key, ended(r.State), later)
}

// noneFailed says that a group has no run to try again, and how its present one
// stands.
func (a *applied) noneFailed(ctx context.Context, group graph.Addr) error {
	key, err := a.presentRun(ctx, group)
	if err != nil {
		return err
	}
	d, err := a.Run(ctx, key)
	if err != nil {
		return err
	}
	name := graph.ShortRun(key)
	if !store.Ended(d.Run.State) {
		return advise("'"+waybillIn("why "+graph.Typed(name), a.dir)+"' says what it waits for.",
			"no run of %s has failed or was stopped: %s is %s", group, name, words.State(d.Run.State))
	}
	hint := "'" + waybillIn("run "+group.Typed(), a.dir) + "' asks for another one."
	if a.deployment.Graph.Group(group) == nil {
		hint = "It is not applied any more."
	}
	return advise(hint, "no run of %s has failed or was stopped: the last one, %s, %s at %s", group, name, words.State(d.Run.State), utc(d.Run.EndedAt))
}
