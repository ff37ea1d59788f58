package store

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Watermark returns the instant up to which a courier of a group has been read
// by scheduled runs.
func (tx *Tx) Watermark(group graph.Addr, member string) (time.Time, bool, error) {
	return one(tx, "read the watermark", scanTime, "SELECT at FROM watermarks WHERE grp = ? AND member = ?", group, member)
}

// SetWatermark moves a watermark, or writes the first one, where the reading
// begins, and notes the run that did it. Moving it back is a *WatermarkError.
func (tx *Tx) SetWatermark(group graph.Addr, member string, at time.Time, run string) error {
	n, err := tx.exec("write the watermark", `
		INSERT INTO watermarks (grp, member, at, run, began, whole) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET at = excluded.at, run = excluded.run WHERE excluded.at >= at`,
		group, member, instant(at), run, instant(at), instant(at))
	if err != nil || n == 1 {
		return err
	}
	current, _, err := tx.Watermark(group, member)
	if err != nil {
		return err
	}
	return &WatermarkError{Current: graph.Watermark{Group: group, Courier: member, At: current}, Asked: at}
}

// LeaveOut notes that what lies before an instant was not all read by the courier
// of a group. Without a watermark there is nothing to note.
func (tx *Tx) LeaveOut(group graph.Addr, member string, until time.Time) error {
	_, err := tx.exec("note what is left out", "UPDATE watermarks SET whole = ? WHERE grp = ? AND member = ? AND whole < ?",
		instant(until), group, member, instant(until))
	return err
}

// Watermarks returns all watermarks by group and member.
func (tx *Tx) Watermarks() ([]graph.Watermark, error) {
	return list(tx, "list the watermarks", func(r row) (w graph.Watermark, err error) {
		err = r(&w.Group, &w.Courier, (*instant)(&w.At), (*instant)(&w.From), (*instant)(&w.Whole))
		return w, err
	}, "SELECT grp, member, at, began, whole FROM watermarks ORDER BY grp, member")
}
