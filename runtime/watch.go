package runtime

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// watch notes, once each, that a run is slower or later than its group allows.
func (d *desk) watch(r store.Run, g *graph.Group) error {
	for _, w := range watches(r, g) {
		if d.now.Before(w.at) {
			continue
		}
		events, err := d.tx.Events(r.Key, 0)
		if err != nil {
			return err
		}
		if hasEvent(events, w.event) {
			continue
		}
		if err := note(d.tx, d.now, r.Key, "", w.event, "%s", w.text); err != nil {
			return err
		}
	}
	return nil
}

// watchRow is an instant by which a run should have ended.
type watchRow struct {
	event, text string
	at          time.Time
}

func watches(r store.Run, g *graph.Group) []watchRow {
	var rows []watchRow
	if g.RuntimeAlert > 0 {
		rows = append(rows, watchRow{EventSlow, "the run takes longer than " + g.RuntimeAlert.String(), r.StartedAt.Add(g.RuntimeAlert.Std())})
	}
	var req scene.Request
	if err := store.Parse(r.Request, &req); err != nil || g.SLA == 0 || r.Kind == store.KindBackfill {
		return rows // what a backfill works off is late already
	}
	from := r.ScheduledAt
	switch {
	case !req.Since.IsZero():
		from = req.Since
	case r.Kind == store.KindAdHoc && req.Args.SLA:
		from = r.CreatedAt
	}
	if !from.IsZero() {
		rows = append(rows, watchRow{EventSLAMissed, "the run has not ended " + g.SLA.String() + " after " + words.Stamp(from), from.Add(g.SLA.Std())})
	}
	return rows
}

func hasEvent(events []store.Event, kind string) bool {
	for _, e := range events {
		if e.Type == kind {
			return true
		}
	}
	return false
}
