package scene

import (
	"time"

	"github.com/waybill-dev/waybill/lang/window"
)

// Request is what a run was made for, besides its tick. It is stored with the
// run.
type Request struct {
	Args  RunArgs      `json:"args,omitzero"`
	AdHoc window.AdHoc `json:"ad_hoc,omitzero"`
	// Since is the earliest tick that the run stands for.
	Since time.Time `json:"since,omitzero"`
	// Piece is the range that a backfill piece was given; empty: from the
	// watermark to its tick.
	Piece window.Range `json:"piece,omitzero"`
	// Again is how the present attempt goes on, of a run that had ended; empty:
	// it tries everything again.
	Again string `json:"again,omitempty"`
}

// RunArgs are the arguments of a run command: an ad hoc run of a group. At most
// one of Date, From (with or without To), All and At is set; none means the
// range of the newest tick. Dates are 2026-11-21 in the group's range zone, or
// RFC 3339.
type RunArgs struct {
	Date         string   `json:"date,omitempty"`
	From         string   `json:"from,omitempty"`
	To           string   `json:"to,omitempty"`
	All          bool     `json:"all,omitempty"`
	At           string   `json:"at,omitempty"`
	Couriers     []string `json:"couriers,omitempty"` // members of the group; none: all
	LoadOnly     bool     `json:"load_only,omitempty"`
	SLA          bool     `json:"sla,omitempty"`
	ApplyOffsets bool     `json:"apply_offsets,omitempty"`
	Reload       bool     `json:"reload,omitempty"` // land versions that have landed before, too
}

// Ask is the question for data that the arguments put. noRange says that no
// courier of the run reads by range.
func (a RunArgs) Ask(noRange bool) window.Ask {
	return window.Ask{Date: a.Date, From: a.From, To: a.To, All: a.All, At: a.At, ApplyOffsets: a.ApplyOffsets, NoRange: noRange}
}
