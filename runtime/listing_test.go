package runtime

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// counted is a source whose list takes a second, and that has one file more each
// time.
type counted struct {
	lists, canceled int
	err             error
}

func (c *counted) list(ctx context.Context) ([]window.Object, error) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		c.canceled++
		return nil, ctx.Err()
	}
	c.lists++
	return make([]window.Object, c.lists), c.err
}

var drop = location{place: "/drop"}

func TestOneListIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l listings
		var c counted
		begin := time.Now()
		get := func(at location, since time.Time) (int, time.Time) {
			objects, began, err := l.get(t.Context(), at, since, c.list)
			if err != nil {
				t.Error(err)
			}
			return len(objects), began.Local()
		}
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				if n, began := get(drop, begin); n != 1 || !began.Equal(begin) {
					t.Errorf("%d files at %v", n, began)
				}
			})
		}
		all.Wait()
		if n, began := get(drop, begin.Add(-time.Minute)); n != 1 || !began.Equal(begin) {
			t.Errorf("a list that is new enough is made again: %d at %v", n, began)
		}
		if n, _ := get(drop, begin.Add(1)); n != 2 {
			t.Errorf("a list that is older than asked for is taken: %d", n)
		}
		if n, _ := get(location{place: "/drop", access: "bob"}, begin); n != 3 {
			t.Errorf("another user sees the same: %d", n)
		}
		if n, _ := get(location{place: "/drop", extent: "in"}, begin); n != 4 {
			t.Errorf("other folders are the same: %d", n)
		}
		time.Sleep(oldestList)
		synctest.Wait()
		if len(l.last) != 0 {
			t.Errorf("%d lists are kept", len(l.last))
		}
	})
}

func TestAListThatDoesNotWorkIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l listings
		c := counted{err: errors.New("it burns")}
		begin := time.Now()
		for i := range 2 {
			if _, _, err := l.get(t.Context(), drop, begin, c.list); err == nil || c.lists != i+1 {
				t.Errorf("%v after %d lists", err, c.lists)
			}
		}
	})
}

// A list goes on as long as somebody waits for it.
func TestAListEndsWithTheLastWhoWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l listings
		var c counted
		begin := time.Now()
		hasty, leave := context.WithTimeoutCause(t.Context(), time.Second/2, context.DeadlineExceeded)
		defer leave()
		var all sync.WaitGroup
		all.Go(func() {
			if _, _, err := l.get(hasty, drop, begin, c.list); value.FaultOf(err) != value.Timeout {
				t.Errorf("error %v", err)
			}
		})
		all.Go(func() {
			if objects, _, err := l.get(t.Context(), drop, begin, c.list); len(objects) != 1 || err != nil {
				t.Errorf("%d files, %v", len(objects), err)
			}
		})
		all.Wait()

		alone, leave := context.WithTimeout(t.Context(), time.Second/2)
		defer leave()
		later := time.Now()
		if _, _, err := l.get(alone, drop, later, c.list); err == nil {
			t.Error("it was waited for")
		}
		if objects, _, err := l.get(t.Context(), drop, later, c.list); len(objects) != 2 || err != nil {
			t.Errorf("one joins a list that was broken off: %d files, %v", len(objects), err)
		}
		if synctest.Wait(); c.canceled != 1 {
			t.Errorf("%d lists were broken off", c.canceled)
		}
	})
}

// A list may be a tenth of the pause between looks old, save where a look decides
// something by its age.
func TestHowNewAListMustBe(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 11, 21, 13, 10, 0, 0, time.UTC)
	poll := store.Poll{NextAt: due, Deadline: due.Add(time.Hour), Looks: 3}
	for name, test := range map[string]struct {
		edit  func(*store.Poll, *scene.Look)
		every time.Duration
		want  time.Duration
	}{
		"as usual":                {func(*store.Poll, *scene.Look) {}, time.Minute, 6 * time.Second},
		"seldom":                  {func(*store.Poll, *scene.Look) {}, time.Hour, oldestList},
		"first":                   {func(p *store.Poll, _ *scene.Look) { p.Looks = 0 }, time.Minute, 0},
		"at the deadline":         {func(p *store.Poll, _ *scene.Look) { p.Deadline = due }, time.Minute, 0},
		"after the deadline":      {func(_ *store.Poll, l *scene.Look) { l.Grace = true }, time.Minute, 0},
		"after an error":          {func(_ *store.Poll, l *scene.Look) { l.Error = "gone" }, time.Minute, 0},
		"of a file that changes":  {func(_ *store.Poll, l *scene.Look) { l.Missing = []window.Missing{{Why: window.StillChanging}} }, time.Minute, 0},
		"of a file that is small": {func(_ *store.Poll, l *scene.Look) { l.Missing = []window.Missing{{Why: window.TooSmall}} }, time.Minute, 6 * time.Second},
	} {
		p, l := poll, scene.Look{}
		test.edit(&p, &l)
		if got := due.Sub(freshFrom(p, l, test.every)); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Couriers share a list only where they reach the place in the same way.
func TestLocate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func(url string) bucket.Bucket {
		f, err := bucket.MakeFolder(dir, url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	folders := func(names ...string) bucket.Scope { return bucket.Scope{Folders: names} }
	c := &graph.Courier{Filedrop: &graph.Filedrop{Username: graph.Text("ann")}}
	drop := open("drop")
	one := locate(drop, c, folders("b", "a", "b"))
	if locate(open("./drop/"), c, folders("a", "b")) != one {
		t.Error("the order of folders matters")
	}
	bob := &graph.Courier{Filedrop: &graph.Filedrop{Password: graph.Text("ann")}}
	for _, other := range []location{locate(open("drop2"), c, folders("a", "b")), locate(drop, c, folders("a")), locate(drop, bob, folders("a", "b"))} {
		if other == one {
			t.Errorf("%+v is the same", other)
		}
	}
}
