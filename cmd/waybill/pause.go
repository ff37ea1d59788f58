package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) pauseCommand() *cobra.Command {
	return p.holdCommand(&cobra.Command{
		Use:   "pause GROUP [DIR]",
		Short: "Hold a group back: its schedule starts no runs until resumed",
		Long: "Runs that are under way go on, and 'waybill run' still works. Applying does not lift a pause.\n" +
			"What falls due meanwhile is decided by the group's catch_up when it is resumed.",
		Example: "waybill pause daily\nwaybill pause daily examples/quickstart",
	}, store.VerbPause, func(_ context.Context, a *applied, g *graph.Group) (string, error) {
		lift := "'" + waybillIn("resume "+g.Addr.Typed(), a.dir) + "' lifts it."
		if g.Schedule == "" {
			lift = "It has no schedule that this would hold: it runs only when somebody asks for it."
		}
		return lift, nil
	})
}

// holdCommand makes a command that sends a verb without arguments to a group, and
// says what comes then.
func (p *program) holdCommand(cmd *cobra.Command, verb string, then func(context.Context, *applied, *graph.Group) (string, error)) *cobra.Command {
	var f runtimeFlags
	cmd.Args = positional(1, 2)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.with(cmd.Context(), argument(args, 1, "."), f, func(a *applied) error {
			g, err := a.group(args[0])
			if err != nil {
				return err
			}
			c, err := p.do(cmd, a, store.Command{Verb: verb, Group: g.Addr}, struct{}{}, nil)
			if err != nil {
				return err
			}
			next, err := then(cmd.Context(), a, g)
			if err != nil {
				return err
			}
			return p.answer(c, fmt.Sprintf("%s: %s is done.", g.Addr, verb), next, f.asJSON)
		})
	}
	f.add(cmd, true)
	return cmd
}

// answer prints what became of a command: the command itself, or the runtime's words
// if it has any, and on a line of its own what comes next.
func (p *program) answer(c store.Command, words, next string, asJSON bool) error {
	if asJSON {
		return writeJSON(p.stdout, c)
	}
	if c.Message != "" {
		words = plainly(c.Message)
	}
	for _, begin := range []string{"the ", "stopping "} {
		if rest, ok := strings.CutPrefix(words, begin); ok {
			words = strings.ToUpper(begin[:1]) + begin[1:] + rest
		}
	}
	if !strings.HasSuffix(words, ".") {
		words += "."
	}
	if next != "" {
		words += "\n" + next
	}
	_, err := fmt.Fprintln(p.stdout, words)
	return err
}
