package runtime

import (
	"maps"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/scene"
)

// place is what a piece of work counts against.
type place struct {
	program *scene.Program
	group   graph.Addr
	courier *graph.Courier // nil: it is no courier's
}

// occupied counts the places that are taken.
type occupied struct {
	all             int
	groups, sources map[graph.Addr]int
	hosts           map[string]int
}

func newOccupied() occupied {
	return occupied{groups: map[graph.Addr]int{}, sources: map[graph.Addr]int{}, hosts: map[string]int{}}
}

func (o occupied) clone() occupied {
	o.groups, o.sources, o.hosts = maps.Clone(o.groups), maps.Clone(o.sources), maps.Clone(o.hosts)
	return o
}

// room reports whether one more piece of work may begin, as far as the limits on
// what is done at once go: of the workspace, of the group, and, where the work is
// a courier's, of the source and its host.
func (o occupied) room(p place) bool {
	return below(o.all, p.program.MaxConcurrent) && below(o.groups[p.group], p.program.Group(p.group).MaxConcurrent) &&
		(p.courier == nil || below(o.sources[p.courier.Addr], p.courier.MaxConcurrent) && o.roomAt(p))
}

// roomAt reports whether there is room at the host of the source.
func (o occupied) roomAt(p place) bool {
	host := p.courier.Host()
	return host == "" || below(o.hosts[host], p.program.MaxPerHost)
}

func below(n, limit int) bool { return limit == 0 || n < limit }

// add takes a place, or gives it back for -1.
func (o *occupied) add(p place, n int) {
	o.all += n
	tally(o.groups, p.group, n)
	if p.courier != nil {
		tally(o.sources, p.courier.Addr, n)
		if host := p.courier.Host(); host != "" {
			tally(o.hosts, host, n)
		}
	}
}

// tally keeps no zeros: there are more groups than are busy.
func tally[K comparable](counts map[K]int, of K, n int) {
	if counts[of] += n; counts[of] == 0 {
		delete(counts, of)
	}
}
