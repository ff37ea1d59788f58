package runtime

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

// A process ends also while a result cannot be written, whatever its work was
// broken off for before.
func TestLeavingDoesNotWaitForTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r, err := Open(context.Background(), filepath.Join(dir, ".waybill"), Options{Workspace: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}()
		lease, err := r.store.Acquire(t.Context(), "ann", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		e := r.engine(lease, nil)
		task := store.Task{Run: "g@1", Name: "orders", Kind: store.KindCourier}
		err = lease.Update(t.Context(), func(tx *store.Tx) error {
			run := store.Run{Key: task.Run, Group: "courier_group.g", Kind: store.KindAdHoc, CreatedAt: time.Now()}
			var err error
			for _, run.State = range store.RunMachine().Way(store.Running) {
				err = errors.Join(err, tx.PutRun(run))
			}
			for _, task.State = range store.TaskMachine().Way(store.Running) {
				err = errors.Join(err, tx.PutTask(task))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		e.start(t.Context(), job{run: task.Run, task: task.Name}, place{}, true, func(ctx context.Context) error {
			<-ctx.Done()
			return e.record(ctx, task, func(*desk, store.Task) error { return errors.New("the disk is full") })
		})
		e.breakOff(task.Run)
		time.Sleep(time.Minute) // it is tried again and again
		e.leave()
		if err := lease.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
