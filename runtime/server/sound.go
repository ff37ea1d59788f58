package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/api"
)

// sound refuses a graph that this release did not understand whole, or that no
// workspace compiles to: the runtime trusts a graph.
func sound(d graph.Deployment) error {
	bad := func(format string, args ...any) error {
		return problemf(http.StatusUnprocessableEntity, api.CodeBadGraph, format, args...)
	}
	g := d.Graph
	switch {
	case g == nil:
		return bad("the deployment has no graph")
	case g.FormatVersion > graph.FormatVersion:
		return problemf(http.StatusUnprocessableEntity, api.CodeNewerFormat,
			"the graph has format %d, and this release of the server knows %d: upgrade the server", g.FormatVersion, graph.FormatVersion)
	case g.FormatVersion < 1:
		return bad("the graph has no format_version")
	case d.Digest != "" && d.Digest != g.Digest():
		return problemf(http.StatusUnprocessableEntity, api.CodeNewerFormat,
			"the graph reads as %s here, and was sent as %s: it was changed on the way, or another release wrote it. Use one release on both sides",
			g.Digest(), d.Digest)
	}
	if err := findable(g); err != nil {
		return bad("%s", err)
	}
	for i := range g.Couriers {
		if err := soundCourier(&g.Couriers[i]); err != nil {
			return bad("%s: %s", g.Couriers[i].Addr, err)
		}
	}
	for _, steps := range [][]graph.Step{g.Bridges, g.Processes, g.Activations} {
		for i := range steps {
			if err := soundStep(&steps[i]); err != nil {
				return bad("%s: %s", steps[i].Addr, err)
			}
		}
	}
	for i := range g.Groups {
		if err := soundGroup(g, &g.Groups[i]); err != nil {
			return bad("%s", err)
		}
	}
	return nil
}

// findable refuses lists in which blocks are not found by their address: they are
// sorted by it, and one block becomes one block.
func findable(g *graph.Graph) error {
	next, before := map[graph.Addr]graph.Addr{}, map[graph.Addr]graph.Addr{}
	for _, m := range g.Moved {
		if to, twice := next[m.From]; twice && to != m.To {
			return fmt.Errorf("%s is moved to %s and to %s", m.From, to, m.To)
		}
		if from, twice := before[m.To]; twice && from != m.From {
			return fmt.Errorf("%s and %s are moved to %s", from, m.From, m.To)
		}
		next[m.From], before[m.To] = m.To, m.From
	}
	return errors.Join(
		sorted(g.Couriers, graph.KindCourier, func(c graph.Courier) graph.Addr { return c.Addr }),
		sorted(g.Bridges, graph.KindBridge, stepAddr), sorted(g.Processes, graph.KindProcess, stepAddr),
		sorted(g.Activations, graph.KindActivation, stepAddr),
		sorted(g.Alerts, graph.KindAlert, func(a graph.Alert) graph.Addr { return a.Addr }),
		sorted(g.Groups, graph.KindGroup, func(g graph.Group) graph.Addr { return g.Addr }),
	)
}

func stepAddr(s graph.Step) graph.Addr { return s.Addr }

func sorted[T any](list []T, kind string, addr func(T) graph.Addr) error {
	for i, x := range list {
		switch a := addr(x); {
		case a.Kind() != kind || a.Name() == "":
			return fmt.Errorf("%q is not the address of a %s", a, kind)
		case i > 0 && addr(list[i-1]) >= a:
			return fmt.Errorf("%s stands twice or not in its order", a)
		}
	}
	return nil
}

// soundCourier refuses what no runtime can pull.
func soundCourier(c *graph.Courier) error {
	switch {
	case !one(c.Filedrop != nil, c.RestAPI != nil, c.Warehouse != nil, c.Exec != nil):
		return errors.New("it has no source, or two")
	case c.RestAPI != nil:
		return soundREST(c.RestAPI)
	case c.Warehouse != nil && !slices.Contains([]string{"csv", "jsonl"}, c.Warehouse.Format):
		return fmt.Errorf("it cannot write rows as %q", c.Warehouse.Format)
	case c.Exec != nil:
		return soundExec(c.Exec)
	}
	for _, f := range c.Files {
		if _, err := window.ParsePattern(f.Pattern); err != nil {
			return fmt.Errorf("file %s: %w", f.Name, err)
		}
	}
	return nil
}

// soundREST refuses pages that nobody could turn.
func soundREST(r *graph.RestAPI) error {
	if len(r.URL) == 0 {
		return errors.New("it has no url")
	}
	if r.Rate != nil && (r.Rate.Requests < 1 || r.Rate.Requests > 100_000 || r.Rate.Per <= 0) {
		return errors.New("its rate is none")
	}
	paths := []string{r.Records}
	if p := r.Paging; p != nil {
		paths = append(paths, p.Path, p.More, p.Field, p.Total, p.TotalPages)
		ways := []string{graph.PagingLink, graph.PagingNext, graph.PagingCursor, graph.PagingPage, graph.PagingOffset}
		switch {
		case !slices.Contains(ways, p.Way):
			return fmt.Errorf("this release of the server does not know the way of paging %q", p.Way)
		case p.From != "" && p.From != graph.FromLastRecord:
			return fmt.Errorf("this release of the server knows no cursor from %q", p.From)
		case r.Records == "" || p.MaxPages < 1:
			return errors.New("its paging has no records, or no max_pages")
		}
	}
	for _, path := range paths {
		if _, err := graph.ParsePath(path); path != "" && err != nil {
			return fmt.Errorf("path %q: %w", path, err)
		}
	}
	return nil
}

func soundStep(s *graph.Step) error {
	switch {
	case !one(s.Exec != nil, s.HTTP != nil, s.SQL != nil):
		return errors.New("it does nothing, or two things")
	case s.Exec != nil:
		return soundExec(s.Exec)
	case s.SQL != nil && len(s.SQL.Statements) == 0:
		return errors.New("it has no statements")
	}
	return nil
}

// soundExec refuses what is no program, or works in no folder.
func soundExec(e *graph.Exec) error {
	switch {
	case len(e.Command) == 0:
		return errors.New("its command is empty")
	case strings.Contains(e.WorkingDir, "://"):
		return fmt.Errorf("its working_dir %q is no folder", e.WorkingDir)
	}
	return nil
}

// one reports whether exactly one of several is so.
func one(list ...bool) bool {
	return slices.Index(list, true) >= 0 && !slices.Contains(list[slices.Index(list, true)+1:], true)
}

// soundGroup looks up everything that a group names.
func soundGroup(g *graph.Graph, group *graph.Group) error {
	if _, err := window.NewCalendar(group); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, m := range group.Members {
		switch {
		case g.Courier(m.Courier) == nil:
			return fmt.Errorf("%s: there is no %s", group.Addr, m.Courier)
		case m.Name == "" || known[m.Name]:
			return fmt.Errorf("%s: the courier name %q is empty or stands twice", group.Addr, m.Name)
		}
		known[m.Name] = true
	}
	for _, list := range [][]graph.Addr{group.Bridges, group.Processes, group.Activations} {
		for _, a := range list {
			if g.Step(a) == nil {
				return fmt.Errorf("%s: there is no %s", group.Addr, a)
			}
		}
	}
	for _, after := range group.After {
		if g.Group(after.Group) == nil {
			return fmt.Errorf("%s: there is no %s", group.Addr, after.Group)
		}
	}
	return nil
}
