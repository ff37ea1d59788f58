package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/waybill-dev/waybill/apply"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

// savedPlan reads the plan that a person means by a name, or returns nil where it
// is the name of a run: where there is no such file, or one that no
// 'waybill plan --out' wrote and that is not named as a plan.
func (p *program) savedPlan(name string) (*plan.Plan, error) {
	looksLikeFile := filepath.Ext(name) == ".plan" || isPath(name)
	info, err := os.Stat(p.path(name))
	switch {
	case err != nil && looksLikeFile && errors.Is(err, os.ErrNotExist) && filepath.Ext(name) != ".plan":
		return nil, fmt.Errorf("there is no file or directory %s%s", name, p.nearFile(name))
	case err != nil && looksLikeFile && errors.Is(err, os.ErrNotExist):
		return nil, advise("Save one with 'waybill plan --out FILE', or list runs with 'waybill runs'.", "there is no plan file %s%s", name, p.nearFile(name))
	case err != nil || !info.Mode().IsRegular():
		return nil, nil
	}
	saved, err := apply.Read(p.path(name))
	var fault *apply.FileError
	if errors.As(err, &fault) && fault.Fault == apply.Foreign && !looksLikeFile {
		return nil, nil
	}
	return saved, err
}

// savedForm is the form that a saved plan is asked for in.
type savedForm struct {
	format   string // formatMarkdown, formatHTML, or none of them
	json     bool
	timeline bool
}

// showSaved shows a saved plan in the form asked for.
func (p *program) showSaved(saved *plan.Plan, name string, as savedForm) error {
	switch {
	case as.json && as.format != "":
		return advise("Leave one of them out.", "--json and --format %s are two forms of the same", as.format)
	case as.json && as.timeline:
		return advise("The JSON document has every run; a program can draw them.", "--timeline cannot be used with --json")
	case as.json:
		return view.JSON(asIs(p.stdout), saved)
	case as.format == "":
		return p.printSaved(saved, name, as.timeline)
	}
	if err := oneOf("--format", as.format, []string{formatMarkdown, formatHTML}); err != nil {
		return err
	}
	if as.timeline {
		return advise("Leave --timeline out: the document has one of its own.", "--timeline cannot be used with --format %s", as.format)
	}
	return p.printDocument(saved, as.format, "")
}

// printSaved shows a saved plan as 'waybill plan' showed it, without the lines of
// source, which are not in it, and says what keeps it from being applied.
func (p *program) printSaved(saved *plan.Plan, name string, timeline bool) error {
	p.printDiagnostics(saved.Diagnostics, nil)
	draw := view.Text
	if timeline {
		draw = view.Timeline
	}
	if err := draw(p.stdout, saved, p.viewOptions()); err != nil {
		return err
	}
	reasons := apply.Check(saved)
	if !reasons.HasErrors() {
		_, err := fmt.Fprintf(p.stdout, "\nSaved in %s. To apply exactly this, unless something else was applied since:\n  %s\n", name, p.applySavedLine(saved, name))
		return err
	}
	if _, err := fmt.Fprintf(p.stdout, "\nSaved in %s, to be looked at: this plan cannot be applied.\n", name); err != nil {
		return err
	}
	for _, r := range reasons {
		if _, err := fmt.Fprintf(p.stdout, "  %s [%s]\n", r.Summary, r.Code); err != nil {
			return err
		}
	}
	return nil
}

// applySavedLine is the command that applies a saved plan. The plan does not say
// where its workspace is: that is looked for here and beside the plan.
func (p *program) applySavedLine(saved *plan.Plan, name string) string {
	path := p.path(name)
	for _, dir := range []string{p.path("."), filepath.Dir(path)} {
		if len(hclFiles(dir)) > 0 && !p.isOther(dir, saved.Graph) {
			return waybillIn("apply "+path, dir)
		}
	}
	return "waybill apply " + path + " DIR    # DIR is the workspace that it was made for"
}

// isDocument reports whether a form is one of a whole plan.
func isDocument(format string) bool { return format == formatMarkdown || format == formatHTML }

// printDocument writes a plan in a form for people who have no terminal. dir is
// the workspace's, from the root of its repository.
func (p *program) printDocument(made *plan.Plan, format, dir string) error {
	o := view.Options{Dir: dir}
	if format == formatHTML {
		return view.HTML(asIs(p.stdout), made, o)
	}
	return view.Markdown(asIs(p.stdout), made, o)
}
