package graph

import (
	"slices"
	"strings"
)

// Moved says that a block has another address than in an earlier deployment, and
// is still the same: its history and its watermarks go with it. A courier of a
// group is addressed as "courier_group.daily.courier.orders".
type Moved struct {
	From Addr `json:"from"`
	To   Addr `json:"to"`
}

// MemberAddr is the address of a courier of a group, by its name there.
func MemberAddr(group Addr, name string) Addr { return group + memberPart + Addr(name) }

const memberPart = "." + KindCourier + "."

// SplitMember divides the address of a courier of a group; false for any other
// address.
func (a Addr) SplitMember() (group Addr, name string, ok bool) {
	if a.Kind() != KindGroup {
		return "", "", false
	}
	rest := string(a[len(KindGroup)+1:])
	end := strings.IndexAny(rest, ".[")
	if end < 0 {
		return "", "", false
	}
	if rest[end] == '[' {
		end += keyLength(rest[end:])
	}
	name, ok = strings.CutPrefix(rest[end:], memberPart)
	return a[:len(a)-len(rest)+end], name, ok
}

// keyLength is how much of a text is the for_each key that it begins with: up to
// and including the bracket behind a quote that is not escaped.
func keyLength(s string) int {
	for i := len(`["`); i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return min(i+len(`"]`), len(s))
		}
	}
	return len(s)
}

// Renames is what the moved blocks of a graph come to against the graph before
// it: the address of each block, and of each courier of a group, that has another
// one now. Both lists are sorted by the former address.
type Renames struct {
	Blocks []Moved `json:"blocks,omitempty"`

	// Members are couriers of groups: From is below the former address of the
	// group, To below the present one.
	Members []Moved `json:"members,omitempty"`
}

// Empty reports whether nothing is renamed.
func (r Renames) Empty() bool { return len(r.Blocks)+len(r.Members) == 0 }

// Block is the present address of a block with a former one.
func (r Renames) Block(a Addr) Addr { return renamed(r.Blocks, a) }

// Former is the former address of a block with a present one.
func (r Renames) Former(a Addr) Addr {
	for _, m := range r.Blocks {
		if m.To == a {
			return m.From
		}
	}
	return a
}

// Member is the present name of a courier in a group with a former address.
func (r Renames) Member(group Addr, name string) string {
	from := MemberAddr(group, name)
	if to := renamed(r.Members, from); to != from {
		_, name, _ = to.SplitMember()
	}
	return name
}

// Groups lists the former addresses of the groups whose own address, or one of
// whose couriers' names, is another now.
func (r Renames) Groups() []Addr {
	var list []Addr
	for _, m := range r.Blocks {
		if m.From.Kind() == KindGroup {
			list = append(list, m.From)
		}
	}
	for _, m := range r.Members {
		group, _, _ := m.From.SplitMember()
		list = append(list, group)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func renamed(list []Moved, a Addr) Addr {
	i, ok := slices.BinarySearchFunc(list, a, func(m Moved, a Addr) int { return strings.Compare(string(m.From), string(a)) })
	if !ok {
		return a
	}
	return list[i].To
}

// RenamesOf works out what the moved blocks of a graph mean for what was applied
// before: a block is renamed where before has the former address and not the
// present one, and after has it the other way round. Chains are followed. A moved
// block without for_each keys names all instances.
//
// A courier that a group uses under the courier's own name is renamed with the
// courier.
func RenamesOf(before, after *Graph) Renames {
	var r Renames
	if before == nil || after == nil || len(after.Moved) == 0 {
		return r
	}
	was, is := before.addresses(), after.addresses()
	taken := map[Addr]bool{}
	for from := range was {
		if is[from] {
			continue
		}
		if to, ok := follow(after.Moved, from, is); ok && !was[to] && !taken[to] && to.Kind() == from.Kind() {
			taken[to] = true
			r.Blocks = append(r.Blocks, Moved{From: from, To: to})
		}
	}
	sortMoved(r.Blocks)
	for i := range before.Groups {
		old := &before.Groups[i]
		if now := after.Group(r.Block(old.Addr)); now != nil {
			r.Members = append(r.Members, membersOf(r, after.Moved, old, now)...)
		}
	}
	sortMoved(r.Members)
	return r
}

func sortMoved(list []Moved) {
	slices.SortFunc(list, func(a, b Moved) int { return strings.Compare(string(a.From), string(b.From)) })
}

// addresses is every address of a block that a moved block can name.
func (g *Graph) addresses() map[Addr]bool {
	all := map[Addr]bool{}
	for i := range g.Alerts {
		all[g.Alerts[i].Addr] = true
	}
	for i := range g.Couriers {
		all[g.Couriers[i].Addr] = true
	}
	for _, steps := range [][]Step{g.Bridges, g.Processes, g.Activations} {
		for i := range steps {
			all[steps[i].Addr] = true
		}
	}
	for i := range g.Groups {
		all[g.Groups[i].Addr] = true
	}
	return all
}

// follow goes from a former address along the moved blocks until one that is
// there.
func follow(moved []Moved, from Addr, is map[Addr]bool) (Addr, bool) {
	at := from
	for range moved { // a chain has no more links than there are blocks
		next, ok := step(moved, at)
		if !ok {
			return "", false
		}
		if is[next] {
			return next, true
		}
		at = next
	}
	return "", false
}

// step is one link: the address itself, or that of the block it is an instance of.
func step(moved []Moved, at Addr) (Addr, bool) {
	base, key, instance := strings.Cut(string(at), "[")
	for _, m := range moved {
		switch {
		case m.From == at:
			return m.To, true
		case instance && m.From == Addr(base) && !strings.Contains(string(m.To), "["):
			return m.To + Addr("["+key), true
		}
	}
	return "", false
}

// membersOf is the couriers of one group that have another name, or that stand
// in a group with another address under the name they had.
func membersOf(r Renames, moved []Moved, old, now *Group) []Moved {
	var list []Moved
	for _, m := range old.Members {
		if now.Member(m.Name) != nil {
			continue
		}
		name, ok := memberNow(r, moved, old, now, m)
		if ok && old.Member(name) == nil {
			list = append(list, Moved{From: MemberAddr(old.Addr, m.Name), To: MemberAddr(now.Addr, name)})
		}
	}
	return list
}

// memberNow finds the present name of a courier of a group: by a moved block for
// it, below the former or the present address of the group; else, where its name
// is the courier's, by that of the courier.
func memberNow(r Renames, moved []Moved, old, now *Group, m Member) (string, bool) {
	names := map[string]string{}
	for _, x := range moved {
		group, from, ok := x.From.SplitMember()
		if _, to, both := x.To.SplitMember(); ok && both && (group == old.Addr || group == now.Addr) {
			names[from] = to
		}
	}
	at := m.Name
	for range names {
		next, ok := names[at]
		if !ok {
			break
		}
		if now.Member(next) != nil {
			return next, true
		}
		at = next
	}
	if to := r.Block(m.Courier); to != m.Courier && m.Name == m.Courier.Name() {
		if x := now.Member(to.Name()); x != nil && x.Courier == to {
			return x.Name, true
		}
	}
	return "", false
}
