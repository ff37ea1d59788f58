package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) incidentsCommand() *cobra.Command {
	var f runtimeFlags
	var closed int
	cmd := &cobra.Command{
		Use:   "incidents [DIR]",
		Short: "List what is wrong now, since when",
		Long: "An incident is of one group and one cause, such as a courier whose file is missing. It begins with\n" +
			"the first sign, goes on through any number of runs, and ends when its cause does. What is told of it,\n" +
			"the alerts of its group decide; it is here also where there are none.",
		Example: "waybill incidents\nwaybill incidents --closed 10 --json",
		Args:    positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if closed < 0 {
				return advise("Write how many to list, such as --closed 10.", "--closed %d is less than nothing", closed)
			}
			return p.with(cmd.Context(), argument(args, 0, "."), f, func(a *applied) error {
				all, err := a.Incidents(cmd.Context(), closed)
				if err != nil {
					return err
				}
				if f.asJSON {
					return writeJSON(p.stdout, api.WriteIncidents(all))
				}
				return p.printIncidents(all)
			})
		},
	}
	cmd.Flags().IntVar(&closed, "closed", 0, "list the last `n` that are over, too")
	f.add(cmd, true)
	return cmd
}

func (p *program) printIncidents(all []store.Incident) error {
	t := table{head: []string{"SINCE", "UNTIL", "RUNS", "INCIDENT", "WHAT"}}
	for _, i := range all {
		until := cell{text: utc(i.ClosedAt)}
		if i.ClosedAt.IsZero() {
			until = cell{"open", func(s string) string { return p.paint(p.stdout, red, s) }}
		}
		t.cells(cell{text: utc(i.OpenedAt)}, until, cell{text: fmt.Sprint(i.Runs)}, cell{text: i.Key()}, cell{text: i.Title + ". " + i.Message})
	}
	if len(t.rows) == 0 {
		_, err := fmt.Fprintln(p.stdout, "Nothing is wrong: no incident is open.")
		return err
	}
	return t.write(p.stdout)
}
