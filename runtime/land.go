package runtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
)

// land copies what a courier's look has found to the landing. It is repeated
// after a crash: what has landed is not copied again.
func (e *engine) land(ctx context.Context, s *scene.Scene, t store.Task) error {
	var h haul
	if err := store.Parse(t.Data, &h); err != nil {
		return err
	}
	ctx, cancel := attempt(ctx, s.Courier(t).Timeout)
	defer cancel()
	files, err := e.copyFiles(ctx, s, t, h)
	return e.recordLanding(ctx, s, t, files, err, func(d *desk, t store.Task) error {
		if err := d.putLandings(s, t, files); err != nil {
			return err
		}
		if h.Partial {
			return d.endMissing(s, t, h)
		}
		return d.landed(s, t, files, "")
	})
}

// recordLanding writes how a landing ended.
func (e *engine) recordLanding(ctx context.Context, s *scene.Scene, t store.Task, files []landing.File, err error, write func(*desk, store.Task) error) error {
	if err != nil && errors.Is(context.Cause(ctx), errLeaving) {
		return nil
	}
	err = e.faultOf(s, err)
	return e.record(ctx, t, func(d *desk, t store.Task) error {
		switch {
		case err == nil:
			return write(d, t)
		case errors.Is(context.Cause(ctx), errStopped):
			return d.endTask(t, store.Stopped, "the run was stopped")
		default:
			return d.courierFault(s, t, err)
		}
	})
}

func (e *engine) copyFiles(ctx context.Context, s *scene.Scene, t store.Task, h haul) ([]landing.File, error) {
	lander, err := e.lander(ctx, s.Landing(t))
	if err != nil {
		return nil, err
	}
	defer func() { _ = lander.Close() }()
	from, err := e.openSource(ctx, s, t)
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }()
	job := landingJob(s, t, identity(s.Courier(t), from))
	for _, taken := range h.Take {
		item := landing.Item{Taken: taken, Open: func(ctx context.Context) (bucket.File, error) { return from.Open(ctx, taken.Object) }}
		for _, f := range s.Courier(t).Files {
			if f.Name == taken.File {
				item.Decompress, item.MaxUnpacked = f.Decompress, int64(f.MaxUnpacked)
			}
		}
		job.Items = append(job.Items, item)
	}
	tell, end := e.transfers.begin(t)
	defer end()
	job.Progress, job.Limit, job.Parallel = ofLanding(tell), e.lines.limit(s.Program, s.Courier(t)), s.Courier(t).Filedrop.Parallel
	return lander.Land(ctx, job)
}

// lander opens a landing.
func (e *engine) lander(ctx context.Context, url string) (*landing.Lander, error) {
	return landing.Open(ctx, landing.Options{Workspace: e.workspace, URL: url, Scratch: e.scratch})
}

// putLandings records what has landed. What an earlier attempt has recorded is
// not new.
func (d *desk) putLandings(s *scene.Scene, t store.Task, files []landing.File) error {
	for _, f := range files {
		_, err := d.tx.PutLanding(store.Landing{
			Group: s.Run.Group, Courier: t.Name, Run: t.Run, File: f.File, Date: f.Date, Source: f.Source,
			Path: f.Path, Entry: f.Entry, Version: f.Version, Rows: f.Rows, URL: landing.Base(s.Landing(t)) + "/" + f.URL, Size: f.Size, SHA256: f.SHA256,
			LandedAt: d.now, Reload: s.Request.Args.Reload,
		})
		if err != nil && !errors.Is(err, store.ErrLanded) {
			return err
		}
	}
	return nil
}

// landed ends a courier that has landed everything.
func (d *desk) landed(s *scene.Scene, t store.Task, files []landing.File, why string) error {
	if err := d.readTo(s, t); err != nil {
		return err
	}
	var size int64
	for _, f := range files {
		size += f.Size
	}
	t.State, t.Fault, t.EndedAt, t.Forgone = store.Landed, store.FaultNone, d.now, nil
	if t.Message = why; why == "" {
		t.Message = fmt.Sprintf("landed %s, %s", graph.Count(len(files), "file"), graph.Bytes(size))
	}
	if t.Warnings > 0 {
		t.Message += "; " + graph.Count(t.Warnings, "optional file") + " missing"
	}
	if err := d.tx.PutTask(t); err != nil {
		return err
	}
	return note(d.tx, d.now, t.Run, t.Name, EventTaskSucceeded, "%s", t.Message)
}
