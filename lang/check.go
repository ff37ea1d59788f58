package lang

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// checker looks at the whole, when every block is built. It reads the objects
// for what was written and where, and the Graph for what it means.
type checker struct {
	*report
	scope   *scope
	graph   *graph.Graph
	objects map[graph.Addr]*object
}

// check reports what only the whole can tell. broken is whether some text could
// not be read: what seems unused may then be used in there.
func check(b *builder, objects []*object, broken bool) {
	c := &checker{report: b.report, scope: b.scope, graph: b.graph, objects: b.objects}
	c.order()
	c.moves(objects)
	c.landings()
	c.shared()
	for i := range c.graph.Groups {
		g := &c.graph.Groups[i]
		c.group(g, c.objects[g.Addr])
	}
	if !broken {
		c.unused()
	}
	if !c.list.HasErrors() { // a note on the whole can wait until the whole is there
		c.zones()
	}
}

// order reports cycles of after.
func (c *checker) order() {
	var edges []edge
	for _, addr := range keys(c.objects) {
		o := c.objects[addr]
		switch o.schema {
		case &processSchema, &activationSchema:
			refs, _ := written[[]ref](o, "after")
			for _, r := range refs {
				edges = append(edges, edge{from: string(addr), to: string(r.addr), at: r.at})
			}
		case &groupSchema:
			for _, n := range o.blocks["after"] {
				if r, ok := written[ref](n, "group"); ok {
					edges = append(edges, edge{from: string(addr), to: string(r.addr), at: r.at})
				}
			}
		}
	}
	found, _ := cycles(edges)
	for _, cycle := range found {
		reportCycle(c.report, cycle, "comes after", "Each of these waits for the next, so none would ever start.")
	}
}

// unused reports what nothing names.
func (c *checker) unused() {
	for _, addr := range keys(c.scope.blocks) {
		if c.scope.used[string(addr)] || addr.Kind() == graph.KindGroup || c.outbound(addr) {
			continue
		}
		if r := c.scope.repeats[addr]; r != nil && c.unusedInstances(r) {
			continue
		}
		kind := addr.Kind()
		if kind == graph.KindSecret {
			c.add(diag.UnusedName, c.scope.blocks[addr], "Unused secret", "Nothing uses %s. Remove it, or write %s where it is needed.", addr, addr).Address = string(addr)
			continue
		}
		where := "No group lists " + string(addr) + ", so it never runs."
		switch kind {
		case graph.KindAlert:
			where = "No group has " + string(addr) + " in alerts, so it is never told of anything."
		case graph.KindCourier:
			where = "No group has " + string(addr) + ", so it never runs."
		}
		c.add(diag.UnusedBlock, c.scope.blocks[addr], "Unused "+noun(kind), "%s Add it to a group, or remove it.", where).Address = string(addr)
	}
	for _, name := range keys(c.scope.variables) {
		if !c.scope.used["var."+name] {
			c.add(diag.UnusedName, c.scope.variables[name].at, "Unused variable", "Nothing uses var.%s. Remove it, or use it.", name).Address = "var." + name
		}
	}
	for _, name := range keys(c.scope.locals) {
		if !c.scope.used["local."+name] {
			c.add(diag.UnusedName, c.scope.locals[name].at, "Unused local value", "Nothing uses local.%s. Remove it, or use it.", name).Address = "local." + name
		}
	}
}

// unusedInstances reports the instances that nothing names, where something
// names others, and whether that is all there is to say of the block.
func (c *checker) unusedInstances(r *repeat) bool {
	var unused []string
	for _, i := range r.instances {
		if !c.scope.used[string(i.addr)] && !c.outbound(i.addr) {
			unused = append(unused, string(i.addr))
		}
	}
	if len(unused) > 0 && len(unused) == len(r.instances) {
		return false
	}
	if len(unused) > 0 {
		names := unused[0]
		if n := len(unused) - 1; n > 0 {
			names = fmt.Sprintf("%s and %d more instances", names, n)
		}
		c.add(diag.UnusedBlock, c.scope.blocks[r.addr], "Unused "+noun(r.addr.Kind()), "No group has %s, so they are never used. Add them to a group, or take their keys out of for_each.", names).Address = string(r.addr)
	}
	return true
}

