package graph

import "time"

// Facts is what a runtime knows of one group when somebody asks what a run of it
// would do: the runs that stand before it, what its couriers' sources hold now,
// and what has landed of that. Lists are in the order of the group, objects and
// landings by path; only those are in it that the run asks for. Nothing in it is
// secret.
type Facts struct {
	Group    Addr           `json:"group"`
	At       time.Time      `json:"at"`     // by the runtime's clock
	Serial   int64          `json:"serial"` // of the deployment that is applied
	Held     bool           `json:"held"`   // a process acts on the store
	Paused   *Pause         `json:"paused,omitempty"`
	Open     []QueuedRun    `json:"open,omitempty"` // in the order in which they were taken
	Couriers []CourierFacts `json:"couriers"`
	Steps    []StepFacts    `json:"steps,omitempty"`
}

// QueuedRun is a run of a group that has not ended, with what decides when the
// next one starts.
type QueuedRun struct {
	Key         string    `json:"key"`
	ScheduledAt time.Time `json:"scheduled_at,omitzero"` // zero for ad hoc runs
	State       string    `json:"state"`
	Asked       bool      `json:"asked,omitempty"` // somebody asked for it: a pause does not hold it
}

// CourierFacts is what is known of one courier of a group.
type CourierFacts struct {
	Courier   string    `json:"courier"`              // the member's name
	Watermark time.Time `json:"watermark,omitzero"`   // zero: no scheduled run has read it yet
	Place     string    `json:"place,omitempty"`      // the source as landings are recorded with it
	LookedAt  time.Time `json:"looked_at,omitzero"`   // zero: the source was not looked at
	NotLooked string    `json:"not_looked,omitempty"` // why
	Objects   []Object  `json:"objects,omitempty"`
	// Manifests are what the manifests among the objects say of the others.
	Manifests []Manifest `json:"manifests,omitempty"`
	Landings  []Landing  `json:"landings,omitempty"`
}

// Object is a file at a source.
type Object struct {
	Path    string    `json:"path"` // relative to the source's URL, with slashes
	Size    int64     `json:"size"`
	ModTime time.Time `json:"mod_time,omitzero"` // zero: the source does not say
	ETag    string    `json:"etag,omitempty"`
	Seen    bool      `json:"seen,omitempty"` // older than the courier's first watermark: runs by arrival leave it
}

// Landing is one version of a file that has landed.
type Landing struct {
	Path    string    `json:"path"`
	Version string    `json:"version"`
	Run     string    `json:"run"`
	File    string    `json:"file"` // the file block
	Date    string    `json:"date,omitempty"`
	Size    int64     `json:"size"`
	At      time.Time `json:"at"`
}

// StepFacts is what waits for a step of a group: what has landed since it last
// succeeded, which its next run is handed.
type StepFacts struct {
	Step  Addr  `json:"step"`
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
}

// Courier returns what is known of a courier of the group, or nil.
func (f *Facts) Courier(name string) *CourierFacts {
	for i := range f.Couriers {
		if f.Couriers[i].Courier == name {
			return &f.Couriers[i]
		}
	}
	return nil
}

// Step returns what waits for a step.
func (f *Facts) Step(a Addr) StepFacts {
	for _, s := range f.Steps {
		if s.Step == a {
			return s
		}
	}
	return StepFacts{Step: a}
}
