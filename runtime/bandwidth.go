package runtime

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/time/rate"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/value"
)

// lines are the limits on how fast data comes in: each is shared by all who are
// held to it. The zero value is ready for use.
type lines struct {
	mu    sync.Mutex
	known map[line]*rate.Limiter
}

// line is what a limit is on: everything, for a host of "", or what couriers that
// write the same number pull from one host.
type line struct {
	host   string
	perSec graph.Size
}

// burstParts is the part of a second that may come at once after a pause: a timer
// is never exact, and what it is late by must not be lost.
const burstParts = 10

func (all *lines) limiter(l line) *rate.Limiter {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.known == nil {
		all.known = map[line]*rate.Limiter{}
	}
	limiter, known := all.known[l]
	if !known {
		limiter = rate.NewLimiter(rate.Limit(l.perSec), max(landing.Chunk, int(l.perSec/burstParts)))
		all.known[l] = limiter
	}
	return limiter
}

// limit holds what a courier copies or pulls to what the workspace and its filedrop
// allow; nil where nothing does.
func (all *lines) limit(p *scene.Program, c *graph.Courier) landing.Limit {
	var held []*rate.Limiter
	if p.MaxBandwidth > 0 {
		held = append(held, all.limiter(line{perSec: p.MaxBandwidth}))
	}
	if c.Filedrop != nil && c.Filedrop.MaxBandwidth > 0 {
		held = append(held, all.limiter(line{host: c.Host(), perSec: c.Filedrop.MaxBandwidth}))
	}
	if len(held) == 0 {
		return nil
	}
	return func(ctx context.Context, n int) error {
		for _, l := range held {
			if err := l.WaitN(ctx, n); err != nil {
				return waitFault(ctx, err)
			}
		}
		return nil
	}
}

// waitFault says why a copy did not wait for its turn: it was stopped, or its
// time would be over before it came.
func waitFault(ctx context.Context, err error) error {
	const op = "wait for bandwidth"
	if ctx.Err() != nil {
		return value.Interrupted(ctx, op)
	}
	return value.Timeout.Wrap(op, fmt.Errorf("its timeout comes before its turn: %w", err))
}
