package runtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/source"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Look is what the last look at a source saw. It is stored with the poll.
type Look struct {
	At      time.Time        `json:"at"`
	Found   int              `json:"found"` // files that would be landed
	Missing []window.Missing `json:"missing,omitempty"`
	Grace   bool             `json:"grace,omitempty"` // the look after the deadline has been granted
	Error   string           `json:"error,omitempty"`
}

// haul is what a courier's task has decided to land. It is stored with the
// task, so that the next holder lands the same.
type haul struct {
	Take    []window.Taken   `json:"take"`
	Missing []window.Missing `json:"missing,omitempty"`
	Partial bool             `json:"partial,omitempty"` // the deadline has passed and something required is missing
}

// startCourier begins the wait of a courier, or its program.
func (d *desk) startCourier(r store.Run, p *program, t store.Task) error {
	s, err := readScene(d.tx, d.all, r.Key)
	if err != nil {
		return err
	}
	member, courier := s.group.Member(t.Name), s.courier(t)
	want, err := s.want(t)
	if err != nil {
		return err
	}
	t.Deadline = window.Deadline(member.Wait, r.ScheduledAt, d.now)
	switch {
	case want.Nothing() && window.NeedsRange(courier):
		return d.landed(s, t, nil, "nothing to read: its range is empty")
	case courier.Exec != nil:
		t.State = store.Running
		if err := d.tx.PutTask(t); err != nil {
			return err
		}
		return note(d.tx, d.now, t.Run, t.Name, EventTaskStarted, "attempt %d", t.Attempt)
	}
	t.State = store.Waiting
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	if err := d.tx.PutPoll(store.Poll{Run: t.Run, Task: t.Name, NextAt: d.now, Deadline: t.Deadline}); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "looks for %s, until %s", few(want.Names()), stamp(t.Deadline))
}

// want is what a courier's task looks for.
func (s *scene) want(t store.Task) (window.Want, error) {
	if s.run.Kind == store.KindAdHoc {
		return s.calendar.WantAdHoc(s.courier(t), s.request.AdHoc, s.group.Member(t.Name).Offset)
	}
	return s.calendar.Want(s.courier(t), window.Range{Start: t.RangeStart, End: t.RangeEnd})
}

// look looks at a courier's source once.
func (e *engine) look(ctx context.Context, s *scene, t store.Task) error {
	ctx, cancel := attempt(ctx, s.courier(t).Timeout)
	defer cancel()
	poll := s.polls[t.Name]
	verdict, err := e.inspect(ctx, s, t, poll)
	if errors.Is(context.Cause(ctx), errLeaving) || errors.Is(context.Cause(ctx), errStopped) {
		return nil
	}
	return e.record(ctx, t, func(d *desk, t store.Task) error {
		if err != nil {
			return d.courierFault(s, t, e.redactor.Error(err))
		}
		return d.looked(s, t, poll, verdict)
	})
}

// inspect lists the source and judges what is there.
func (e *engine) inspect(ctx context.Context, s *scene, t store.Task, poll store.Poll) (v window.Verdict, err error) {
	want, err := s.want(t)
	if err != nil {
		return v, err
	}
	folder, err := e.openSource(s, t)
	if err != nil {
		return v, err
	}
	defer func() { _ = folder.Close() }()
	at := time.Now().UTC()
	objects, err := folder.List(ctx, bases(want))
	if err != nil {
		return v, err
	}
	var sightings map[string]window.Sighting
	if err := parse(poll.Sightings, &sightings); err != nil {
		return v, err
	}
	look := window.Look{At: at, Objects: objects}
	if err := e.firstLook(ctx, s, t, folder.URL(), want, look); err != nil {
		return v, err
	}
	err = e.store.View(ctx, func(tx *store.Tx) (failed error) {
		known := func(ask func(graph.Addr, string, string, string, string) (bool, error)) func(window.Object) bool {
			return func(o window.Object) bool {
				yes, err := ask(s.run.Group, t.Name, folder.URL(), o.Path, o.Version())
				failed = errors.Join(failed, err)
				return yes
			}
		}
		h := window.History{Seen: known(tx.Seen)}
		if !s.request.Args.Reload {
			h.Landed = known(tx.Landed)
		}
		v = want.Judge(look, sightings, s.courier(t).Ready, h)
		return failed
	})
	return v, err
}

func (e *engine) openSource(s *scene, t store.Task) (*source.Folder, error) {
	url, err := e.resolver(s, t, "").Text(s.courier(t).Filedrop.URL)
	if err != nil {
		return nil, err
	}
	return source.OpenFolder(e.workspace, url)
}

