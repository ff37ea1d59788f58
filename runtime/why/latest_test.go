package why_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

// noon is when the tests are.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// run is one of the day that many days ago, over so many minutes after noon.
func run(key, kind, state string, days, minutes int) store.Run {
	r := store.Run{Key: key, Group: "courier_group.daily", Kind: kind, State: state, CreatedAt: noon.AddDate(0, 0, -days)}
	if kind != store.KindAdHoc {
		r.ScheduledAt = noon.AddDate(0, 0, -days)
	}
	if store.Ended(state) {
		r.EndedAt = noon.Add(time.Duration(minutes) * time.Minute)
	}
	return r
}

// given is what a piece was asked for whose backfill has --from.
const given = `{"piece": {"start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z"}}`

// piece is one of a backfill, of the day that many days ago.
func piece(name, state string, days int, request string) store.Run {
	r := run("", store.KindBackfill, state, days, 0)
	r.Key = graph.RunKey(r.Group, r.ScheduledAt.Format(time.RFC3339)) + "-backfill-" + name
	if request != "" {
		r.Request = json.RawMessage(request)
	}
	return r
}

// among lists runs as the store does: those of a filter, the newest tick first.
func among(all []store.Run) why.Lister {
	return func(f store.RunFilter) (found []store.Run, err error) {
		for _, r := range all {
			before := f.Before == (store.Cursor{}) || r.At().Before(f.Before.At)
			since := f.From.IsZero() || !r.At().Before(f.From)
			state := len(f.States) == 0 || slices.Contains(f.States, r.State)
			if before && since && state && (f.Kind == "" || f.Kind == r.Kind) && (f.Group == "" || f.Group == r.Group) {
				found = append(found, r)
			}
		}
		slices.SortFunc(found, func(a, b store.Run) int { return b.At().Compare(a.At()) })
		if f.Limit > 0 {
			found = found[:min(len(found), f.Limit)]
		}
		return found, nil
	}
}

func TestLastEnded(t *testing.T) {
	t.Parallel()
	var many []store.Run
	for day := range 600 {
		many = append(many, run("tick", store.KindScheduled, store.Succeeded, day, -1440*day))
	}
	for _, c := range []struct {
		name string
		runs []store.Run
		want string // empty: none
	}{
		{"none", nil, ""},
		{"only what is to come", []store.Run{run("next", store.KindScheduled, store.Scheduled, -1, 0)}, ""},
		{"the newest", []store.Run{run("b", store.KindScheduled, store.Succeeded, 1, 2), run("a", store.KindScheduled, store.Failed, 2, 1)}, "b"},
		{"a backfill of old ticks", []store.Run{run("b", store.KindScheduled, store.Succeeded, 1, 1), run("a", store.KindBackfill, store.Failed, 400, 2)}, "a"},
		{"a backfill behind many ticks", append(many, run("a", store.KindBackfill, store.Failed, 900, 2)), "a"},
		{"one that was tried again", []store.Run{run("b", store.KindScheduled, store.Failed, 1, 1), run("a", store.KindAdHoc, store.Stopped, 5, 2)}, "a"},
		{"not one that was skipped", []store.Run{run("b", store.KindScheduled, store.Skipped, 1, 2), run("a", store.KindScheduled, store.Failed, 2, 1)}, "a"},
		{"unless that is all", []store.Run{run("b", store.KindScheduled, store.Canceled, 1, 2)}, "b"},
	} {
		got, found, err := why.LastEnded(among(c.runs), "courier_group.daily")
		if err != nil || got.Key != c.want || found != (c.want != "") {
			t.Errorf("%s: %q, %t, %v; want %q", c.name, got.Key, found, err, c.want)
		}
	}
}

func TestOvertaken(t *testing.T) {
	t.Parallel()
	failed := run("a", store.KindScheduled, store.Failed, 5, 0)
	for _, c := range []struct {
		name  string
		r     store.Run
		other store.Run
		want  bool
	}{
		{"a later one has it", failed, run("b", store.KindScheduled, store.Succeeded, 1, 1), true},
		{"a later one is at it", failed, run("b", store.KindScheduled, store.Running, 1, 1), true},
		{"a later one failed, too", failed, run("b", store.KindScheduled, store.Failed, 1, 1), false},
		{"a later one is blocked", failed, run("b", store.KindScheduled, store.Blocked, 1, 1), false},
		{"an earlier one", failed, run("b", store.KindScheduled, store.Succeeded, 6, 1), false},
		{"somebody asked for the later one", failed, run("b", store.KindAdHoc, store.Succeeded, 1, 1), false},
		{"a later piece of its backfill", piece("x", store.Failed, 5, ""), piece("x", store.Succeeded, 1, ""), true},
		{"a piece of another backfill", piece("x", store.Failed, 5, ""), piece("y", store.Succeeded, 1, ""), false},
		{"a piece that was given its range", piece("x", store.Failed, 5, given), piece("x", store.Succeeded, 1, given), false},
		{"somebody asked for it", run("a", store.KindAdHoc, store.Failed, 5, 0), run("b", store.KindScheduled, store.Succeeded, 1, 1), false},
	} {
		by, found, err := why.Overtaken(among([]store.Run{c.r, c.other}), c.r)
		if err != nil || found != c.want || found && by.Key != c.other.Key {
			t.Errorf("%s: %q, %t, %v; want %t", c.name, by.Key, found, err, c.want)
		}
	}
}
