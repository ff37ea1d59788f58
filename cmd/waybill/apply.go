package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/waybill-dev/waybill/apply"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

func (p *program) applyCommand() *cobra.Command {
	var f planFlags
	var approved bool
	cmd := &cobra.Command{
		Use:   "apply [PLAN] [DIR]",
		Short: "Apply a workspace, or a plan saved by 'waybill plan --out'",
		Long: "With a workspace it plans, shows the plan and asks. With a saved plan it applies exactly that and\n" +
			"does not ask; DIR is then the workspace it was made for. A plan is refused when somebody applied\n" +
			"something else since it was made. Applying starts no run; a serving waybill takes it up at once.",
		Example: "waybill apply\nwaybill apply examples/quickstart --auto-approve\nwaybill apply next.plan",
		Args:    positional(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, dir, err := p.whatToApply(args)
			if err != nil {
				return err
			}
			if file != "" {
				return p.applySaved(cmd, file, dir)
			}
			return p.applyWorkspace(cmd, dir, f, approved)
		},
	}
	cmd.Flags().BoolVar(&approved, "auto-approve", false, "do not ask")
	targetFlag(cmd, &f.target)
	notesFlag(cmd, &f.notes)
	varFlags(cmd, &f.vars)
	return cmd
}

// whatToApply tells a plan file from a workspace.
func (p *program) whatToApply(args []string) (file, dir string, err error) {
	first := argument(args, 0, ".")
	info, err := os.Stat(p.path(first))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", "", fmt.Errorf("there is no plan file or directory %s%s", first, p.nearFile(first))
	case err != nil:
		return "", "", fmt.Errorf("apply: %w", err)
	case !info.IsDir():
		return first, argument(args, 1, "."), nil
	case len(args) > 1:
		return "", "", advise("Usage: waybill apply [PLAN] [DIR]", "%s is not a plan file", first)
	}
	return "", first, nil
}

// applySaved applies a plan file to the store of the workspace in dir.
func (p *program) applySaved(cmd *cobra.Command, file, dir string) error {
	var idle []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "auto-approve" && cmd.InheritedFlags().Lookup(f.Name) == nil {
			idle = append(idle, "--"+f.Name)
		}
	})
	if len(idle) > 0 {
		return advise("The saved plan is applied exactly as it was made; plan again to change it.",
			"%s cannot be used with a saved plan", strings.Join(idle, ", "))
	}
	saved, err := apply.Read(p.path(file))
	if err != nil {
		return err
	}
	if reasons := apply.Check(saved); reasons.HasErrors() {
		p.printDiagnostics(reasons, nil)
		return fmt.Errorf("%s cannot be applied", file)
	}
	if len(hclFiles(p.path(dir))) == 0 {
		return advise(fmt.Sprintf("Name the workspace it was made for: waybill apply %s DIR", file),
			"%s holds no .hcl files, so it is not the workspace of this plan", dir)
	}
	if saved.Base.Serial == 0 && p.isOther(dir, saved.Graph) {
		return advise(fmt.Sprintf("Name the workspace it was made for: waybill apply %s DIR", file),
			"the plan is of another workspace: none of its couriers and groups is in %s", dir)
	}
	return p.deploy(cmd, saved, &workspace{dir: p.path(dir), graph: saved.Graph})
}

// isOther reports whether the workspace in a directory has no courier and no group
// in common with a graph. A plan against nothing names no store, so that there is
// no more to tell workspaces apart by. Of one that cannot be read nobody knows;
// variables may make other instances of its blocks, but no other blocks.
func (p *program) isOther(dir string, planned *graph.Graph) bool {
	w, err := p.load(dir, inputs{})
	if err != nil || w.graph == nil {
		return false
	}
	here, there := blocksOf(w.graph), blocksOf(planned)
	for block := range there {
		if here[block] {
			return false
		}
	}
	return len(here) > 0 && len(there) > 0
}