// bases are the folders of the source in which a courier's files can be.
func bases(w window.Want) []string {
	var all []string
	for _, f := range w.Files {
		all = append(all, f.Pattern.Base())
	}
	return all
}

// arrives reports whether some pattern goes by arrival.
func arrives(w window.Want) bool {
	return slices.ContainsFunc(w.Files, func(f window.FileWant) bool { return f.Pattern.Unit() == window.None })
}

// firstLookMark stands in the table of seen versions for "this courier has
// looked once".
const firstLookMark = "first look"

// firstLook marks what is older than the courier's first watermark as seen, the
// first time a scheduled run looks. It matters for undated patterns only.
func (e *engine) firstLook(ctx context.Context, s *scene, t store.Task, url string, want window.Want, look window.Look) error {
	if s.run.Kind == store.KindAdHoc || !arrives(want) {
		return nil
	}
	return e.lease.Update(ctx, func(tx *store.Tx) error {
		looked, err := tx.Seen(s.run.Group, t.Name, "", "", firstLookMark)
		if err != nil || looked {
			return err
		}
		for _, o := range want.FirstSeen(look, t.RangeStart) {
			if err := tx.MarkSeen(s.run.Group, t.Name, url, o.Path, o.Version(), t.Run); err != nil {
				return err
			}
		}
		return tx.MarkSeen(s.run.Group, t.Name, "", "", firstLookMark, t.Run)
	})
}

// looked writes what follows from a look: land, look again, or missing.
func (d *desk) looked(s *scene, t store.Task, poll store.Poll, v window.Verdict) error {
	var last Look
	if err := parse(poll.Last, &last); err != nil {
		return err
	}
	member, courier := s.group.Member(t.Name), s.courier(t)
	wait := window.Wait{
		Deadline: t.Deadline, Every: window.PollEvery(member.Wait, courier.PollEvery), Grace: last.Grace,
	}
	next := wait.After(v, d.now, rand.Float64())
	poll.Looks++
	poll.NextAt, poll.Sightings = next.PollAt, document(v.Sightings)
	poll.Last = document(Look{At: v.At, Found: len(v.Take), Missing: v.Missing, Grace: next.Grace || last.Grace})
	if late := absent(v.Missing); len(late) > 0 && !poll.LateSent && !next.Land {
		poll.LateSent = true
		if err := note(d.tx, d.now, t.Run, t.Name, EventLate, "not there yet: %s", few(late)); err != nil {
			return err
		}
	}
	switch {
	case next.Land:
		return d.startLanding(t, haul{Take: v.Take, Missing: v.Missing})
	case next.Missing:
		return d.missing(s, t, haul{Take: v.Take, Missing: v.Missing, Partial: true})
	}
	t.Attempt, t.Fault, t.Message = 1, store.FaultNotReady, "waits for "+few(names(v.Missing))
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return d.tx.PutPoll(poll)
}

// startLanding fixes what a courier lands.
func (d *desk) startLanding(t store.Task, h haul) error {
	t.State, t.Data, t.Fault, t.Message, t.Attempt = store.Running, document(h), store.FaultNone, "", 1
	t.Warnings = len(h.Missing)
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskStarted, "lands %s", count(len(h.Take), "file"))
}

// missing is the end of a wait in vain: on_missing decides.
func (d *desk) missing(s *scene, t store.Task, h haul) error {
	member := s.group.Member(t.Name)
	if member.NotifyMissing {
		err := note(d.tx, d.now, t.Run, t.Name, EventMissing, "not there by %s: %s", stamp(t.Deadline), few(names(h.Missing)))
		if err != nil {
			return err
		}
	}
	if member.OnMissing == graph.OnMissingContinue && len(h.Take) > 0 {
		return d.startLanding(t, h)
	}
	return d.endMissing(s, t, h)
}

// endMissing ends a courier that is missing something. Under on_missing =
// "continue" its range is done all the same.
func (d *desk) endMissing(s *scene, t store.Task, h haul) error {
	if s.group.Member(t.Name).OnMissing == graph.OnMissingContinue {
		if err := d.readTo(s, t); err != nil {
			return err
		}
	}
	t.State, t.Fault, t.EndedAt = store.Missing, store.FaultNotReady, d.now
	t.Message = "missing " + few(names(h.Missing))
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskMissing, "%s", t.Message)
}

