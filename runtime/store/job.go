package store

import (
	"encoding/json"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Job is what a step's request has started elsewhere. Its row is why a restart
// asks for the job's state and does not submit it again. The step's task must
// be written before it.
type Job struct {
	Run      string          `json:"run"`
	Step     graph.Addr      `json:"step"`
	State    string          `json:"state"`
	Response json.RawMessage `json:"response,omitempty"` // to the request that started it
	NextAt   time.Time       `json:"next_at,omitzero"`   // of the next question
	Attempt  int             `json:"attempt"`
}

// PutJob writes a job, new or changed.
func (tx *Tx) PutJob(j Job) error {
	tx.touched.wait(j.NextAt)
	_, err := tx.exec("write the job", `
		INSERT INTO jobs (run, step, state, response, next_at, attempt) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, response = excluded.response, next_at = excluded.next_at,
			attempt = excluded.attempt`,
		j.Run, j.Step, j.State, document(j.Response), instant(j.NextAt), j.Attempt)
	return err
}

// Job returns the job of a step.
func (tx *Tx) Job(run string, step graph.Addr) (Job, bool, error) {
	return one(tx, "read the job", func(r row) (j Job, err error) {
		err = r(&j.Run, &j.Step, &j.State, (*document)(&j.Response), (*instant)(&j.NextAt), &j.Attempt)
		return j, err
	}, "SELECT run, step, state, response, next_at, attempt FROM jobs WHERE run = ? AND step = ?", run, step)
}

// DeleteJob forgets a job; one that is forgotten stays so.
func (tx *Tx) DeleteJob(run string, step graph.Addr) error {
	_, err := tx.exec("delete the job", "DELETE FROM jobs WHERE run = ? AND step = ?", run, step)
	return err
}
