package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/source"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// fetch has the data of a courier made that looks for no files, and lands it.
func (e *engine) fetch(ctx context.Context, s *scene.Scene, t store.Task) error {
	if t.State == store.Waiting {
		if may, err := e.askOnce(ctx, t); err != nil || !may {
			return err
		}
	}
	ctx, cancel := attempt(ctx, s.Courier(t).Timeout)
	defer cancel()
	files, err := e.fetchFiles(ctx, s, t)
	return e.recordLanding(ctx, s, t, files, err, func(d *desk, t store.Task) error {
		if err := d.putLandings(s, t, files); err != nil {
			return err
		}
		return d.landed(s, t, files, "")
	})
}

// askOnce ends the rest between two answers of a courier's program that its data
// is not ready. It reports whether the program may be asked again: the run may
// have gone on without it.
func (e *engine) askOnce(ctx context.Context, t store.Task) (may bool, err error) {
	err = e.record(ctx, t, func(d *desk, t store.Task) error {
		may = t.State == store.Waiting
		if !may {
			return nil
		}
		t.State, t.NextAt = store.Running, time.Time{}
		if err := d.tx.PutTask(t); err != nil {
			return err
		}
		return note(d.tx, d.now, t.Run, t.Name, EventTaskStarted, "asks again")
	})
	return may, err
}

// fetchFiles lands what a courier's source writes into a folder of staging. Such
// a courier lands once a run.
func (e *engine) fetchFiles(ctx context.Context, s *scene.Scene, t store.Task) ([]landing.File, error) {
	lander, err := e.lander(ctx, s.Landing(t))
	if err != nil {
		return nil, err
	}
	defer func() { _ = lander.Close() }()
	job := landingJob(s, t, s.Courier(t).Source()+":"+t.Run)
	job.Header = s.Courier(t).Warehouse != nil
	if files, landed, err := lander.Landed(ctx, job); err != nil || landed {
		return files, err
	}
	dir, err := lander.StagingDir(job)
	if err != nil {
		return nil, err
	}
	resume := func() (string, error) { return lander.ResumeDir(job) }
	place, err := e.fetchInto(ctx, s, t, dir, resume)
	if err != nil {
		return nil, errors.Join(err, lander.Discard(job.Run, job.Courier))
	}
	if place != "" {
		job.Source = place + "#" + t.Run
	}
	tell, end := e.transfers.begin(t)
	defer end()
	job.Progress = ofLanding(tell)
	files, err := lander.LandTree(ctx, job, dir)
	if err == nil {
		lander.EndResume(job)
	}
	return files, err
}

// fetchInto has a courier's source write its data into dir, an empty folder.
// resume gives one that is kept between attempts. The errors are faults of package
// value; NotReady, of programs alone, sends the courier back to its wait. The place
// is that of a source which has one that is not secret, else empty.
func (e *engine) fetchInto(ctx context.Context, s *scene.Scene, t store.Task, dir string, resume func() (string, error)) (place string, err error) {
	c, values := s.Courier(t), e.resolver(s, t, "")
	out := e.output(s, t)
	defer out.close()
	switch {
	case c.Exec != nil:
		tell, end := e.transfers.begin(t)
		defer end()
		_, err = source.Exec(ctx, source.ExecCall{
			Exec: c.Exec, Values: values, Workspace: e.workspace, Key: key(t), Staging: dir, Output: out,
			Progress: tell, Every: readEvery,
		})
		return "", err
	case c.RestAPI != nil:
		tell, end := e.transfers.begin(t)
		defer end()
		return "", source.REST(ctx, source.RESTCall{
			API: c.RestAPI, Values: values, Staging: dir, Resume: resume, Output: out,
			Progress: tell, Limit: e.lines.limit(s.Program, c),
		})
	case c.Warehouse != nil:
		tell, end := e.transfers.begin(t)
		defer end()
		answer, err := source.Warehouse(ctx, source.WarehouseCall{
			Warehouse: c.Warehouse, Values: values, Workspace: e.workspace, Store: e.store.Folder(), Staging: dir, Progress: tell,
			Limit: e.lines.limit(s.Program, c),
		})
		if err == nil {
			_, err = fmt.Fprintf(out, "%s of %s\n", graph.Count(answer.Rows, "row"), answer.Place)
		}
		return answer.Place, err
	}
	return "", value.Misconfigured.Errorf("fetch", "the courier has no source")
}
