package view

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// essence says in a few words what a block is that comes or goes. Each part fits a
// line of n columns, with the comma that follows it.
func essence(c *plan.Change, n int) []string {
	parts := contentOf(c).parts(c.Address.Kind())
	for i, p := range parts {
		room := n
		if i < len(parts)-1 {
			room -= len(",")
		}
		parts[i] = shorten(p, room)
	}
	return parts
}

func (b content) parts(kind string) []string {
	switch kind {
	case graph.KindGroup:
		return b.group()
	case graph.KindCourier, graph.KindBridge, graph.KindProcess, graph.KindActivation:
		return b.work()
	case graph.KindAlert:
		return []string{"on " + strings.Join(b.list("on"), " ")}
	case graph.KindSecret:
		if env := b.text("env"); env != "" {
			return []string{"environment variable " + env}
		}
		if command := b.list("exec.command"); command != nil {
			return []string{"program " + strings.Join(command, " ")}
		}
		return []string{"file " + b.text("file")}
	default:
		return []string{fmt.Sprintf("landing %q", b.text("landing")), fmt.Sprintf("store %q", b.first("runtime.url", "runtime.path"))}
	}
}

// content is the values of a block by path.
type content map[string]json.RawMessage

func contentOf(c *plan.Change) content {
	b := content{}
	for _, a := range c.Attributes {
		b[a.Path] = a.After
		if c.Action == plan.Remove {
			b[a.Path] = a.Before
		}
	}
	return b
}

// text is the value of a path as text, empty where it is not.
func (b content) text(path string) string {
	var s string
	if json.Unmarshal(b[path], &s) != nil {
		return ""
	}
	return s
}

func (b content) list(path string) []string {
	var list []string
	if json.Unmarshal(b[path], &list) != nil {
		return nil
	}
	return list
}

func (b content) first(paths ...string) string {
	for _, p := range paths {
		if s := b.text(p); s != "" {
			return s
		}
	}
	return ""
}

func (b content) group() []string {
	parts := []string{"no schedule"}
	if s := b.text("schedule"); s != "" {
		parts[0] = s + " " + b.text("timezone")
		if string(b["active"]) != "true" {
			parts[0] += " (inactive)"
		}
	}
	if n := b.labels("courier"); n > 0 {
		parts = append(parts, graph.Count(n, "courier"))
	}
	for _, list := range []struct{ path, one, many string }{
		{"bridges", "bridge", "bridges"}, {"processes", "process", "processes"}, {"activations", "activation", "activations"},
	} {
		if n := len(b.list(list.path)); n == 1 {
			parts = append(parts, "1 "+list.one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", n, list.many))
		}
	}
	return parts
}

// labels counts the labelled blocks of a kind.
func (b content) labels(kind string) int {
	n := 0
	for path := range b {
		prefix, last := cutLast(path)
		if firstOf(prefix) == kind && last == blockKeys[kind] {
			n++
		}
	}
	return n
}

// work says what a courier or a step does, and with what.
func (b content) work() []string {
	for _, kind := range []string{"filedrop", "rest_api", "http"} {
		if url := b.text(kind + ".url"); url != "" {
			parts := []string{kind + " " + url}
			if n := b.labels("file"); n > 0 {
				parts = append(parts, graph.Count(n, "file"))
			}
			return parts
		}
	}
	if command := b.list("exec.command"); command != nil {
		return []string{"exec " + strings.Join(command, " ")}
	}
	if query := b.text("warehouse.query"); query != "" {
		return []string{"warehouse " + query}
	}
	return []string{"sql " + strings.Join(b.list("sql.statements"), "; ")}
}
