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

// blockPlaces is where a block and its attributes were written: a list while there
// are few, as in almost every block.
type blockPlaces struct {
	few  []attrPlace
	many map[string]*diag.Range // all of them, if there are more than fewPlaces
}

type attrPlace struct {
	attr string
	at   *diag.Range
}

const fewPlaces = 24

func (p *blockPlaces) set(attr string, at *diag.Range) {
	if p.many != nil {
		p.many[attr] = at
		return
	}
	for i := range p.few {
		if p.few[i].attr == attr {
			p.few[i].at = at
			return
		}
	}
	if len(p.few) < fewPlaces {
		p.few = append(p.few, attrPlace{attr, at})
		return
	}
	p.many = make(map[string]*diag.Range, 2*fewPlaces)
	for _, f := range p.few {
		p.many[f.attr] = f.at
	}
	p.few, p.many[attr] = nil, at
}

func (p *blockPlaces) get(attr string) *diag.Range {
	for i := range p.few {
		if p.few[i].attr == attr {
			return p.few[i].at
		}
	}
	return p.many[attr]
}

// SetPlace records where a block (attr == "") or one of its attributes was
// written. Only the compiler calls it, before the Graph is handed out; nobody may
// change the range after that.
func (g *Graph) SetPlace(a Addr, attr string, r *diag.Range) {
	if g.places == nil {
		g.places = map[Addr]*blockPlaces{}
	}
	p := g.places[a]
	if p == nil {
		p = &blockPlaces{few: make([]attrPlace, 0, 8)}
		g.places[a] = p
	}
	p.set(attr, r)
}

// Place returns where an attribute of a block was written; where the attribute
// was not, its block; nil for a Graph that was read back from JSON. An
// attribute of a nested block is a path: "courier.orders.offset" in a group.
func (g *Graph) Place(a Addr, attr string) *diag.Range {
	p := g.places[a]
	if p == nil {
		return nil
	}
	for {
		if r := p.get(attr); r != nil {
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
