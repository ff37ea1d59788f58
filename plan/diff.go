package plan

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
)

// diff compares the applied graph with the written one, block by block. Graphs
// with equal digests do not differ; nothing is compared then.
//
// The applied graph has the present addresses already; renames says which of them
// are new.
func diff(in Input, digest string, renames graph.Renames) []Change {
	old := in.Deployed.Graph
	if in.Deployed.Serial == 0 {
		old = nil
	}
	if old != nil && renames.Empty() && cmp.Or(in.Deployed.Digest, old.Digest()) == digest {
		return []Change{}
	}
	before, after := blocksOf(old), blocksOf(in.Graph)
	from := former(renames)
	addrs := maps.Clone(before)
	maps.Copy(addrs, after)
	changes := []Change{}
	for _, a := range slices.Sorted(maps.Keys(addrs)) {
		if bytes.Equal(before[a], after[a]) && from[a] == "" {
			continue
		}
		c := Change{Address: a, Action: Modify, Attributes: compare(spread(a, before[a]), spread(a, after[a]))}
		switch {
		case before[a] == nil:
			c.Action = Add
		case after[a] == nil:
			c.Action = Remove
		case from[a] != "":
			c.Action, c.From = Rename, from[a]
		case len(c.Attributes) == 0:
			continue
		}
		if c.Action != Add && a.Kind() == graph.KindGroup {
			c.Reschedule = reschedule(old.Group(a), in.Graph.Group(a), in.At)
		}
		changes = append(changes, c)
	}
	for _, m := range renames.Members {
		changes = append(changes, Change{Address: m.To, Action: Rename, From: m.From})
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Address, b.Address) })
	return changes
}

// former is the address that each renamed block had.
func former(r graph.Renames) map[graph.Addr]graph.Addr {
	from := map[graph.Addr]graph.Addr{}
	for _, m := range r.Blocks {
		from[m.To] = m.From
	}
	return from
}

// compare lists the attributes in which two blocks differ, by path. Either may
// be nil.
func compare(before, after block) []Attribute {
	paths := after
	if before != nil {
		paths = maps.Clone(before)
		maps.Copy(paths, after)
	}
	var list []Attribute
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if b, a := before[path], after[path]; !bytes.Equal(b, a) {
			list = append(list, Attribute{Path: path, Before: b, After: a})
		}
	}
	return list
}
