package bucket

import (
	"context"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// OpenS3 opens a bucket whose connections may stand still for so long, and whose
// parts have so many bytes.
func OpenS3(ctx context.Context, a Access, stall time.Duration, part int64) (Store, error) {
	at, err := graph.ParseStorage(a.URL)
	if err != nil {
		return nil, err
	}
	b, err := newS3(ctx, at, a, stall)
	if err == nil {
		b.part = part
	}
	return b, err
}
