package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// movedKinds are the blocks that can have another address and still be the same.
var movedKinds = []string{
	graph.KindGroup, graph.KindCourier, graph.KindBridge, graph.KindProcess, graph.KindActivation, graph.KindAlert,
}

// movedAddress reads an address as it stands. It is not resolved: the former
// address names nothing any more.
func (d *decoder) movedAddress(name string, e hclsyntax.Expression) (ref, bool) {
	at := place(e.Range())
	wrong := func(format string, args ...any) (ref, bool) {
		d.report.add(diag.MovedAddress, at, "No address in "+name, format, args...)
		return ref{}, false
	}
	t, ok := e.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return wrong("%s is an address as it stands, without quotes, functions or names in brackets: courier_group.NAME, courier.NAME[\"KEY\"]; in JSON \"${courier_group.NAME}\".", name)
	}
	kind := t.Traversal.RootName()
	if !slices.Contains(movedKinds, kind) {
		return wrong("%s cannot be moved. A moved block names a %s.%s", kind, orList(movedKinds), didYouMean(kind, "", movedKinds))
	}
	labels := labelsOf(t.Traversal, labelCount[kind])
	if len(labels) < labelCount[kind] {
		return wrong("The address of %s %s is written %s.", article(noun(kind)), noun(kind), form(kind))
	}
	addr, rest := keyed(graph.NewAddr(kind, labels...), t.Traversal[1+len(labels):])
	if kind == graph.KindGroup && len(rest) >= 2 && stepName(rest[0]) == graph.KindCourier && stepName(rest[1]) != "" {
		member, after := keyed(graph.Addr(stepName(rest[1])), rest[2:])
		addr, rest = graph.MemberAddr(addr, string(member)), after
	}
	if len(rest) > 0 {
		return wrong("What follows %s cannot be moved by itself. A courier of a group is courier_group.NAME.courier.NAME.", addr)
	}
	return ref{addr: addr, at: at}, true
}

// keyed adds the for_each key that a traversal goes on with, if there is one.
func keyed(addr graph.Addr, rest hcl.Traversal) (graph.Addr, hcl.Traversal) {
	if len(rest) == 0 {
		return addr, rest
	}
	if i, ok := rest[0].(hcl.TraverseIndex); ok {
		if key, ok := toText(i.Key); ok {
			return addr.Instance(key), rest[1:]
		}
	}
	return addr, rest
}

func stepName(step hcl.Traverser) string {
	if a, ok := step.(hcl.TraverseAttr); ok {
		return a.Name
	}
	return ""
}

// moved collects the moved blocks into the Graph, sorted.
func (b *builder) moved(objects []*object) {
	for _, o := range objects {
		from, ok := written[ref](o, "from")
		to, both := written[ref](o, "to")
		if o.schema == &movedSchema && ok && both {
			b.graph.Moved = append(b.graph.Moved, graph.Moved{From: from.addr, To: to.addr})
		}
	}
	slices.SortFunc(b.graph.Moved, func(x, y graph.Moved) int {
		return strings.Compare(string(x.From)+"\x00"+string(x.To), string(y.From)+"\x00"+string(y.To))
	})
	b.graph.Moved = slices.Compact(b.graph.Moved)
}

// moves checks the moved blocks against each other and against what there is.
func (c *checker) moves(objects []*object) {
	next, before := map[graph.Addr]ref{}, map[graph.Addr]ref{}
	var edges []edge
	for _, o := range objects {
		from, ok := written[ref](o, "from")
		to, both := written[ref](o, "to")
		if o.schema != &movedSchema || !ok || !both {
			continue
		}
		if from.addr.Kind() != to.addr.Kind() || isMember(from.addr) != isMember(to.addr) {
			c.add(diag.MovedAddress, to.at, "Moved to another kind of block", "%s cannot become %s: a block keeps its type.", from.addr, to.addr)
			continue
		}
		if first, taken := next[from.addr]; taken && first.addr != to.addr {
			c.movedTwice(from, first, "%s moves to %s already. One block becomes one block.", from.addr, first.addr)
			continue
		}
		if first, taken := before[to.addr]; taken && first.addr != from.addr {
			c.movedTwice(to, first, "%s moves to %s already. Two blocks cannot become one: their histories and watermarks differ.", first.addr, to.addr)
			continue
		}
		next[from.addr], before[to.addr] = ref{to.addr, from.at}, ref{from.addr, to.at}
		edges = append(edges, edge{from: string(from.addr), to: string(to.addr), at: from.at})
	}
	knots, _ := cycles(edges)
	for _, k := range knots {
		c.add(diag.MovedCycle, k[0].at, "Moved in a circle", "%s comes back to itself. Leave the addresses that were given up as from, and the present one as to.", k[0].from)
	}
	if len(knots) > 0 {
		return
	}
	for _, o := range objects {
		from, _ := written[ref](o, "from")
		to, ok := written[ref](o, "to")
		if o.schema == &movedSchema && ok && next[from.addr].addr == to.addr {
			c.movedEnds(from, to, next)
		}
	}
}

func isMember(a graph.Addr) bool { _, _, ok := a.SplitMember(); return ok }

func (c *checker) movedTwice(at, other ref, format string, args ...any) {
	d := c.add(diag.MovedTwice, at.at, "Moved twice", format, args...)
	d.Related = []diag.Related{{Message: "the other", Range: *other.at}}
}

// movedEnds reports a former address that is still there, and a last address that
// is not.
func (c *checker) movedEnds(from, to ref, next map[graph.Addr]ref) {
	if !c.unknown(from.addr) && c.there(from.addr, to.addr) {
		c.add(diag.MovedFromThere, from.at, "Moved from a block that is there", "%s is in the workspace, so it has not moved. Remove it, or remove this moved block.", from.addr)
	}
	if _, goesOn := next[to.addr]; !goesOn && !c.unknown(to.addr) && !c.there(to.addr, from.addr) {
		c.add(diag.MovedToNowhere, to.at, "Moved to a block that is not there", "There is no %s in the workspace.%s", to.addr, c.nearAddress(to.addr))
	}
}

// unknown reports whether it cannot be told if the workspace has an address.
func (c *checker) unknown(a graph.Addr) bool {
	if group, _, ok := a.SplitMember(); ok {
		a = group
	}
	base, _, _ := strings.Cut(string(a), "[")
	r := c.scope.repeats[graph.Addr(base)]
	return r != nil && !r.known || r == nil && c.scope.blocks[a] != nil && c.objects[a] == nil
}

// there reports whether the workspace has an address: of a block, of all
// instances of one, or of a courier of a group. Where the other end is an
// instance, a block with for_each is not an address.
func (c *checker) there(a, other graph.Addr) bool {
	if group, name, ok := a.SplitMember(); ok {
		g := c.graph.Group(group)
		return g != nil && g.Member(name) != nil
	}
	if c.objects[a] != nil {
		return true
	}
	return !strings.Contains(string(other), "[") && c.scope.repeats[a] != nil
}

func (c *checker) nearAddress(a graph.Addr) string {
	if group, name, ok := a.SplitMember(); ok {
		if g := c.graph.Group(group); g != nil {
			var names []string
			for _, m := range g.Members {
				names = append(names, m.Name)
			}
			return didYouMean(name, string(graph.MemberAddr(group, "")), names)
		}
		a = group
	}
	if near := diag.Suggest(strings.TrimPrefix(string(a), a.Kind()+"."), c.scope.declaredNames(a.Kind())); near != "" {
		return fmt.Sprintf(" Did you mean %s.%s?", a.Kind(), near)
	}
	return ""
}
