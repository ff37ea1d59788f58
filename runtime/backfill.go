package runtime

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// maxPieces bounds one backfill: a year of hourly runs.
const maxPieces = 9000

// backfillCommand works off what lies behind a group: one run for each tick
// that its couriers have not read, the steps downstream after the last. With
// From before the watermark it loads that again and leaves the watermark.
func (d *desk) backfillCommand(c store.Command) (outcome, error) {
	cal, err := d.calendar(c.Group)
	if err != nil {
		return outcome{}, err
	}
	var args BackfillArgs
	if err := readArgs(c, &args); err != nil {
		return outcome{}, err
	}
	if cal.Schedule() == nil {
		return outcome{}, refuse("%s has no schedule, so that nothing of it is behind; `waybill run %s --from … --to …` loads a range", c.Group, c.Group.Typed())
	}
	var only []string
	if args.Courier != "" {
		only = []string{args.Courier}
		if err := d.members(cal.Group(), only); err != nil {
			return outcome{}, err
		}
	}
	pieces, err := d.pieces(cal, args, only)
	if err != nil {
		return outcome{}, err
	}
	name, keys := token()[len("adhoc-"):], []string(nil)
	for _, p := range pieces {
		keys = append(keys, tickKey(c.Group, p.tick)+backfillMark+name)
	}
	if args.From == "" { // older data does not make the blocked range shorter
		if err := d.clearBlocked(c.Group, keys[len(keys)-1]); err != nil {
			return outcome{}, err
		}
	}
	if err := d.free(c.Group); err != nil {
		return outcome{}, err
	}
	for i, p := range pieces {
		r := d.queued(c, store.KindBackfill, keys[i])
		r.ScheduledAt, r.Nominal = p.tick, cal.Zone().Wall(p.tick).String()
		r.Request = store.Document(scene.Request{Args: RunArgs{Couriers: only}, Piece: p.span})
		if i < len(pieces)-1 {
			r.RunType = graph.RunSource
		}
		if err := d.queue(r, fmt.Sprintf("piece %d of %d, asked for by %s", i+1, len(pieces), c.By)); err != nil {
			return outcome{}, err
		}
	}
	return outcome{runs: keys, message: "queued " + graph.Count(len(keys), "piece")}, nil
}

// backfillMark stands in the key of a piece between its tick and the name that
// all pieces of a backfill share.
const backfillMark = "-backfill-"

// sameBackfill reports whether two keys are of pieces of one backfill.
func sameBackfill(a, b string) bool {
	_, one, ok := strings.Cut(a, backfillMark)
	_, other, too := strings.Cut(b, backfillMark)
	return ok && too && one == other
}

// piece is one run of a backfill. An empty span is from the watermark.
type piece struct {
	tick time.Time
	span window.Range
}

// pieces cuts what is behind into the ranges of ticks.
func (d *desk) pieces(cal *window.Calendar, args BackfillArgs, only []string) ([]piece, error) {
	group := cal.Group()
	from, known := time.Time{}, false
	var offset graph.Offset
	for _, m := range group.Members {
		if len(only) > 0 && !slices.Contains(only, m.Name) {
			continue
		}
		at, found, err := d.tx.Watermark(group.Addr, m.Name)
		if err != nil {
			return nil, err
		}
		switch {
		case found && (!known || at.Before(from)):
			from, known, offset = at, true, m.Offset
		case !known && offset == graph.Offset{}:
			offset = m.Offset
		}
	}
	var again time.Time // the end of what is loaded once more, leaving the watermark
	if args.From != "" {
		asked, err := cal.AdHoc(window.Ask{From: args.From}, d.now)
		if err != nil {
			return nil, refuse("%s", err)
		}
		if !known || asked.Range.Start.Before(from) {
			again, from = from, asked.Range.Start
		} else {
			return nil, refuse("--from %s is not before the watermark %s: without --from the backfill starts there", args.From, words.Stamp(from))
		}
	} else if !known {
		return nil, refuse("%s has read nothing yet, so that nothing of it is behind; write --from to load older data", group.Addr)
	}
	var all []piece
	start := from
	for f := range cal.Behind(from, offset, d.now) {
		p := piece{tick: f.Instant}
		end := window.Back(f.Instant, offset, cal.RangeZone())
		if args.From != "" {
			if !again.IsZero() && end.After(again) {
				end = again
			}
			p.span = window.Range{Start: start, End: end}
		}
		start = end
		all = append(all, p)
		if len(all) > maxPieces {
			return nil, refuse("that would be more than %d runs; write a later --from, or `waybill run %s --from … --to …`", maxPieces, group.Addr.Typed())
		}
		if !again.IsZero() && !end.Before(again) {
			break
		}
	}
	if len(all) == 0 {
		return nil, refuse("nothing of %s is behind", group.Addr)
	}
	return all, nil
}

// clearBlocked ends a blocked run into the last piece of the backfill that works
// it off.
func (d *desk) clearBlocked(group graph.Addr, into string) error {
	runs, err := d.tx.OpenRuns(group)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.State == store.Blocked {
			r.Into = into
			if err := d.endRun(r, store.Skipped, "a backfill works it off"); err != nil {
				return err
			}
		}
	}
	return nil
}

// advanceCommand moves the watermarks of a group forward by hand. A blocked run
// then tries again.
func (d *desk) advanceCommand(c store.Command) (outcome, error) {
	cal, err := d.calendar(c.Group)
	if err != nil {
		return outcome{}, err
	}
	var args AdvanceArgs
	if err := readArgs(c, &args); err != nil {
		return outcome{}, err
	}
	if strings.TrimSpace(args.Reason) == "" {
		return outcome{}, refuse("say why with --reason: what lies before is not read by any scheduled run")
	}
	asked, err := cal.AdHoc(window.Ask{From: args.To}, d.now)
	if err != nil {
		return outcome{}, refuse("%s", strings.ReplaceAll(err.Error(), "--from", "--to"))
	}
	to := asked.Range.Start
	if to.After(d.now) {
		return outcome{}, refuse("--to %s is in the future: data that has not come yet would never be read", args.To)
	}
	moved := 0
	for _, m := range cal.Group().Members {
		at, known, err := d.tx.Watermark(c.Group, m.Name)
		if err != nil {
			return outcome{}, err
		}
		if known && !at.Before(to) {
			continue
		}
		if err := d.passOver(c.Group, m.Name, to); err != nil {
			return outcome{}, err
		}
		moved++
		err = note(d.tx, d.now, "", string(c.Group), EventAdvanced, "%s moved from %s to %s by %s: %s", m.Name, words.Stamp(at), words.Stamp(to), c.By, args.Reason)
		if err != nil {
			return outcome{}, err
		}
	}
	if moved == 0 {
		return outcome{}, refuse("every courier of %s has read up to %s already; a watermark never moves back", c.Group, words.Stamp(to))
	}
	return outcome{message: fmt.Sprintf("moved the watermark of %s to %s", graph.Count(moved, "courier"), words.Stamp(to))}, d.unblock(c.Group)
}

// unblock queues the blocked run of a group again. It waits its turn, and for
// the end of a pause.
func (d *desk) unblock(group graph.Addr) error {
	runs, err := d.tx.OpenRuns(group)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.State != store.Blocked {
			continue
		}
		r.State, r.Message = store.Waiting, ""
		if err := d.tx.PutRun(r); err != nil {
			return err
		}
		if err := note(d.tx, d.now, r.Key, "", EventUnblocked, "the watermarks were moved"); err != nil {
			return err
		}
		if err := d.step(group, window.Unblocked{Key: r.Key}); err != nil {
			return err
		}
	}
	return nil
}
