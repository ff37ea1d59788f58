package source

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// rate keeps requests apart: there are never more than so many in any span of a
// length. A nil rate keeps nothing apart.
type rate struct {
	sent []time.Time // of the last requests, a ring
	next int
	per  time.Duration
}

func newRate(r *graph.Rate) *rate {
	if r == nil {
		return nil
	}
	return &rate{sent: make([]time.Time, r.Requests), per: r.Per.Std()}
}

// wait returns when one more request may be sent.
func (r *rate) wait(ctx context.Context) error {
	if r == nil {
		return nil
	}
	if before := r.sent[r.next]; !before.IsZero() {
		if pause := r.per - time.Since(before); pause > 0 {
			if sleep(ctx, pause) != nil {
				return value.Interrupted(ctx, "wait for the rate")
			}
		}
	}
	r.sent[r.next] = time.Now()
	r.next = (r.next + 1) % len(r.sent)
	return nil
}
