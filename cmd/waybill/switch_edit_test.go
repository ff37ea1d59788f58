package main

import (
	"fmt"
	"slices"
)

// edit makes one change to a workspace that began as old, and says which; ""
// where it has nothing to change there.
func (d dice) edit(old, w *randomSpace) string {
	if len(w.groups) == 0 {
		return ""
	}
	i := d.IntN(len(w.groups))
	g := &w.groups[i]
	switch d.IntN(12) {
	case 0, 1:
		g.schedule = d.schedule()
		return g.name + ": schedule"
	case 2:
		g.zone = d.zone()
		return g.name + ": zone"
	case 3:
		g.dates = d.dates()
		return g.name + ": file_dates"
	case 4:
		g.gap, g.fold, g.class = d.pick("next_valid", "shift", "skip"), d.pick("first", "second", "both"), d.pick("auto", "fixed", "interval")
		return g.name + ": dst"
	case 5, 6:
		name := d.pick("past_day_only", "start_from", "max_range", "catch_up", "overlap", "active")
		g.settings[name] = d.setting(name)
		return g.name + ": " + name
	case 7:
		if len(g.members) == 0 {
			return ""
		}
		m := &g.members[d.IntN(len(g.members))]
		m.offset = d.offset()
		return g.name + ": offset of " + m.name
	case 8:
		return d.renameGroup(old, w, g)
	case 9:
		return d.renameMember(old, w, g)
	case 10:
		return d.members(w, i)
	default:
		return d.courier(old, w)
	}
}

// renameGroup gives a group another name, with a moved block or as another group.
func (d dice) renameGroup(old, w *randomSpace, g *randomGroup) string {
	from := g.name
	if !slices.ContainsFunc(old.groups, func(o randomGroup) bool { return o.name == from }) {
		return "" // it has another name already
	}
	g.name += "_new"
	if d.one(2) {
		w.moved = append(w.moved, fmt.Sprintf("courier_group.%s courier_group.%s", from, g.name))
		return from + ": moved"
	}
	return from + ": another name"
}

// renameMember gives a courier of a group another name there.
func (d dice) renameMember(old, w *randomSpace, g *randomGroup) string {
	if len(g.members) == 0 {
		return ""
	}
	m := &g.members[d.IntN(len(g.members))]
	from := m.name
	if from != "days" && from != "hours" && from != "more" {
		return ""
	}
	m.name = "the_" + from
	if d.one(2) {
		w.moved = append(w.moved, fmt.Sprintf("courier_group.%s.courier.%s courier_group.%[1]s.courier.%[3]s", g.name, from, m.name))
		return g.name + ": moved " + from
	}
	return g.name + ": another name of " + from
}

// members takes a courier out of a group, adds one that nobody reads, or puts it
// into the other group; or removes the group.
func (d dice) members(w *randomSpace, i int) string {
	g := &w.groups[i]
	switch d.IntN(5) {
	case 0:
		if len(w.groups) > 1 && d.one(2) {
			name := g.name
			w.groups = slices.Delete(w.groups, i, i+1)
			return name + ": removed"
		}
	case 1:
		if len(g.members) > 1 {
			name := g.members[0].name
			g.members = slices.Delete(g.members, 0, 1)
			return g.name + ": without " + name
		}
	case 2, 3:
		for _, c := range w.couriers {
			read := slices.ContainsFunc(w.groups, func(g randomGroup) bool {
				return slices.ContainsFunc(g.members, func(m randomMember) bool { return m.courier == c.name })
			})
			if !read {
				g.members = append(g.members, randomMember{c.name, c.name, d.offset()})
				return g.name + ": with " + c.name
			}
		}
	}
	if len(w.groups) > 1 && len(g.members) > 0 {
		other, m := &w.groups[1-i], g.members[len(g.members)-1]
		if slices.ContainsFunc(other.members, func(o randomMember) bool { return o.name == m.name }) {
			return ""
		}
		g.members = g.members[:len(g.members)-1]
		other.members = append(other.members, m)
		if len(g.members) == 0 {
			w.groups = slices.Delete(w.groups, i, i+1)
		}
		return m.name + ": to the other group"
	}
	return ""
}

// courier gives a courier another name, or other files.
func (d dice) courier(old, w *randomSpace) string {
	i := d.IntN(len(w.couriers))
	c := &w.couriers[i]
	if *c != old.couriers[i] {
		return ""
	}
	if d.one(3) && c.unit != "arrival" {
		c.unit = d.pick("day", "hour", "month")
		return c.name + ": " + c.unit
	}
	from := c.name
	c.name += "_new"
	named := d.one(2)
	for g := range w.groups {
		for m := range w.groups[g].members {
			member := &w.groups[g].members[m]
			if member.courier != from {
				continue
			}
			member.courier = c.name
			if named && member.name == from {
				member.name = c.name
			}
		}
	}
	if d.one(2) {
		w.moved = append(w.moved, fmt.Sprintf("courier.%s courier.%s", from, c.name))
		return from + ": moved"
	}
	return from + ": another courier"
}
