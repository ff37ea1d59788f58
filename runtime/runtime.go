// Package runtime runs what was applied: it keeps the expected runs, waits for
// data, lands it, and does what comes after, over the database in
// [github.com/waybill-dev/waybill/runtime/store].
//
// Any process may deploy and send commands; one process at a time, the holder
// of the store's lease, acts. [Runtime.Serve] is that process for as long as it
// lives; [Runtime.Do] is it for one command where there is no other.
//
// All state is in the store. Every change of it is one transaction together
// with its event, so that a process that is killed leaves nothing half done:
// the next holder reads the rows and goes on. What a group does in time is
// decided by package window, which the planner asks as well; this package
// carries the decisions out.
package runtime

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/logs"
	"github.com/waybill-dev/waybill/runtime/process"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Options of a Runtime.
type Options struct {
	// Workspace is the directory that relative paths of the graph resolve against.
	Workspace string
	// Logger hears what the holder does; nil: nobody.
	Logger hclog.Logger
	// Actor is recorded with deployments and commands: who did it.
	Actor string
	// Poll is how often the holder looks for commands and deployments of other
	// processes. Zero: 250 ms.
	Poll time.Duration
	// Grace is how long Serve lets work end that is under way when it is asked to
	// stop. Zero: it is broken off at once.
	Grace time.Duration
	// KeepRuns is how long Serve keeps the tasks and events of runs that have
	// ended. Zero: for ever.
	KeepRuns time.Duration
	// Redactor hides secrets in what is said and kept, and gets to know all that are
	// used; nil: one of the Runtime's own. Logger should go through it.
	Redactor *value.Redactor
	// Observer measures what the holder does; nil: nobody does.
	Observer Observer
}

// Runtime is a store with what can be done to it. It is safe for concurrent
// use.
type Runtime struct {
	store     *store.Store
	scratch   string // folder of what is kept here until it lands elsewhere
	options   Options
	book      *logs.Book
	log       hclog.Logger
	programs  scene.Programs
	listings  listings
	redactor  *value.Redactor
	helpers   *value.Helpers
	manifests manifests
	lines     lines
}

// Exists reports whether there is a store in the folder path.
func Exists(path string) bool { return store.Exists(path) }

// Open opens the store in the folder path, and makes it if there is none.
func Open(ctx context.Context, path string, o Options) (*Runtime, error) {
	s, err := store.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if o.Poll == 0 {
		o.Poll = 250 * time.Millisecond
	}
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.Observer == nil {
		o.Observer = silent{}
	}
	if o.Redactor == nil {
		o.Redactor = &value.Redactor{}
	}
	s.Hide(o.Redactor.String)
	return &Runtime{
		store: s, scratch: filepath.Join(path, "staging"), options: o, log: o.Logger, book: logs.Open(path),
		redactor: o.Redactor, helpers: value.NewHelpers(process.Secret),
	}, nil
}

// Close closes the store. Nothing of the Runtime may be used afterwards.
func (r *Runtime) Close() error { return r.store.Close() }

// Now returns the clock by which the runtime stamps what it does.
func (r *Runtime) Now() time.Time { return time.Now() }

// Holder returns the process that acts on the store now, if there is one.
func (r *Runtime) Holder(ctx context.Context) (store.Holder, bool, error) { return r.store.Holder(ctx) }

// Runs lists runs, newest first.
func (r *Runtime) Runs(ctx context.Context, f store.RunFilter) (runs []store.Run, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		runs, err = tx.Runs(f)
		return err
	})
	return runs, err
}

// Run returns everything about one run. The error is [store.ErrNotFound] for a
// key that no run has.
func (r *Runtime) Run(ctx context.Context, key string) (d store.Detail, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		var found bool
		if d, found, err = tx.Detail(key); err == nil && !found {
			err = fmt.Errorf("run %s: %w", key, store.ErrNotFound)
		}
		return err
	})
	return d, err
}

// LastRuns returns of each applied group the newest run that was carried out and
// is over, if there is one, by group.
func (r *Runtime) LastRuns(ctx context.Context) (last []store.Run, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		d, err := tx.Deployment(0)
		if err != nil {
			return err
		}
		groups := make([]graph.Addr, len(d.Graph.Groups))
		for i := range d.Graph.Groups {
			groups[i] = d.Graph.Groups[i].Addr
		}
		last, err = tx.LastRuns(groups)
		return err
	})
	return last, err
}

// Standing returns what a plan must know of the runtime besides the deployment.
func (r *Runtime) Standing(ctx context.Context) (s graph.Standing, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		s, err = tx.Standing()
		return err
	})
	return s, err
}
