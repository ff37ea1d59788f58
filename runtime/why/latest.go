package why

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// Lister lists runs: a transaction of the store does, and what asks a server.
type Lister func(store.RunFilter) ([]store.Run, error)

var (
	badStates  = []string{store.Failed, store.Stopped}
	overStates = append([]string{store.Succeeded, store.SucceededWithWarnings}, badStates...)
	leftStates = []string{store.Skipped, store.Canceled} // of runs that were never carried out
)

// LastEnded finds the run of a group that ended last; one that was carried out
// before any that was skipped or canceled. It need not be the one of the newest
// tick: a backfill works off old ones.
func LastEnded(list Lister, group graph.Addr) (r store.Run, found bool, err error) {
	for _, states := range [][]string{overStates, leftStates} {
		runs, err := lately(list, group, states)
		switch {
		case err != nil:
			return r, false, err
		case len(runs) > 0:
			return runs[0], true, nil
		}
	}
	return r, false, nil
}

// EndedBadly lists the runs of a group that failed or were stopped, the one that
// ended last first.
func EndedBadly(list Lister, group graph.Addr) ([]store.Run, error) {
	return lately(list, group, badStates)
}

// recentRuns is how many runs of a group are looked at, by their ticks. Of those
// behind them only the pieces of backfills are.
const recentRuns = 500

// lately lists runs of a group that are over, the one that ended last first.
func lately(list Lister, group graph.Addr, states []string) ([]store.Run, error) {
	runs, err := list(store.RunFilter{Group: group, States: states, Limit: recentRuns})
	if err != nil {
		return nil, err
	}
	if len(runs) == recentRuns {
		older, err := pieces(list, store.RunFilter{Group: group, States: states, Before: runs[recentRuns-1].Cursor()})
		if err != nil {
			return nil, err
		}
		runs = append(runs, older...)
	}
	slices.SortStableFunc(runs, func(a, b store.Run) int {
		return cmp.Or(b.EndedAt.Compare(a.EndedAt), cmp.Compare(b.Queue, a.Queue))
	})
	return runs, nil
}

// pieces lists the runs of backfills that a filter selects. Most stores have none
// at all, which costs less to find out.
func pieces(list Lister, f store.RunFilter) ([]store.Run, error) {
	f.Kind = store.KindBackfill
	some, err := list(store.RunFilter{Kind: f.Kind, Limit: 1})
	if err != nil || len(some) == 0 {
		return nil, err
	}
	return list(f)
}

// Overtaken finds the later run that has the data of a run that failed, or that is
// at it, so that trying the failed one again loads nothing: scheduled runs, and the
// pieces of one backfill, read on from where the couriers stand.
func Overtaken(list Lister, r store.Run) (by store.Run, found bool, err error) {
	reads, err := readsOn(r)
	if err != nil || !reads {
		return by, false, err
	}
	later, err := list(store.RunFilter{
		Group: r.Group, Kind: r.Kind, From: r.ScheduledAt.Add(time.Second),
		States: []string{store.Succeeded, store.SucceededWithWarnings, store.Waiting, store.Running, store.Finalizing},
	})
	for _, l := range later {
		if r.Kind == store.KindScheduled || afterTick(l) == afterTick(r) {
			return l, true, err
		}
	}
	return by, false, err
}

// readsOn reports whether a run began where its couriers stood: any but those that
// were asked for a range.
func readsOn(r store.Run) (bool, error) {
	var req scene.Request
	if r.Kind == store.KindBackfill {
		if err := store.Parse(r.Request, &req); err != nil {
			return false, err
		}
	}
	return r.Kind != store.KindAdHoc && req.Piece.Empty(), nil
}

// afterTick is what stands behind the tick in the key of a run: of a piece the name
// that it shares with the others of its backfill.
func afterTick(r store.Run) string {
	_, name, _ := strings.Cut(r.Key, words.Stamp(r.ScheduledAt))
	return name
}
