// Package action is what a bridge, a process or an activation does: run a
// program ([Exec]) or send a request ([HTTP]), which may start a job that is
// then asked after ([PollOnce]).
//
// Actions run at least once. Each gets a key that is the same in every attempt,
// so that the other side can tell a repetition: WAYBILL_KEY in the environment
// of a program, Idempotency-Key in the head of a request.
package action

import (
	"context"
	"io"
	"maps"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/process"
	"github.com/waybill-dev/waybill/runtime/value"
)

// ExecCall is one attempt at running a program.
type ExecCall struct {
	Exec      *graph.Exec
	Values    *value.Resolver
	Workspace string
	Key       string            // run/step: the same in every attempt
	Env       map[string]string // further variables, which the block may not replace
	Output    io.Writer         // gets what the program says, line by line, without secrets; may be nil
}

// Result is how a program ended and the last of what it said.
type Result = process.Result

// Exec runs a step's program in the workspace. Exit status 0 is success; any
// other is Failed, with the last lines of standard error. A program that cannot
// be started, or is not the one that was applied, is Misconfigured. See
// [process.Run] for what becomes of it when ctx ends.
func Exec(ctx context.Context, c ExecCall) (Result, error) {
	argv, env, err := c.Values.Command(c.Exec)
	if err != nil {
		return Result{}, err
	}
	maps.Copy(env, c.Env)
	env["WAYBILL_KEY"] = c.Key
	redactor := c.Values.Secrets.Redactor()
	result, err := process.Run(ctx, process.Command{
		Argv: argv, Workspace: c.Workspace, Dir: c.Exec.WorkingDir, Env: env, Drop: c.Values.Secrets.Variables(),
		Script: c.Exec.Script, ScriptSHA: c.Exec.ScriptSHA, Limits: process.LimitsOf(c.Exec), Output: c.Output, Redactor: redactor,
	})
	if err == nil && result.ExitCode != 0 {
		err = result.Err("run " + argv[0])
	}
	return result, redactor.Error(err)
}
