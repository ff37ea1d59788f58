package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/diag"
)

func (p *program) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain a diagnostic code, or list them all",
		Long: "Prints what a code such as WB301 means, why it matters and what to write instead.\n" +
			"Without a code it lists every code.",
		Example: "waybill explain WB301\nwaybill explain 301\nwaybill explain",
		Args:    positional(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listCodes()
			}
			text := diag.ExplainText(args[0])
			if text == "" {
				var codes []string
				for _, e := range diag.Entries() {
					codes = append(codes, string(e.Code))
				}
				return advise("Run 'waybill explain' for the list of codes.", "there is no code %q.%s",
					args[0], didYouMean(string(diag.ParseCode(args[0])), codes, ""))
			}
			_, err := fmt.Fprint(p.stdout, text)
			return err
		},
	}
}

func (p *program) listCodes() error {
	t := table{indent: ""}
	for _, e := range diag.Entries() {
		t.row(string(e.Code), string(e.Severity), e.Title)
	}
	return t.write(p.stdout)
}
