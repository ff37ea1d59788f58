package runtime

import (
	"context"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
)

// QuietUntil is the end of the quiet hours in which an instant lies.
func QuietUntil(q *graph.Quiet, now time.Time) (time.Time, error) { return quietUntil(q, now) }

// Stuck reports whether the heartbeat of a holder whose loop does not pass is
// withheld.
func Stuck(ctx context.Context, within time.Duration) bool {
	e := &engine{wake: make(chan struct{}, 1), log: hclog.NewNullLogger()}
	return !newHeart(e).passes(ctx, within)
}

// Lists is how often a source was listed for the looks of couriers.
func (r *Runtime) Lists() int64 { return r.listings.made.Load() }
