package scene

import (
	"time"

	"github.com/waybill-dev/waybill/lang/window"
)

// Look is what the last look at a source saw. It is the Last of the courier's
// [store.Poll], which stays when the wait is over.
type Look struct {
	At      time.Time        `json:"at"`     // zero: no look has worked yet
	Listed  int              `json:"listed"` // files that the source listed
	Found   int              `json:"found"`  // files that would be landed
	Missing []window.Missing `json:"missing,omitempty"`

	// Passed are the nearest of the files that were there and not taken, each with
	// its reason; Others counts those besides.
	Passed []window.Passed `json:"passed,omitempty"`
	Others int             `json:"others,omitempty"`

	Grace bool `json:"grace,omitempty"` // the look after the deadline has been granted

	// Error is why a later look, at FailedAt, did not work, or why what it found
	// could not be landed.
	Error    string    `json:"error,omitempty"`
	FailedAt time.Time `json:"failed_at,omitzero"`
}
