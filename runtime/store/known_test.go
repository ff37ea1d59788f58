package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// What is known of many versions is asked in few statements, whatever their
// number, and for names that are no text, too.
func TestKnownVersions(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const odd = "a\xff'\"\n\x01.csv"
	update(t, s, func(tx *store.Tx) (err error) {
		put := func(path, version, source string) {
			_, failed := tx.PutLanding(store.Landing{Group: daily, Courier: "orders", Run: "r1", Source: source, Path: path, Version: version, LandedAt: noon})
			err = errors.Join(err, failed)
		}
		for i := range 5000 {
			put(fmt.Sprint(i, ".csv"), "e1", "here")
		}
		put(odd, "e1", "here")
		put("there.csv", "e1", "there")
		return errors.Join(err, tx.MarkSeen(daily, "orders", "here", odd, "e2", "r1"))
	})
	for _, n := range []int{0, 1, 2, 16, 17, 257, 5000} {
		ask := []store.Version{{Path: odd, Version: "e1"}, {Path: odd, Version: "e2"}, {Path: "there.csv", Version: "e1"}}
		want := store.Versions{ask[0]: true}
		for i := range n {
			ask = append(ask, store.Version{Path: fmt.Sprint(i, ".csv"), Version: "e1"}, store.Version{Path: fmt.Sprint(i, ".csv"), Version: "e2"})
			want[ask[len(ask)-2]] = true
		}
		view(t, s, func(tx *store.Tx) error {
			landed, err1 := tx.LandedAmong(daily, "orders", "here", ask)
			equal(t, landed, want)
			anywhere, err2 := tx.LandedAnywhere(daily, "orders", ask)
			want[ask[2]] = true
			equal(t, anywhere, want)
			seen, err3 := tx.SeenAmong(daily, "orders", "here", ask)
			equal(t, seen, store.Versions{ask[1]: true})
			none, err4 := tx.LandedAmong(daily, "events", "here", ask)
			equal(t, none, store.Versions{})
			return errors.Join(err1, err2, err3, err4)
		})
	}
}

// What has landed of some dates, or at some paths, is found without what has
// landed besides.
func TestLandingsOf(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	update(t, s, func(tx *store.Tx) (err error) {
		for i := range 6 {
			_, failed := tx.PutLanding(store.Landing{
				Group: daily, Courier: "orders", Run: "r1", Source: "here", Path: fmt.Sprint(i, ".csv"), Version: "e1", Size: int64(i),
				Date: fmt.Sprintf("2026-11-%02d", 10+i), LandedAt: noon.Add(time.Duration(i) * time.Hour),
			})
			err = errors.Join(err, failed)
		}
		return err
	})
	view(t, s, func(tx *store.Tx) error {
		found, err := tx.LandingsOf(daily, "orders", "here", []string{"2026-11-13", "2026-11-11"}, []string{"1.csv", "5.csv", "7.csv"})
		var got []string
		for _, l := range found {
			got = append(got, l.Path)
		}
		equal(t, got, []string{"1.csv", "3.csv", "5.csv"})
		none, err1 := tx.LandingsOf(daily, "orders", "there", []string{"2026-11-13"}, []string{"1.csv"})
		equal(t, none, nil)
		files, bytes, err2 := tx.LandedSince(daily, 3)
		equal(t, []int64{int64(files), bytes}, []int64{3, 12})
		last, err3 := tx.LastLandingBy(daily, noon.Add(90*time.Minute))
		equal(t, last, int64(2))
		first, err4 := tx.LastLandingBy(daily, noon.Add(-time.Minute))
		equal(t, first, int64(0))
		return errors.Join(err, err1, err2, err3, err4)
	})
}

// What couriers gave up on is found from the newest run back, for scheduled runs
// of a group that have ended.
func TestGaveUp(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	update(t, s, func(tx *store.Tx) (err error) {
		run := func(r store.Run, end string, task store.Task) {
			for _, r.State = range store.RunMachine().Way(end) {
				err = errors.Join(err, tx.PutRun(r))
			}
			way := store.TaskMachine().Way(task.State)
			task.Run, task.Name, task.Kind = r.Key, "orders", store.KindCourier
			for _, task.State = range way {
				err = errors.Join(err, tx.PutTask(task))
			}
		}
		run(tick(daily, 0, ""), store.SucceededWithWarnings, store.Task{State: store.Missing})
		run(tick(daily, 1, ""), store.SucceededWithWarnings, store.Task{State: store.Landed, Warnings: 1})
		run(tick(daily, 2, ""), store.Succeeded, store.Task{State: store.Landed})
		run(tick(daily, 3, ""), store.Failed, store.Task{State: store.Missing})
		run(tick(daily, 4, ""), store.Running, store.Task{State: store.Missing})
		run(tick(daily, 5, ""), store.Failed, store.Task{State: store.Failed})
		run(tick("courier_group.other", 3, ""), store.Failed, store.Task{State: store.Missing})
		return err
	})
	at := func(n int) time.Time { return tick(daily, n, "").ScheduledAt }
	for _, c := range []struct {
		from, until, limit int
		want               []int
	}{{0, 9, 9, []int{3, 1, 0}}, {0, 9, 2, []int{3, 1}}, {1, 3, 9, []int{1}}, {4, 9, 9, nil}} {
		var want []string
		for _, n := range c.want {
			want = append(want, tick(daily, n, "").Key)
		}
		view(t, s, func(tx *store.Tx) error {
			tasks, err := tx.GaveUp(daily, "orders", at(c.from), at(c.until), c.limit)
			var got []string
			for _, task := range tasks {
				got = append(got, task.Run)
			}
			equal(t, got, want)
			return err
		})
	}
	view(t, s, func(tx *store.Tx) error {
		none, err := tx.GaveUp(graph.Addr("courier_group.dail"), "orders", at(0), at(9), 9)
		equal(t, none, nil)
		return err
	})
}
