package runtime

import (
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

// The types of event. An event is written in the transaction that makes it
// true.
const (
	EventDeployed    = "deployed"
	EventPaused      = "paused"
	EventResumed     = "resumed"
	EventAdvanced    = "advanced" // watermarks were moved by hand or by catch_up = "skip"
	EventDropped     = "dropped"  // data that no run will read
	EventQueued      = "queued"
	EventSkipped     = "skipped"
	EventStarted     = "started"
	EventFinalizing  = "finalizing" // the barrier is passed: processes and activations follow
	EventBlocked     = "blocked"
	EventUnblocked   = "unblocked"
	EventGoesOn      = "goes_on"         // an operator has decided about a task: what stood behind it may begin
	EventIgnored     = "missing_ignored" // an operator lets a courier go on without what is missing
	EventStopping    = "stopping"
	EventEnded       = "ended"
	EventLate        = "late"         // a required file was not there at a look
	EventMissing     = "missing"      // nor at the deadline
	EventSlow        = "slow"         // the run is longer than runtime_alert allows
	EventSLAMissed   = "sla_missed"   // the run did not end in time
	EventLateArrival = "late_arrival" // a file came after its run had given up on it
	EventNotStarted  = "not_started"  // the run was due long ago

	EventAlertRefused = "alert_refused"  // the other side of an alert will not take a message
	EventAlertGivenUp = "alert_given_up" // a message could not be delivered for days

	EventTransfer = "transfer" // data is on its way, and how far it is

	EventTaskWaiting     = "task_waiting"
	EventTaskStarted     = "task_started"
	EventTaskSucceeded   = "task_succeeded"
	EventTaskMissing     = "task_missing"
	EventTaskFailed      = "task_failed"
	EventTaskRetrying    = "task_retrying"
	EventTaskHeld        = "task_held"
	EventTaskSkipped     = "task_skipped"
	EventTaskStopped     = "task_stopped"
	EventTaskInterrupted = "task_interrupted" // the process that did it died in the middle
)

// note appends an event of a run, or of one of its tasks.
func note(tx *store.Tx, now time.Time, run, task, kind, format string, args ...any) error {
	_, err := tx.AppendEvent(store.Event{
		Run: run, At: now, Type: kind, Task: task, Message: fmt.Sprintf(format, args...),
	})
	return err
}
