package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
)

func (p *program) graphCommand() *cobra.Command {
	var format, group string
	var vars inputs
	cmd := &cobra.Command{
		Use:   "graph [DIR]",
		Short: "Draw what runs in which order, for Graphviz or Mermaid",
		Long: "Prints a drawing of the workspace: each group with its couriers, bridges, processes\n" +
			"and activations in the order in which they run, and dashed the constraints between\n" +
			"groups. --format dot is for Graphviz; mermaid is drawn by GitHub, GitLab and most\n" +
			"documentation tools in a code block that is marked mermaid.",
		Example: "waybill graph | dot -Tsvg > workspace.svg\nwaybill graph --format mermaid\n" +
			"waybill graph examples/quickstart --group daily",
		Args: positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("--format", format, []string{"dot", "mermaid"}); err != nil {
				return err
			}
			w, err := p.load(argument(args, 0, "."), vars)
			if err != nil {
				return err
			}
			if w.graph == nil {
				p.printDiagnostics(w.problems, w.sources)
				return errors.New("there is nothing to draw: the workspace has errors")
			}
			d, err := drawing(w.graph, group)
			if err != nil {
				return err
			}
			text := d.dot()
			if format == "mermaid" {
				text = d.mermaid()
			}
			if _, err := asIs(p.stdout).Write([]byte(text)); err != nil {
				return err
			}
			return interrupted(cmd)
		},
	}
	cmd.Flags().StringVar(&format, "format", "dot", "dot or mermaid")
	cmd.Flags().StringVar(&group, "group", "", "draw this `group` with what it waits for and what waits for it")
	varFlags(cmd, &vars)
	return cmd
}

// drawing is the drawing of a workspace, or of the group of a name with the
// groups next to it, which are then drawn without what is in them.
func drawing(g *graph.Graph, group string) (*diagram, error) {
	d := &diagram{graph: g}
	if group == "" {
		for i := range g.Groups {
			d.addGroup(&g.Groups[i], true)
		}
	} else {
		only := g.Group(graph.GroupAddr(group))
		if only == nil {
			var names []string
			for _, x := range g.Groups {
				names = append(names, x.Addr.Name())
			}
			if some := instancesOf(group, names); len(some) > 0 {
				return nil, advise("Name one in single quotes: waybill graph --group '"+some[0]+"'", "%q has for_each: it is %s", group, strings.Join(some, ", "))
			}
			return nil, advise("Run 'waybill graph' for all of them.", "there is no group %q in the workspace.%s", group, didYouMean(group, names, ""))
		}
		for i := range g.Groups {
			if x := &g.Groups[i]; x == only || waitsFor(x, only.Addr) || waitsFor(only, x.Addr) {
				d.addGroup(x, x == only)
			}
		}
	}
	for _, b := range d.boxes {
		for _, a := range g.Group(b.addr).After {
			if group != "" && a.Group != graph.GroupAddr(group) && b.addr != graph.GroupAddr(group) {
				continue
			}
			d.after = append(d.after, constraint{from: a.Group, to: b.addr, label: constraintLabel(a)})
		}
	}
	return d, nil
}

// instancesOf are the names that for_each made of one.
func instancesOf(group string, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(n, group+"[") })
}

func waitsFor(g *graph.Group, other graph.Addr) bool {
	return slices.ContainsFunc(g.After, func(a graph.After) bool { return a.Group == other })
}

// constraintLabel says what is held back, and which tick is waited for.
func constraintLabel(a graph.After) []string {
	label := []string{"gate " + a.Gate}
	if !a.Offset.IsZero() {
		label = append(label, "tick of "+a.Offset.String()+" before")
	}
	if a.Wait > 0 {
		label = append(label, "waits up to "+a.Wait.String())
	}
	return label
}
