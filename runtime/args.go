package runtime

import "github.com/waybill-dev/waybill/runtime/scene"

// RunArgs are the arguments of a run command: an ad hoc run of a group, which
// keeps them.
type RunArgs = scene.RunArgs

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
