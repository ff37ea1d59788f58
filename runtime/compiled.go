package runtime

import (
	"fmt"
	"sync"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/store"
)

// program is a deployed graph with its groups' calendars.
type program struct {
	*graph.Graph
	digest    string
	calendars map[graph.Addr]*window.Calendar
}

// programs compiles deployed graphs, each once. Runs are pinned to the digest
// they started with, so more than one may be needed at a time.
type programs struct {
	mu       sync.Mutex
	byDigest map[string]*program
}

// maxPrograms bounds what is kept: today's graph, and those of runs that were
// started before a deploy.
const maxPrograms = 8

// get returns the program of a graph.
func (p *programs) get(digest string, g *graph.Graph) (*program, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.byDigest[digest]; known != nil {
		return known, nil
	}
	made := &program{Graph: g, digest: digest, calendars: map[graph.Addr]*window.Calendar{}}
	for i := range g.Groups {
		c, err := window.NewCalendar(&g.Groups[i])
		if err != nil {
			return nil, fmt.Errorf("compile the deployed graph: %w", err)
		}
		made.calendars[g.Groups[i].Addr] = c
	}
	if p.byDigest == nil || len(p.byDigest) >= maxPrograms {
		p.byDigest = map[string]*program{}
	}
	p.byDigest[digest] = made
	return made, nil
}

// current returns the program that is applied now, with its serial.
func (p *programs) current(tx *store.Tx) (*program, int64, error) {
	d, err := tx.Deployment(0)
	if err != nil {
		return nil, 0, err
	}
	prog, err := p.get(d.Digest, d.Graph)
	return prog, d.Serial, err
}

// of returns the program that a run is pinned to.
func (p *programs) of(tx *store.Tx, run store.Run) (*program, error) {
	return p.compiled(tx, run.Digest)
}

// compiled returns the program of a deployed graph.
func (p *programs) compiled(tx *store.Tx, digest string) (*program, error) {
	g, err := tx.Graph(digest)
	if err != nil {
		return nil, err
	}
	return p.get(digest, g)
}