// outbound reports whether an address is that of a bridge that no group runs.
func (c *checker) outbound(addr graph.Addr) bool {
	if addr.Kind() != graph.KindBridge {
		return false
	}
	s := c.graph.Step(addr)
	return s != nil && s.Direction == "outbound"
}

// landings reports landing folders that lie in a source's folder, or in the
// store.
func (c *checker) landings() {
	sources := c.sources()
	w := graph.Addr("waybill")
	c.landing(w, c.graph.Landing, sources)
	for i := range c.graph.Couriers {
		if k := &c.graph.Couriers[i]; k.Landing != "" {
			c.landing(k.Addr, k.Landing, sources)
		}
	}
}

// sources lists the couriers that pull from a folder, by the folder.
func (c *checker) sources() map[string][]*graph.Courier {
	list := map[string][]*graph.Courier{}
	for i := range c.graph.Couriers {
		k := &c.graph.Couriers[i]
		if k.Filedrop == nil {
			continue
		}
		source, ok := k.Filedrop.URL.Literal()
		if !ok || source == "" || strings.Contains(source, "://") && !strings.HasPrefix(source, "file://") {
			continue
		}
		folder := cleanFolder(strings.TrimPrefix(source, "file://"))
		list[folder] = append(list[folder], k)
	}
	return list
}

func (c *checker) landing(addr graph.Addr, landing string, sources map[string][]*graph.Courier) {
	at := c.graph.Place(addr, "landing")
	if place, err := graph.ParseStorage(landing); err != nil || place.Remote() {
		c.remoteLanding(addr, landing, place)
		return
	}
	folder := strings.TrimPrefix(landing, "file://")
	if within := c.graph.Runtime.Path; inside(folder, within) {
		c.add(diag.LandingOverlap, at, "Landing folder in the store", "%s lies in %s, the folder of the store. Land somewhere else, such as \"landing\".", landing, within).Address = string(addr)
	}
	for up := cleanFolder(folder); ; up = path.Dir(up) {
		for _, k := range sources[up] {
			source, _ := k.Filedrop.URL.Literal()
			where, whose := at, addr
			if where == nil || addr == "waybill" && !c.wroteLanding() {
				where, whose = c.graph.Place(k.Addr, "filedrop.url"), k.Addr
			}
			c.add(diag.LandingOverlap, where, "Landing folder in a source",
				"What lands in %s would lie in %s, the folder that %s pulls from, and could be pulled again. Take one out of the other.", landing, source, k.Addr).Address = string(whose)
		}
		if up == "." || up == "/" {
			return
		}
	}
}

// remoteLanding is landing for one that is not on this machine.
func (c *checker) remoteLanding(addr graph.Addr, landing string, place graph.Storage) {
	at := c.graph.Place(addr, "landing")
	for i := range c.graph.Couriers {
		k := &c.graph.Couriers[i]
		if k.Filedrop == nil {
			continue
		}
		source, _ := k.Filedrop.URL.Literal()
		from, err := graph.ParseStorage(source)
		folder := from.Path
		from.Path, from.User = place.Path, place.User
		if err == nil && from.String() == place.String() && inside(place.Path, folder) {
			c.add(diag.LandingOverlap, at, "Landing folder in a source",
				"What lands in %s would lie in %s, which %s pulls from, and could be pulled again. Take one out of the other.", landing, source, k.Addr).Address = string(addr)
		}
	}
}

func (c *checker) wroteLanding() bool {
	o := c.objects["waybill"]
	return o != nil && o.has("landing")
}

// inside reports whether a folder is another, or lies in it.
func inside(folder, other string) bool {
	folder, other = cleanFolder(folder), cleanFolder(other)
	if strings.HasPrefix(folder, "/") != strings.HasPrefix(other, "/") {
		return false
	}
	return other == "." || folder == other || strings.HasPrefix(folder, strings.TrimSuffix(other, "/")+"/")
}

// accepted leaves out what groups have said that they know of.
func accepted(list diag.List, groups []graph.Group) diag.List {
	accept := map[string][]string{}
	for _, g := range groups {
		accept[string(g.Addr)] = g.Accept
	}
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		return d.Severity != diag.Error && slices.Contains(accept[d.Address], string(d.Code))
	})
}
