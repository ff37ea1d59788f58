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
	"github.com/waybill-dev/waybill/runtime"
)

// workspace is a directory of .hcl and .hcl.json files as it was loaded.
type workspace struct {
	dir      string         // as the program reaches it
	graph    *graph.Graph   // nil when it has errors
	runtime  *graph.Runtime // where it is applied, errors or not; nil where they leave that open
	problems diag.List
	sources  map[string][]byte
	compiled *lang.Workspace
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
		return nil, fmt.Errorf("there is no directory %s", w.dir)
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

// errRemote says that a workspace belongs to a server.
func errRemote(url string) error {
	return advise("Plan against nothing with 'waybill plan --offline', or leave the url out for the store in this directory.",
		"the workspace has runtime { url = %q }, and this release talks only to the local store", url)
}

// storePath is where the workspace's local store is or would be.
func (w *workspace) storePath() (string, error) { return w.storeOf(&w.graph.Runtime) }

func (w *workspace) storeOf(r *graph.Runtime) (string, error) {
	if r.URL != "" {
		return "", errRemote(r.URL)
	}
	return under(w.dir, r.Path), nil
}

// findStore is where the store of a workspace is. What is applied goes on when
// the .hcl files are broken; then only a store that is there is found, and only
// where they still say which.
func (p *program) findStore(dir string, vars inputs) (string, error) {
	w, err := p.load(dir, vars)
	if err != nil {
		return "", err
	}
	if w.graph != nil {
		return w.storePath()
	}
	if w.runtime == nil {
		p.printDiagnostics(w.problems, w.sources)
		return "", advise("Write the path of its runtime block as plain text, such as path = \".waybill\", or correct the errors.",
			"the workspace has errors, so where its store is cannot be read")
	}
	path, err := w.storeOf(w.runtime)
	if err != nil || runtime.Exists(path) {
		return path, err
	}
	if len(hclFiles(w.dir)) == 0 {
		return "", advise("Name the directory of the workspace, or go there with -C.", "%s holds no .hcl files", w.dir)
	}
	p.printDiagnostics(w.problems, w.sources)
	return "", fmt.Errorf("the workspace has errors, and there is no store at %s", path)
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
