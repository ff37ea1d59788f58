package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
)

// Digest identifies the Graph by its content: "sha256:" and hex digits. It does
// not depend on file names, their order or their formatting.
func (g *Graph) Digest() string {
	text, err := json.Marshal(g)
	if err != nil { // a Graph is plain data: this is a mistake in this package
		panic(fmt.Sprintf("graph: encode: %v", err))
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// placeKey is a block or, as a path, an attribute of one.
type placeKey struct {
	addr Addr
	attr string
}

// SetPlace records where a block (attr == "") or one of its attributes was
// written. Only the compiler calls it, before the Graph is handed out; nobody may
// change the range after that.
func (g *Graph) SetPlace(a Addr, attr string, r *diag.Range) {
	if g.places == nil {
		g.places = map[placeKey]*diag.Range{}
	}
	g.places[placeKey{a, attr}] = r
}

// Place returns where an attribute of a block was written; where the attribute
// was not, its block; nil for a Graph that was read back from JSON. An
// attribute of a nested block is a path: "courier.orders.offset" in a group.
func (g *Graph) Place(a Addr, attr string) *diag.Range {
	for {
		if r, ok := g.places[placeKey{a, attr}]; ok {
			out := *r
			return &out
		}
		if attr == "" {
			return nil
		}
		attr = attr[:max(strings.LastIndexByte(attr, '.'), 0)]
	}
}

// Group returns the group at an address, or nil.
func (g *Graph) Group(a Addr) *Group { return find(g.Groups, a, func(x *Group) Addr { return x.Addr }) }

// Courier returns the courier at an address, or nil.
func (g *Graph) Courier(a Addr) *Courier {
	return find(g.Couriers, a, func(x *Courier) Addr { return x.Addr })
}

// Alert returns the alert at an address, or nil.
func (g *Graph) Alert(a Addr) *Alert { return find(g.Alerts, a, func(x *Alert) Addr { return x.Addr }) }

// Step returns the bridge, process or activation at an address, or nil.
func (g *Graph) Step(a Addr) *Step {
	steps := map[string][]Step{KindBridge: g.Bridges, KindProcess: g.Processes, KindActivation: g.Activations}
	return find(steps[a.Kind()], a, func(x *Step) Addr { return x.Addr })
}

// Secret returns the secret of a name, or nil.
func (g *Graph) Secret(name string) *Secret {
	return find(g.Secrets, Addr(name), func(x *Secret) Addr { return Addr(x.Name) })
}

// Member returns the group's courier of a name, or nil.
func (g *Group) Member(name string) *Member {
	i := slices.IndexFunc(g.Members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return &g.Members[i]
}

// Steps returns the addresses of everything the group's run type reaches
// besides couriers: bridges, then processes, then activations.
func (g *Group) Steps() []Addr {
	steps := slices.Clone(g.Bridges)
	if g.RunType == RunFull || g.RunType == RunRefresh {
		steps = append(steps, g.Processes...)
	}
	if g.RunType == RunFull {
		steps = append(steps, g.Activations...)
	}
	return steps
}

// find looks an address up in a list that is sorted by address.
func find[T any](list []T, a Addr, addr func(*T) Addr) *T {
	i := sort.Search(len(list), func(i int) bool { return addr(&list[i]) >= a })
	if i == len(list) || addr(&list[i]) != a {
		return nil
	}
	return &list[i]
}
