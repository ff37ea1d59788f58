package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

func (p *program) validateCommand() *cobra.Command {
	var asJSON, notes bool
	var format string
	var vars inputs
	cmd := &cobra.Command{
		Use:   "validate [DIR]",
		Short: "Check a workspace and report every problem in it",
		Long: "Reads the .hcl and .hcl.json files of the directory and values of variables, and nothing else:\n" +
			"no store, no network. Exit code 0 means that it has no errors; it may have warnings.\n\n" +
			"In GitHub Actions problems become annotations of the changed lines, errors first.\n" +
			"File names of --format github and sarif begin at the root of the repository.",
		Example: "waybill validate\nwaybill validate examples/quickstart --var env=prod\nwaybill validate --json\n" +
			"waybill validate --format compact           # file:line:col: severity: message\n" +
			"waybill validate --format sarif > waybill.sarif",
		Args: positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			format, err := p.problemFormat(format, asJSON)
			if err != nil {
				return err
			}
			w, err := p.load(argument(args, 0, "."), vars)
			if err != nil {
				return err
			}
			if asJSON {
				err = diag.WriteJSON(asIs(p.stdout), w.problems, w.sources)
			} else if err = p.writeProblems(p.stdout, format, w.problems, w, notes); err == nil && format == formatText {
				err = p.printVerdict(w.problems)
			}
			switch {
			case err != nil:
				return err
			case w.problems.HasErrors():
				return said(exitError)
			}
			return interrupted(cmd)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	formatFlag(cmd, &format)
	notesFlag(cmd, &notes)
	varFlags(cmd, &vars)
	return cmd
}

// printVerdict says in one line how the check went.
func (p *program) printVerdict(l diag.List) error {
	errors, warnings := l.Count(diag.Error), l.Count(diag.Warning)
	verdict := p.paint(p.stdout, green, "The workspace is valid.")
	switch {
	case errors > 0 && warnings > 0:
		verdict = p.paint(p.stdout, red, fmt.Sprintf("The workspace has %s and %s.", graph.Count(errors, "error"), graph.Count(warnings, "warning")))
	case errors > 0:
		verdict = p.paint(p.stdout, red, fmt.Sprintf("The workspace has %s.", graph.Count(errors, "error")))
	case warnings > 0:
		verdict = p.paint(p.stdout, green, "The workspace is valid,") + fmt.Sprintf(" with %s.", graph.Count(warnings, "warning"))
	}
	_, err := fmt.Fprintln(p.stdout, verdict)
	return err
}
