package runtime

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// listings lets couriers that look at one place at about the same time share one
// list of it: they join one that is being made, or take one that was made a
// moment ago. The zero value is ready for use.
type listings struct {
	mu   sync.Mutex
	last map[location]*listing // the newest of each place
	made atomic.Int64          // how many there were
}

// location is what a list is of. Two couriers that reach a place in different ways
// do not share what they see there.
type location struct {
	place, access, extent string
}

// locate is the location of a courier's files of a scope.
func locate(from bucket.Bucket, c *graph.Courier, scope bucket.Scope) location {
	f := c.Filedrop
	var access []string
	if _, options, found := strings.Cut(f.URL.String(), "?"); found {
		access = append(access, options)
	}
	for _, v := range []graph.Value{f.Username, f.Password, f.PrivateKey, f.HostKey, f.AccessKey, f.SecretKey, f.Role} {
		access = append(access, v.String())
	}
	extent := from.Extent(scope)
	return location{
		place: from.URL(), access: strings.Join(access, "\x00"),
		extent: strings.Join(sorted(extent.Folders), "\x00") + "\x00\x00" + strings.Join(sorted(extent.Prefixes), "\x00"),
	}
}

// sorted returns a list sorted, with everything once.
func sorted(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}

// listing is one list of a place. Its objects belong to all who share it and are
// not changed.
type listing struct {
	began   time.Time
	waiting int  // who would miss it
	over    bool // it is made
	cancel  context.CancelFunc
	done    chan struct{}

	objects []window.Object // from here on when done is closed
	err     error
}

// get returns a list of a place that began at since or later, and when it did. It
// calls list where there is none, with a context that ends when nobody waits for
// it any more. A list that did not work is not kept.
func (l *listings) get(ctx context.Context, at location, since time.Time, list func(context.Context) ([]window.Object, error)) ([]window.Object, time.Time, error) {
	one := l.join(ctx, at, since, list)
	select {
	case <-one.done:
	case <-ctx.Done():
	}
	l.mu.Lock()
	if one.waiting--; one.waiting == 0 {
		one.cancel()
	}
	l.mu.Unlock()
	select {
	case <-one.done:
		var broken *defect
		if errors.As(one.err, &broken) {
			panic(broken) // in the work of each who shares it
		}
		return one.objects, one.began, one.err
	default:
		return nil, time.Time{}, value.Interrupted(ctx, "list the source")
	}
}

func (l *listings) join(ctx context.Context, at location, since time.Time, list func(context.Context) ([]window.Object, error)) *listing {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().UTC().Round(0)
	// One from the future is from before the clock was set back.
	if one := l.last[at]; one != nil && !one.began.Before(since) && !one.began.After(now) && (one.over || one.waiting > 0) {
		one.waiting++
		return one
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	one := &listing{began: now, waiting: 1, cancel: cancel, done: make(chan struct{})}
	if l.last == nil {
		l.last = map[location]*listing{}
	}
	l.last[at] = one
	l.made.Add(1)
	go func() {
		one.err = guard(func() (err error) {
			one.objects, err = list(ctx)
			return err
		})
		l.mu.Lock()
		one.over = true
		if one.err != nil {
			l.forget(at, one)
		} else {
			time.AfterFunc(oldestList, func() {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.forget(at, one)
			})
		}
		l.mu.Unlock()
		close(one.done)
	}()
	return one
}

// forget drops a list, unless there is a newer one.
func (l *listings) forget(at location, one *listing) {
	if l.last[at] == one {
		delete(l.last, at)
	}
}

// oldestList is the age of a list that nobody takes any more, whatever its
// courier's pauses between looks.
const oldestList = 30 * time.Second

// shareParts is the part of the pause between two looks that a list may be old.
const shareParts = 10

// freshFrom is when a list must have begun that a look takes: a tenth of the pause
// between looks before the look was due, as with the jitter of the looks. The look
// must be as new as it was asked for when it is the first, when it decides about a
// file that was still changing, or when it decides at the deadline.
func freshFrom(poll store.Poll, last scene.Look, every time.Duration) time.Time {
	exact := poll.Looks == 0 || last.Grace || last.Error != "" || !poll.NextAt.Before(poll.Deadline) ||
		slices.ContainsFunc(last.Missing, func(m window.Missing) bool { return m.Why == window.StillChanging })
	if exact {
		return poll.NextAt
	}
	return poll.NextAt.Add(-min(every/shareParts, oldestList))
}
