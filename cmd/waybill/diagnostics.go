package main

import (
	"fmt"

	"github.com/waybill-dev/waybill/lang/diag"
)

// printDiagnostics writes problems to stderr with the source lines they are
// about, an empty line behind them.
func (p *program) printDiagnostics(l diag.List, sources map[string][]byte) {
	if len(l) == 0 {
		return
	}
	diag.WriteText(p.stderr, l, sources, diag.TextOptions{Color: p.colored(p.stderr), Width: p.width(p.stderr)})
	fmt.Fprintln(p.stderr)
}

// counted is "1 error" or "3 errors".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
