package runtime

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/runtime/logs"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
)

// output takes what a program prints: it is logged, and kept with the run.
type output struct {
	io.Writer
	close func()
}

func (e *engine) output(s *scene.Scene, t store.Task) output {
	log := e.log.With("run", t.Run, "task", t.Name)
	kept := e.book.Write(logs.Page{Run: t.Run, Task: t.Name, RunAttempt: s.Run.Attempt, TaskAttempt: t.Attempt})
	logged := log.StandardWriter(&hclog.StandardLoggerOptions{InferLevels: false, ForceLevel: hclog.Info})
	return output{io.MultiWriter(logged, kept), func() {
		if err := kept.Close(); err != nil { // the program has done its work all the same
			log.Error("what the program printed could not be kept", "error", err)
		}
	}}
}

// LogQuestion asks for what a run has said behind a position.
type LogQuestion struct {
	Run   string
	Task  string        // only of this one; empty: of all, and of the run
	After string        // Next of the page before; empty: from the beginning
	Wait  time.Duration // how long to wait for news, where there are none
}

// LogPage is what a run has said: its events, and what its programs have printed,
// in the order of time.
type LogPage struct {
	Lines []LogLine `json:"lines"`
	Next  string    `json:"next"` // what to ask with next time
	Over  bool      `json:"over"` // the run has ended, or is blocked, and there is no more
}

// LogLine is an event, or a line that a program has printed.
type LogLine struct {
	At   time.Time `json:"at"`
	Task string    `json:"task,omitempty"`
	Type string    `json:"type,omitempty"` // of an event; empty: a program has printed it
	Text string    `json:"text"`
}

// linesAtOnce bounds a page: so many events, and so many lines of each program.
const linesAtOnce = 1000

// ErrBadPosition is of a LogQuestion whose After was never the Next of a page.
var ErrBadPosition = errors.New("this is not a position in a log: write next of the page before")

// logPosition is how far somebody has read.
type logPosition struct {
	Event int64            `json:"e,omitempty"`
	Files map[string]int64 `json:"f,omitempty"`
}

func readPosition(text string) (at logPosition, err error) {
	at.Files = map[string]int64{}
	if text == "" {
		return at, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &at)
	}
	if err != nil {
		return at, ErrBadPosition
	}
	return at, nil
}

func (at logPosition) String() string {
	return base64.RawURLEncoding.EncodeToString(store.Document(at))
}

// Logs returns what a run has said behind a position. The error is
// [store.ErrNotFound] for an unknown run or task, and [ErrBadPosition].
func (r *Runtime) Logs(ctx context.Context, q LogQuestion) (LogPage, error) {
	at, err := readPosition(q.After)
	if err != nil {
		return LogPage{}, err
	}
	until := time.Now().Add(q.Wait)
	for {
		page, err := r.logs(ctx, q, at)
		if err != nil || page.Over || len(page.Lines) > 0 || !time.Now().Before(until) {
			return page, err
		}
		select {
		case <-ctx.Done():
			return page, ctx.Err()
		case <-time.After(min(r.options.Poll, max(time.Until(until), time.Millisecond))):
		}
	}
}

// logs reads one page.
func (r *Runtime) logs(ctx context.Context, q LogQuestion, at logPosition) (LogPage, error) {
	var run store.Run
	var events []store.Event
	err := r.store.View(ctx, func(tx *store.Tx) (err error) {
		if run, err = tx.KnownRun(q.Run); err != nil {
			return err
		}
		if q.Task != "" {
			if _, found, err := tx.Task(q.Run, q.Task); err != nil {
				return err
			} else if !found {
				return fmt.Errorf("the run %s has no task %q: %w", q.Run, q.Task, store.ErrNotFound)
			}
		}
		events, err = tx.Events(q.Run, at.Event)
		return err
	})
	if err != nil {
		return LogPage{}, err
	}
	parts, err := r.book.Read(q.Run, q.Task, at.Files, linesAtOnce) // after the state: what a task printed is there when it has ended
	if err != nil {
		return LogPage{}, err
	}
	page := LogPage{Lines: []LogLine{}}
	more := page.add(&at, q.Task, events, parts)
	page.Next = at.String()
	page.Over = !more && (store.Ended(run.State) || run.State == store.Blocked)
	return page, nil
}

// add puts events and lines in order, up to where something was cut off, and
// moves the position there.
func (p *LogPage) add(at *logPosition, task string, events []store.Event, parts []logs.Part) (more bool) {
	var until time.Time
	cut := func(t time.Time) {
		if more = true; until.IsZero() || t.Before(until) {
			until = t
		}
	}
	if len(events) > linesAtOnce {
		events = events[:linesAtOnce]
		cut(events[len(events)-1].At)
	}
	for _, part := range parts {
		if part.More {
			cut(part.Lines[len(part.Lines)-1].At)
		}
	}
	for _, e := range events {
		if more && e.At.After(until) {
			break
		}
		at.Event = e.Seq
		if task == "" || e.Task == task {
			p.Lines = append(p.Lines, LogLine{At: e.At, Task: e.Task, Type: e.Type, Text: e.Message})
		}
	}
	for _, part := range parts {
		for _, l := range part.Lines {
			if more && l.At.After(until) {
				break
			}
			at.Files[l.File] = l.End
			p.Lines = append(p.Lines, LogLine{At: l.At, Task: l.Task, Text: strings.ToValidUTF8(l.Text, "\uFFFD")})
		}
	}
	slices.SortStableFunc(p.Lines, func(a, b LogLine) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	return more
}
