package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) backfillCommand() *cobra.Command {
	var f runtimeFlags
	var detach bool
	var what runtime.BackfillArgs
	cmd := &cobra.Command{
		Use:   "backfill GROUP [DIR]",
		Short: "Work off data that is left behind, in pieces of a period each",
		Long: "Loads from the watermark, or from --from, up to the newest tick; what comes after the couriers\n" +
			"runs once, at the end. It ends the wait of a run that is blocked by max_range. It watches every\n" +
			"piece, unless --detach leaves that to the process that serves.",
		Example: "waybill backfill daily\nwaybill backfill daily --courier orders --from 2026-06-01",
		Args:    positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
				g, err := a.group(args[0])
				if err != nil {
					return err
				}
				if what.Courier != "" {
					if err := knownCouriers(g, []string{what.Courier}); err != nil {
						return err
					}
				}
				c := store.Command{Verb: store.VerbBackfill, Group: g.Addr}
				if detach {
					return p.detach(cmd.Context(), a, c, what, f.asJSON)
				}
				return p.carryOut(cmd, a, c, what, f.asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&what.Courier, "courier", "", "only this `courier` of the group")
	cmd.Flags().StringVar(&what.From, "from", "", "start at this `date`, before the watermark, which stays; versions that landed are left out")
	detachFlag(cmd, &detach)
	f.add(cmd, true)
	return cmd
}

// knownCouriers refuses names that are no couriers of the group.
func knownCouriers(g *graph.Group, names []string) error {
	for _, name := range names {
		if g.Member(name) != nil {
			continue
		}
		var members []string
		for _, m := range g.Members {
			members = append(members, m.Name)
		}
		return advise("It has: "+strings.Join(members, ", ")+".", "%s has no courier %q.%s", g.Addr, name, didYouMean(name, members, ""))
	}
	return nil
}
