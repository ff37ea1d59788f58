package runtime

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/action"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

// exitTransient is how a program says that trying again may help: EX_TEMPFAIL
// of sysexits.h.
const exitTransient = 75

// given is what a step was told of. It is stored with the task, and becomes
// the step's mark when it succeeds.
type given struct {
	Seq int64 `json:"seq"` // of the newest landing in its list
}

// act carries out a bridge, a process or an activation once.
func (e *engine) act(ctx context.Context, s *scene.Scene, t store.Task) error {
	step := s.Program.Step(graph.Addr(t.Name))
	ctx, cancel := attempt(ctx, step.Timeout)
	defer cancel()
	landings, list, err := e.sinceSuccess(ctx, s, t)
	if err != nil {
		return err // nothing was done yet, so that it may be tried again
	}
	url, err := e.handOver(ctx, s, t, landings)
	if err != nil {
		return e.recordStep(ctx, s, t, answer{given: list}, &untriedError{err})
	}
	values := e.resolver(s, t, url)
	switch {
	case step.HTTP != nil:
		response, err := action.HTTP(ctx, action.HTTPCall{Request: step.HTTP, Values: values, Key: key(t)})
		return e.recordStep(ctx, s, t, answer{given: list, response: &response}, err)
	case step.SQL != nil:
		done, err := action.SQL(ctx, action.SQLCall{SQL: step.SQL, Values: values, Workspace: e.workspace, Store: e.store.Folder()})
		return e.recordStep(ctx, s, t, answer{given: list, said: done}, err)
	}
	out := e.output(s, t)
	result, err := action.Exec(ctx, action.ExecCall{
		Exec: step.Exec, Values: values, Workspace: e.workspace, Key: key(t), Output: out,
		Env: map[string]string{"WAYBILL_RUN": t.Run, "WAYBILL_GROUP": string(s.Run.Group), "WAYBILL_RUN_LANDING": url},
	})
	out.close()
	if err != nil && value.FaultOf(err) == value.Failed && ctx.Err() == nil && tryProgramAgain(step, result) {
		err = &passingError{err}
	}
	return e.recordStep(ctx, s, t, answer{given: list}, err)
}

// answer is what a step was told of, and what came of it.
type answer struct {
	given
	response *action.Response // of a request
	said     string           // of statements: what they did
}

// tryProgramAgain says which failures of programs are worth another attempt:
// all of them, save those of an activation, which may have sent something and
// asks for it with exit status 75.
func tryProgramAgain(step *graph.Step, r action.Result) bool {
	return step.Addr.Kind() != graph.KindActivation || r.ExitCode == exitTransient
}

// sinceSuccess returns what has landed since a step last succeeded. Bridges run
// beside the couriers and are told of nothing.
func (e *engine) sinceSuccess(ctx context.Context, s *scene.Scene, t store.Task) (landings []store.Landing, g given, err error) {
	if t.Kind == store.KindBridge {
		return nil, g, nil
	}
	err = e.store.View(ctx, func(tx *store.Tx) error {
		if g.Seq, err = tx.StepMark(s.Run.Group, graph.Addr(t.Name)); err != nil {
			return err
		}
		landings, err = tx.Landings(store.LandingFilter{Group: s.Run.Group, After: g.Seq})
		return err
	})
	for _, l := range landings {
		g.Seq = max(g.Seq, l.Seq)
	}
	return landings, g, err
}

// handOver writes the list of landings for a step and returns where it is. A
// bridge is given none.
func (e *engine) handOver(ctx context.Context, s *scene.Scene, t store.Task, landings []store.Landing) (string, error) {
	if t.Kind == store.KindBridge {
		return "", nil
	}
	lander, err := e.lander(ctx, s.Program.Landing)
	if err != nil {
		return "", err
	}
	defer func() { _ = lander.Close() }()
	list := landing.Handover{Group: s.Run.Group, Run: t.Run, Step: t.Name}
	for _, l := range landings {
		list.Files = append(list.Files, landed(l))
	}
	url, err := lander.Handover(ctx, list)
	if err != nil {
		return "", err
	}
	return lander.Path(url), nil
}

