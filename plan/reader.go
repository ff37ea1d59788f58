package plan

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// reading is a courier as a group that ticks by itself reads it, in one course.
type reading struct {
	course  course
	member  graph.Member
	courier *graph.Courier
	at      time.Time // up to where it has read, or from where on it reads
	known   bool      // that is a watermark, which it has
}

func (r *reading) reader() Reader {
	return Reader{Group: r.course.group.Addr, Name: r.member.Name, Courier: r.member.Courier, At: r.at.UTC(), Resumes: r.known}
}

// id is what makes two readings one: the same name in the same group, for the
// same courier.
func (r *reading) id() string {
	return string(r.course.group.Addr) + "\x00" + r.member.Name + "\x00" + string(r.member.Courier)
}

// readings lists the couriers that the groups of a world read by themselves.
func readings(at map[graph.Addr][2]course, which int) map[string]*reading {
	all := map[string]*reading{}
	for _, both := range at {
		c := both[which]
		if c.sim == nil || !c.group.Active {
			continue
		}
		for _, m := range c.group.Members {
			r := &reading{course: c, member: m, courier: c.world.in.Graph.Courier(m.Courier)}
			if r.courier == nil {
				continue
			}
			if r.at, r.known = c.sim.initial[m.Name]; !r.known && which == 1 {
				r.at = c.sim.begins(m)
			}
			all[r.id()] = r
		}
	}
	return all
}

// begins is from where on a courier without a watermark will be read: behind what
// its first run leaves out.
func (s *simulation) begins(m graph.Member) time.Time {
	for i := range s.runs {
		for _, c := range s.runs[i].Couriers {
			if c.Name == m.Name {
				if c.Dropped != nil && c.Range.Empty() {
					return c.Dropped.End
				}
				return c.Range.Start
			}
		}
	}
	since := s.in.At
	if e := s.steps.Expected; !e.IsZero() && !e.After(since) { // it is due, and held
		since = e
	} else if f, ok := s.cal.Schedule().Next(since); ok {
		since = f.Instant
	}
	return s.cal.Initial(since, m.Offset, s.startFrom())
}

// readers works out who reads what before and after the change, and what is read
// twice or never between the two.
func (c *courses) readers(at map[graph.Addr][2]course, all map[graph.Addr]*Consequence) {
	before, after := readings(at, 0), readings(at, 1)
	var gone, new []*reading
	for id, r := range before {
		if after[id] == nil {
			gone = append(gone, r)
		}
	}
	for id, r := range after {
		if was := before[id]; was != nil {
			all[r.course.group.Addr].handover(was, r)
		} else {
			new = append(new, r)
		}
	}
	for _, list := range [][]*reading{gone, new} {
		slices.SortFunc(list, func(a, b *reading) int { return strings.Compare(a.id(), b.id()) })
	}
	for _, r := range gone {
		q := all[r.course.group.Addr]
		q.Ends = append(q.Ends, r.reader())
	}
	for _, r := range new {
		q := all[r.course.group.Addr]
		q.Begins = append(q.Begins, r.reader())
		if was := c.predecessor(r, gone); was != nil {
			q.handover(was, r)
		}
	}
	for _, q := range all {
		q.dropped(at[q.Group][0], at[q.Group][1])
		for _, list := range [][]Handover{q.Twice, q.Never} {
			slices.SortFunc(list, func(a, b Handover) int {
				return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.File, b.File), a.Range.Start.Compare(b.Range.Start))
			})
		}
	}
}

// predecessor is who has read a courier until now, among those that read no more:
// somebody in the same group, else of the same name, else the first.
func (c *courses) predecessor(r *reading, gone []*reading) *reading {
	var best *reading
	rank := func(x *reading) int {
		switch {
		case x.course.group.Addr == r.course.group.Addr:
			return 2
		case x.member.Name == r.member.Name:
			return 1
		}
		return 0
	}
	for _, x := range gone {
		if x.known && c.oneSource(x.courier, r.courier) && (best == nil || rank(x) > rank(best)) {
			best = x
		}
	}
	return best
}

// oneSource reports whether two couriers pull the same: they are one, or one goes
// and the other, which comes, differs from it in nothing but its address.
func (c *courses) oneSource(old, now *graph.Courier) bool {
	if old.Addr == now.Addr {
		return true
	}
	if c.after.in.Graph.Courier(old.Addr) != nil || c.before.in.Graph.Courier(now.Addr) != nil {
		return false
	}
	return bytes.Equal(source(old), source(now))
}

// source is where a courier pulls from and what it looks for there.
func source(k *graph.Courier) []byte {
	return encode(graph.Courier{Filedrop: k.Filedrop, RestAPI: k.RestAPI, Warehouse: k.Warehouse, Exec: k.Exec, Files: k.Files})
}

// dropped adds what the first run after the change leaves out for good, and would
// have read.
func (q *Consequence) dropped(before, after course) {
	if before.sim == nil || after.sim == nil || len(after.sim.runs) == 0 {
		return
	}
	left := map[string]window.Range{}
	for i := range before.sim.runs {
		for _, c := range before.sim.runs[i].Couriers {
			if c.Dropped != nil {
				left[c.Name] = union(left[c.Name], *c.Dropped)
			}
		}
	}
	for _, c := range after.sim.runs[0].Couriers {
		if _, known := after.sim.initial[c.Name]; c.Dropped == nil || !known {
			continue
		}
		r := *c.Dropped
		if old := left[c.Name]; !old.Empty() && !old.Start.After(r.Start) {
			r.Start = latest(r.Start, old.End)
		}
		if source := after.world.in.Graph.Courier(c.Courier); !r.Empty() && source != nil && window.NeedsRange(source) {
			h := Handover{Name: c.Name, Courier: c.Courier, Range: r, Local: localRange(r, after.cal), Cause: CauseDropped}
			if want, err := after.cal.Want(source, r); err == nil {
				h.name(want.Names())
			}
			q.Never = append(q.Never, h)
		}
	}
}
