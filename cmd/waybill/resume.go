package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) resumeCommand() *cobra.Command {
	return p.holdCommand(&cobra.Command{
		Use:     "resume GROUP [DIR]",
		Short:   "Lift a pause",
		Long:    "What fell due meanwhile runs as the group's catch_up says.",
		Example: "waybill resume daily",
	}, store.VerbResume, p.nextRun)
}

// nextRun says when a group runs next by itself, and who has to serve for that.
func (p *program) nextRun(ctx context.Context, a *applied, g *graph.Group) (string, error) {
	if g.Schedule == "" || !g.Active {
		return "Its schedule starts no runs: '" + waybillIn("run "+g.Addr.Typed(), a.dir) + "' runs it now.", nil
	}
	now, err := a.Standing(ctx)
	if err != nil {
		return "", err
	}
	zone, err := cron.LoadZone(g.Timezone)
	if err != nil {
		return "", err
	}
	text := ""
	for _, e := range now.Expected {
		if e.Group == g.Addr {
			text = "Its next run is due at " + clock(e.At, zone) + "."
		}
	}
	_, held, err := a.Holder(ctx)
	if !held {
		text += " Nobody serves: '" + waybillIn("serve", a.dir) + "' runs what is due."
	}
	return strings.TrimSpace(text), err
}
