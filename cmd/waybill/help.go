package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// helpCommand is `waybill help [COMMAND|TOPIC]`.
func (p *program) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command or a topic",
		Args:  positional(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), args[0])
			}
			return about.Help()
		},
	}
}

// exitCodesTopic is `waybill help exit-codes`.
func (p *program) exitCodesTopic() *cobra.Command {
	t := table{head: []string{"CODE", "COMMAND", "MEANING"}}
	for _, c := range exitCodes {
		t.row(strconv.Itoa(c.code), c.command, c.meaning)
	}
	var b strings.Builder
	_ = t.write(&b) // a strings.Builder does not fail
	b.WriteString("\nCtrl-C and SIGTERM interrupt; SIGTERM stops serve as it should, with 0.")
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: b.String()}
}

// printHelp writes the help text of a command.
func (p *program) printHelp(cmd *cobra.Command, _ []string) {
	if !cmd.HasParent() {
		p.printOverview(cmd)
		return
	}
	w := p.stdout
	if !cmd.Runnable() && !cmd.HasSubCommands() { // a topic
		fmt.Fprintf(w, "%s\n\n%s\n", cmd.Short, cmd.Long)
		return
	}
	fmt.Fprintf(w, "%s.\n\nUsage:\n  %s\n", strings.TrimSuffix(cmd.Short, "."), cmd.UseLine())
	if cmd.Long != "" {
		fmt.Fprintf(w, "\n%s\n", reflow(cmd.Long, p.width(w)))
	}
	if cmd.HasAvailableSubCommands() {
		p.printCommands(w, "Commands", cmd.Commands(), "")
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n  %s\n", strings.ReplaceAll(cmd.Example, "\n", "\n  "))
	}
	columns := p.width(w)
	if flags := cmd.LocalNonPersistentFlags(); flags.HasAvailableFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", flags.FlagUsagesWrapped(columns))
	}
	if flags := cmd.InheritedFlags(); flags.HasAvailableFlags() {
		fmt.Fprintf(w, "\nFlags of every command:\n%s", flags.FlagUsagesWrapped(columns))
	}
}

func (p *program) printOverview(root *cobra.Command) {
	w := p.stdout
	fmt.Fprintf(w, "%s\n\nUsage:\n  waybill COMMAND [DIR]\n", root.Short)
	for _, g := range root.Groups() {
		p.printCommands(w, g.Title, root.Commands(), g.ID)
	}
	p.printCommands(w, "More", root.Commands(), "")
	fmt.Fprintf(w, "\nFlags:\n%s", root.PersistentFlags().FlagUsagesWrapped(p.width(w)))
	fmt.Fprintf(w, "\nDIR is the directory with the .hcl and .hcl.json files; without it, this one.\n"+
		"Run 'waybill help COMMAND' for what it takes, with examples.\n")
}

// printCommands lists the commands of one group.
func (p *program) printCommands(w io.Writer, title string, commands []*cobra.Command, group string) {
	t := table{indent: "  "}
	for _, c := range commands {
		if c.GroupID == group && !c.Hidden {
			t.row(fmt.Sprintf("%-10s", c.Name()), c.Short)
		}
	}
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", p.paint(w, bold, title+":"))
	_ = t.write(w) // as with every print to the terminal, nobody is left to be told
}

// reflow breaks paragraphs into lines of at most width columns. Lines that begin
// with a space stay as they are.
func reflow(text string, width int) string {
	var b strings.Builder
	column := 0
	newline := func() {
		b.WriteByte('\n')
		column = 0
	}
	for line := range strings.SplitSeq(text, "\n") {
		if column > 0 && (line == "" || line[0] == ' ') {
			newline()
		}
		if line == "" || line[0] == ' ' {
			b.WriteString(line)
			newline()
			continue
		}
		for word := range strings.FieldsSeq(line) {
			n := utf8.RuneCountInString(word)
			if column > 0 && column+1+n > width {
				newline()
			}
			if column > 0 {
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += n
		}
	}
	return strings.TrimRight(b.String(), "\n")
}
