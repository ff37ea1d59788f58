package runtime

import (
	"context"

	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

// Why explains a run or a group. The error is [store.ErrNotFound] for a run or
// courier that is not there, and for a group that is not deployed and has no runs.
func (r *Runtime) Why(ctx context.Context, q why.Question) (w why.Explanation, err error) {
	now := r.Now().UTC()
	_, held, err := r.store.Holder(ctx)
	if err != nil {
		return w, err
	}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		w, err = why.Explain(tx, &r.programs, now, held, q)
		return err
	})
	return w, err
}
