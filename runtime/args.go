package runtime

import "github.com/waybill-dev/waybill/lang/window"

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

// ask is the question for data that the arguments put. noRange says that no
// courier of the run reads by range.
func (a RunArgs) ask(noRange bool) window.Ask {
	return window.Ask{Date: a.Date, From: a.From, To: a.To, All: a.All, At: a.At, ApplyOffsets: a.ApplyOffsets, NoRange: noRange}
}

// StopArgs name the run to stop; without one, every open run of the group.
type StopArgs struct {
	Run string `json:"run,omitempty"`
}

// RetryArgs name the run to try again: same key, same graph, same range.
type RetryArgs struct {
	Run string `json:"run"`
}

// RestartArgs name the run to try again with what is applied now: same key, same
// range.
type RestartArgs struct {
	Run string `json:"run"`
}

// SkipArgs name a task that counts as done in one run, and say why.
type SkipArgs struct {
	Run    string `json:"run"`
	Task   string `json:"task"`
	Reason string `json:"reason"`
}

// IgnoreArgs name a run that goes on without what is missing, of one courier or
// of all.
type IgnoreArgs struct {
	Run     string `json:"run"`
	Courier string `json:"courier,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// BackfillArgs say what a backfill works off: from From, or from the watermark,
// up to the newest tick; of one courier or of all.
type BackfillArgs struct {
	Courier string `json:"courier,omitempty"`
	From    string `json:"from,omitempty"`
}

// AdvanceArgs move the watermarks of a group forward by hand.
type AdvanceArgs struct {
	To     string `json:"to"`
	Reason string `json:"reason"`
}
