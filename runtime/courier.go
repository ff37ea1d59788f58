package runtime

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/words"
)

// haul is what a courier's task has decided to land. It is stored with the
// task, so that the next holder lands the same.
type haul struct {
	Take    []window.Taken   `json:"take"`
	Missing []window.Missing `json:"missing,omitempty"`
	Partial bool             `json:"partial,omitempty"` // the deadline has passed and something required is missing
}

// startCourier begins the wait of a courier, or its fetching.
func (d *desk) startCourier(r store.Run, p *scene.Program, t store.Task) error {
	s, err := scene.New(d.tx, d.all, r)
	if err != nil {
		return err
	}
	member, courier := s.Group.Member(t.Name), s.Courier(t)
	want, err := s.Want(t)
	if err != nil {
		return err
	}
	t.Deadline = window.Deadline(member.Wait, r.ScheduledAt, d.now)
	if t.IgnoresMissing() {
		t.Deadline = d.now // one look
	}
	switch {
	case want.Nothing() && window.NeedsRange(courier):
		return d.landed(s, t, nil, "nothing to read: its range is empty")
	case courier.Fetches():
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
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "looks for %s, until %s", words.Few(want.Names()), words.Stamp(t.Deadline))
}

// look looks at a courier's source once.
func (e *engine) look(ctx context.Context, s *scene.Scene, t store.Task) error {
	ctx, cancel := attempt(ctx, s.Courier(t).Timeout)
	defer cancel()
	poll, began := s.Polls[t.Name], time.Now()
	verdict, objects, err := e.inspect(ctx, s, t, poll)
	if errors.Is(context.Cause(ctx), errLeaving) || errors.Is(context.Cause(ctx), errStopped) {
		return nil
	}
	var own *storeError
	if errors.As(err, &own) && ctx.Err() == nil {
		return err // it says nothing of the source, and counts as no attempt
	}
	e.observeLook(s, t, began, err)
	err = e.faultOf(s, err)
	return e.record(ctx, t, func(d *desk, t store.Task) error {
		if err != nil {
			return d.courierFault(s, t, err)
		}
		if looksBack(s, poll) {
			if err := d.lateArrivals(s, t, objects); err != nil {
				return err
			}
		}
		return d.looked(s, t, poll, verdict)
	})
}

// inspect lists the source and judges what is there.
func (e *engine) inspect(ctx context.Context, s *scene.Scene, t store.Task, poll store.Poll) (window.Verdict, []window.Object, error) {
	var v window.Verdict
	want, err := s.Want(t)
	if err != nil {
		return v, nil, err
	}
	from, err := e.openSource(ctx, s, t)
	if err != nil {
		return v, nil, err
	}
	defer func() { _ = from.Close() }()
	wants := []window.Want{want}
	if looksBack(s, poll) {
		earlier, err := e.wantedBefore(ctx, s, t)
		if err != nil {
			return v, nil, err
		}
		wants = append(wants, earlier...)
	}
	objects, at, err := e.list(ctx, s, t, poll, from, scopeOf(s.Courier(t).Ready, wants...))
	if err != nil {
		return v, nil, err
	}
	look, url := window.Look{At: at, Objects: objects}, identity(s.Courier(t), from)
	if err := e.firstLook(ctx, s, t, url, want, look); err != nil {
		return v, nil, &storeError{err}
	}
	v, err = e.judge(ctx, s, t, poll, from, want, look)
	return v, objects, err
}

// list lists the source, or takes the list of another courier that has just done
// so. It returns when the list began.
func (e *engine) list(ctx context.Context, s *scene.Scene, t store.Task, poll store.Poll, from bucket.Bucket, scope bucket.Scope) ([]window.Object, time.Time, error) {
	var last scene.Look
	if err := store.Parse(poll.Last, &last); err != nil {
		return nil, time.Time{}, &storeError{err}
	}
	courier := s.Courier(t)
	since := freshFrom(poll, last, window.PollEvery(s.Group.Member(t.Name).Wait, courier.PollEvery))
	if s.Run.Kind == store.KindAdHoc && poll.Looks == 0 {
		// Who asks for a run may have put the file there in the same tick of the clock.
		since = since.Add(time.Nanosecond)
	}
	return e.listings.get(ctx, locate(from, courier, scope), since, func(ctx context.Context) ([]window.Object, error) {
		own, err := e.openSource(ctx, s, t) // ours may be closed before others have their list
		if err != nil {
			return nil, err
		}
		defer func() { _ = own.Close() }()
		objects, err := own.List(ctx, scope)
		if some, ok := own.(interface{ LeftOut() int }); ok && some.LeftOut() > 0 {
			e.log.Debug("names that are no paths of files are left out", "source", identity(courier, own), "names", some.LeftOut())
		}
		return objects, err
	})
}

