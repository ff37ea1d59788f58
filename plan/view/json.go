package view

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/waybill-dev/waybill/plan"
)

// JSON prints the plan as one indented document, without the graph and the zone
// rules that a saved plan carries. Equal plans give equal bytes.
func JSON(w io.Writer, p *plan.Plan) error {
	document := *p
	document.Graph, document.Zones = nil, nil
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(&document); err != nil {
		return fmt.Errorf("write plan as JSON: %w", err)
	}
	return nil
}
