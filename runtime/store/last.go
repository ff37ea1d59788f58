package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/waybill-dev/waybill/lang/graph"
)

// LastRuns returns of each group the newest run that was carried out and is
// over, if there is one, by group.
func (tx *Tx) LastRuns(groups []graph.Addr) ([]Run, error) {
	names, err := json.Marshal(groups)
	if err != nil {
		return nil, fmt.Errorf("store: encode the groups: %w", err)
	}
	runs, err := list(tx, "list the last runs", scanRun, "SELECT "+runColumns+`
		FROM (SELECT value AS name FROM json_each(?)) AS g CROSS JOIN runs ON runs.rowid = (
		SELECT r.rowid FROM runs r INDEXED BY runs_over
		WHERE r.grp = g.name AND r.state IN ('succeeded', 'succeeded_with_warnings', 'failed', 'stopped')
		ORDER BY r.at DESC, r.key DESC LIMIT 1)`, string(names))
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Compare(a.Group, b.Group) })
	return runs, err
}