// judge compares a look with what is known from earlier ones.
func (e *engine) judge(ctx context.Context, s *scene.Scene, t store.Task, poll store.Poll, from bucket.Bucket, want window.Want, look window.Look) (v window.Verdict, err error) {
	var sightings map[string]window.Sighting
	if err := store.Parse(poll.Sightings, &sightings); err != nil {
		return v, &storeError{err}
	}
	ready, url := s.Courier(t).Ready, identity(s.Courier(t), from)
	h, err := e.history(ctx, s, t, url, want, look.Objects)
	if err != nil {
		return v, &storeError{err}
	}
	lists := want.Manifests(look, ready, h)
	if look.Manifests, err = e.manifests.get(ctx, from, locate(from, s.Courier(t), bucket.Scope{}), lists); err != nil {
		return v, err
	}
	return want.Judge(look, sightings, ready, h), nil
}

// history is what is known of objects from earlier runs, asked for all of them at
// once.
func (e *engine) history(ctx context.Context, s *scene.Scene, t store.Task, url string, want window.Want, objects []window.Object) (h window.History, err error) {
	asked := versions(slices.DeleteFunc(slices.Clone(objects), func(o window.Object) bool { return !want.Matches(o) }))
	var landed, seen store.Versions
	err = e.store.View(ctx, func(tx *store.Tx) (err error) {
		if !s.Request.Args.Reload {
			if landed, err = tx.LandedAmong(s.Run.Group, t.Name, url, asked); err != nil {
				return err
			}
		}
		if arrives(want) {
			seen, err = tx.SeenAmong(s.Run.Group, t.Name, url, asked)
		}
		return err
	})
	return window.History{Landed: among(landed), Seen: among(seen)}, err
}

// versions are objects as the store knows them.
func versions(objects []window.Object) []store.Version {
	all := make([]store.Version, len(objects))
	for i, o := range objects {
		all[i] = store.Version{Path: o.Path, Version: o.Version()}
	}
	return all
}

// among asks whether an object is in a set.
func among(known store.Versions) func(window.Object) bool {
	return func(o window.Object) bool { return known[store.Version{Path: o.Path, Version: o.Version()}] }
}

// storeError is a fault of our own store in the middle of a look.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }

func (e *storeError) Unwrap() error { return e.err }

func (e *engine) openSource(ctx context.Context, s *scene.Scene, t store.Task) (bucket.Bucket, error) {
	return openBucket(ctx, e.workspace, e.resolver(s, t, ""), s.Courier(t))
}

// openBucket opens the source of a courier that has a filedrop.
func openBucket(ctx context.Context, workspace string, values *value.Resolver, c *graph.Courier) (bucket.Bucket, error) {
	var a bucket.Access
	f := c.Filedrop
	for _, part := range []struct {
		to   *string
		from graph.Value
	}{
		{&a.URL, f.URL}, {&a.Username, f.Username}, {&a.Password, f.Password}, {&a.PrivateKey, f.PrivateKey},
		{&a.HostKey, f.HostKey}, {&a.AccessKey, f.AccessKey}, {&a.SecretKey, f.SecretKey}, {&a.Role, f.Role},
	} {
		var err error
		if *part.to, err = values.Text(part.from); err != nil {
			return nil, err
		}
	}
	return bucket.Open(ctx, workspace, a)
}

// scopeOf is where files can be that matter to what is wanted.
func scopeOf(ready graph.Ready, wants ...window.Want) bucket.Scope {
	folders, prefixes := window.Scope(ready, wants...)
	return bucket.Scope{Folders: folders, Prefixes: prefixes}
}

// identity is what a courier's source is recorded as: its URL, and where that
// holds a secret, its URL as it was written.
func identity(c *graph.Courier, from bucket.Bucket) string {
	written := c.Filedrop.URL
	if slices.ContainsFunc(written.Refs(), func(ref string) bool { return strings.HasPrefix(ref, "secret.") }) {
		return written.String()
	}
	return from.URL()
}

