package apply_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waybill-dev/waybill/apply"
	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

func TestApply(t *testing.T) {
	t.Parallel()
	r, next := serving(workspace("0 13 * * *")), workspace("0 14 * * *")
	p := small(r.current, next)
	got, err := apply.Apply(context.Background(), p, "ben@ci", r)
	if err != nil {
		t.Fatal(err)
	}
	want := graph.Deployment{Store: "store-1", Serial: 5, Digest: next.Digest(), AppliedAt: at("2026-11-21T20:05:00Z"), AppliedBy: "ben@ci",
		Tool: "0.1.0", TZData: cron.Release(), Graph: next}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(graph.Graph{})); diff != "" {
		t.Error(diff)
	}
	// The same plan again is stale, although it would change nothing any more.
	var stale *graph.StaleError
	if _, err := apply.Apply(context.Background(), p, "ben@ci", r); !errors.As(err, &stale) || stale.Current.AppliedBy != "ben@ci" || stale.Current.Graph != nil {
		t.Errorf("second apply: %v", err)
	}
}

// A first plan is made before there is a store, and fits whatever store is made
// for it.
func TestFirstApply(t *testing.T) {
	t.Parallel()
	p := small(graph.Deployment{}, workspace("0 13 * * *"))
	r := &runtime{current: graph.Deployment{Store: "store-1"}}
	if d, err := apply.Apply(context.Background(), p, "ana", r); err != nil || d.Serial != 1 || d.Store != "store-1" {
		t.Errorf("serial %d, %v", d.Serial, err)
	}
	var stale *graph.StaleError
	if _, err := apply.Apply(context.Background(), p, "ana", r); !errors.As(err, &stale) {
		t.Errorf("a plan against nothing, applied again: %v", err)
	}
}

func TestNoChange(t *testing.T) {
	t.Parallel()
	r := serving(workspace("0 13 * * *"))
	p := small(r.current, workspace("0 13 * * *"))
	d, err := apply.Apply(context.Background(), p, "ben", r)
	if err != nil || d.Serial != p.Base.Serial || r.deploys != 0 || !p.Empty() {
		t.Errorf("serial %d, %d deployments, %v", d.Serial, r.deploys, err)
	}
}

// The same graph with other rules of its zones is deployed anew: the deployment
// keeps what the runs were planned with.
func TestOtherZoneData(t *testing.T) {
	t.Parallel()
	r := serving(workspace("0 13 * * *"))
	r.current.TZData = "2020a"
	p := small(r.current, workspace("0 13 * * *"))
	p.Zones = []graph.ZoneSpans{{Zone: "Europe/London"}}
	d, err := apply.Apply(context.Background(), p, "ben", r)
	if err != nil || d.Serial != p.Base.Serial+1 || d.TZData != p.TZData || len(r.current.Zones) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	next := workspace("0 14 * * *")
	for name, tt := range map[string]struct {
		change func(*plan.Plan, *runtime)
		want   string // part of the error
		as     any
	}{
		"stale": {func(_ *plan.Plan, r *runtime) { r.current.Serial, r.current.AppliedBy = 6, "eve@ci" },
			"made from serial 4, but eve@ci applied serial 6 at 2026-11-20T09:12:00Z", new(*graph.StaleError)},
		"applied by somebody else in between": {func(_ *plan.Plan, r *runtime) {
			r.meanwhile = func(r *runtime) { r.current.Serial, r.current.AppliedBy = 5, "eve@ci" }
		}, "eve@ci applied serial 5", new(*graph.StaleError)},
		"of another workspace": {func(_ *plan.Plan, r *runtime) { r.current.Store = "store-2" },
			"another workspace: it was made against store store-1, and this is store store-2", new(*apply.MismatchError)},
		"base replaced": {func(_ *plan.Plan, r *runtime) { r.current.Digest = "sha256:other" },
			"serial 4 had the digest", new(*apply.MismatchError)},
		"store made again": {func(_ *plan.Plan, r *runtime) { r.current = graph.Deployment{Store: "store-2"} },
			"another workspace", new(*apply.MismatchError)},
		"--at":      {func(p *plan.Plan, _ *runtime) { p.AtStated = true }, "Plan made with --at", new(*apply.RefusedError)},
		"--offline": {func(p *plan.Plan, _ *runtime) { p.Offline = true }, "Plan made with --offline", new(*apply.RefusedError)},
		"errors": {func(p *plan.Plan, _ *runtime) { p.Diagnostics = diag.List{{Code: "WB702", Severity: diag.Error}} },
			"Plan with errors", new(*apply.RefusedError)},
		"no graph": {func(p *plan.Plan, _ *runtime) { p.Graph = nil }, "Plan with errors", new(*apply.RefusedError)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := serving(workspace("0 13 * * *"))
			p := small(r.current, next)
			tt.change(p, r)
			_, err := apply.Apply(context.Background(), p, "ben", r)
			if err == nil || !errors.As(err, tt.as) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v (%T), want %q", err, err, tt.want)
			}
			if r.deploys != 0 {
				t.Error("it was deployed all the same")
			}
		})
	}
}

func TestFaultOfTheRuntime(t *testing.T) {
	t.Parallel()
	p := small(graph.Deployment{}, workspace("0 13 * * *"))
	if _, err := apply.Apply(context.Background(), p, "ana", broken{}); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "apply") {
		t.Errorf("%v", err)
	}
}

var errBroken = errors.New("disk on fire")

type broken struct{}

func (broken) Deployment(context.Context) (graph.Deployment, error) {
	return graph.Deployment{}, errBroken
}

func (broken) Deploy(context.Context, graph.Deployment) (graph.Deployment, error) {
	return graph.Deployment{}, errBroken
}

// Each refusal says what to do, and has a code that can be explained.
func TestCures(t *testing.T) {
	t.Parallel()
	for _, e := range []interface {
		error
		Code() diag.Code
		Cure() string
	}{
		&apply.MismatchError{OtherStore: true},
		&apply.MismatchError{},
		&apply.FileError{Path: "p", Fault: apply.Foreign},
		&apply.FileError{Path: "p", Fault: apply.Cut},
		&apply.FileError{Path: "p", Fault: apply.Altered},
		&apply.FileError{Path: "p", Fault: apply.Newer},
	} {
		if entry, ok := diag.Explain(e.Code()); !ok || entry.Severity != diag.Error || !strings.HasSuffix(e.Cure(), ".") {
			t.Errorf("%v: %s %q", e, e.Code(), e.Cure())
		}
	}
}
