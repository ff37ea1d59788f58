package scene

import (
	"fmt"
	"slices"
	"sync"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Program is a deployed graph with its groups' calendars.
type Program struct {
	*graph.Graph
	Digest    string
	Calendars map[graph.Addr]*window.Calendar
}

// Programs compiles deployed graphs, each once. Runs are pinned to the digest
// they started with, so more than one may be needed at a time.
type Programs struct {
	mu       sync.Mutex
	byDigest map[string]*Program
}

// maxPrograms bounds what is kept: today's graph, and those of runs that were
// started before a deploy.
const maxPrograms = 8

// get returns the program of a graph.
func (p *Programs) get(digest string, g *graph.Graph) (*Program, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.byDigest[digest]; known != nil {
		return known, nil
	}
	made := &Program{Graph: g, Digest: digest, Calendars: map[graph.Addr]*window.Calendar{}}
	for i := range g.Groups {
		c, err := window.NewCalendar(&g.Groups[i])
		if err != nil {
			return nil, fmt.Errorf("compile the deployed graph: %w", err)
		}
		made.Calendars[g.Groups[i].Addr] = c
	}
	if p.byDigest == nil || len(p.byDigest) >= maxPrograms {
		p.byDigest = map[string]*Program{}
	}
	p.byDigest[digest] = made
	return made, nil
}

// Current returns the program that is applied now, with its serial.
func (p *Programs) Current(tx *store.Tx) (*Program, int64, error) {
	serial, digest, err := tx.Applied()
	if err != nil {
		return nil, 0, err
	}
	p.mu.Lock()
	known := p.byDigest[digest]
	p.mu.Unlock()
	if known != nil {
		return known, serial, nil
	}
	d, err := tx.Deployment(0)
	if err != nil {
		return nil, 0, err
	}
	made, err := p.get(digest, d.Graph)
	return made, serial, err
}

// Of returns the program that a run is pinned to.
func (p *Programs) Of(tx *store.Tx, run store.Run) (*Program, error) {
	return p.Compiled(tx, run.Digest)
}

// Compiled returns the program of a deployed graph.
func (p *Programs) Compiled(tx *store.Tx, digest string) (*Program, error) {
	g, err := tx.Graph(digest)
	if err != nil {
		return nil, err
	}
	return p.get(digest, g)
}

// NeedsNoRange reports whether no courier of a run reads by range.
func (p *Program) NeedsNoRange(g *graph.Group, only []string) bool {
	return !slices.ContainsFunc(g.Members, func(m graph.Member) bool {
		picked := len(only) == 0 || slices.Contains(only, m.Name)
		return picked && window.NeedsRange(p.Courier(m.Courier))
	})
}
