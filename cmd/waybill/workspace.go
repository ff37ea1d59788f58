package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// workspace is a directory of .hcl files as it was loaded.
type workspace struct {
	dir      string // as the program reaches it
	graph    *graph.Graph
	problems diag.List
	sources  map[string][]byte
	compiled *lang.Workspace
}

// varFlag adds --var to a command that loads a workspace.
func varFlag(cmd *cobra.Command, vars *[]string) {
	cmd.Flags().StringArrayVar(vars, "var", nil, "give a variable a value: `name=value`; may be repeated")
}

// load reads and checks the workspace in a directory. Its problems are in the
// workspace; an error is a fault of the machine or of the command line.
func (p *program) load(dir string, vars []string) (*workspace, error) {
	values := make(map[string]string, len(vars))
	for _, v := range vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return nil, advise("Write --var name=value.", "--var %q has no value", v)
		}
		values[name] = value
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
	loaded, problems, err := lang.Load(w.dir, lang.Options{Vars: values, Version: thisRelease().number()})
	if err != nil {
		return nil, err
	}
	w.problems = problems
	if loaded != nil {
		w.graph, w.sources, w.compiled = loaded.Graph, loaded.Sources, loaded
	}
	return w, nil
}

// errRemote says that a workspace belongs to a server.
func errRemote(url string) error {
	return advise("Plan against nothing with 'waybill plan --offline', or leave the url out for the store in this directory.",
		"the workspace has runtime { url = %q }, and this release talks only to the local store", url)
}

// storePath is where the workspace's local store is or would be.
func (w *workspace) storePath() (string, error) {
	if w.graph.Runtime.URL != "" {
		return "", errRemote(w.graph.Runtime.URL)
	}
	return under(w.dir, w.graph.Runtime.Path), nil
}

// defaultStore is the store of a workspace that does not name another.
const defaultStore = ".waybill"

// findStore is where the store of a workspace is. What is applied goes on when
// the .hcl files are broken; then only a store at its usual place is found.
func (p *program) findStore(dir string, vars []string) (string, error) {
	w, err := p.load(dir, vars)
	if err != nil {
		return "", err
	}
	if w.graph != nil {
		return w.storePath()
	}
	usual := filepath.Join(w.dir, defaultStore)
	if _, err := os.Stat(usual); err == nil {
		return usual, nil
	}
	if len(hclFiles(w.dir)) == 0 {
		return "", advise("Name the directory of the workspace, or go there with -C.", "%s holds no .hcl files", w.dir)
	}
	p.printDiagnostics(w.problems, w.sources)
	return "", errors.New("the workspace has errors, so where its store is cannot be read")
}

// under resolves a path of a workspace.
func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// hclFiles names the .hcl files of a directory; none where it cannot be read.
func hclFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && filepath.Ext(e.Name()) == ".hcl" {
			names = append(names, e.Name())
		}
	}
	return names
}
