package plan

import (
	"encoding/json"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Action is what happens to a block.
type Action string

// The actions.
const (
	Add    Action = "add"
	Modify Action = "change"
	Remove Action = "remove"
	Rename Action = "rename" // a moved block gives it another address; attributes may differ, too
)

// Workspace is the address of the settings that belong to no block with an
// address of its own: those of the waybill block.
const Workspace graph.Addr = "waybill"

// Change is what happens to one block.
type Change struct {
	Address    graph.Addr  `json:"address"`
	Action     Action      `json:"action"`
	From       graph.Addr  `json:"from,omitempty"` // the address it had, of a rename
	Attributes []Attribute `json:"attributes,omitempty"`
	Reschedule *Reschedule `json:"reschedule,omitempty"`
}

// Attribute is one value that differs. Path is how the language reaches it from
// the block, such as "courier.orders.offset.days". Before and After are JSON;
// where there was none, or will be none, they are absent. Text with run-time
// parts stands as it would be written: "Bearer ${secret.token}".
type Attribute struct {
	Path   string          `json:"path"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// Reschedule is the next few ticks of a group that the applied schedule has and the
// written one has not, and the other way round. Ticks that stay where they are are
// in neither list. A schedule that never ticks, because the group has none, is not
// active, or does not exist, has no ticks.
type Reschedule struct {
	Before []Tick `json:"before"`
	After  []Tick `json:"after"`
}

// Tick is one instant of a schedule: At in UTC, Local as the zone's clocks show
// it (RFC 3339 with the offset).
type Tick struct {
	At    time.Time `json:"at"`
	Local string    `json:"local"`
	Zone  string    `json:"zone"`
}
