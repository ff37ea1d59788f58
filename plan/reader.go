package plan

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// reading is a courier as a group that ticks by itself reads it, in one course.
type reading struct {
	course  course
	member  graph.Member
	courier *graph.Courier
	mark    graph.Watermark
	known   bool      // it has that watermark
	next    time.Time // from where on it goes on: behind what its next run leaves out
}

// at is up to where it has read, or from where on it reads.
func (r *reading) at() time.Time {
	if r.known {
		return r.mark.At
	}
	return r.next
}

func (r *reading) reader() Reader {
	x := Reader{Group: r.course.group.Addr, Name: r.member.Name, Courier: r.member.Courier, Resumes: r.known}
	if r.known || r.course.world.earlier != nil { // what has not begun as applied, and will not, has no instant
		x.At = r.at().UTC()
	}
	return x
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
			if r.mark.At, r.known = c.sim.initial[m.Name]; r.known {
				r.mark.From, r.mark.Whole = c.world.began(c.group.Addr, m.Name)
			}
			r.next = c.sim.next(m, r)
			all[r.id()] = r
		}
	}
	return all
}

// began is where the reading of a courier of a group began, and from where on it
// has left nothing out; zero where that is not known.
func (w *world) began(group graph.Addr, member string) (from, whole time.Time) {
	for _, m := range w.in.Standing.Watermarks {
		if m.Group == group && m.Courier == member {
			return m.From, m.Whole
		}
	}
	return from, whole
}

// next is from where on a courier will be read: behind what its next run leaves
// out, and where there is none, from its watermark.
func (s *simulation) next(m graph.Member, r *reading) time.Time {
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
	if r.known {
		return r.mark.At
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
		for _, list := range [][]Handover{q.Twice, q.Never} {
			slices.SortFunc(list, func(a, b Handover) int {
				return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.File, b.File), a.Range.Start.Compare(b.Range.Start))
			})
		}
	}
}

// predecessor is who has read a courier until now, among those that read no more:
// one that has begun before one that has not, then one in the same group, then one
// of the same name.
func (c *courses) predecessor(r *reading, gone []*reading) *reading {
	var best *reading
	rank := func(x *reading) int {
		n := 0
		switch {
		case x.course.group.Addr == r.course.group.Addr:
			n = 2
		case x.member.Name == r.member.Name:
			n = 1
		}
		if x.known {
			n += 3
		}
		return n
	}
	for _, x := range gone {
		if c.oneSource(x.courier, r.courier) && (best == nil || rank(x) > rank(best)) {
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
