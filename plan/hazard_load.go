package plan

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// herdSize is how many groups that start in the same minute are worth a note.
const herdSize = 20

// herdHorizon is how long groups are looked at for starts in the same minute: a
// month holds every kind of day that schedules name.
const herdHorizon = 32 * 24 * time.Hour

// herds reports the minute in which most groups start, if they are many and
// nothing limits how many tasks run at once.
func herds(s *survey) diag.List {
	groups := s.listening(diag.LoadHerd)
	if s.in.Graph.MaxConcurrent > 0 || len(groups) < herdSize {
		return nil
	}
	type cadence struct {
		schedule, zone string
		dst            graph.DST
	}
	alike := map[cadence][]*window.Calendar{}
	for _, c := range groups {
		dst := c.Group().DST
		dst.Stated = graph.DSTSet{}
		key := cadence{c.Group().Schedule, c.Group().Timezone, dst}
		alike[key] = append(alike[key], c)
	}
	begin := s.in.At.Truncate(time.Minute)
	starts := make([]uint32, herdHorizon/time.Minute+1)
	for _, list := range alike {
		s.instants = list[0].Schedule().AppendUnix(s.instants[:0], s.in.At, begin.Add(herdHorizon))
		for _, at := range s.instants {
			starts[(at-begin.Unix())/60] += uint32(len(list))
		}
	}
	worst, minutes := 0, 0
	for i, n := range starts {
		if n >= herdSize {
			minutes++
		}
		if n > starts[worst] {
			worst = i
		}
	}
	if minutes == 0 {
		return nil
	}
	at := begin.Add(time.Duration(worst) * time.Minute)
	var herd []graph.Addr
	for _, c := range groups {
		if c.Schedule().Count(at.Add(-time.Second), at) > 0 {
			herd = append(herd, c.Group().Addr)
		}
	}
	d := s.report(diag.LoadHerd, s.in.Graph.Group(herd[0]), "schedule", graph.Count(len(herd), "group")+" start in the same minute",
		"%s start at %s. In the next 32 days %d groups or more start in the same minute %s. "+
			"Give some of them other minutes, or set a limit with max_concurrent in the waybill block.",
		names(herd), at.UTC().Format("2006-01-02 15:04 UTC"), herdSize, oneOr(minutes, "once", grouped(minutes)+" times"))
	s.relate(&d, herd[1:min(len(herd), shown)]...)
	return diag.List{d}
}

// duplicates reports groups that do the same work at the same instants, over the
// whole horizon: they share a courier, a bridge or an activation.
func duplicates(s *survey) diag.List {
	type work struct {
		what graph.Addr
		when uint64
	}
	users := map[graph.Addr]int{}
	groups := s.listening(diag.LoadDuplicate)
	for _, c := range groups {
		for _, a := range worksOf(c.Group()) {
			users[a]++
		}
	}
	families := map[work]*family{}
	var order []*family
	for _, c := range groups {
		var own *family
		for _, a := range worksOf(c.Group()) {
			if users[a] < 2 {
				continue
			}
			key := work{a, instantsOf(s, c)}
			if known, ok := families[key]; !ok {
				families[key] = &family{first: c, shared: a}
				order = append(order, families[key])
			} else if own == nil {
				own = known
				own.twins = append(own.twins, c.Group().Addr)
			}
		}
	}
	var list diag.List
	for _, f := range order {
		if len(f.twins) > 0 {
			list = append(list, s.twins(f))
		}
	}
	return list
}

// family is groups that share some work and start at the same instants.
type family struct {
	first  *window.Calendar
	shared graph.Addr
	twins  []graph.Addr
}

func (s *survey) twins(f *family) diag.Diagnostic {
	next, _ := f.first.Schedule().Next(s.in.At)
	g := f.first.Group()
	d := s.report(diag.LoadDuplicate, g, "schedule", "Groups with the same work at the same time",
		"%s have %s in common, and in the next 400 days they start at the same instants, from %s on. "+
			"Make them one group, or leave %s to one of them.",
		names(append([]graph.Addr{g.Addr}, f.twins...)), f.shared, when(next.Instant, f.first.Zone()), f.shared)
	s.relate(&d, f.twins[:min(len(f.twins), shown)]...)
	return d
}

// worksOf is what a group does that no other group should do at the same time.
// Processes are not: one that groups share is meant to run for each.
func worksOf(g *graph.Group) []graph.Addr {
	var list []graph.Addr
	for _, m := range g.Members {
		list = append(list, m.Courier)
	}
	list = append(list, g.Bridges...)
	list = append(list, g.Activations...)
	slices.Sort(list)
	return slices.Compact(list)
}

// enumerable is how many starts are spelled out to compare two schedules; denser
// ones are compared by what they say.
const enumerable = 20_000

// instantsOf is a digest of the instants at which a group starts.
func instantsOf(s *survey, c *window.Calendar) uint64 {
	h := fnv.New64a()
	schedule := c.Schedule()
	if schedule.Count(s.in.At, s.until) > enumerable {
		p := schedule.Policy()
		for _, word := range []string{schedule.Expr().String(), zoneKey(c.Zone()), string(p.Gap), string(p.Fold), string(p.Class)} {
			_, _ = h.Write(append([]byte(word), 0)) // a hash does not fail
		}
		return h.Sum64()
	}
	var b [8]byte
	s.instants = schedule.AppendUnix(s.instants[:0], s.in.At, s.until)
	for _, at := range s.instants {
		binary.LittleEndian.PutUint64(b[:], uint64(at))
		_, _ = h.Write(b[:]) // a hash does not fail
	}
	return h.Sum64()
}
