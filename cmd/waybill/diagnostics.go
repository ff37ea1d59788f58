package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/diag"
)

// notesFlag adds --notes to a command that prints the problems of a workspace.
func notesFlag(cmd *cobra.Command, notes *bool) {
	cmd.Flags().BoolVar(notes, "notes", false, "print notes in full, too (errors and warnings always are)")
}

// printProblems writes problems to stderr as printDiagnostics does, with one line
// for each note unless notes are wanted in full.
func (p *program) printProblems(l diag.List, sources map[string][]byte, notes bool) {
	if notes {
		p.printDiagnostics(l, sources)
		return
	}
	var full, short diag.List
	at := map[string]int{} // how many notes stand at a place: instances of one block share it
	for _, d := range l.Sorted() {
		if d.Severity != diag.Info {
			full = append(full, d)
			continue
		}
		short = append(short, d)
		at[notePlace(d)]++
	}
	t := table{indent: "  "}
	for _, d := range short {
		summary := d.Summary
		if at[notePlace(d)] > 1 && d.Address != "" {
			summary = d.Address + ": " + summary
		}
		t.row(string(d.Code), notePlace(d), summary)
	}
	p.printDiagnostics(full, sources)
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintln(p.stderr, p.paint(p.stderr, bold, "Notes"))
	_ = t.write(p.stderr) // as with every print to the terminal, nobody is left to be told
	fmt.Fprint(p.stderr, "With --notes they are printed in full; 'waybill explain CODE' explains one.\n\n")
}

// printDiagnostics writes problems to stderr with the source lines they are
// about, an empty line behind them.
func (p *program) printDiagnostics(l diag.List, sources map[string][]byte) {
	if len(l) == 0 {
		return
	}
	diag.WriteText(p.stderr, l, sources, diag.TextOptions{Color: p.colored(p.stderr), Width: p.width(p.stderr)})
	fmt.Fprintln(p.stderr)
}

// notePlace is where a note belongs: a place in a file, else a block.
func notePlace(d diag.Diagnostic) string {
	if d.Range == nil {
		return d.Address
	}
	return fmt.Sprintf("%s:%d:%d", d.Range.Filename, d.Range.Start.Line, d.Range.Start.Column)
}
