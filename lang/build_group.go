package lang

import (
	"cmp"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

func (b *builder) group(addr graph.Addr, o *object) graph.Group {
	g := graph.Group{
		Addr: addr, Description: o.text("description"), Schedule: o.text("schedule"),
		Timezone: b.inherited(o, "timezone").text("timezone"),
		RunType:  o.text("run_type"), PastDayOnly: o.flag("past_day_only"),
		ExpectedRuntime: o.duration("expected_runtime"), RuntimeAlert: o.inner("runtime_alert", "exceeds"), SLA: o.inner("sla", "complete_within"),
		Overlap: b.inherited(o, "overlap").text("overlap"), CatchUp: b.inherited(o, "catch_up").text("catch_up"),
		MaxRange: o.duration("max_range"), MaxConcurrent: o.number("max_concurrent"),
		Processes: addrs(o, "processes"), Activations: addrs(o, "activations"), Alerts: addrs(b.inherited(o, "alerts"), "alerts"),
		Accept: unique(o.list("accept")), DST: b.dst(o),
	}
	g.Active = o.has("schedule")
	if active, ok := written[bool](o, "active"); ok {
		g.Active = active
	}
	if from, ok := written[time.Time](o, "start_from"); ok {
		g.StartFrom = &from
	}
	b.fileDates(o, &g)
	b.members(addr, o, &g)
	for _, n := range o.blocks["bridge"] {
		if bridge, ok := b.nested(n, graph.KindBridge); ok {
			g.Bridges = append(g.Bridges, bridge)
		}
	}
	slices.Sort(g.Bridges)
	for _, n := range o.blocks["after"] {
		g.After = append(g.After, b.after(n))
	}
	slices.SortFunc(g.After, func(x, y graph.After) int { return cmp.Compare(x.Name, y.Name) })
	return g
}

// inherited returns the object that decides an attribute: the group, else the
// defaults of the workspace.
func (b *builder) inherited(o *object, name string) *object {
	if !o.has(name) && b.defaults != nil && b.defaults.has(name) {
		return b.defaults
	}
	return o
}

// nearest returns the first of the objects that has a block of a type, and the
// block.
func nearest(kind string, list ...*object) *object {
	for _, o := range list {
		if o != nil && o.only(kind) != nil {
			return o.only(kind)
		}
	}
	return nil
}

func (b *builder) dst(o *object) graph.DST {
	n := nearest("dst", o, b.defaults)
	if n == nil {
		n = &object{schema: &dstSchema, at: o.at}
	}
	return graph.DST{
		Gap: n.text("gap"), Fold: n.text("fold"), Class: n.text("class"),
		Stated: graph.DSTSet{Gap: n.has("gap"), Fold: n.has("fold"), Class: n.has("class")},
	}
}

// fileDates settles whose calendar ranges and file names follow.
func (b *builder) fileDates(o *object, g *graph.Group) {
	from := b.inherited(o, "file_dates")
	g.FileDatesStated = from.has("file_dates")
	switch word := from.text("file_dates"); word {
	case "utc":
		g.FileDates = "UTC"
	case "schedule":
		g.FileDates = g.Timezone
	default:
		g.FileDates = word
	}
}

// members collects the couriers of a group, written as blocks and in the list.
func (b *builder) members(addr graph.Addr, o *object, g *graph.Group) {
	taken := map[string]*diag.Range{}
	claim := func(name string, at *diag.Range) bool {
		if first, ok := taken[name]; ok {
			d := b.add(diag.MemberTwice, at, "Two couriers of one name in a group",
				"%s has a courier %q already. Remove one, or give it another name: courier \"OTHER\" { use = courier.%s }.", addr, name, name)
			d.Related = []diag.Related{{Message: "the other", Range: *first}}
			return false
		}
		taken[name] = at
		return true
	}
	for _, n := range o.blocks["courier"] {
		target, ok := b.nested(n, graph.KindCourier)
		if !ok || taken[n.label()] != nil { // reported
			continue
		}
		claim(n.label(), n.at)
		g.Members = append(g.Members, b.member(addr, o, n, n.label(), target))
	}
	refs, _ := written[[]ref](o, "couriers")
	listed := map[graph.Addr]bool{}
	for _, r := range refs {
		if listed[r.addr] || !claim(r.addr.Name(), r.at) {
			continue
		}
		listed[r.addr] = true
		b.graph.SetPlace(addr, "courier."+r.addr.Name(), r.at)
		n := &object{schema: &memberSchema, at: r.at}
		g.Members = append(g.Members, b.member(addr, o, n, r.addr.Name(), r.addr))
	}
	slices.SortFunc(g.Members, func(x, y graph.Member) int { return cmp.Compare(x.Name, y.Name) })
}

// nested resolves a block of a group that names a courier or a bridge by its
// label, or by use.
func (b *builder) nested(n *object, kind string) (graph.Addr, bool) {
	if n.has("use") {
		r, ok := written[ref](n, "use")
		return r.addr, ok
	}
	addr := graph.NewAddr(kind, n.label())
	if r := b.scope.repeats[addr]; r != nil {
		b.scope.used[string(addr)] = true
		if r.known {
			b.add(diag.KeylessReference, n.at, "Instance without its key", "%s has for_each, so it is several blocks; name one: use = %s. %s",
				addr, r.addr.Instance("KEY"), r.list())
		}
		return "", false
	}
	if b.scope.blocks[addr] != nil {
		b.scope.used[string(addr)] = true
		return addr, true
	}
	hint := b.scope.likely(kind, n.label())
	if hint == "" && kind == graph.KindCourier {
		hint = " The name is also the reference, unless use names the courier."
	}
	b.scope.absentBlock(addr, n.at, "There is no %s in the workspace.%s", addr, hint)
	return "", false
}

// member builds a courier of a group. What is not written for it comes from the
// group's defaults, then from the workspace's.
func (b *builder) member(addr graph.Addr, group, n *object, name string, target graph.Addr) graph.Member {
	levels := []*object{n, group.only("defaults"), b.defaults}
	m := graph.Member{Name: name, Courier: target, WaitOwn: n.only("wait") != nil}
	decides := func(attr string) *object {
		for _, o := range levels {
			if o != nil && o.has(attr) {
				b.graph.SetPlace(addr, "courier."+name+"."+attr, o.place(attr))
				return o
			}
		}
		return n
	}
	m.OnMissing = decides("on_missing").text("on_missing")
	m.NotifyMissing = decides("notify_missing").flag("notify_missing")
	if w := nearest("wait", levels...); w != nil {
		m.Wait = b.wait(w)
		b.graph.SetPlace(addr, "courier."+name+".wait", w.at)
	}
	if f := nearest("offset", levels...); f != nil {
		m.Offset = b.offset(f)
		b.graph.SetPlace(addr, "courier."+name+".offset", f.at)
	}
	return m
}

func (b *builder) after(n *object) graph.After {
	a := graph.After{Name: n.label(), OnMissing: n.text("on_missing"), Gate: n.text("gate")}
	if r, ok := written[ref](n, "group"); ok {
		a.Group = r.addr
	}
	if w := n.only("wait"); w != nil {
		a.Wait = b.wait(w)
	}
	if f := n.only("offset"); f != nil {
		a.Offset = b.offset(f)
	}
	return a
}

// elapsed is the sum of the units of a block that are elapsed time.
func elapsed(o *object, units ...string) time.Duration {
	length := map[string]time.Duration{"days": 24 * time.Hour, "hours": time.Hour, "minutes": time.Minute, "seconds": time.Second}
	var sum time.Duration
	for _, u := range units {
		sum += time.Duration(o.number(u)) * length[u]
	}
	return sum
}

func (b *builder) wait(o *object) graph.Duration {
	return graph.Duration(elapsed(o, "days", "hours", "minutes", "seconds"))
}

func (b *builder) offset(o *object) graph.Offset {
	return graph.Offset{
		Months: o.number("months"), Weeks: o.number("weeks"), Days: o.number("days"),
		Elapsed: graph.Duration(elapsed(o, "hours", "minutes", "seconds")),
	}
}
