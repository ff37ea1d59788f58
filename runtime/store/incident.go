package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Incident is something that is wrong with a group, from its first sign to its
// end. There is one open incident of a group and cause.
type Incident struct {
	ID        int64      `json:"id"`
	Group     graph.Addr `json:"group"`
	Cause     string     `json:"cause"`          // "missing/orders"
	Task      string     `json:"task,omitempty"` // empty: of the whole run
	Events    []string   `json:"events"`         // what it has come to, in order
	Title     string     `json:"title"`
	Message   string     `json:"message,omitempty"`
	Run       string     `json:"run,omitempty"` // the last that met it
	Runs      int        `json:"runs"`          // how many have
	OpenedAt  time.Time  `json:"opened_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	ClosedAt  time.Time  `json:"closed_at,omitzero"`
}

// Key is what people and receivers know an incident by.
func (i *Incident) Key() string {
	return i.Group.Name() + "/" + i.Cause + "#" + strconv.FormatInt(i.ID, 10)
}

const incidentColumns = "id, grp, cause, task, events, title, message, run, runs, opened_at, updated_at, closed_at"

func scanIncident(r row) (i Incident, err error) {
	var events string
	err = r(&i.ID, &i.Group, &i.Cause, &i.Task, &events, &i.Title, &i.Message, &i.Run, &i.Runs,
		(*instant)(&i.OpenedAt), (*instant)(&i.UpdatedAt), (*instant)(&i.ClosedAt))
	if err == nil {
		err = json.Unmarshal([]byte(events), &i.Events)
	}
	return i, err
}

// PutIncident writes an incident: a new one for ID 0, else it replaces that one.
// A second open one of a group and cause is an error.
func (tx *Tx) PutIncident(i Incident) (Incident, error) {
	events, err := json.Marshal(i.Events)
	if err != nil {
		return i, fmt.Errorf("store: encode the events of an incident: %w", err)
	}
	values := []any{i.Group, i.Cause, i.Task, string(events), i.Title, i.Message, i.Run, i.Runs, instant(i.OpenedAt), instant(i.UpdatedAt), instant(i.ClosedAt)}
	if i.ID != 0 {
		_, err := tx.exec("change the incident", `UPDATE incidents SET grp = ?, cause = ?, task = ?, events = ?, title = ?, message = ?,
			run = ?, runs = ?, opened_at = ?, updated_at = ?, closed_at = ? WHERE id = ?`, append(values, i.ID)...)
		return i, err
	}
	i.ID, _, err = one(tx, "write the incident", scalar[int64], `
		INSERT INTO incidents (grp, cause, task, events, title, message, run, runs, opened_at, updated_at, closed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, values...)
	return i, err
}

// openIncidents reads the open incidents; its condition is that of the index.
const openIncidents = "SELECT " + incidentColumns + " FROM incidents INDEXED BY incidents_open WHERE closed_at IS NULL"

// OpenIncident returns the open incident of a group and cause.
func (tx *Tx) OpenIncident(group graph.Addr, cause string) (Incident, bool, error) {
	return one(tx, "read the incident", scanIncident, openIncidents+" AND grp = ? AND cause = ?", group, cause)
}

// OpenIncidents returns the open incidents of a group, of all groups for "", by
// group and cause.
func (tx *Tx) OpenIncidents(group graph.Addr) ([]Incident, error) {
	if group == "" {
		return list(tx, "list the incidents", scanIncident, openIncidents+" ORDER BY grp, cause")
	}
	return list(tx, "list the incidents", scanIncident, openIncidents+" AND grp = ? ORDER BY cause", group)
}

// ClosedIncidents returns the incidents that were closed last, the newest
// first.
func (tx *Tx) ClosedIncidents(limit int) ([]Incident, error) {
	return list(tx, "list the incidents", scanIncident,
		"SELECT "+incidentColumns+" FROM incidents WHERE closed_at IS NOT NULL ORDER BY closed_at DESC, id DESC LIMIT +?", limited(limit))
}

// AnyIncident reports whether any incident is open.
func (tx *Tx) AnyIncident() (bool, error) {
	_, found, err := one(tx, "look for an incident", scalar[int64], "SELECT 1 FROM incidents INDEXED BY incidents_open WHERE closed_at IS NULL LIMIT 1")
	return found, err
}
