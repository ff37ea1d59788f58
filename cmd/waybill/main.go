// Command waybill plans and runs scheduled data loads that are written in .hcl
// files: it checks a workspace, shows what would change and what will run,
// applies it to the store of the workspace, and runs it.
//
// Every command is a function of its inputs: see [run]. The exit codes are a
// contract: see [exitCodes].
package main

import (
	"context"
	"os"
)

func main() {
	ctx, stop := withSignals(context.Background())
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
