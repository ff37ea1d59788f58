package lang

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/waybill-dev/waybill/lang/diag"
)

// Given is one value, or one file of values, from the command line.
type Given struct {
	Name, Text string // --var Name=Text
	File       string // --var-file File, as this process reaches it; then Name is empty
}

// Where values come from besides the command line.
const (
	mainInput = "waybill.hclvars"
	autoInput = ".auto.hclvars"
	envPrefix = "WAYBILL_VAR_"
)

// given is a value from outside. What was typed, on the command line or into the
// environment, is text; what stands in a file is a value.
type given struct {
	origin
	typed bool
	text  string
	value cty.Value
}

// inputFile is a file of values as it was read.
type inputFile struct {
	name    string
	text    []byte
	trouble string // why it was not read
}

// isInput reports whether a file of the workspace holds values of variables.
func isInput(name string) bool {
	name = strings.TrimSuffix(name, ".json")
	return name == mainInput || strings.HasSuffix(name, autoInput) && !strings.HasPrefix(name, ".")
}

// readInputs reads the files of values of a workspace, in the order in which a
// later one goes before. Missing is a file that --var-file names only.
func readInputs(dir string) ([]inputFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read variables: %w", err)
	}
	var main, auto []inputFile
	for _, e := range entries { // by name
		name := e.Name()
		if !isInput(name) {
			continue
		}
		text, trouble, err := readRegular(dir, name)
		if err != nil {
			return nil, fmt.Errorf("read variables: %w", err)
		}
		f := inputFile{name: name, text: text}
		if trouble != nil {
			f.trouble = trouble.detail
		}
		if strings.HasSuffix(strings.TrimSuffix(name, ".json"), autoInput) {
			auto = append(auto, f)
		} else {
			main = append(main, f)
		}
	}
	return append(main, auto...), nil
}

// readGiven reads the files that --var-file names. That one is not there is a
// problem of the command line, and told with the others.
func readGiven(list []Given) (map[string]inputFile, error) {
	files := map[string]inputFile{}
	for _, g := range list {
		if g.File == "" {
			continue
		}
		f := inputFile{name: filepath.ToSlash(g.File)}
		text, err := os.ReadFile(g.File)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			f.trouble = fmt.Sprintf("There is no file %s.%s", f.name, didYouMean(filepath.Base(g.File), "", neighbours(g.File)))
		case errors.Is(err, syscall.EISDIR):
			f.trouble = fmt.Sprintf("%s is a directory. Name a file with lines such as env = \"prod\".", f.name)
		case err != nil:
			return nil, fmt.Errorf("read variables: %w", err)
		}
		f.text = text
		files[g.File] = f
	}
	return files, nil
}

// neighbours names the files of variables in the folder of a file.
func neighbours(path string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext == ".hclvars" || ext == ".json" {
			names = append(names, e.Name())
		}
	}
	return names
}

// inputSet is the files of values as they were read.
type inputSet struct {
	files []inputFile          // of the workspace, in order
	named map[string]inputFile // by Given.File
}

// input takes the values given from outside, the weakest first: the environment,
// the files of the workspace, the command line in its order. It adds the files
// that may be shown to sources.
func (s *scope) input(o Options, in inputSet, sources map[string][]byte) {
	for _, name := range keys(s.variables) {
		if text, ok := o.Env[envPrefix+name]; ok {
			s.variables[name].given = &given{origin: origin{what: envPrefix + name}, typed: true, text: text}
		}
	}
	for _, f := range in.files {
		s.inputFile(f, sources)
	}
	for _, g := range o.Given {
		if g.File != "" {
			s.inputFile(in.named[g.File], sources)
			continue
		}
		v, ok := s.variables[g.Name]
		if !ok {
			s.report.add(diag.BadVariable, nil, "Unknown variable",
				"--var gives a value to %q, but the workspace declares no such variable.%s", g.Name, didYouMean(g.Name, "", keys(s.variables)))
			continue
		}
		v.given = &given{origin: origin{what: "--var " + g.Name}, typed: true, text: g.Text}
	}
	s.nearVariables(o.Env)
}

// nearVariables warns of environment variables whose names are near that of a variable
// without a value. Others may be meant for other workspaces.
func (s *scope) nearVariables(env map[string]string) {
	free := slices.DeleteFunc(keys(s.variables), func(name string) bool { return s.variables[name].given != nil })
	for _, name := range keys(env) {
		wrong, ours := strings.CutPrefix(name, envPrefix)
		if _, declared := s.variables[wrong]; !ours || declared {
			continue
		}
		if near := diag.Suggest(wrong, free); near != "" {
			s.report.add(diag.UnknownInput, nil, "Value for no variable",
				"The environment has %s, and the workspace declares no variable %q. Did you mean %s?", name, wrong, envPrefix+near)
		}
	}
}

