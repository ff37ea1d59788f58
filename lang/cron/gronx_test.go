package cron_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adhocore/gronx"

	"github.com/waybill-dev/waybill/lang/cron"
)

// TestGronx asks gronx for a second opinion on 100,000 random expressions, in
// wall-clock space, where it is sound.
func TestGronx(t *testing.T) {
	t.Parallel()
	const shards = 8
	total := 100_000 / slowdown
	zone := load(t, "UTC")
	var compared, never atomic.Int64
	t.Run("shards", func(t *testing.T) {
		for shard := range uint64(shards) {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(shard, 1204))
				for range total / shards {
					x := randomExpr(r, nil)
					start := time.Unix(r.Int64N(4102444800), 0).UTC()
					want, refused := gronx.NextTickAfter(x.text, start, false)
					e, err := cron.Parse(x.text)
					if err != nil {
						if refused == nil {
							t.Errorf("%s: %v, but gronx has %v", x.text, err, want)
						}
						never.Add(1)
						continue
					}
					got, _ := cron.New(e, zone, cron.Policy{}).Next(start)
					if refused != nil {
						t.Errorf("%s after %v: %v, but gronx says %v", x.text, start, got.Instant, refused)
					} else if !got.Instant.Equal(want) {
						t.Errorf("%s after %v: %v, but gronx has %v", x.text, start, got.Instant, want)
					}
					compared.Add(1)
				}
			})
		}
	})
	t.Logf("%d compared, %d never fire", compared.Load(), never.Load())
}
