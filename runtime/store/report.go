package store

import "github.com/waybill-dev/waybill/lang/graph"

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
	for i := range runs {
		r := &runs[i]
		if r.State == Scheduled && r.Queue == 0 {
			s.Expected = append(s.Expected, graph.Expected{Group: r.Group, At: r.ScheduledAt})
		} else {
			s.Open = append(s.Open, graph.OpenRun{Key: r.Key, Group: r.Group, ScheduledAt: r.ScheduledAt, State: r.State})
		}
	}
	return s, err
}
