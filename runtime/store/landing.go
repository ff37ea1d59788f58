package store

import (
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Landing is one version of one object that a courier has landed. Group,
// Courier, Source, Path, Version and Entry are its identity: it lands once, and once
// more in each run that was told to reload.
type Landing struct {
	Seq      int64      `json:"seq"` // order of landing, over all groups
	Group    graph.Addr `json:"group"`
	Courier  string     `json:"courier"` // the member's name
	Run      string     `json:"run"`
	File     string     `json:"file"`
	Date     string     `json:"date,omitempty"`
	Source   string     `json:"source"`          // URL of the source
	Path     string     `json:"path"`            // below the source's URL
	Entry    string     `json:"entry,omitempty"` // in the archive that it came in
	Version  string     `json:"version"`
	URL      string     `json:"url"` // where it was landed
	Size     int64      `json:"size"`
	SHA256   string     `json:"sha256"`
	Rows     *int64     `json:"rows,omitempty"` // lines of a file of rows, a header included
	LandedAt time.Time  `json:"landed_at"`
	Reload   bool       `json:"reload,omitempty"`
}

// LandingFilter selects landings; a zero field selects all.
type LandingFilter struct {
	Group   graph.Addr
	Run     string
	Courier string // with Run
	After   int64  // only those with a higher Seq
	Limit   int
}

const selectLanding = `SELECT seq, grp, courier, run, file, date, source, path, entry, version, url, size, sha256, rows, landed_at, reload
	FROM landings`

func scanLanding(r row) (l Landing, err error) {
	err = r(&l.Seq, &l.Group, &l.Courier, &l.Run, &l.File, &l.Date, &l.Source, &l.Path, &l.Entry, &l.Version, &l.URL,
		&l.Size, &l.SHA256, &l.Rows, (*instant)(&l.LandedAt), &l.Reload)
	return l, err
}

// PutLanding records a landing and returns it with its Seq; ErrLanded for a
// version that has landed before.
func (tx *Tx) PutLanding(l Landing) (Landing, error) {
	seq, added, err := one(tx, "write the landing", scalar[int64], `
		INSERT INTO landings (grp, courier, run, file, date, source, path, entry, version, url, size, sha256, rows, landed_at, reload)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq`,
		l.Group, l.Courier, l.Run, l.File, l.Date, l.Source, l.Path, l.Entry, l.Version, l.URL, l.Size, l.SHA256, l.Rows,
		instant(l.LandedAt), l.Reload)
	if err != nil {
		return Landing{}, err
	}
	if !added {
		return Landing{}, fmt.Errorf("store: land %s of %s in %s: %w", l.Path, l.Courier, l.Group, ErrLanded)
	}
	l.Seq, l.LandedAt = seq, l.LandedAt.UTC()
	return l, nil
}

// Landings returns the landings that a filter selects, in the order they
// landed.
func (tx *Tx) Landings(f LandingFilter) ([]Landing, error) {
	where, args := "seq > ?", []any{f.After}
	switch {
	case f.Run != "": // a run is of one group
		where, args = where+" AND run = ?", append(args, f.Run)
		if f.Courier != "" {
			where, args = where+" AND courier = ?", append(args, f.Courier)
		}
	case f.Group != "":
		where, args = where+" AND grp = ?", append(args, f.Group)
	}
	return list(tx, "list the landings", scanLanding, selectLanding+" WHERE "+where+" ORDER BY seq LIMIT +?",
		append(args, limited(f.Limit))...)
}

// LastLanding returns the Seq of the newest landing, 0 where there is none.
func (tx *Tx) LastLanding() (int64, error) {
	seq, _, err := one(tx, "find the last landing", scalar[int64], "SELECT seq FROM landings ORDER BY seq DESC LIMIT 1")
	return seq, err
}

// MarkSeen notes that a version was there before a courier's first watermark.
// Noting it again changes nothing.
func (tx *Tx) MarkSeen(group graph.Addr, member, source, path, version, run string) error {
	_, err := tx.exec("mark as seen", `
		INSERT INTO seen (grp, member, url, path, version, run) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		group, member, source, path, version, run)
	return err
}

// StepMark returns the Seq of the newest landing that a step of a group had
// been given when it last succeeded, 0 for none.
func (tx *Tx) StepMark(group, step graph.Addr) (int64, error) {
	seq, _, err := one(tx, "read the step's mark", scalar[int64], "SELECT seq FROM step_marks WHERE grp = ? AND step = ?", group, step)
	return seq, err
}

// SetStepMark notes that a step has succeeded with all landings up to seq. A
// mark stays where it is higher.
func (tx *Tx) SetStepMark(group, step graph.Addr, seq int64, run string) error {
	_, err := tx.exec("write the step's mark", `
		INSERT INTO step_marks (grp, step, seq, run) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET seq = excluded.seq, run = excluded.run WHERE excluded.seq > seq`,
		group, step, seq, run)
	return err
}
