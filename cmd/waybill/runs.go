package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
)

// runsFlags selects runs.
type runsFlags struct {
	runtimeFlags
	states                []string
	kind                  string
	runType               string
	cursor                string
	from, until           string
	endedFrom, endedUntil string
	limit                 int
}

// allStates, allKinds and allTypes are what --state, --kind and --run-type take.
var (
	allStates = store.RunMachine().Names()
	allKinds  = []string{store.KindScheduled, store.KindAdHoc, store.KindBackfill}
	allTypes  = []string{graph.RunFull, graph.RunRefresh, graph.RunSource}
)

func (p *program) runsCommand() *cobra.Command {
	var f runsFlags
	cmd := &cobra.Command{
		Use:   "runs [GROUP] [DIR]",
		Short: "List runs, the newest first",
		Long: "With one argument that is a workspace, it lists the runs of all its groups.\n" +
			"Runs that are still to come are listed with --state scheduled. --json has next where there may be\n" +
			"more: --cursor goes on from there.",
		Example: "waybill runs\nwaybill runs daily --state failed --limit 5\n" +
			"waybill runs daily --from 2026-11-01 --until 2026-12-01 --json",
		Args: positional(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.limit < 0 {
				return advise("Write how many to list, such as --limit 20, or 0 for all.", "--limit %d is less than nothing", f.limit)
			}
			group, dir := argument(args, 0, ""), argument(args, 1, ".")
			if len(args) == 1 && len(hclFiles(p.path(group))) > 0 {
				group, dir = "", group
			}
			return p.with(cmd.Context(), dir, f.runtimeFlags, func(a *applied) error {
				runs, err := p.listRuns(cmd.Context(), a, group, f)
				if err != nil {
					return err
				}
				next := ""
				if f.limit > 0 && len(runs) == f.limit {
					next = api.WriteCursor(runs[len(runs)-1].Cursor())
				}
				if f.asJSON {
					return writeJSON(p.stdout, struct {
						Runs []store.Run `json:"runs"`
						Next string      `json:"next,omitempty"` // what --cursor takes to go on
					}{runs, next})
				}
				return p.printRuns(runs)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.states, "state", nil, "only runs in this `state`; may be repeated")
	flags.StringVar(&f.kind, "kind", "", "only runs of this `kind`: scheduled, adhoc or backfill")
	flags.StringVar(&f.runType, "run-type", "", "only runs of this `type`: full, refresh or source")
	flags.StringVar(&f.cursor, "cursor", "", "go on behind a list: the `text` of its next")
	flags.StringVar(&f.from, "from", "", "only runs scheduled, or asked for, at or after this `time`")
	flags.StringVar(&f.until, "until", "", "only runs scheduled, or asked for, before this `time`")
	flags.StringVar(&f.endedFrom, "ended-from", "", "only runs that ended at or after this `time`")
	flags.StringVar(&f.endedUntil, "ended-until", "", "only runs that ended before this `time`")
	flags.IntVar(&f.limit, "limit", 20, "list at most this many; 0: all")
	f.add(cmd, true)
	return cmd
}

// filter is the question in the store's terms.
func (f runsFlags) filter(a *applied, group string) (store.RunFilter, error) {
	filter := store.RunFilter{States: f.states, Kind: f.kind, RunType: f.runType}
	for _, state := range f.states {
		if err := oneOf("--state", state, allStates); err != nil {
			return filter, err
		}
	}
	if err := oneOf("--kind", f.kind, allKinds); err != nil {
		return filter, err
	}
	if err := oneOf("--run-type", f.runType, allTypes); err != nil {
		return filter, err
	}
	if f.cursor != "" {
		before, err := api.ReadCursor(f.cursor)
		if err != nil {
			return filter, fmt.Errorf("--cursor %s: %w", f.cursor, err)
		}
		filter.Before = before
	}
	zoneName := "UTC"
	if group != "" {
		g, err := a.group(group)
		if err != nil {
			return filter, err
		}
		filter.Group, zoneName = g.Addr, g.Timezone
	}
	zone, err := cron.LoadZone(zoneName)
	if err != nil {
		return filter, err
	}
	for _, bound := range []struct {
		flag, text string
		at         *time.Time
	}{
		{"--from", f.from, &filter.From}, {"--until", f.until, &filter.Until},
		{"--ended-from", f.endedFrom, &filter.EndedFrom}, {"--ended-until", f.endedUntil, &filter.EndedUntil},
	} {
		if bound.text == "" {
			continue
		}
		if *bound.at, err = parseTime(bound.flag, bound.text, zone); err != nil {
			return filter, err
		}
	}
	return filter, nil
}

// listRuns reads pages until it has what was asked for. Runs to come are left
// out unless their state was asked for.
func (p *program) listRuns(ctx context.Context, a *applied, group string, f runsFlags) ([]store.Run, error) {
	filter, err := f.filter(a, group)
	if err != nil {
		return nil, err
	}
	const page = 500
	filter.Limit = page
	runs := []store.Run{}
	for {
		found, err := a.Runs(ctx, filter)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if len(f.states) == 0 && found[i].Expected() {
				continue
			}
			runs = append(runs, found[i])
			if len(runs) == f.limit {
				return runs, nil
			}
		}
		if len(found) < page {
			return runs, nil
		}
		filter.Before = found[len(found)-1].Cursor()
	}
}

func (p *program) printRuns(runs []store.Run) error {
	if len(runs) == 0 {
		_, err := fmt.Fprintln(p.stdout, "There are no such runs.")
		return err
	}
	t := table{head: []string{"RUN", "KIND", "STATE", "STARTED", "TOOK", "NOTE"}}
	for i := range runs {
		r := &runs[i]
		t.cells(cell{text: graph.ShortRun(r.Key)}, cell{text: r.Kind}, p.stateCell(r.State), cell{text: utc(r.StartedAt)},
			cell{text: p.runTook(r)}, cell{text: runNote(r)})
	}
	return t.write(p.stdout)
}

// runTook is how long a run took, or has taken so far.
func (p *program) runTook(r *store.Run) string {
	switch {
	case r.StartedAt.IsZero():
		return "-"
	case r.EndedAt.IsZero():
		return took(r.StartedAt, p.now().Truncate(time.Second)) + " …"
	}
	return took(r.StartedAt, r.EndedAt)
}

// runNote is what is worth knowing of a run besides its state.
func runNote(r *store.Run) string {
	switch {
	case r.Message != "":
		return r.Message
	case r.Into != "":
		return "its data was read by " + graph.ShortRun(r.Into)
	case r.Attempt > 1:
		return fmt.Sprintf("attempt %d", r.Attempt)
	case r.By != "":
		return "by " + r.By
	}
	return ""
}
