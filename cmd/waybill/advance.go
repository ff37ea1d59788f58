package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) advanceCommand() *cobra.Command {
	var f runtimeFlags
	var what runtime.AdvanceArgs
	cmd := &cobra.Command{
		Use:   "advance GROUP [DIR] --to TIME --reason TEXT",
		Short: "Move a group's watermarks on, past data that will not come",
		Long: "For data that will never come, or that was loaded in another way. It is recorded with who and why.\n" +
			"TIME is in data time: 2026-11-20T00:00:00Z, or 2026-11-20 on the clocks of the group's file dates.",
		Example: "waybill advance daily --to 2026-11-20 --reason 'the partner was closed'",
		Args:    positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, f := range []struct{ name, value string }{{"--to", what.To}, {"--reason", what.Reason}} {
				if strings.TrimSpace(f.value) == "" {
					return advise("Usage: "+cmd.UseLine(), "waybill advance needs %s", f.name)
				}
			}
			return p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
				g, err := a.group(args[0])
				if err != nil {
					return err
				}
				zone, err := cron.LoadZone(g.FileDates)
				if err != nil {
					return err
				}
				to, err := parseTime("--to", what.To, zone)
				if err != nil {
					return err
				}
				what.To = to.UTC().Format(time.RFC3339)
				c, err := p.do(cmd, a, store.Command{Verb: store.VerbAdvance, Group: g.Addr}, what, nil)
				if err != nil {
					return err
				}
				return p.answer(c, fmt.Sprintf("The watermarks of %s stand at %s.", g.Addr, what.To), "", f.asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&what.To, "to", "", "the `time` to move them to")
	cmd.Flags().StringVar(&what.Reason, "reason", "", "why, for the record")
	f.add(cmd, true)
	return cmd
}