// readTo moves the courier's watermark to the end of what a scheduled run, or a
// piece of a backfill from the watermark, has read.
func (d *desk) readTo(s *scene, t store.Task) error {
	if s.run.Kind == store.KindAdHoc || !s.request.Piece.Empty() || t.RangeEnd.IsZero() {
		return nil
	}
	at, known, err := d.tx.Watermark(s.run.Group, t.Name)
	if err != nil || known && at.After(t.RangeEnd) {
		return err
	}
	return d.tx.SetWatermark(s.run.Group, t.Name, t.RangeEnd, s.run.Key)
}

// courierFault decides what a fault of a courier means: wait on, try again, or
// fail.
func (d *desk) courierFault(s *scene, t store.Task, cause error) error {
	courier := s.courier(t)
	fault := value.FaultOf(cause)
	t.Fault, t.Message = string(fault), cause.Error()
	switch {
	case fault == value.NotReady:
		return d.waitAgain(s, t)
	case fault != value.Misconfigured && t.Attempt < courier.Retry.Attempts:
		pause := backoff(courier.Retry, t.Attempt)
		t.Attempt++
		return d.tryLater(t, pause)
	}
	return d.failTask(t)
}

// waitAgain sends a courier back to its wait: a file changed while it was read,
// or its program says that the data is not ready.
func (d *desk) waitAgain(s *scene, t store.Task) error {
	courier, member := s.courier(t), s.group.Member(t.Name)
	pause := max(courier.Ready.StableFor.Std(), time.Second)
	if courier.Exec != nil {
		pause = window.PollEvery(member.Wait, courier.PollEvery)
		if !d.now.Before(t.Deadline) {
			return d.missing(s, t, haul{Partial: true, Missing: []window.Missing{{Name: "the data of " + t.Name, Why: t.Message}}})
		}
		t.NextAt = earliest(d.now.Add(pause), t.Deadline)
		if err := d.tx.PutTask(t); err != nil {
			return err
		}
		return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "%s; asks again at %s", t.Message, stamp(t.NextAt))
	}
	t.State, t.Data = store.Waiting, nil
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	err := d.tx.PutPoll(store.Poll{
		Run: t.Run, Task: t.Name, NextAt: d.now.Add(pause), Deadline: t.Deadline, LateSent: true,
		Last: document(Look{At: d.now, Error: t.Message, Grace: !d.now.Before(t.Deadline)}),
	})
	if err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "%s; looks again", t.Message)
}

// tryLater lets a task that is running or waiting go on after a pause.
func (d *desk) tryLater(t store.Task, pause time.Duration) error {
	at := d.now.Add(pause)
	if poll, found, err := d.tx.Poll(t.Run, t.Name); err != nil {
		return err
	} else if found && t.State == store.Waiting {
		poll.NextAt = at
		if err := d.tx.PutPoll(poll); err != nil {
			return err
		}
	} else {
		t.NextAt = at
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskRetrying, "attempt %d at %s: %s", t.Attempt, stamp(at), t.Message)
}

// failTask ends a task that cannot be helped by trying again.
func (d *desk) failTask(t store.Task) error {
	t.State, t.EndedAt, t.NextAt = store.Failed, d.now, time.Time{}
	if err := d.tx.DeletePoll(t.Run, t.Name); err != nil {
		return err
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskFailed, "%s: %s", strings.ReplaceAll(t.Fault, "_", " "), t.Message)
}

// backoff is the pause after a failed attempt: the first backoff, doubled with
// each further one.
func backoff(r graph.Retry, attempt int) time.Duration {
	pause := r.Backoff.Std()
	for i := 1; i < attempt && pause < r.MaxBackoff.Std(); i++ {
		pause *= 2
	}
	return min(pause, max(r.MaxBackoff.Std(), r.Backoff.Std()))
}

func absent(missing []window.Missing) []string {
	var late []string
	for _, m := range missing {
		if !m.Optional && m.Why == window.Absent {
			late = append(late, m.Name)
		}
	}
	return late
}

// names are the files of a list with why each is not ready.
func names(missing []window.Missing) []string {
	var all []string
	for _, m := range missing {
		if m.Optional {
			continue
		}
		name := m.Name
		if m.Why != window.Absent {
			name += " (" + m.Why + ")"
		}
		all = append(all, name)
	}
	return all
}

// few writes a list for people: the first three and how many more there are.
func few(all []string) string {
	const shown = 3
	switch {
	case len(all) == 0:
		return "whatever is there"
	case len(all) <= shown:
		return strings.Join(all, ", ")
	default:
		return fmt.Sprintf("%s and %d more", strings.Join(all[:shown], ", "), len(all)-shown)
	}
}

// count writes "1 file", "3 files".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