// looked writes what follows from a look: land, look again, or missing.
func (d *desk) looked(s *scene.Scene, t store.Task, poll store.Poll, v window.Verdict) error {
	var last scene.Look
	if err := store.Parse(poll.Last, &last); err != nil {
		return err
	}
	member, courier := s.Group.Member(t.Name), s.Courier(t)
	wait := window.Wait{
		Deadline: t.Deadline, Every: window.PollEvery(member.Wait, courier.PollEvery), Grace: last.Grace,
	}
	next := wait.After(v, d.now, rand.Float64())
	poll.Looks++
	poll.NextAt, poll.Sightings = next.PollAt, nil
	if !next.PollAt.IsZero() {
		poll.Sightings = store.Document(v.Sightings)
	}
	poll.Last = store.Document(scene.Look{
		At: v.At, Listed: v.Listed, Found: len(v.Take), Missing: v.Missing,
		Passed: v.Passed, Others: v.PassedInAll - len(v.Passed), Grace: next.Grace || last.Grace,
	})
	if late := words.Gone(v.Missing); len(late) > 0 && !poll.LateSent && !next.Land {
		poll.LateSent = true
		if err := note(d.tx, d.now, t.Run, t.Name, EventLate, "not there yet: %s", words.Few(late)); err != nil {
			return err
		}
	}
	if err := d.tx.PutPoll(poll); err != nil {
		return err
	}
	switch {
	case next.Land:
		return d.startLanding(t, haul{Take: v.Take, Missing: v.Missing})
	case next.Missing:
		return d.missing(s, t, haul{Take: v.Take, Missing: v.Missing, Partial: true})
	}
	why := "waits for " + words.Few(words.Missing(v.Missing))
	if t.Attempt == 1 && t.Fault == store.FaultNotReady && t.Message == why {
		return nil // most looks find what the one before has found
	}
	t.Attempt, t.Fault, t.Message = 1, store.FaultNotReady, why
	return d.tx.PutTask(t)
}

// startLanding fixes what a courier lands.
func (d *desk) startLanding(t store.Task, h haul) error {
	t.State, t.Data, t.Fault, t.Message, t.Attempt = store.Running, store.Document(h), store.FaultNone, "", 1
	t.Warnings = len(h.Missing)
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskStarted, "lands %s", graph.Count(len(h.Take), "file"))
}

// missing is the end of a wait in vain: on_missing decides.
func (d *desk) missing(s *scene.Scene, t store.Task, h haul) error {
	member := s.Group.Member(t.Name)
	var before haul
	if err := store.Parse(t.Data, &before); err != nil {
		return err
	}
	if member.NotifyMissing && !before.Partial {
		err := note(d.tx, d.now, t.Run, t.Name, EventMissing, "not there by %s: %s", words.Stamp(t.Deadline), words.Few(words.Missing(h.Missing)))
		if err != nil {
			return err
		}
	}
	if flow.OnMissing(s.Group, t) == graph.OnMissingContinue && len(h.Take) > 0 {
		return d.startLanding(t, h)
	}
	return d.endMissing(s, t, h)
}

// endMissing ends a courier that is missing something. Under on_missing =
// "continue" its range is done all the same.
func (d *desk) endMissing(s *scene.Scene, t store.Task, h haul) error {
	what := "nothing else starts"
	if flow.OnMissing(s.Group, t) == graph.OnMissingContinue {
		if err := d.readTo(s, t); err != nil {
			return err
		}
		what = "the run goes on"
		t.Forgone = store.Document(forgone{Missing: h.Missing})
	}
	t.State, t.Fault, t.EndedAt = store.Missing, store.FaultNotReady, d.now
	t.Message, t.Data = "missing "+words.Few(words.Missing(h.Missing)), store.Document(h)
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	if !s.Group.Member(t.Name).NotifyMissing { // no event has named the files
		what = words.Few(words.Missing(h.Missing)) + "; " + what
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskMissing, "%s", what)
}

// readTo moves the courier's watermark to the end of what a scheduled run, or a
// piece of a backfill from the watermark, has read.
func (d *desk) readTo(s *scene.Scene, t store.Task) error {
	if s.Run.Kind == store.KindAdHoc || !s.Request.Piece.Empty() || t.RangeEnd.IsZero() {
		return nil
	}
	at, known, err := d.tx.Watermark(s.Run.Group, t.Name)
	if err != nil || known && at.After(t.RangeEnd) {
		return err
	}
	return d.tx.SetWatermark(s.Run.Group, t.Name, t.RangeEnd, s.Run.Key)
}
