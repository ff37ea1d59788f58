package value

import (
	"context"
	"errors"
	"fmt"
)

// Fault is the kind of trouble a step met. It decides the alert, whether
// trying again can help, and what the run does next.
type Fault string

// The kinds of fault.
const (
	NotReady      Fault = "not_ready"     // the data is not there yet, or not whole; it may come
	SourceError   Fault = "source_error"  // the other side could not be reached or is ill; trying again may help
	Misconfigured Fault = "misconfigured" // somebody must change the configuration or its surroundings
	Failed        Fault = "failed"        // it was tried and did not work
	Timeout       Fault = "timeout"       // it did not end in its time
	Unknown       Fault = "unknown"       // a request went out and its answer was lost: it may have worked
)

// Error is a fault with the operation that met it.
type Error struct {
	Fault Fault
	Op    string // what was being done: "read secret crm_token"
	Err   error
}

func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Wrap gives an error a fault and the operation that met it. A nil error stays
// nil.
func (f Fault) Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Fault: f, Op: op, Err: err}
}

// Errorf is Wrap for an error built as fmt.Errorf builds it.
func (f Fault) Errorf(op, format string, args ...any) error {
	return f.Wrap(op, fmt.Errorf(format, args...))
}

// FaultOf returns the fault of an error: that of the outermost [Error] in its
// chain; without one, Timeout where a deadline passed and Failed otherwise. It
// is empty for a nil error.
func FaultOf(err error) Fault {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Fault
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	default:
		return Failed
	}
}

// Interrupted returns the fault of work that its context ended: Timeout where
// its time was over, Failed where somebody stopped it. The error wraps the
// context's cause.
func Interrupted(ctx context.Context, op string) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) {
		return Timeout.Errorf(op, "it did not end in its time: %w", cause)
	}
	return Failed.Errorf(op, "it was stopped: %w", cause)
}
