package runtime

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// factsTime is how long all looks for one answer of Facts may take.
const factsTime = time.Minute

// errFactsTime is why a source was not looked at to the end.
var errFactsTime = fmt.Errorf("it took longer than %s: %w", factsTime, context.DeadlineExceeded)

// Facts returns what a plan of an ad hoc run with these arguments must know. It
// looks at the sources of the couriers, once each, and changes nothing. A source
// that cannot be looked at is no error: the facts say why.
//
// The error is [store.ErrNotFound] for a group or courier that is not deployed,
// and a *[window.AskError] for a question that makes no sense.
func (r *Runtime) Facts(ctx context.Context, group graph.Addr, args RunArgs) (graph.Facts, error) {
	f := graph.Facts{Group: group, At: r.Now().UTC(), Couriers: []graph.CourierFacts{}}
	var p *scene.Program
	err := r.store.View(ctx, func(tx *store.Tx) (err error) {
		p, f.Serial, err = r.programs.Current(tx)
		return err
	})
	if err != nil {
		return graph.Facts{}, err
	}
	q, err := newInquiry(p, group, args, f.At)
	if err != nil {
		return graph.Facts{}, err
	}
	if _, f.Held, err = r.store.Holder(ctx); err != nil {
		return graph.Facts{}, err
	}
	looks, cancel := context.WithTimeoutCause(ctx, factsTime, errFactsTime)
	defer cancel()
	for i := range q.couriers {
		r.glance(looks, p, &q.couriers[i])
	}
	if ctx.Err() != nil {
		return graph.Facts{}, ctx.Err()
	}
	err = r.store.View(ctx, func(tx *store.Tx) error { return q.read(tx, &f) })
	return f, err
}

// inquiry is a question about a run that nobody has asked for yet.
type inquiry struct {
	group    *graph.Group
	couriers []inquired
}

// inquired is what is to be found out about one courier.
type inquired struct {
	courier *graph.Courier
	want    window.Want
	facts   graph.CourierFacts
}

// newInquiry works out what a run with these arguments would look for.
func newInquiry(p *scene.Program, group graph.Addr, args RunArgs, now time.Time) (*inquiry, error) {
	cal := p.Calendars[group]
	if cal == nil {
		return nil, fmt.Errorf("%s is not deployed: %w", group, store.ErrNotFound)
	}
	q := &inquiry{group: cal.Group()}
	for _, name := range args.Couriers {
		if q.group.Member(name) == nil {
			return nil, fmt.Errorf("%s has no courier %q: %w", group, name, store.ErrNotFound)
		}
	}
	adhoc, err := cal.AdHoc(args.Ask(p.NeedsNoRange(q.group, args.Couriers)), now)
	if err != nil {
		return nil, err
	}
	for _, m := range q.group.Members {
		if len(args.Couriers) > 0 && !slices.Contains(args.Couriers, m.Name) {
			continue
		}
		c := inquired{courier: p.Courier(m.Courier), facts: graph.CourierFacts{Courier: m.Name}}
		if c.want, err = cal.WantAdHoc(c.courier, adhoc, m.Offset); err != nil {
			return nil, err
		}
		q.couriers = append(q.couriers, c)
	}
	return q, nil
}

// glance looks at the source of a courier, where it is one that can be listed.
func (r *Runtime) glance(ctx context.Context, p *scene.Program, c *inquired) {
	if c.courier.Filedrop == nil {
		c.facts.NotLooked = "a source of the kind " + c.courier.Source() + " cannot be listed"
		return
	}
	secrets := value.NewSecrets(r.options.Workspace, p.Secrets, r.redactor).Asking(ctx, r.helpers)
	values := &value.Resolver{Secrets: secrets}
	if err := c.look(ctx, r.options.Workspace, values); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		secrets.Refused()
		c.facts.NotLooked, c.facts.LookedAt, c.facts.Objects, c.facts.Manifests = r.redactor.Error(err).Error(), time.Time{}, nil, nil
	}
}