// blocksOf is the blocks of the couriers and groups of a graph, by address.
func blocksOf(g *graph.Graph) map[string]bool {
	blocks := map[string]bool{}
	add := func(a graph.Addr) {
		block, _, _ := strings.Cut(string(a), "[")
		blocks[block] = true
	}
	for i := range g.Couriers {
		add(g.Couriers[i].Addr)
	}
	for i := range g.Groups {
		add(g.Groups[i].Addr)
	}
	return blocks
}

// applyWorkspace plans, shows the plan, asks and applies.
func (p *program) applyWorkspace(cmd *cobra.Command, dir string, f planFlags, approved bool) error {
	ctx := cmd.Context()
	if !approved && !isTerminal(p.stdin) && len(hclFiles(p.path(dir))) > 0 {
		return advise("Use --auto-approve, or save a plan with 'waybill plan --out FILE' and apply that.",
			"nobody can be asked: standard input is not a terminal")
	}
	made, w, err := p.makePlan(ctx, dir, f)
	if err != nil {
		return err
	}
	if w.unasked != nil {
		return fmt.Errorf("nothing was applied: %w", w.unasked)
	}
	p.printProblems(made.Diagnostics, w.sources, f.notes)
	if n := made.Diagnostics.Count(diag.Error); n > 0 {
		return fmt.Errorf("nothing was applied: the workspace has %s", graph.Count(n, "error"))
	}
	if reasons := apply.Check(made); reasons.HasErrors() {
		p.printDiagnostics(reasons, w.sources)
		return errors.New("nothing was applied")
	}
	if err := view.Text(p.stdout, made, p.viewOptions()); err != nil {
		return err
	}
	if made.Empty() {
		return nil
	}
	if !approved {
		if err := p.approve(ctx); err != nil {
			return err
		}
	}
	return p.deploy(cmd, made, w)
}

// approve asks until it is told; anything but yes is no.
func (p *program) approve(ctx context.Context) error {
	fmt.Fprintf(p.stdout, "\n%s\n  Only 'yes' will be accepted: ", p.paint(p.stdout, bold, "Apply these changes?"))
	answer, err := p.readLine(ctx)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(p.stdout, "\nNothing was applied.")
		return context.Cause(ctx)
	case strings.TrimSpace(answer) == "yes":
		return nil
	}
	if err != nil { // the cursor is still behind the question
		fmt.Fprintln(p.stdout)
		if !errors.Is(err, io.EOF) {
			return fmt.Errorf("nothing was applied: read the answer: %w", err)
		}
	}
	return errors.New("nothing was applied")
}

// deploy hands the plan over to the store of its workspace.
func (p *program) deploy(cmd *cobra.Command, made *plan.Plan, w *workspace) (err error) {
	if err := interrupted(cmd); err != nil {
		return err
	}
	ctx := cmd.Context()
	s, err := p.open(ctx, w.place())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	applied, err := apply.Apply(ctx, made, p.actor(), s)
	var stale *graph.StaleError
	if errors.As(err, &stale) {
		return advise(fmt.Sprintf("Plan again and look at what changed. 'waybill explain %s' says more.", diag.PlanStale), "%w", err)
	}
	if err != nil {
		return err
	}
	if made.Empty() {
		_, err := fmt.Fprintf(p.stdout, "No changes: what is applied, serial %d, is what was planned.\n", applied.Serial)
		return err
	}
	counts := fmt.Sprintf("%d added, %d changed, %d removed", made.Summary.Add, made.Summary.Change, made.Summary.Remove)
	if n := made.Summary.Rename; n > 0 {
		counts += fmt.Sprintf(", %d renamed", n)
	}
	if _, err := fmt.Fprintf(p.stdout, "\n%s %s. This is serial %d.\n", p.paint(p.stdout, green, "Applied."), counts, applied.Serial); err != nil {
		return err
	}
	return p.sayWhoServes(ctx, s, w.dir)
}
