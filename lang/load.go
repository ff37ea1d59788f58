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
	Vars    map[string]string // values of variables, as typed after --var
	Version string            // release of the tool, for required_version; empty: not checked
}

// Workspace is a compiled workspace.
type Workspace struct {
	Graph     *graph.Graph      // nil when there are errors
	Sources   map[string][]byte // text of the files that were read, by name
	Variables []Variable        // sorted by name
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
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read workspace: %w", err)
	}
	defer root.Close()
	return compile(ws, root, o)
}

// fileNames lists the .hcl files of a directory, without hidden files and those
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
		if strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, ".hcl.json") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// compile runs the phases over what was read. root is the workspace, for the
// content of scripts; nil: there are none.
func compile(ws *Workspace, root *os.Root, o Options) (*Workspace, diag.List, error) {
	r := &report{}
	blocks, broken := parseAll(ws.Sources, r)
	s := newScope(r)
	s.declare(blocks)
	s.input(o.Vars)
	s.evaluateLocals()
	ws.Variables = s.inputs()

	d := &decoder{scope: s, report: r}
	b := &builder{report: r, scope: s, root: root, graph: &graph.Graph{FormatVersion: graph.FormatVersion}}
	if err := b.build(d.workspace(blocks), o.Version); err != nil {
		return nil, nil, err
	}
	check(b, broken)
	list := accepted(r.list.Sorted(), b.graph.Groups).Folded()
	if !list.HasErrors() {
		ws.Graph = b.graph
	}
	return ws, list, nil
}
