// Package source is what couriers pull from that is no place of files: programs
// that fetch ([Exec]), web interfaces ([REST]) and databases ([Warehouse]).
package source

import (
	"context"
	"io"
	"maps"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/process"
	"github.com/waybill-dev/waybill/runtime/value"
)

// exitNotReady is how a courier's program says that there is nothing to fetch
// yet: EX_TEMPFAIL of sysexits.h.
const exitNotReady = 75

// ExecCall is one pull by a program.
type ExecCall struct {
	Exec      *graph.Exec
	Values    *value.Resolver // Run and Range filled in
	Workspace string
	Key       string    // run/courier: the same in every attempt
	Staging   string    // an empty folder that the program writes into
	Output    io.Writer // gets what the program says, line by line, without secrets; may be nil

	Progress func(graph.Transfer) // told how much is in the staging folder; may be nil
	Every    time.Duration        // how often at most
}

// Exec runs a courier's program. It finds in its environment WAYBILL_LANDING
// (the staging folder), WAYBILL_KEY, WAYBILL_RUN, WAYBILL_GROUP,
// WAYBILL_RANGE_START and WAYBILL_RANGE_END (RFC 3339 in the range zone), and
// what the block says, which may not replace these. Exit status 0 means that
// everything is in the staging folder; 75 is NotReady; any other Failed, with
// the last lines of standard error.
func Exec(ctx context.Context, c ExecCall) (process.Result, error) {
	argv, env, err := c.Values.Command(c.Exec)
	if err != nil {
		return process.Result{}, err
	}
	maps.Copy(env, map[string]string{
		"WAYBILL_LANDING":     c.Staging,
		"WAYBILL_KEY":         c.Key,
		"WAYBILL_RUN":         c.Values.Run.ID,
		"WAYBILL_GROUP":       c.Values.Run.Group.String(),
		"WAYBILL_RANGE_START": c.Values.Time(c.Values.Range.Start),
		"WAYBILL_RANGE_END":   c.Values.Time(c.Values.Range.End),
	})
	defer c.progress(ctx)()
	redactor := c.Values.Secrets.Redactor()
	result, err := process.Run(ctx, process.Command{
		Argv: argv, Workspace: c.Workspace, Dir: c.Exec.WorkingDir, Env: env, Drop: c.Values.Secrets.Variables(),
		Script: c.Exec.Script, ScriptSHA: c.Exec.ScriptSHA, Limits: process.LimitsOf(c.Exec), Output: c.Output, Redactor: redactor,
	})
	op := "fetch with " + argvName(argv)
	switch {
	case err != nil:
	case result.ExitCode == exitNotReady:
		err = value.NotReady.Errorf(op, "the program says that its data is not ready (exit status 75)")
	default:
		err = result.Err(op)
	}
	return result, redactor.Error(err)
}

// progress tells how far the program is until end is called.
func (c ExecCall) progress(ctx context.Context) (end func()) {
	if c.Progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var told sync.WaitGroup
	told.Go(func() { watch(ctx, c.Staging, c.Every, c.Progress) })
	return func() {
		cancel()
		told.Wait()
	}
}

func argvName(argv []string) string {
	if len(argv) == 0 {
		return "an empty command"
	}
	return argv[0]
}