// landed is a recorded landing as a step is told of it. The landing is that of then:
// a deploy may have changed it since.
func landed(l store.Landing) landing.Landed {
	root, url := landing.Split(l.URL, l.Run)
	return landing.Landed{
		Run: l.Run, Courier: l.Courier, File: l.File, Date: l.Date,
		Landing: root, URL: url, Size: l.Size, SHA256: l.SHA256, Rows: l.Rows,
	}
}

// recordStep writes how an attempt at a step ended.
func (e *engine) recordStep(ctx context.Context, s *scene.Scene, t store.Task, a answer, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errLeaving) {
		return nil
	}
	err = e.faultOf(s, err)
	r := a.response
	if r != nil { // it is stored, and a server may repeat what it was sent
		hide := e.redactor.String
		if r.Truncated {
			hide = e.redactor.Cut
		}
		r.Body = []byte(hide(string(r.Body)))
		for name, values := range r.Headers {
			for i := range values {
				r.Headers[name][i] = e.redactor.String(values[i])
			}
		}
	}
	step := s.Program.Step(graph.Addr(t.Name))
	return e.record(ctx, t, func(d *desk, t store.Task) error {
		t.Data = store.Document(a.given)
		switch {
		case err == nil && r != nil && step.HTTP.Poll != nil:
			return d.submitted(t, step, *r)
		case err == nil:
			return d.succeeded(s, t, a.said)
		case errors.Is(context.Cause(ctx), errStopped):
			return d.endTask(t, store.Stopped, "the run was stopped: "+err.Error())
		default:
			return d.stepFault(t, step, err)
		}
	})
}

// submitted notes the job that a request has started. From here on it is asked
// after, and never submitted again.
func (d *desk) submitted(t store.Task, step *graph.Step, r action.Response) error {
	job := store.Job{
		Run: t.Run, Step: step.Addr, State: "polling", Response: store.Document(r),
		NextAt: d.now.Add(step.HTTP.Poll.Every.Std()), Attempt: t.Attempt,
	}
	if step.Timeout > 0 {
		t.Deadline = d.now.Add(step.Timeout.Std()) // of the job; what it took to submit it does not count
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	if err := d.tx.PutJob(job); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskWaiting, "accepted with status %d; asks every %s until it is done", r.Status, step.HTTP.Poll.Every)
}

