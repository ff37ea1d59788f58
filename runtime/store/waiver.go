package store

import (
	"encoding/json"
	"fmt"
	"time"
)

// What a Waiver is of.
const (
	WaivedTask    = "task"    // the task counts as done
	WaivedMissing = "missing" // the courier goes on without what is missing
	WaivedGone    = "gone"    // the task is not in the graph that the run was restarted with
)

// Waiver is the decision of an operator about a task of one run.
type Waiver struct {
	What   string    `json:"what"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	Was    string    `json:"was,omitempty"` // the state of the task before
}

// waiverColumn stores a Waiver as a document.
type waiverColumn struct{ *Waiver }

func (w *Waiver) column() (document, error) {
	if w == nil {
		return nil, nil
	}
	text, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("store: encode a waiver: %w", err)
	}
	return document(text), nil
}

// Scan implements sql.Scanner.
func (w *waiverColumn) Scan(src any) error {
	var text document
	if err := text.Scan(src); err != nil || text == nil {
		return err
	}
	if err := json.Unmarshal(text, &w.Waiver); err != nil {
		return fmt.Errorf("decode a waiver: %w", err)
	}
	return nil
}
