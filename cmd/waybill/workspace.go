package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// workspace is a directory of .hcl and .hcl.json files as it was loaded.
type workspace struct {
	dir      string         // as the program reaches it
	graph    *graph.Graph   // nil when it has errors
	runtime  *graph.Runtime // where it is applied, errors or not; nil where they leave that open
	problems diag.List
	sources  map[string][]byte
	compiled *lang.Workspace
	unasked  error // why its server told nothing of what is applied; nil: it did, or was not to
}

// load reads and checks the workspace in a directory. Its problems are in the
// workspace; an error is a fault of the machine or of the command line.
func (p *program) load(dir string, vars inputs) (*workspace, error) {
	given, err := p.given(vars)
	if err != nil {
		return nil, err
	}
	w := &workspace{dir: p.path(dir)}
	info, err := os.Stat(w.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no directory %s%s", w.dir, p.nearFile(dir))
	case err != nil:
		return nil, fmt.Errorf("open the workspace: %w", err)
	case !info.IsDir():
		return nil, advise("Name the directory that holds the .hcl files.", "%s is not a directory", w.dir)
	}
	loaded, problems, err := lang.Load(w.dir, lang.Options{Given: given, Env: p.env, Version: thisRelease().number()})
	if err != nil {
		return nil, err
	}
	w.problems = problems
	if loaded != nil {
		w.graph, w.runtime, w.sources, w.compiled = loaded.Graph, loaded.Runtime, loaded.Sources, loaded
	}
	return w, nil
}

// findPlace is where a workspace is applied and run. What is applied goes on when
// the .hcl files are broken; then only a store that is there is found, and only
// where they still say which.
func (p *program) findPlace(dir string, vars inputs) (place, error) {
	w, err := p.load(dir, vars)
	if err != nil {
		return place{}, err
	}
	if w.graph != nil {
		return w.place(), nil
	}
	if w.runtime == nil {
		p.printDiagnostics(w.problems, w.sources)
		return place{}, advise("Write the path of its runtime block as plain text, such as path = \".waybill\", or correct the errors.",
			"the workspace has errors, so where its store is cannot be read")
	}
	at := w.placeOf(w.runtime, nil)
	if at.url != "" && at.token != nil { // the secret that it names may be what is broken
		if p.env[tokenVariable] == "" {
			p.printDiagnostics(w.problems, w.sources)
			return place{}, advise("Set "+tokenVariable+", or correct the errors.",
				"the workspace has errors, so its token for %s cannot be read", at.url)
		}
		at.token = nil
	}
	if at.exists() {
		return at, nil
	}
	if len(hclFiles(w.dir)) == 0 {
		return place{}, advise("Name the directory of the workspace, or go there with -C.", "%s holds no .hcl files", w.dir)
	}
	p.printDiagnostics(w.problems, w.sources)
	return place{}, fmt.Errorf("the workspace has errors, and there is no store at %s", at.path)
}

// nearFile asks after the file or directory that a name, as typed, may stand for,
// or says nothing.
func (p *program) nearFile(name string) string {
	beside, base := filepath.Split(name)
	entries, err := os.ReadDir(p.path(filepath.Clean(beside)))
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		if kind := filepath.Ext(e.Name()); e.IsDir() && !strings.HasPrefix(kind, ".") || kind == ".plan" {
			names = append(names, e.Name())
		}
	}
	if near := diag.Suggest(base, names); near != "" {
		return fmt.Sprintf(". Did you mean %s?", filepath.Join(beside, near))
	}
	return ""
}

// under resolves a path of a workspace.
func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// hclFiles names the files of a workspace, .hcl and .hcl.json; none where the
// directory cannot be read.
func hclFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && filepath.Ext(strings.TrimSuffix(e.Name(), ".json")) == ".hcl" {
			names = append(names, e.Name())
		}
	}
	return names
}
