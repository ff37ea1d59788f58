package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/plan/view"
)

func (p *program) schemaCommand() *cobra.Command {
	var asJSON, ofPlan, ofRun bool
	cmd := &cobra.Command{
		Use:   "schema [BLOCK]",
		Short: "Describe the blocks of the language and their attributes",
		Long: "Lists the blocks that may stand in a file, or what may stand in one of them.\n" +
			"An inner block is named with the blocks around it: courier_group.courier.wait.\n\n" +
			"--json prints a JSON Schema (draft 2020-12) of the JSON form of a file, .hcl.json,\n" +
			"for editors and for programs that write such files.",
		Example: "waybill schema\nwaybill schema courier_group\nwaybill schema courier.filedrop\n" +
			"waybill schema --json > waybill.schema.json\n" +
			"waybill schema --plan > plan.schema.json\nwaybill schema --plan-run > plan-run.schema.json",
		Args: positional(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case ofPlan && (asJSON || len(args) > 0):
				return advise("Leave the others out.", "--plan prints one JSON Schema, that of 'waybill plan --json'")
			case ofRun && (asJSON || ofPlan || len(args) > 0):
				return advise("Leave the others out.", "--plan-run prints one JSON Schema, that of 'waybill plan run --json'")
			case ofRun:
				_, err := asIs(p.stdout).Write(view.AdHocJSONSchema())
				return err
			case ofPlan:
				_, err := asIs(p.stdout).Write(view.JSONSchema())
				return err
			case asJSON && len(args) > 0:
				return advise("Leave the block out.", "--json prints the whole language, not %s alone", args[0])
			case asJSON:
				_, err := asIs(p.stdout).Write(lang.JSONSchema())
				return err
			}
			return p.printBlock(argument(args, 0, ""))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON Schema of the whole language")
	cmd.Flags().BoolVar(&ofPlan, "plan", false, "print the JSON Schema of what 'waybill plan --json' prints")
	cmd.Flags().BoolVar(&ofRun, "plan-run", false, "print the JSON Schema of what 'waybill plan run --json' prints")
	return cmd
}

// findBlock goes from block to block along a path.
func findBlock(path string) (*lang.Block, error) {
	b := lang.Schema()
	if path == "" {
		return b, nil
	}
	around := "a file"
next:
	for name := range strings.SplitSeq(path, ".") {
		var names []string
		for _, n := range b.Blocks {
			if n.Type == name {
				b, around = n, n.Type
				continue next
			}
			names = append(names, n.Type)
		}
		hint := "Run 'waybill schema' for the list of blocks."
		if b.Type != "" {
			hint = fmt.Sprintf("Run 'waybill schema %s' for what stands in it.", strings.TrimSuffix(path[:strings.Index(path, name)], "."))
		}
		return nil, advise(hint, "there is no block %q in %s.%s", name, around, didYouMean(name, names, ""))
	}
	return b, nil
}

// printBlock lists what may stand in a block.
func (p *program) printBlock(path string) error {
	b, err := findBlock(path)
	if err != nil {
		return err
	}
	if b.Type != "" {
		head := b.Type
		for i, label := range b.Labels {
			if i == 0 && b.Words != nil {
				label = strings.Join(b.Words, "|")
			}
			head += fmt.Sprintf(" %q", label)
		}
		fmt.Fprintf(p.stdout, "%s  %s Since %s.\n", p.paint(p.stdout, bold, head), b.Doc, b.Release())
	}
	if len(b.Attributes) > 0 {
		t := table{indent: "  ", head: []string{"NAME", "TYPE", "DEFAULT", "SINCE", "MEANING"}}
		for i := range b.Attributes {
			a := &b.Attributes[i]
			t.row(a.Name, a.Kind.String(), presence(a), a.Release(), a.Doc+choices(a))
		}
		fmt.Fprintf(p.stdout, "\n%s\n", p.paint(p.stdout, bold, "Attributes"))
		if err := t.write(p.stdout); err != nil {
			return err
		}
	}
	if len(b.Blocks) == 0 {
		return nil
	}
	t := table{indent: "  "}
	for _, n := range b.Blocks {
		t.row(n.Type, n.Doc)
	}
	if b.Type != "" {
		fmt.Fprintf(p.stdout, "\n%s\n", p.paint(p.stdout, bold, "Blocks"))
	}
	return t.write(p.stdout)
}

// presence says whether an attribute must be written, and what it is if it is not.
func presence(a *lang.Attribute) string {
	switch {
	case a.Required:
		return "required"
	case a.Default != "":
		return a.Default
	}
	return "-"
}

func choices(a *lang.Attribute) string {
	text := ""
	if len(a.Words) > 0 {
		text = " One of " + strings.Join(a.Words, ", ") + "."
		if a.Kind == lang.Words {
			text = " Any of " + strings.Join(a.Words, ", ") + "."
		}
		if a.Kind == lang.Zone {
			text = ""
		}
	}
	if a.Only != nil {
		text += " Only in " + strings.Join(a.Only, " and ") + "."
	}
	return text
}
