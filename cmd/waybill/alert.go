package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
)

// alertCommand is the commands about alerts.
func (p *program) alertCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "alert",
		Short:   "Try out alerts, or list them with the messages that wait",
		Example: "waybill alert test\nwaybill alert list",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(p.alertTestCommand(), p.alertListCommand())
	return cmd
}

func (p *program) alertTestCommand() *cobra.Command {
	var vars inputs
	cmd := &cobra.Command{
		Use:   "test [ALERT] [DIR]",
		Short: "Send a test message through each alert, and say what was answered",
		Long: "Sends through the alerts as they are written in the workspace, applied or not, from this machine and\n" +
			"with the secrets that are set here; those of a running 'waybill serve' may differ. ALERT is the name\n" +
			"of one, such as data_ops or alert.slack.data_ops. The exit code is 1 where one could not be reached.",
		Example: "waybill alert test\nwaybill alert test data_ops",
		Args:    positional(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, dir := argument(args, 0, ""), argument(args, 1, ".")
			if len(args) == 1 && len(hclFiles(p.path(name))) > 0 {
				name, dir = "", name
			}
			return p.testAlerts(cmd.Context(), name, dir, vars)
		},
	}
	varFlags(cmd, &vars)
	return cmd
}

func (p *program) testAlerts(ctx context.Context, name, dir string, vars inputs) error {
	w, err := p.load(dir, vars)
	if err != nil {
		return err
	}
	if w.graph == nil {
		p.printDiagnostics(w.problems, w.sources)
		return advise("Correct them first.", "the workspace has %s", graph.Count(w.problems.Count(diag.Error), "error"))
	}
	chosen, err := chooseAlerts(w.graph, name)
	if err != nil {
		return err
	}
	failed := 0
	for _, a := range chosen {
		answer, err := runtime.TryAlert(ctx, w.dir, w.graph, a, p.actor())
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		text := p.paint(p.stdout, green, "sent") + ", " + answer
		if err != nil {
			failed++
			text = p.paint(p.stdout, red, "failed") + ", " + err.Error()
		}
		if _, err := fmt.Fprintf(p.stdout, "%s: %s\n", a.Addr, text); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("of %s, %d could not be reached", graph.Count(len(chosen), "alert"), failed)
	}
	return nil
}

// chooseAlerts finds the alert of a name, or all where there is none.
func chooseAlerts(g *graph.Graph, name string) (chosen []*graph.Alert, err error) {
	var names []string
	for i := range g.Alerts {
		a := &g.Alerts[i]
		names = append(names, a.Addr.Name())
		if full := string(a.Addr); name == "" || name == full || name == a.Addr.Name() || name == strings.TrimPrefix(full, graph.KindAlert+".") {
			chosen = append(chosen, a)
		}
	}
	switch {
	case len(names) == 0:
		return nil, advise("Write one: alert \"slack\" \"data_ops\" { webhook = secret.slack }.", "the workspace has no alerts")
	case len(chosen) == 0:
		return nil, advise("There are: "+strings.Join(names, ", ")+".", "there is no alert %q.%s", name, didYouMean(name, names, ""))
	}
	return chosen, nil
}

func (p *program) alertListCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:     "list [DIR]",
		Short:   "List the alerts that are applied, with the messages that wait for them",
		Example: "waybill alert list\nwaybill alert list --json",
		Args:    positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd.Context(), argument(args, 0, "."), f, func(a *applied) error {
				all, err := a.Alerts(cmd.Context())
				if err != nil {
					return err
				}
				if f.asJSON {
					return writeJSON(p.stdout, api.Alerts{Alerts: all})
				}
				return p.printAlerts(all)
			})
		},
	}
	f.add(cmd, true)
	return cmd
}

func (p *program) printAlerts(all []store.AlertStanding) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(p.stdout, "No alerts are applied.")
		return err
	}
	t := table{head: []string{"ALERT", "WAITING", "SINCE", "NOTE"}}
	for _, s := range all {
		since, note := "-", ""
		if !s.Oldest.IsZero() {
			since = utc(s.Oldest)
		}
		switch {
		case s.Error != "":
			note = fmt.Sprintf("again at %s: %s", utc(s.Next), s.Error)
		case !s.Held.IsZero():
			note = "held until " + utc(s.Held)
		}
		t.row(string(s.Alert), fmt.Sprint(s.Waiting), since, note)
	}
	return t.write(p.stdout)
}
