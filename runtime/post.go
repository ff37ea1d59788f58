package runtime

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/store"
)

// post writes the notices of this transaction into the outbox: what an alert
// would hear several times of one incident, as one message.
func (d *desk) post() error {
	for len(d.notices) > 0 {
		first := d.notices[0]
		var messages []alert.Message
		var words []string
		d.notices = slices.DeleteFunc(d.notices, func(n notice) bool {
			same := n.alert.Addr == first.alert.Addr && n.key == first.key
			if same {
				messages, words = append(messages, n.message), append(words, n.words...)
			}
			return same
		})
		if err := d.putNotice(first, words, alert.Digest(messages)); err != nil {
			return err
		}
		d.posted = true
	}
	return nil
}

// putNotice writes one message. In quiet hours it is held back until their end,
// unless one of its words is excepted: then what was held of its incident goes
// with it.
func (d *desk) putNotice(n notice, words []string, m alert.Message) error {
	row := store.AlertRow{Key: n.key, Incident: n.incident, Alert: n.alert.Addr, Event: m.Event, Run: m.Run, Body: store.Document(m), At: d.now}
	until, err := quietUntil(n.alert.Quiet, d.now)
	if err != nil {
		return err
	}
	excepted := func(word string) bool { return slices.Contains(n.alert.Quiet.Except, word) }
	if !until.IsZero() && !slices.ContainsFunc(words, excepted) {
		row.HoldUntil = until
	} else {
		released, err := d.tx.Release(n.alert.Addr, n.key, d.now)
		if err != nil {
			return err
		}
		if released > 0 {
			row.HoldUntil = d.now
		}
	}
	_, err = d.tx.PutAlert(row)
	return err
}

// quietUntil is the end of the quiet hours in which an instant lies, zero where
// it lies in none. Hours are those of the clocks on the wall: where these jump
// over the end, quiet ends with the jump, and where they show it twice, at the
// first time that is still to come.
func quietUntil(q *graph.Quiet, now time.Time) (time.Time, error) {
	if q == nil {
		return time.Time{}, nil
	}
	zone, err := cron.LoadZone(q.Timezone)
	if err != nil {
		return time.Time{}, fmt.Errorf("runtime: quiet hours: %w", err)
	}
	from, until := q.From, q.Until
	wall := zone.Wall(now)
	clock, day := wall.String()[len("2006-01-02 "):][:len("15:04")], wall.Midnight()
	quiet := from <= clock && clock < until
	if from > until { // over midnight
		quiet = clock >= from || clock < until
		if clock >= from {
			day = day.AddDays(1)
		}
	}
	if !quiet {
		return time.Time{}, nil
	}
	end, err := cron.ParseWall(day.Date() + " " + until)
	if err != nil {
		return time.Time{}, fmt.Errorf("runtime: the end of quiet hours: %w", err)
	}
	at, _ := zone.Instant(end, cron.NextValid, cron.First)
	if !at.After(now) {
		at, _ = zone.Instant(end, cron.NextValid, cron.Second)
	}
	return at, nil
}
