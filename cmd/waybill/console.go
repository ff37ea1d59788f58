package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

func (p *program) consoleCommand() *cobra.Command {
	var asJSON bool
	var vars inputs
	cmd := &cobra.Command{
		Use:   "console [DIR]",
		Short: "Try out expressions with the variables and locals of a workspace",
		Long: "Reads expressions, one a line, and prints their values as HCL. An expression goes on\n" +
			"in the next line while a bracket is open; an empty line ends it. On a terminal it\n" +
			"asks for one after the other until 'exit' or Ctrl-D; the arrows bring back earlier\n" +
			"lines. Piped, it goes on after an expression that is wrong and then ends with exit\n" +
			"code 1. Empty lines and lines that begin with # are passed over. Nothing sensitive\n" +
			"is shown.",
		Example: "waybill console\necho 'local.brands' | waybill console --var env=prod\n" +
			"echo 'upper(var.zone)' | waybill console --json",
		Args: positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := p.load(argument(args, 0, "."), vars)
			if err != nil {
				return err
			}
			if n := w.problems.Count(diag.Error); n > 0 {
				fmt.Fprintf(p.stderr, "The workspace has %s, which 'waybill validate' lists; what depends on them is unknown.\n", graph.Count(n, "error"))
			}
			c := console{program: p, workspace: w, asJSON: asJSON}
			if isTerminal(p.stdin) {
				return c.converse(cmd.Context())
			}
			return c.readThrough(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print each value as one line of JSON")
	varFlags(cmd, &vars)
	return cmd
}

// console answers expressions.
type console struct {
	*program
	workspace *workspace
	asJSON    bool
}

// The prompts: for an expression, and for more of one.
const (
	prompt     = "> "
	morePrompt = ". "
)

// converse asks for expressions until there are no more.
func (c *console) converse(ctx context.Context) error {
	ask := c.asker()
	text, question := "", prompt
	for {
		line, err := ask(ctx, question)
		var status *exitStatus
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &status): // Ctrl-C, in the line of the question
			fmt.Fprintln(c.stdout)
			return err
		}
		bare := strings.TrimSpace(line)
		if text == "" && (bare == "exit" || bare == "quit") {
			return nil
		}
		text += line
		if err == nil && bare != "" && unfinished(text) {
			text, question = text+"\n", morePrompt
			continue
		}
		if _, failed := c.answer(text, lang.ExpressionName, 1, text); failed != nil {
			return failed
		}
		text, question = "", prompt
		switch {
		case errors.Is(err, io.EOF):
			_, err := fmt.Fprintln(c.stdout)
			return err
		case err != nil:
			return fmt.Errorf("read an expression: %w", err)
		}
	}
}

// readThrough answers every expression of the input. One goes on in the next lines
// while a bracket is open; a bracket that nothing closes is the fault of its line.
func (c *console) readThrough(ctx context.Context) error {
	text, err := c.readAll(ctx)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("read expressions: %w", err)
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	right := true
	for i := 0; i < len(lines); {
		n := expressionLines(lines[i:])
		ok, err := c.answer(strings.Join(lines[i:i+n], "\n"), "stdin", i+1, string(text))
		if err != nil {
			return err
		}
		right = right && ok
		i += n
	}
	if !right {
		return said(exitError)
	}
	return nil
}

// answer prints the value of the expression that is line n of a text, or what is
// wrong with it; false: it is wrong.
func (c *console) answer(expression, name string, n int, text string) (bool, error) {
	if bare := strings.TrimSpace(expression); bare == "" || bare[0] == '#' {
		return true, nil
	}
	value, problems := c.workspace.compiled.Eval(expression)
	for i := range problems {
		if r := problems[i].Range; r != nil && r.Filename == lang.ExpressionName {
			r.Filename = name
			r.Start.Line += n - 1
			r.End.Line += n - 1
		}
	}
	sources := maps.Clone(c.workspace.sources)
	sources[name] = []byte(text)
	c.printDiagnostics(problems, sources)
	if problems.HasErrors() {
		return false, nil
	}
	if c.asJSON {
		_, err := fmt.Fprintln(asIs(c.stdout), value.JSON())
		return true, err
	}
	_, err := fmt.Fprintln(c.stdout, value.HCL())
	return true, err
}