// succeeded ends a step that did its work. What it says of it may be empty.
func (d *desk) succeeded(s *scene.Scene, t store.Task, said string) error {
	var g given
	if err := store.Parse(t.Data, &g); err != nil {
		return err
	}
	if g.Seq > 0 {
		if err := d.tx.SetStepMark(s.Run.Group, graph.Addr(t.Name), g.Seq, t.Run); err != nil {
			return err
		}
	}
	t.State, t.Fault, t.Message, t.EndedAt = store.Succeeded, store.FaultNone, said, d.now
	if err := d.tx.DeleteJob(t.Run, graph.Addr(t.Name)); err != nil {
		return err
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	if said != "" {
		said += "; "
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskSucceeded, "%stook %s", said, d.now.Sub(t.StartedAt).Round(time.Millisecond))
}

// stepFault decides what a fault of a step means: hold, try again, or fail. Of
// statements that took too long nothing has been done: their transaction is gone.
func (d *desk) stepFault(t store.Task, step *graph.Step, cause error) error {
	fault := value.FaultOf(cause)
	t.Fault, t.Message = string(fault), cause.Error()
	var untried *untriedError
	var passing *passingError
	transient := fault == value.SourceError || fault == value.Unknown || fault == value.Timeout || errors.As(cause, &passing) ||
		errors.As(cause, &untried) && fault != value.Misconfigured
	switch {
	case step.OnUnknown == graph.OnUnknownHold && (fault == value.Unknown || fault == value.Timeout && step.SQL == nil):
		return d.hold(t)
	case transient && t.Attempt < step.Retry.Attempts:
		pause := max(backoff(step.Retry, t.Attempt, rand.Float64()), patience(cause))
		t.Attempt++
		t.State = store.Pending
		return d.tryLater(t, pause)
	}
	return d.failTask(t)
}

// maxPatience bounds how long a server may ask to be left alone.
const maxPatience = 6 * time.Hour

// patience is how long the server behind an error asks to be left alone; 0: it
// does not.
func patience(err error) time.Duration {
	var asks *web.PatienceError
	if !errors.As(err, &asks) {
		return 0
	}
	return min(asks.Pause, maxPatience)
}

// untriedError says that a step came to nothing before anything was done for it,
// as where the disk is full: trying again does nothing twice.
type untriedError struct{ err error }

func (e *untriedError) Error() string { return e.err.Error() }

func (e *untriedError) Unwrap() error { return e.err }

// passingError says that a program failed in a way that may pass.
type passingError struct{ err error }

func (e *passingError) Error() string { return e.err.Error() }

func (e *passingError) Unwrap() error { return e.err }

// hold leaves it to an operator whether a step, of which nobody knows whether
// it was done, is done again.
func (d *desk) hold(t store.Task) error {
	t.State, t.EndedAt = store.Held, d.now
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskHeld, "nobody knows whether it was done: %s; look, and then `waybill retry %s` does it again, or `waybill skip %s %s --reason …` counts it as done",
		t.Message, t.Run, t.Run, t.Name)
}

// ask asks once after a job that a request has started.
func (e *engine) ask(ctx context.Context, s *scene.Scene, t store.Task) error {
	step := s.Program.Step(graph.Addr(t.Name))
	job := s.Jobs[t.Name]
	var first action.Response
	if err := store.Parse(job.Response, &first); err != nil {
		return err
	}
	ctx, cancel := attempt(ctx, step.Timeout)
	defer cancel()
	polled, err := action.PollOnce(ctx, action.PollCall{
		Poll: step.HTTP.Poll, Base: step.HTTP, Values: e.resolver(s, t, "").WithResponse(first),
	})
	if cause := context.Cause(ctx); errors.Is(cause, errLeaving) {
		return nil
	}
	err = e.faultOf(s, err)
	return e.record(ctx, t, func(d *desk, t store.Task) error {
		return d.asked(s, t, step, job, polled, err, errors.Is(context.Cause(ctx), errStopped))
	})
}

// asked writes the answer to a question after a job.
func (d *desk) asked(s *scene.Scene, t store.Task, step *graph.Step, job store.Job, p action.Polled, err error, stopped bool) error {
	switch fault := value.FaultOf(err); {
	case stopped:
		return d.endTask(t, store.Stopped, "the run was stopped; the job elsewhere was not")
	case p.Done && p.Success:
		return d.succeeded(s, t, "")
	case p.Done:
		err = value.Failed.Errorf("wait for the job", "it ended without success: status %d", p.Response.Status)
	case err != nil && fault != value.SourceError && fault != value.Timeout:
	case !t.Deadline.IsZero() && !d.now.Before(t.Deadline):
		err = value.Timeout.Errorf("wait for the job", "it was not done in %s", step.Timeout)
	default:
		job.NextAt = d.now.Add(max(step.HTTP.Poll.Every.Std(), patience(err)))
		if !t.Deadline.IsZero() { // at which it is asked once more
			job.NextAt = earliest(job.NextAt, t.Deadline)
		}
		return d.tx.PutJob(job)
	}
	if err := d.tx.DeleteJob(t.Run, step.Addr); err != nil {
		return err
	}
	t.Fault, t.Message = string(value.FaultOf(err)), err.Error()
	return d.failTask(t)
}
