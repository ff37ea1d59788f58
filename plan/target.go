package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// target is the applied graph with some groups, and what they need, as they were
// written. The diagnostics say why that is not a whole workspace.
func target(in Input) (*graph.Graph, diag.List) {
	old, now := in.Deployed.Graph, in.Graph
	out := *now // the settings, and where everything was written
	if in.Deployed.Serial != 0 {
		settings := *old
		out.FormatVersion, out.RequiredVersion, out.Landing = now.FormatVersion, settings.RequiredVersion, settings.Landing
		out.Runtime, out.Heartbeat = settings.Runtime, settings.Heartbeat
		out.MaxConcurrent, out.MaxPerHost = settings.MaxConcurrent, settings.MaxPerHost
	}
	renames := graph.RenamesOf(old, now)
	taken := map[graph.Addr]bool{} // what is as it was written, or goes
	for _, g := range []*graph.Graph{now, old} {
		for i := range g.Groups {
			a := g.Groups[i].Addr
			if selects(in.Target, a) || selects(in.Target, renames.Block(a)) {
				taken[a], taken[renames.Block(a)] = true, true
				uses(g, &g.Groups[i], taken)
			}
		}
	}
	out.Groups = mix(old.Groups, now.Groups, func(g *graph.Group) graph.Addr { return g.Addr }, taken)
	kept := owners(&graph.Graph{Groups: out.Groups, Bridges: old.Bridges, Processes: old.Processes, Activations: old.Activations})
	for a := range taken {
		if kept[a] && a.Kind() != graph.KindGroup && !has(now, a) {
			delete(taken, a) // something that stays needs what was removed
		}
	}
	out.Couriers = mix(old.Couriers, now.Couriers, func(c *graph.Courier) graph.Addr { return c.Addr }, taken)
	out.Alerts = mix(old.Alerts, now.Alerts, func(a *graph.Alert) graph.Addr { return a.Addr }, taken)
	step := func(s *graph.Step) graph.Addr { return s.Addr }
	out.Bridges, out.Processes, out.Activations = mix(old.Bridges, now.Bridges, step, taken), mix(old.Processes, now.Processes, step, taken), mix(old.Activations, now.Activations, step, taken)
	out.Secrets = secretsOf(&out, old, now)
	out.Moved = slices.DeleteFunc(slices.Clone(now.Moved), func(m graph.Moved) bool { return has(&out, m.From) })
	return &out, incomplete(&out)
}

// mix takes what is in a set from one list and everything else from the other.
func mix[T any](old, now []T, addr func(*T) graph.Addr, taken map[graph.Addr]bool) []T {
	var out []T
	for i := range old {
		if !taken[addr(&old[i])] {
			out = append(out, old[i])
		}
	}
	for i := range now {
		if taken[addr(&now[i])] {
			out = append(out, now[i])
		}
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Compare(addr(&a), addr(&b)) })
	return out
}

func has(g *graph.Graph, a graph.Addr) bool {
	switch a.Kind() {
	case graph.KindGroup:
		return g.Group(a) != nil
	case graph.KindCourier:
		return g.Courier(a) != nil
	case graph.KindAlert:
		return g.Alert(a) != nil
	default:
		return g.Step(a) != nil
	}
}

// secretsOf is the secrets that a graph refers to, as applied where they are.
func secretsOf(g, old, now *graph.Graph) []graph.Secret {
	without := *g
	without.Secrets = nil
	text := string(encode(&without))
	var out []graph.Secret
	for _, list := range [][]graph.Secret{old.Secrets, now.Secrets} {
		for _, s := range list {
			known := slices.ContainsFunc(out, func(o graph.Secret) bool { return o.Name == s.Name })
			if !known && strings.Contains(text, `"secret.`+s.Name+`"`) {
				out = append(out, s)
			}
		}
	}
	slices.SortFunc(out, func(a, b graph.Secret) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// incomplete reports what a graph names and does not have, and groups that wait in
// a circle.
func incomplete(g *graph.Graph) diag.List {
	var missing []string
	need := func(by, a graph.Addr) {
		if !has(g, a) {
			missing = append(missing, fmt.Sprintf("- %s needs %s", by, a))
		}
	}
	edges := map[graph.Addr][]graph.Addr{}
	for i := range g.Groups {
		group := &g.Groups[i]
		all := map[graph.Addr]bool{}
		uses(g, group, all)
		for a := range all {
			need(group.Addr, a)
		}
		for _, x := range group.After {
			need(group.Addr, x.Group)
			edges[group.Addr] = append(edges[group.Addr], x.Group)
			if up := g.Group(x.Group); up != nil && (!up.Active || up.Schedule == "") {
				missing = append(missing, fmt.Sprintf("- %s comes after %s, which never runs by itself", group.Addr, x.Group))
			}
		}
	}
	for a := range edges {
		if reachable(edges, map[graph.Addr]bool{a: true})[a] {
			missing = append(missing, fmt.Sprintf("- %s would wait for itself", a))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return diag.List{diag.PlanTarget.New(nil, "Targets that cannot be applied alone",
		"What is applied, with the targets as they were written, is not whole:\n\n%s\n\nAdd the groups that are named to the targets, or plan without --target.", strings.Join(slices.Compact(missing), "\n"))}
}