// inputFile takes the values that a file gives. The text of a file that holds, or
// may hold, a sensitive value is not kept: problems name the line and do not show
// it.
func (s *scope) inputFile(f inputFile, sources map[string][]byte) {
	if f.trouble != "" {
		s.lost = true
		s.report.add(diag.BadVariable, nil, "No file of variables", "%s", f.trouble)
		return
	}
	if text, taken := sources[f.name]; taken && !bytes.Equal(text, f.text) {
		f.name = "./" + f.name
	}
	attrs, whole := s.parseInput(f)
	hidden := !whole && s.anySensitive()
	for _, a := range attrs {
		v, ok := s.variables[a.Name]
		if !ok {
			s.report.add(diag.UnknownInput, place(a.NameRange), "Value for no variable",
				"The workspace declares no variable %q.%s", a.Name, didYouMean(a.Name, "", keys(s.variables)))
			hidden = hidden || s.anySensitive()
			continue
		}
		hidden = hidden || v.sensitive
		v.given = &given{origin: origin{what: a.Name + " in " + f.name, at: place(a.Expr.Range())}, value: s.literal(a)}
	}
	if !hidden {
		sources[f.name] = f.text
	}
}

func (s *scope) anySensitive() bool {
	for _, v := range s.variables {
		if v.sensitive {
			return true
		}
	}
	return false
}

// parseInput reads the attributes of a file of values, in its order, and reports
// whether it could be read wholly.
func (s *scope) parseInput(f inputFile) (attrs []*hcl.Attribute, whole bool) {
	from := len(s.report.list)
	var found hcl.Attributes
	if strings.HasSuffix(f.name, ".json") {
		found = s.parseJSON(f)
	} else if at, deep := tooDeep(f.text); deep {
		pos := diag.Pos{Line: 1 + bytes.Count(f.text[:at], []byte("\n")), Column: 1, Byte: at}
		reportDeep(&diag.Range{Filename: f.name, Start: pos, End: pos}, s.report)
	} else {
		found = s.parseNative(f)
	}
	for _, name := range keys(found) {
		attrs = append(attrs, found[name])
	}
	slices.SortStableFunc(attrs, func(a, b *hcl.Attribute) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	whole = len(s.report.list) == from
	s.lost = s.lost || !whole
	return attrs, whole
}

func (s *scope) parseNative(f inputFile) hcl.Attributes {
	body, problems := recoverChunk(f.name, f.text, hcl.InitialPos)
	line := 0
	wrong := map[int]bool{} // lines
	for _, p := range problems {
		if p.Subject.Start.Line != line { // a second error in a line follows from the first
			reportSyntax(p, f.text, s.report)
		}
		line = p.Subject.Start.Line
		wrong[line] = true
	}
	for _, b := range body.Blocks {
		s.report.add(diag.UnknownBlock, place(b.DefRange()), "Block in a file of variables",
			"A file of variables holds values only: write %s = …. Blocks stand in the .hcl files of the workspace.", b.Type)
	}
	attrs := hcl.Attributes{}
	for name, a := range body.Attributes {
		if !wrong[a.SrcRange.Start.Line] && !wrong[a.SrcRange.End.Line] {
			attrs[name] = a.AsHCLAttribute()
		}
	}
	return attrs
}

func (s *scope) parseJSON(f inputFile) hcl.Attributes {
	attrs := hcl.Attributes{}
	root, lost := scanJSON(f.name, f.text, `{ "env": "prod" }`, s.report)
	if root == nil {
		return attrs
	}
	t := &jsonTree{name: f.name, src: f.text, report: s.report, literal: true, lost: lost}
	for _, p := range root.properties {
		if _, taken := attrs[p.name.text]; taken || p.value.lost || p.name.text == jsonComment {
			continue
		}
		at := p.name.rng
		at.End = p.value.rng.End
		attrs[p.name.text] = &hcl.Attribute{Name: p.name.text, Expr: t.value(p.value), Range: at, NameRange: p.name.rng}
	}
	return attrs
}

// literal is a value that is written out, in a file of values.
func (s *scope) literal(a *hcl.Attribute) cty.Value {
	if e, ok := a.Expr.(hclsyntax.Expression); ok {
		found := collect(e)
		for _, n := range found.names {
			hint := ""
			if len(n.Traversal) == 1 {
				hint = fmt.Sprintf(" Text stands in quotes: \"%s\".", n.Traversal.RootName())
			}
			s.report.add(diag.BadExpression, place(n.Range()), "Name in a file of variables",
				"Values of variables are written out, without references.%s", hint)
		}
		for _, c := range found.calls {
			s.report.add(diag.BadExpression, place(c.NameRange), "Function in a file of variables",
				"Values of variables are written out, without functions. Call %s in a local value of the workspace.", c.Name)
		}
		if len(found.names)+len(found.calls) > 0 {
			return cty.DynamicVal
		}
	}
	value, problems, ok := s.outsideValue(a)
	if !ok {
		return cty.DynamicVal
	}
	for _, p := range problems {
		s.reportEval(p)
	}
	if problems.HasErrors() {
		return cty.DynamicVal
	}
	return value
}

// outsideValue works out a value in a file of values; ok is whether that kept to
// the budget. JSON is read as it is.
func (s *scope) outsideValue(a *hcl.Attribute) (v cty.Value, problems hcl.Diagnostics, ok bool) {
	if e, is := a.Expr.(hclsyntax.Expression); is {
		return s.workOut(e, "var."+a.Name)
	}
	v, problems = a.Expr.Value(nil)
	return v, problems, true
}
