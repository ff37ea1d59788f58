package main

import (
	"slices"
	"time"

	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// What a task does in a stretch of a run.
const (
	stretchWaits = iota // for files, another group or a job elsewhere
	stretchWorks
	stretchRests // between two attempts
)

// stretch is some time of a task, by the events of its run.
type stretch struct {
	does     int
	from, to time.Time
	ended    string // the type of the event that ended it; empty: it goes on
	why      string
}

// stretches are what each task of a run did, in order. What goes on ends now.
func stretches(d store.Detail, now time.Time) map[string][]stretch {
	all := map[string][]stretch{}
	end := func(task string, e store.Event) {
		list := all[task]
		if n := len(list); n > 0 && list[n-1].ended == "" {
			list[n-1].to, list[n-1].ended, list[n-1].why = e.At, e.Type, e.Message
		}
	}
	begin := func(e store.Event, does int) {
		end(e.Task, e)
		all[e.Task] = append(all[e.Task], stretch{does: does, from: e.At, to: now})
	}
	for _, e := range d.Events {
		switch e.Type {
		case runtime.EventTaskWaiting:
			begin(e, stretchWaits)
		case runtime.EventTaskStarted:
			begin(e, stretchWorks)
		case runtime.EventTaskRetrying, runtime.EventTaskInterrupted:
			begin(e, stretchRests)
		case runtime.EventTaskSucceeded, runtime.EventTaskMissing, runtime.EventTaskFailed, runtime.EventTaskHeld,
			runtime.EventTaskSkipped, runtime.EventTaskStopped:
			end(e.Task, e)
		case runtime.EventEnded:
			for task := range all {
				end(task, e)
			}
		}
	}
	return all
}

// attempt is one try at a task: from when it began to wait or work until it came
// to an end, or to a pause before the next.
type attempt struct {
	from, to time.Time
	ended    string
	why      string
}

// attempts are the tries at a task.
func attempts(list []stretch) (all []attempt) {
	fresh := true
	for _, s := range list {
		if s.does == stretchRests {
			fresh = true
			continue
		}
		if fresh {
			all = append(all, attempt{from: s.from})
		}
		last := &all[len(all)-1]
		last.to, last.ended, last.why = s.to, s.ended, s.why
		fresh = !slices.Contains([]string{runtime.EventTaskWaiting, runtime.EventTaskStarted}, s.ended)
	}
	return all
}

// printAttempts lists the tries at each task that was tried more than once.
func (p *program) printAttempts(d store.Detail) error {
	t := table{indent: "  "}
	all := stretches(d, p.now())
	for _, task := range inOrder(d.Tasks) {
		tries := attempts(all[task.Name])
		if len(tries) < 2 {
			continue
		}
		for i, a := range tries {
			ended := "goes on"
			if a.ended != "" {
				ended = eventWords(a.ended)
			}
			t.row(task.Name, ordinal(i+1), a.from.UTC().Format("01-02 15:04:05Z"), took(a.from, a.to), ended, a.why)
		}
	}
	return p.section("Attempts", t)
}
