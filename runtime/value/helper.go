package value

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Helper is a program that is to be asked for a secret.
type Helper struct {
	Name      string // of the secret
	Exec      *graph.SecretExec
	Workspace string
	Drop      []string  // variables of this process that the program does not inherit
	Redactor  *Redactor // of what the program says when it fails
}

// Helpers asks the programs of secrets, and remembers each answer for the time
// that the secret's block says, in memory only. One secret's program runs once
// at a time: who asks meanwhile waits for its answer, be it an error. It is safe
// for concurrent use; one is shared by all that a process does.
type Helpers struct {
	run func(context.Context, Helper) (string, error)

	mu    sync.Mutex
	known map[string]*answer // by what is asked
}

// answer is what a program has said, or why it said nothing.
type answer struct {
	turn  chan struct{} // holds one token: whoever has it may ask
	text  string
	at    time.Time // when text was asked for; zero: there is none
	err   error
	ended time.Time // when the call that gave err was over
}

// NewHelpers returns helpers without answers. run runs a program to its end and
// returns what it answers.
func NewHelpers(run func(context.Context, Helper) (string, error)) *Helpers {
	return &Helpers{run: run, known: map[string]*answer{}}
}

// get returns the answer of a program, and when it was asked for it.
func (h *Helpers) get(ctx context.Context, of Helper) (string, time.Time, error) {
	began, op := time.Now(), "read secret "+of.Name
	a := h.answer(of)
	select {
	case <-a.turn:
	case <-ctx.Done():
		return "", time.Time{}, Interrupted(ctx, op)
	}
	defer func() { a.turn <- struct{}{} }()
	switch asked := time.Now(); {
	case !a.at.IsZero() && asked.Sub(a.at) < of.Exec.TTL.Std():
	case a.err != nil && a.ended.After(began): // the one before waited as this one did
		return "", time.Time{}, a.err
	default:
		a.text, a.at, a.err = "", time.Time{}, nil
		text, err := h.run(ctx, of)
		if err != nil {
			if err = Misconfigured.wrapUnlessKnown(op, err); ctx.Err() == nil {
				a.err, a.ended = err, time.Now()
			}
			return "", time.Time{}, err
		}
		if a.text, a.at = text, asked; of.Exec.TTL == 0 {
			defer func() { a.text, a.at = "", time.Time{} }()
		}
	}
	return a.text, a.at, nil
}

// forget gives up the answer that a program was asked for at an instant.
func (h *Helpers) forget(of Helper, asked time.Time) {
	a := h.answer(of)
	select {
	case <-a.turn:
		if a.at.Equal(asked) {
			a.text, a.at = "", time.Time{}
		}
		a.turn <- struct{}{}
	default: // it is being asked, so that the answer is another one anyway
	}
}

// answer returns the place of a program's answer. Another command of the same
// secret has another one.
func (h *Helpers) answer(of Helper) *answer {
	question, err := json.Marshal(of.Exec)
	if err != nil { // plain data has a JSON form
		panic("value: encode the program of a secret: " + err.Error())
	}
	key := of.Name + "\x00" + string(question)
	h.mu.Lock()
	defer h.mu.Unlock()
	a, known := h.known[key]
	if !known {
		a = &answer{turn: make(chan struct{}, 1)}
		a.turn <- struct{}{}
		h.known[key] = a
	}
	return a
}

// wrapUnlessKnown names the operation and keeps the fault of an error that has
// one.
func (f Fault) wrapUnlessKnown(op string, err error) error {
	var known *Error
	if errors.As(err, &known) {
		f = known.Fault
	}
	return f.Wrap(op, err)
}