func (c *inquired) look(ctx context.Context, workspace string, values *value.Resolver) error {
	from, err := openBucket(ctx, workspace, values, c.courier)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	c.facts.Place, c.facts.LookedAt = identity(c.courier, from), time.Now().UTC()
	objects, err := from.List(ctx, scopeOf(c.courier.Ready, c.want))
	if err != nil {
		return err
	}
	lists := c.want.Manifests(window.Look{Objects: objects}, c.courier.Ready, window.History{})
	read, err := (&manifests{}).get(ctx, from, location{}, lists)
	for _, o := range lists {
		if m, ok := read[o.Path]; ok {
			c.facts.Manifests = append(c.facts.Manifests, m)
		}
	}
	for _, o := range objects {
		if c.want.Concerns(o, c.courier.Ready) {
			c.facts.Objects = append(c.facts.Objects, graph.Object{Path: o.Path, Size: o.Size, ModTime: o.ModTime.UTC(), ETag: o.ETag})
		}
	}
	return err
}

// read adds what the store knows.
func (q *inquiry) read(tx *store.Tx, f *graph.Facts) error {
	pause, paused, err := tx.Paused(f.Group)
	if err != nil {
		return err
	}
	if paused {
		f.Paused = &pause
	}
	runs, err := tx.OpenRuns(f.Group)
	if err != nil {
		return err
	}
	slices.SortFunc(runs, func(a, b store.Run) int { return cmp.Compare(a.Queue, b.Queue) })
	for _, r := range runs {
		if !r.Expected() {
			f.Open = append(f.Open, graph.QueuedRun{Key: r.Key, ScheduledAt: r.ScheduledAt, State: r.State, Asked: r.Asked()})
		}
	}
	for i := range q.couriers {
		c := &q.couriers[i]
		if err := c.read(tx, f.Group); err != nil {
			return err
		}
		f.Couriers = append(f.Couriers, c.facts)
	}
	f.Steps, err = stepFacts(tx, q.group)
	return err
}

// read adds what the store knows of a courier.
func (c *inquired) read(tx *store.Tx, group graph.Addr) (err error) {
	if c.facts.Watermark, _, err = tx.Watermark(group, c.facts.Courier); err != nil {
		return err
	}
	seen, err := c.seen(tx, group)
	if err != nil {
		return err
	}
	var paths []string
	there := map[string]bool{}
	for i := range c.facts.Objects {
		o := &c.facts.Objects[i]
		there[o.Path] = true
		paths = append(paths, o.Path)
		o.Seen = seen(window.Object{Path: o.Path, Size: o.Size, ModTime: o.ModTime, ETag: o.ETag})
	}
	landings, err := tx.LandingsOf(group, c.facts.Courier, c.facts.Place, c.want.DatesWanted(), paths)
	for _, l := range landings {
		if !there[l.Path] && !c.want.Dated(l.Path) {
			continue
		}
		c.facts.Landings = append(c.facts.Landings, graph.Landing{
			Path: l.Path, Version: l.Version, Run: l.Run, File: l.File, Date: l.Date, Size: l.Size, At: l.LandedAt,
		})
	}
	slices.SortStableFunc(c.facts.Landings, func(a, b graph.Landing) int { return strings.Compare(a.Path, b.Path) })
	c.facts.Landings = byArchive(c.facts.Landings)
	return err
}

// seen tells which objects were there before the courier's first run.
func (c *inquired) seen(tx *store.Tx, group graph.Addr) (func(window.Object) bool, error) {
	if !arrives(c.want) {
		return among(nil), nil
	}
	var objects []window.Object
	for _, o := range c.facts.Objects {
		objects = append(objects, window.Object{Path: o.Path, Size: o.Size, ModTime: o.ModTime, ETag: o.ETag})
	}
	known, err := tx.SeenAmong(group, c.facts.Courier, c.facts.Place, versions(objects))
	return among(known), err
}

// byArchive makes one landing of those of the entries of an archive.
func byArchive(all []graph.Landing) (out []graph.Landing) {
	for _, l := range all {
		if n := len(out) - 1; n >= 0 && out[n].Path == l.Path && out[n].Version == l.Version && out[n].Run == l.Run && out[n].File == l.File {
			out[n].Size += l.Size
			continue
		}
		out = append(out, l)
	}
	return out
}

// stepFacts is what waits for the processes and activations of a group.
func stepFacts(tx *store.Tx, g *graph.Group) ([]graph.StepFacts, error) {
	var steps []graph.StepFacts
	for _, a := range slices.Concat(g.Processes, g.Activations) {
		mark, err := tx.StepMark(g.Addr, a)
		if err != nil {
			return nil, err
		}
		s := graph.StepFacts{Step: a}
		if s.Files, s.Bytes, err = tx.LandedSince(g.Addr, mark); err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}
