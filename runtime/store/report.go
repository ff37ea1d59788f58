package store

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Detail is all that is known of one run.
type Detail struct {
	Run      Run       `json:"run"`
	Tasks    []Task    `json:"tasks,omitempty"`
	Polls    []Poll    `json:"polls,omitempty"`
	Landings []Landing `json:"landings,omitempty"`
	Events   []Event   `json:"events,omitempty"`
}

// Detail returns all that is known of a run; false for an unknown key.
func (tx *Tx) Detail(key string) (d Detail, found bool, err error) {
	if d.Run, found, err = tx.Run(key); err != nil || !found {
		return d, found, err
	}
	if d.Tasks, err = tx.Tasks(key); err != nil {
		return d, true, err
	}
	if d.Polls, err = tx.Polls(key); err != nil {
		return d, true, err
	}
	if d.Landings, err = tx.Landings(LandingFilter{Run: key}); err != nil {
		return d, true, err
	}
	d.Events, err = tx.Events(key, 0)
	return d, true, err
}

// Standing returns what a plan must know of the store besides the deployment.
func (tx *Tx) Standing() (s graph.Standing, err error) {
	if s.Watermarks, err = tx.Watermarks(); err != nil {
		return s, err
	}
	if s.Paused, err = tx.Pauses(); err != nil {
		return s, err
	}
	runs, err := tx.OpenRuns("")
	if err != nil {
		return s, err
	}
	late, err := list(tx, "list the late couriers", scanPoll,
		selectPoll+" INDEXED BY polls_late WHERE next_at IS NOT NULL AND late_sent = 1 ORDER BY run")
	if err != nil {
		return s, err
	}
	transfers, err := tx.Transfers()
	if err != nil {
		return s, err
	}
	byRun := map[string][]Poll{}
	for _, p := range late {
		byRun[p.Run] = append(byRun[p.Run], p)
	}
	for i := range runs {
		r := &runs[i]
		if r.Expected() {
			s.Expected = append(s.Expected, graph.Expected{Group: r.Group, At: r.ScheduledAt})
		} else {
			open := openRun(r, byRun[r.Key])
			if t, under := transfers[r.Key]; under {
				open.Transfer = &t
			}
			s.Open = append(s.Open, open)
		}
	}
	return s, err
}

// openRun is a run that has not ended, some of whose couriers are late.
func openRun(r *Run, late []Poll) graph.OpenRun {
	open := graph.OpenRun{Key: r.Key, Group: r.Group, ScheduledAt: r.ScheduledAt, State: r.State, Since: r.At(), Late: len(late)}
	switch {
	case r.State != Waiting && !r.StartedAt.IsZero():
		open.Since = r.StartedAt
	case r.Attempt > 1: // when it was asked for again stands in its events
		open.Since = time.Time{}
	}
	for _, p := range late {
		if open.Deadline.IsZero() || p.Deadline.Before(open.Deadline) {
			open.Deadline = p.Deadline
		}
	}
	return open
}
