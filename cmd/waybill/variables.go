package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang"
)

// inputs is what --var and --var-file said, in the order of the command line:
// of two values for a variable the later one holds.
type inputs []inputFlag

type inputFlag struct {
	text string
	file bool
}

// varFlags adds --var and --var-file to a command that loads a workspace.
func varFlags(cmd *cobra.Command, in *inputs) {
	cmd.Flags().Var(inputValue{in: in}, "var", "give a variable a value: `name=value`; may be repeated")
	cmd.Flags().Var(inputValue{in: in, file: true}, "var-file", "read values of variables from this `file`; may be repeated")
}

// inputValue is one of the two flags; both add to one list.
type inputValue struct {
	in   *inputs
	file bool
}

func (v inputValue) Set(text string) error {
	*v.in = append(*v.in, inputFlag{text: text, file: v.file})
	return nil
}

func (v inputValue) String() string { return "" }

func (v inputValue) Type() string { return "text" }

// given reads the flags. Paths of files are as this process reaches them.
func (p *program) given(in inputs) ([]lang.Given, error) {
	list := make([]lang.Given, 0, len(in))
	for _, f := range in {
		if f.file {
			if f.text == "" {
				return nil, advise("Write --var-file prod.hclvars.", "--var-file names no file")
			}
			list = append(list, lang.Given{File: p.path(f.text)})
			continue
		}
		name, value, ok := strings.Cut(f.text, "=")
		if !ok || name == "" {
			return nil, advise("Write --var name=value.", "--var %q has no value", f.text)
		}
		list = append(list, lang.Given{Name: name, Text: value})
	}
	return list, nil
}
