package lang

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Options are what a workspace is compiled with besides its files.
type Options struct {
	Given   []Given           // values of variables and files of them; a later one goes before
	Env     map[string]string // where WAYBILL_VAR_name gives the variable name a value
	Version string            // release of the tool, for required_version; empty: not checked
}

// Workspace is a compiled workspace.
type Workspace struct {
	Graph     *graph.Graph      // nil when there are errors
	Runtime   *graph.Runtime    // where it is applied and run, errors or not; nil where they leave that open
	Sources   map[string][]byte // text of the files that were read, by name, save files with sensitive values
	Variables []Variable        // sorted by name

	scope *scope // what names mean, for Eval
}

// Variable is an input of a workspace.
type Variable struct {
	Name        string
	Type        string // as written in HCL; "any" where none is
	Description string
	Sensitive   bool
	HasDefault  bool
}

// Load compiles the workspace in a directory. The list holds everything that is
// wrong or doubtful, sorted; the Workspace is never nil unless the error is set.
// The error is a fault of the machine: a file or the directory cannot be read.
func Load(dir string, o Options) (*Workspace, diag.List, error) {
	ws := &Workspace{Sources: map[string][]byte{}}
	names, err := fileNames(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, nil, fmt.Errorf("read workspace: %w", err)
		}
		ws.Sources[name] = text
	}
	in := inputSet{}
	if in.files, err = readInputs(dir); err != nil {
		return nil, nil, err
	}
	if in.named, err = readGiven(o.Given); err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read workspace: %w", err)
	}
	defer root.Close()
	return compile(ws, root, in, o)
}

// fileNames lists the .hcl and .hcl.json files of a directory, without hidden files and those
// that editors leave behind.
func fileNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") {
			continue
		}
		if strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, jsonSuffix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// compile runs the phases over what was read. root is the workspace, for the
// content of scripts; nil: there are none.
func compile(ws *Workspace, root *os.Root, in inputSet, o Options) (*Workspace, diag.List, error) {
	r := &report{}
	blocks, broken := parseAll(ws.Sources, r)
	s := newScope(r)
	s.declare(blocks)
	s.input(o, in, ws.Sources)
	s.evaluateLocals()
	ws.Variables = s.inputs()
	ws.scope = s

	d := &decoder{scope: s, report: r}
	b := &builder{report: r, scope: s, root: root, graph: &graph.Graph{FormatVersion: graph.FormatVersion}}
	objects := d.workspace(blocks)
	if err := b.build(objects, o.Version); err != nil {
		return nil, nil, err
	}
	ws.Runtime = b.where(objects, ws.Sources, broken)
	check(b, broken)
	list := accepted(r.list.Sorted(), b.graph.Groups).Folded()
	if !list.HasErrors() {
		ws.Graph = b.graph
	}
	return ws, list, nil
}
