package runtime

import (
	"fmt"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// rename carries over what the moved blocks of a graph give other names. It is
// done before the graph is deployed, in the same transaction.
func rename(tx *store.Tx, before graph.Deployment, d graph.Deployment) error {
	r := graph.RenamesOf(before.Graph, d.Graph)
	if r.Empty() || before.Serial != d.Serial { // a stale deployment is refused
		return nil
	}
	runs, err := tx.UnderWay()
	if err != nil {
		return err
	}
	for _, group := range r.Groups() {
		to := r.Block(group)
		for _, run := range runs { // a removed group of the present name is set aside when its run has ended
			if run.Group == group || run.Group == to {
				return &graph.BusyError{Group: group, To: to, Run: run.Key}
			}
		}
	}
	return tx.Rename(r, fmt.Sprintf(" (before serial %d)", d.Serial+1))
}
