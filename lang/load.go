package lang

import (
	"cmp"
	"fmt"
	"maps"
	"os"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Options are what a workspace is compiled with besides its files.
type Options struct {
	Given   []Given           // values of variables and files of them; a later one goes before
	Env     map[string]string // where WAYBILL_VAR_name gives the variable name a value
	Version string            // release of the tool, for required_version; empty: not checked

	steps int // that it may take to work out the expressions; 0: maxSteps
}

// Workspace is a compiled workspace.
type Workspace struct {
	Graph     *graph.Graph      // nil when there are errors
	Runtime   *graph.Runtime    // where it is applied and run, errors or not; nil where they leave that open
	Sources   map[string][]byte // text of the files that were read, by name, save files with sensitive values
	Variables []Variable        // sorted by name

	scope  *scope   // what names mean, for Eval
	unread []unread // files
	others others   // files that seem to be meant, and directories of some
	dir    string   // where files are read from; "": there are none
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
	ws := &Workspace{}
	names, others, err := fileNames(dir)
	if err != nil {
		return nil, nil, err
	}
	ws.others = others
	if ws.Sources, ws.unread, err = readSources(dir, names); err != nil {
		return nil, nil, err
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
	ws.dir = dir
	defer func() { ws.scope.files.root = nil }()
	return compile(ws, root, in, o)
}

// compile runs the phases over what was read. root is the workspace, for the
// content of scripts; nil: there are none.
func compile(ws *Workspace, root *os.Root, in inputSet, o Options) (*Workspace, diag.List, error) {
	text := ws.Sources
	c, ok := ws.decode(text, in, root, o, true)
	if !ok {
		c, _ = ws.decode(text, in, root, o, false)
	}
	b := &builder{report: c.report, scope: ws.scope, root: root, graph: &graph.Graph{FormatVersion: graph.FormatVersion}}
	if err := b.build(c.objects, o.Version); err != nil {
		return nil, nil, err
	}
	ws.Runtime = b.where(c.objects, ws.Sources)
	check(b, c.objects, c.broken)
	if c.lost {
		c.list = withoutAbsent(c.list)
	}
	list := accepted(c.list.Sorted(), b.graph.Groups).Folded()
	if !list.HasErrors() {
		ws.Graph = b.graph
	}
	return ws, list, nil
}

// decoded is what the files of a workspace say, and what is wrong with that.
type decoded struct {
	*report
	objects []*object
	broken  bool // some text could not be read
	lost    bool // a file was not read at all
}

// decode reads the text of the files into objects. With later, each body is
// parsed when it is decoded and dropped after that, so that there is never a
// syntax tree of the whole. This goes by the first lines of the blocks: ok is
// false where one was something else, or does not parse. Then nothing that was
// found counts, and the text has to be decoded without later.
func (ws *Workspace) decode(text map[string][]byte, in inputSet, root *os.Root, o Options, later bool) (c decoded, ok bool) {
	c.report = &report{}
	ws.Sources = maps.Clone(text)
	reportUnread(ws.unread, c.report)
	ws.others.report(c.report)
	c.lost = readable(ws.Sources, c.report) || len(ws.unread) > 0
	blocks, broken := parseAll(ws.Sources, later, c.report)
	if len(ws.Sources) == 0 {
		c.report.add(diag.EmptyWorkspace, nil, "No workspace here", "The directory has no .hcl or .hcl.json file.%s \"waybill init\" writes a first workspace; or name the directory that has one.", ws.others.within())
	}
	s := newScope(c.report, root, ws.Sources)
	s.budget.allowed = cmp.Or(o.steps, maxSteps)
	s.declare(blocks)
	s.input(o, in, ws.Sources)
	s.evaluate()
	ws.Variables = s.inputs()
	ws.scope = s
	d := &decoder{scope: s, report: c.report}
	c.broken = broken || c.lost
	c.objects, ok = d.workspace(blocks)
	s.forget()
	return c, ok
}
