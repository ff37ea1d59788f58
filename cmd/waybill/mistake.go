package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/waybill-dev/waybill/lang/diag"
)

// unknownCommand says what was meant, if that can be guessed.
func unknownCommand(cmd *cobra.Command, name string) error {
	list := "waybill help"
	if cmd.HasParent() {
		list = "waybill help " + cmd.Name()
	} else if here := hereItIs(name); here != "" {
		return advise(here, "waybill has no command %q", name)
	}
	return advise(fmt.Sprintf("Run '%s' for the list of commands.", list),
		"%s has no command %q.%s", cmd.CommandPath(), name, didYouMean(name, subcommands(cmd), ""))
}

// wordsOfOthers is what commands are called elsewhere, with what to write here. The
// nearest name of a command would be a wrong one, at worst the opposite.
var wordsOfOthers = []struct{ words, here string }{
	{"cancel kill abort terminate end", "'waybill stop RUN|GROUP' stops a run."},
	{"start trigger execute exec launch", "'waybill run GROUP' runs a group now; 'waybill serve' runs all of them on their schedules."},
	{"rerun re-run redo repeat clear", "'waybill retry RUN|GROUP' tries a failed run again; 'waybill run GROUP --date DAY --reload' loads a day anew."},
	{"unpause enable activate continue", "'waybill resume GROUP' lifts a pause."},
	{"disable suspend hold deactivate", "'waybill pause GROUP' holds a group back."},
	{"list ls ps top history groups jobs dags", "'waybill status' shows the groups, 'waybill runs' their runs."},
	{"log tail follow output", "'waybill logs RUN|GROUP -f' shows what the programs of a run print."},
	{"describe inspect get info", "'waybill show RUN|GROUP' shows a run, 'waybill why RUN|GROUP|COURIER' says why it stands as it does."},
	{"mark-success mark-done", "'waybill skip RUN|GROUP TASK --reason TEXT' lets a task count as done."},
	{"destroy delete remove rm", "Take the blocks out of the workspace, then 'waybill apply'."},
	{"server scheduler worker daemon agent up", "'waybill serve' runs what is applied on its schedules."},
	{"deploy push", "'waybill apply' applies a workspace."},
	{"lint check test verify", "'waybill validate' checks a workspace."},
	{"diff preview dry-run", "'waybill plan' shows what applying would change."},
	{"backup restore", "'waybill store backup FILE' writes a copy of the store, 'waybill store restore FILE' puts it in place."},
	{"alerts alarms problems", "'waybill alert list' lists the alerts, 'waybill incidents' what is wrong."},
}

// hereItIs says what to write for a command of another program, if it is known.
func hereItIs(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for _, w := range wordsOfOthers {
		if slices.Contains(strings.Fields(w.words), name) {
			return w.here
		}
	}
	return ""
}

// subcommands names the commands that a command has.
func subcommands(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// flagError explains a flag that does not parse.
func flagError(cmd *cobra.Command, err error) error {
	if !cmd.HasParent() {
		if name, ok := firstWord(cmd.Flags()); ok { // the command is unknown, so its flags are too
			return unknownCommand(cmd, name)
		}
	}
	hint := fmt.Sprintf("Run '%s --help' for its flags.", cmd.CommandPath())
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return valueError(cmd, err, hint)
	}
	if cluster := unknown.GetSpecifiedShortnames(); strings.ContainsRune(cluster, ' ') { // a cron expression such as "-1 0 * * *"
		return advise(fmt.Sprintf("Write -- before it: %s -- '-%s'", cmd.CommandPath(), cluster), "'-%s' begins with - and was read as a flag", cluster)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if cluster := unknown.GetSpecifiedShortnames(); len(cluster) > 1 { // -json: one dash too few
		name, _, _ := strings.Cut(cluster, "=")
		if slices.Contains(names, name) {
			return advise(hint, "%s has no flag -%s. Did you mean --%s?", cmd.CommandPath(), name, name)
		}
		return advise(hint, "%s has no flag -%s.%s", cmd.CommandPath(), name, didYouMean(name, names, "--"))
	}
	name := unknown.GetSpecifiedName()
	if len(name) == 1 && cmd.Flags().ShorthandLookup(name) != nil { // --C: one dash too many
		return advise(hint, "%s has no flag --%s. Did you mean -%s?", cmd.CommandPath(), name, name)
	}
	dashes := "--"
	if unknown.GetSpecifiedShortnames() != "" {
		dashes = "-"
		if other := otherCase(name); cmd.Flags().ShorthandLookup(other) != nil {
			return advise(hint, "%s has no flag -%s. Did you mean -%s?", cmd.CommandPath(), name, other)
		}
	}
	return advise(hint, "%s has no flag %s%s.%s", cmd.CommandPath(), dashes, name, didYouMean(name, names, "--"))
}

// valueError explains a flag whose value is missing or does not parse.
func valueError(cmd *cobra.Command, err error, hint string) error {
	var none *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &none):
		name, _ := pflag.UnquoteUsage(none.GetFlag())
		return advise(hint, "--%s needs its %s behind it", none.GetFlag().Name, name)
	case errors.As(err, &wrong):
		f, what := wrong.GetFlag(), "is not what it takes"
		switch f.Value.Type() {
		case "int":
			what = "is no number: write one in digits, such as 20"
		case "duration":
			what = "is no duration: write a number with its unit, such as 30s, 5m or 1h"
		case "bool":
			what = fmt.Sprintf("is neither true nor false: write --%s alone, or leave it out", f.Name)
		}
		return advise(hint, "--%s %q %s", f.Name, wrong.GetValue(), what)
	}
	return advise(hint, "%s", err)
}

// emptyFlag refuses a flag without a value, such as --date "$DAY" where nothing has
// set DAY: to act as if it were not there would do something else than was meant.
func emptyFlag(cmd *cobra.Command) error {
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		var values []string
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		} else if f.Value.Type() == "string" {
			values = []string{f.Value.String()}
		}
		for _, v := range values {
			if strings.TrimSpace(v) == "" && f.Name != "cursor" { // the first page has no cursor
				name, _ := pflag.UnquoteUsage(f)
				err = advise("Is a variable of the shell not set? Write the value, or leave the flag out.",
					"--%s is empty: it needs its %s", f.Name, name)
			}
		}
	})
	return err
}

// otherCase is a letter in the other case.
func otherCase(letter string) string {
	if upper := strings.ToUpper(letter); upper != letter {
		return upper
	}
	return strings.ToLower(letter)
}

// firstWord is the first argument that is no flag, of flags that failed to parse.
func firstWord(flags *pflag.FlagSet) (string, bool) {
	if flags.NArg() > 0 {
		return flags.Arg(0), true
	}
	return "", false
}

// didYouMean is a question that names the candidate nearest to name, or nothing.
func didYouMean(name string, candidates []string, prefix string) string {
	if near := diag.Suggest(name, candidates); near != "" {
		return fmt.Sprintf(" Did you mean %q?", prefix+near)
	}
	return ""
}
