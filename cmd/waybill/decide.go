package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

func (p *program) restartCommand() *cobra.Command {
	return p.againCommand(&cobra.Command{
		Use:   "restart RUN|GROUP [DIR]",
		Short: "Try a failed or stopped run again with what is applied now",
		Long: "As 'waybill retry', save that the run goes on with the configuration that is applied now: after a\n" +
			"mistake in it was put right. What succeeded stays done, the range stays. A step that the group has\n" +
			"no more is left out; one that it has got is done. GROUP is as of 'waybill retry'.",
		Example: "waybill restart daily\nwaybill restart daily@2026-11-21T06:00:00Z",
	}, store.VerbRestart, func(key string) any { return runtime.RestartArgs{Run: key} })
}

// againCommand makes a command that lets a run that has ended go on.
func (p *program) againCommand(cmd *cobra.Command, verb string, what func(key string) any) *cobra.Command {
	var f decideFlags
	cmd.Args = positional(1, 2)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.with(cmd.Context(), argument(args, 1, "."), f.runtimeFlags, func(a *applied) error {
			key, err := p.runAgain(cmd.Context(), a, args[0], f.asJSON)
			if err != nil {
				return err
			}
			return p.decideAbout(cmd, a, verb, key, f, what)
		})
	}
	f.add(cmd)
	return cmd
}

// runAgain finds the run that is to be tried again, and says which it is where only
// its group was named.
func (p *program) runAgain(ctx context.Context, a *applied, name string, asJSON bool) (string, error) {
	if graph.OfRun(name) != name {
		return a.findRun(ctx, name)
	}
	r, err := a.toTryAgain(ctx, graph.GroupAddr(name))
	if err != nil || asJSON {
		return r.Key, err
	}
	text := fmt.Sprintf("The run of %s that %s last: %s, at %s", r.Group.Name(), ended(r.State), graph.ShortRun(r.Key), utc(r.EndedAt))
	if r.Message != "" {
		text += ", " + r.Message
	}
	_, err = fmt.Fprintln(p.stdout, visible(text))
	return r.Key, err
}

// ended is how a run came to a bad end.
func ended(state string) string {
	if state == store.Stopped {
		return "was stopped"
	}
	return words.State(state)
}

func (p *program) skipCommand() *cobra.Command {
	var f decideFlags
	cmd := &cobra.Command{
		Use:   "skip RUN|GROUP TASK [DIR] --reason TEXT",
		Short: "Let a task of a run count as done, so that the run goes on",
		Long: "For a task that failed, is missing or held, or that waits. TASK is as 'waybill show' lists it: a\n" +
			"courier, a step, or an after. What a skipped courier was to read, the next run reads; what a\n" +
			"skipped step was to get, its next run gets. Only a step that was held counts as having got it.\n" +
			"A run that has ended goes on in its next attempt; what else failed in it stays so.",
		Example: "waybill skip daily process.load --reason 'the table is empty today'\n" +
			"waybill skip daily@2026-11-21 activation.mail.send --reason 'it was sent'",
		Args: positional(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(f.reason) == "" {
				return advise("Usage: "+cmd.UseLine(), "waybill skip needs --reason")
			}
			return p.with(cmd.Context(), argument(args, 2, "."), f.runtimeFlags, func(a *applied) error {
				return p.decide(cmd, a, store.VerbSkip, args[0], f, func(key string) any {
					return runtime.SkipArgs{Run: key, Task: args[1], Reason: f.reason}
				})
			})
		},
	}
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the record")
	f.add(cmd)
	return cmd
}

func (p *program) ignoreMissingCommand() *cobra.Command {
	var f decideFlags
	cmd := &cobra.Command{
		Use:   "ignore-missing RUN|GROUP [COURIER] [DIR]",
		Short: "Let a run go on now without the files that are missing",
		Long: "Its couriers look once more, land what is there, and the run goes on, as on_missing = \"continue\"\n" +
			"says; it ends succeeded with warnings. Of a scheduled run their watermarks move: no later run reads\n" +
			"that range. If it shall, use 'waybill skip'. A run that failed for it goes on in its next attempt.",
		Example: "waybill ignore-missing daily\nwaybill ignore-missing daily orders --reason 'a holiday there'",
		Args:    positional(1, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			courier, dir := argument(args, 1, ""), argument(args, 2, ".")
			if len(args) == 2 && p.isWorkspace(courier) {
				courier, dir = "", courier
			}
			return p.with(cmd.Context(), dir, f.runtimeFlags, func(a *applied) error {
				return p.decide(cmd, a, store.VerbIgnore, args[0], f, func(key string) any {
					return runtime.IgnoreArgs{Run: key, Courier: courier, Reason: f.reason}
				})
			})
		},
	}
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the record")
	f.add(cmd)
	return cmd
}

// decideFlags is what a command takes with which an operator decides about a run.
type decideFlags struct {
	runtimeFlags
	reason string
	detach bool
}

func (f *decideFlags) add(cmd *cobra.Command) {
	detachFlag(cmd, &f.detach)
	f.runtimeFlags.add(cmd, true)
}

// decide sends a command about a run, and sees the run through.
func (p *program) decide(cmd *cobra.Command, a *applied, verb, name string, f decideFlags, args func(key string) any) error {
	key, err := a.findRun(cmd.Context(), name)
	if err != nil {
		return err
	}
	return p.decideAbout(cmd, a, verb, key, f, args)
}

func (p *program) decideAbout(cmd *cobra.Command, a *applied, verb, key string, f decideFlags, args func(key string) any) error {
	c := store.Command{Verb: verb, Group: graph.GroupAddr(graph.OfRun(key)), Run: key}
	if d, err := a.Run(cmd.Context(), key); err != nil {
		return err
	} else if c.Group = d.Run.Group; f.detach { // after a rename the key has the former name
		return p.detach(cmd.Context(), a, c, args(key), f.asJSON)
	}
	return p.carryOut(cmd, a, c, args(key), f.asJSON)
}
