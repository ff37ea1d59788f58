package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// group checks one group. o is what was written.
func (c *checker) group(g *graph.Group, o *object) {
	found := len(c.list)
	c.content(g, o)
	c.schedule(g, o)
	c.afters(g, o)
	c.listed(g, o, "processes", g.Processes)
	c.listed(g, o, "activations", g.Activations)
	c.reach(g, o)
	c.bridges(g, o)
	c.members(g)
	c.alerts(g, o)
	for i := found; i < len(c.list); i++ {
		c.list[i].Address = string(g.Addr)
	}
}

func (c *checker) content(g *graph.Group, o *object) {
	if o.partly || len(g.Members)+len(g.Bridges)+len(g.Processes)+len(g.Activations) > 0 || len(o.blocks["courier"])+len(o.blocks["bridge"]) > 0 {
		return
	}
	for _, name := range []string{"couriers", "processes", "activations"} {
		if o.uncertain(name) {
			return
		}
	}
	c.add(diag.EmptyGroup, o.at, "Group with nothing to do", "%s has no courier, bridge, process or activation. Add one, such as couriers = [courier.NAME].", g.Addr)
}

// uncertain reports whether a list holds, or is, something that could not be
// worked out.
func (o *object) uncertain(name string) bool {
	f := o.field(name)
	if f == nil {
		return false
	}
	list, known := f.value.([]ref)
	return !known || len(list) < len(f.parts)
}

func (c *checker) schedule(g *graph.Group, o *object) {
	if o.has("schedule") {
		return
	}
	if active, ok := written[bool](o, "active"); ok && active {
		c.add(diag.ActiveUnscheduled, o.place("active"), "Active group without schedule",
			"%s has no schedule that it could follow. Write schedule = \"0 13 * * *\", or leave active out: the group runs when it is asked to.", g.Addr)
	}
	for _, n := range o.blocks["after"] {
		c.add(diag.AfterUnscheduled, n.at, "after in a group without schedule",
			"%s has no schedule, so there is no time from which to look for the other group's newest tick. Give it a schedule, or remove after.", g.Addr)
	}
}

func (c *checker) afters(g *graph.Group, o *object) {
	for _, n := range o.blocks["after"] {
		r, ok := written[ref](n, "group")
		upstream, known := c.objects[r.addr]
		if !ok || !known {
			continue
		}
		if why := idle(c.graph.Group(r.addr), upstream); why != "" {
			d := c.add(diag.AfterIdle, r.at, "after a group that never runs", "%s %s, so %s would wait for it in vain.", r.addr, why, g.Addr)
			d.Related = []diag.Related{{Message: "the other group", Range: *upstream.at}}
			continue
		}
		c.afterWait(g, n, c.graph.Group(r.addr))
	}
}

func idle(g *graph.Group, o *object) string {
	switch {
	case !o.has("schedule"):
		return "has no schedule"
	case !g.Active:
		return "is not active"
	}
	return ""
}

// listed reports steps that come after others that the group does not run.
func (c *checker) listed(g *graph.Group, o *object, name string, steps []graph.Addr) {
	if o.uncertain(name) {
		return
	}
	for _, addr := range steps {
		step := c.objects[addr]
		if step == nil {
			continue
		}
		refs, _ := written[[]ref](step, "after")
		for _, r := range refs {
			if slices.Contains(steps, r.addr) {
				continue
			}
			d := c.add(diag.AfterUnlisted, o.place(name), "after something that the group does not run",
				"%s comes after %s, which %s does not list. Add it to %s.", addr, r.addr, g.Addr, name)
			d.Related = []diag.Related{{Message: "the order is written here", Range: *r.at}}
		}
	}
}

func (c *checker) reach(g *graph.Group, o *object) {
	report := func(name string, steps []graph.Addr) {
		if len(steps) > 0 {
			c.add(diag.NeverReached, o.place(name), "Never reached by this run type",
				"run_type = \"%s\" runs %s, so %s never run.", g.RunType, reaches[g.RunType], name)
		}
	}
	switch g.RunType {
	case graph.RunSource:
		report("processes", g.Processes)
		report("activations", g.Activations)
	case graph.RunRefresh:
		report("activations", g.Activations)
	}
}

var reaches = map[string]string{
	graph.RunSource:  "couriers and bridges alone",
	graph.RunRefresh: "couriers, bridges and processes alone",
}

func (c *checker) bridges(g *graph.Group, o *object) {
	for _, n := range o.blocks["bridge"] {
		addr := graph.NewAddr(graph.KindBridge, n.label())
		if r, ok := written[ref](n, "use"); ok {
			addr = r.addr
		}
		bridge := c.graph.Step(addr)
		if bridge == nil {
			continue
		}
		if bridge.Direction == "outbound" {
			c.add(diag.OutboundBridge, n.at, "Outbound bridge in a group", "%s is outbound: it gives data out when the other side asks. A group runs inbound bridges only.", bridge.Addr)
		}
		if len(g.Members) > 0 {
			c.add(diag.BridgeInCompany, n.at, "Bridge beside couriers",
				"%s holds up the couriers of %s when it is late. Give it a group of its own, and write here: after \"%s\" { group = courier_group.%s }.",
				bridge.Addr, g.Addr, n.label(), n.label())
		}
	}
}

