package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/diag"
)

// The groups of commands, in the order in which a person meets them.
const (
	groupWrite   = "write"
	groupCheck   = "check"
	groupApply   = "apply"
	groupOperate = "operate"
)

// rootCommand builds the command tree.
func (p *program) rootCommand() *cobra.Command {
	var version bool // what most programs answer to, besides the command
	root := &cobra.Command{
		Use:               "waybill",
		Short:             "Waybill plans and runs scheduled data loads that are written in .hcl files.",
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: p.prepare,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return unknownCommand(cmd, args[0])
			case version:
				return p.printVersion()
			}
			return cmd.Help()
		},
	}
	root.Flags().BoolVar(&version, "version", false, "the same as 'waybill version'")
	_ = root.Flags().MarkHidden("version")
	flags := root.PersistentFlags()
	flags.StringVarP(&p.dir, "directory", "C", "", "work in this `directory`")
	flags.BoolVar(&p.noColor, "no-color", false, "no colour (as NO_COLOR=1; there is none outside a terminal)")
	flags.StringVar(&p.logLevel, "log-level", "", "show log lines from this `level` on: off, error, warn, info, debug, trace")
	flags.StringVar(&p.logFormat, "log-format", logText, "write log lines in this `form`: text, or json with one object a line")

	root.AddGroup(
		&cobra.Group{ID: groupWrite, Title: "Write"},
		&cobra.Group{ID: groupCheck, Title: "Check"},
		&cobra.Group{ID: groupApply, Title: "Apply and run"},
		&cobra.Group{ID: groupOperate, Title: "Operate"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupWrite, p.initCommand(), p.fmtCommand(), p.cronCommand(), p.consoleCommand(), p.schemaCommand())
	add(groupCheck, p.validateCommand(), p.planCommand(), p.graphCommand(), p.explainCommand())
	p.addRuntimeCommands(add)
	root.AddCommand(p.versionCommand(), p.completionCommand(), p.exitCodesTopic())
	root.CompletionOptions.DisableDefaultCmd = true
	help := p.helpCommand()
	root.SetHelpCommand(help)
	root.SetHelpFunc(p.printHelp)
	root.SetFlagErrorFunc(flagError)
	p.offerWords(root)
	p.offerWords(help) // which is no command of the root before it runs
	return root
}

// prepare runs before every command.
func (p *program) prepare(cmd *cobra.Command, _ []string) error {
	if err := interrupted(cmd); err != nil {
		return err
	}
	if err := emptyFlag(cmd); err != nil {
		return err
	}
	p.tuneCollector(cmd)
	_, err := p.logger(0)
	return err
}

// positional checks the number of arguments and says what is missing by the
// names in the command's usage line.
func positional(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		names := strings.Fields(cmd.Use)[1:]
		hint := "Usage: " + cmd.UseLine()
		switch {
		case len(args) < least:
			return advise(hint, "%s needs %s", cmd.CommandPath(), strings.Join(names[len(args):least], " and "))
		case len(args) > most && most == 0:
			return advise(hint, "%s takes no arguments, but got %q", cmd.CommandPath(), args[0])
		case len(args) > most:
			if near := diag.Suggest(args[0], subcommands(cmd)); near != "" {
				return fmt.Errorf("%s does not know what to do with %q. Did you mean '%s %s %s'?", cmd.CommandPath(), args[0], cmd.CommandPath(), near, strings.Join(args[1:], " "))
			}
			return advise(hint, "%s does not know what to do with %q", cmd.CommandPath(), args[most])
		}
		return nil
	}
}

// argument is the argument at index i, or fallback.
func argument(args []string, i int, fallback string) string {
	if i < len(args) {
		return args[i]
	}
	return fallback
}
