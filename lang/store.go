package lang

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
)

// where returns what is written of where the workspace is applied and run, or nil
// where errors leave it open. What is applied goes on while its files are broken,
// so a broken file is read as far as it goes.
func (b *builder) where(objects []*object, sources map[string][]byte) *graph.Runtime {
	i := slices.IndexFunc(objects, func(o *object) bool { return o.schema == &waybillSchema })
	if i < 0 {
		if b.list.HasErrors() { // it may be among what could not be read, or is misspelt
			return literalRuntime(sources)
		}
		return &b.graph.Runtime
	}
	r := objects[i].only("runtime")
	if r == nil {
		if objects[i].partly {
			return nil
		}
		return &b.graph.Runtime
	}
	for _, name := range []string{"path", "url"} {
		if _, ok := written[string](r, name); r.has(name) && !ok || slices.Contains(r.meant, name) {
			return nil
		}
	}
	return &b.graph.Runtime
}

var (
	remark       = regexp.MustCompile(`(?m)^[ \t]*(#|//).*$`)
	runtimeBlock = regexp.MustCompile(`\bruntime\s*\{([^{}]*)`)
	literalPath  = regexp.MustCompile(`(?m)^\s*path\s*=\s*"([^"\\$%\n]*)"\s*((#|//).*)?$`)
	otherPlace   = regexp.MustCompile(`\b(path|url)\s*=`)
)

// literalRuntime looks for a runtime block in text that could not be parsed. It is
// nil where there may be one that says something else.
func literalRuntime(sources map[string][]byte) *graph.Runtime {
	var found [][]byte
	for _, text := range sources {
		for _, m := range runtimeBlock.FindAllSubmatch(remark.ReplaceAll(text, nil), -1) {
			found = append(found, m[1])
		}
	}
	usual := &graph.Runtime{Path: runtimeSchema.attribute("path").Default}
	switch {
	case len(found) == 0:
		return usual
	case len(found) > 1:
		return nil
	}
	inside := bytes.TrimSpace(found[0])
	switch m := literalPath.FindSubmatch(inside); {
	case m == nil && !otherPlace.Match(inside):
		return usual
	case m == nil || len(m[1]) == 0 || len(otherPlace.FindAll(inside, -1)) != 1:
		return nil
	default:
		return &graph.Runtime{Path: string(m[1])}
	}
}