// idleWait reports a wait for what never says that it is not ready.
func (c *checker) idleWait(g *graph.Group, m *graph.Member, courier *graph.Courier) {
	at := c.graph.Place(g.Addr, "courier."+m.Name+".wait")
	switch {
	case !m.WaitOwn || m.Wait <= 0 || courier.Awaits():
	case courier.Warehouse != nil:
		c.add(diag.WaitWithoutEffect, at, "Wait that cannot matter",
			"%s pulls from warehouse, which answers at the first look, so there is nothing to wait for. Remove the wait.", m.Courier)
	case courier.RestAPI != nil:
		c.add(diag.WaitWithoutEffect, at, "Wait that may not matter",
			"%s pulls from rest_api, and nothing in it says which answer means that the data is not there yet. Write the status in it, as in not_ready_status = [202], or remove the wait.", m.Courier)
	}
}

// members checks the couriers of a group.
func (c *checker) members(g *graph.Group) {
	quiet := map[diag.Range][]string{}
	for i := range g.Members {
		m := &g.Members[i]
		path := "courier." + m.Name
		courier := c.graph.Courier(m.Courier)
		if courier == nil {
			continue
		}
		c.idleWait(g, m, courier)
		if m.OnMissing == graph.OnMissingStop && !m.NotifyMissing && courier.Awaits() {
			at := *c.graph.Place(g.Addr, path+".notify_missing")
			quiet[at] = append(quiet[at], m.Name)
		}
		if m.Offset.Months == 0 && daysOf(m.Offset) >= 28 && g.Schedule != "" && monthly(g.Schedule) {
			c.add(diag.LongOffset, c.graph.Place(g.Addr, path+".offset"), "Long offset on a monthly schedule",
				"Months have 28 to 31 days, so an offset of %s means another part of the month each time. Write offset { months = 1 } to keep the day of the month.", m.Offset)
		}
	}
	for at, names := range quiet {
		c.add(diag.StopUnnoticed, &at, "Missing data stops the run, and nobody is told",
			"With on_missing = \"stop\" missing data of %s ends the run, and with notify_missing = false no alert says which. Write notify_missing = true, or on_missing = \"continue\".",
			strings.Join(names, ", "))
	}
}

// alerts checks that what the group asks for reaches somebody, and in time.
func (c *checker) alerts(g *graph.Group, o *object) {
	longest, name := longestWait(c.graph, g)
	early := func(block, attr string, limit graph.Duration, what string) {
		if limit > 0 && limit < longest {
			c.add(diag.AlertBeforeWait, c.graph.Place(g.Addr, block+"."+attr), "Alert that comes before the wait is over",
				"Courier %s may wait %s for its data; %s of %s is over before. Make it longer than the wait.", name, longest, what, limit)
		}
	}
	early("runtime_alert", "exceeds", g.RuntimeAlert, "a runtime_alert")
	early("sla", "complete_within", g.SLA, "an sla")
	if c.groupAlertsUncertain(o) {
		return
	}
	hears := func(event string) bool {
		return slices.ContainsFunc(g.Alerts, func(a graph.Addr) bool {
			alert := c.graph.Alert(a)
			return alert == nil || len(alert.On) == 0 || slices.Contains(alert.On, event)
		})
	}
	unheard := func(at *diag.Range, event, asks string) {
		if hears(event) {
			return
		}
		rest := "the group has no alerts. Write alerts = [alert.TYPE.NAME]."
		if len(g.Alerts) > 0 {
			rest = fmt.Sprintf("none of its alerts has \"%s\" in on. Add it to one of them.", event)
		}
		c.add(diag.UnheardEvent, at, "Event that reaches no alert", "%s asks for %s, but %s", g.Addr, asks, rest)
	}
	if n := o.only("sla"); n != nil {
		unheard(n.at, "sla_missed", "an sla")
	}
	if n := o.only("runtime_alert"); n != nil {
		unheard(n.at, "slow", "a runtime_alert")
	}
	for _, n := range append(slices.Clone(o.blocks["courier"]), o.blocks["defaults"]...) {
		if notify, ok := written[bool](n, "notify_missing"); ok && notify {
			unheard(n.place("notify_missing"), "missing", "notify_missing")
		}
	}
}

func (c *checker) groupAlertsUncertain(o *object) bool {
	if o.has("alerts") {
		return o.uncertain("alerts")
	}
	w := c.objects["waybill"]
	return w != nil && w.only("defaults") != nil && w.only("defaults").uncertain("alerts")
}
