package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

func workspace(landing string, groups ...string) *graph.Graph {
	g := &graph.Graph{FormatVersion: graph.FormatVersion, Landing: landing}
	for _, name := range groups {
		g.Groups = append(g.Groups, graph.Group{Addr: graph.GroupAddr(name), Timezone: "UTC"})
	}
	return g
}

func deploy(t testing.TB, s *store.Store, d graph.Deployment) graph.Deployment {
	t.Helper()
	var got graph.Deployment
	update(t, s, func(tx *store.Tx) (err error) {
		got, err = tx.Deploy(d)
		return err
	})
	return got
}

func TestDeploy(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	latest := func(tx *store.Tx) (graph.Deployment, error) { return tx.Deployment(0) }
	equal(t, read(t, s, latest), graph.Deployment{Store: s.ID(), Graph: &graph.Graph{FormatVersion: graph.FormatVersion}})

	one := graph.Deployment{AppliedAt: noon, AppliedBy: "anna", Tool: "v1", TZData: "2026b", Graph: workspace("landing", "daily")}
	first := deploy(t, s, one)
	want := one
	want.Store, want.Serial, want.Digest = s.ID(), 1, one.Graph.Digest()
	equal(t, first, want)
	equal(t, read(t, s, latest), want)

	second := deploy(t, s, graph.Deployment{Serial: 1, AppliedAt: noon.Add(time.Hour), AppliedBy: "ben", Graph: workspace("elsewhere", "daily", "weekly")})
	third := deploy(t, s, graph.Deployment{Serial: 2, AppliedAt: noon.Add(2 * time.Hour), AppliedBy: "anna", Graph: one.Graph})
	equal(t, read(t, s, latest), third)
	equal(t, read(t, s, func(tx *store.Tx) (graph.Deployment, error) { return tx.Deployment(2) }), second)
	equal(t, read(t, s, func(tx *store.Tx) (int64, error) { return tx.Serial() }), int64(3))

	second.Graph, third.Graph = nil, nil
	equal(t, read(t, s, func(tx *store.Tx) ([]graph.Deployment, error) { return tx.Deployments(2) }), []graph.Deployment{third, second})

	view(t, s, func(tx *store.Tx) error {
		if _, err := tx.Deployment(9); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("serial 9: %v", err)
		}
		if _, err := tx.Graph("sha256:0"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown digest: %v", err)
		}
		for group, want := range map[string]time.Time{"daily": noon, "weekly": noon.Add(time.Hour), "never": {}} {
			at, known, err := tx.FirstDeployed(graph.GroupAddr(group))
			if err != nil || known == want.IsZero() || !at.Equal(want) {
				t.Errorf("%s was deployed at %v, %v, %v; want %v", group, at, known, err, want)
			}
		}
		return nil
	})
}

func TestDeploySurvives(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := openStore(t, path)
	d := deploy(t, s, graph.Deployment{AppliedAt: noon.In(time.FixedZone("X", 3600)), AppliedBy: "anna", Graph: workspace("landing", "daily")})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := read(t, openStore(t, path), func(tx *store.Tx) (graph.Deployment, error) { return tx.Deployment(0) })
	equal(t, got, d)
	equal(t, got.Graph.Digest(), d.Digest)
}

func TestDeployRefuses(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, d := range []graph.Deployment{{AppliedAt: noon}, {Graph: workspace("landing")}} {
		if err := s.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.Deploy(d); return err }); err == nil {
			t.Errorf("%+v was deployed", d)
		}
	}
}

// TestDeployRace lets many deploy from one base: one wins, the others learn
// who did.
func TestDeployRace(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	stores := []*store.Store{openStore(t, path), openStore(t, path)}
	deploy(t, stores[0], graph.Deployment{AppliedAt: noon, AppliedBy: "anna", Graph: workspace("landing")})

	const n = 16
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			errs[i] = stores[i%2].Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Deploy(graph.Deployment{Serial: 1, AppliedAt: noon, AppliedBy: fmt.Sprint("writer ", i), Graph: workspace(fmt.Sprint(i))})
				return err
			})
		})
	}
	wg.Wait()
	winner := read(t, stores[0], func(tx *store.Tx) (graph.Deployment, error) { return tx.Deployment(0) })
	won := 0
	for i, err := range errs {
		var stale *graph.StaleError
		switch {
		case err == nil:
			won++
			equal(t, winner.AppliedBy, fmt.Sprint("writer ", i))
		case !errors.As(err, &stale):
			t.Error(err)
		case stale.Base != 1 || stale.Current.Serial != 2 || stale.Current.AppliedBy != winner.AppliedBy:
			t.Errorf("it says %+v, the winner is %s", stale, winner.AppliedBy)
		}
	}
	if won != 1 || winner.Serial != 2 {
		t.Errorf("%d have won and the serial is %d", won, winner.Serial)
	}
}

func TestZonesComeBack(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	zones := []graph.ZoneSpans{{
		Zone: "Europe/Berlin", From: noon, Until: noon.AddDate(1, 0, 0), Offset: 3600,
		Changes: []graph.ZoneChange{{At: noon.AddDate(0, 6, 0), Offset: 7200}},
	}}
	deploy(t, s, graph.Deployment{AppliedAt: noon, TZData: "2026f", Zones: zones, Graph: workspace("landing", "daily")})
	got := read(t, s, func(tx *store.Tx) (graph.Deployment, error) { return tx.Deployment(0) })
	equal(t, got.Zones, zones)
}

// What a newer release has applied is refused with what to do, even where its
// values have types that this one cannot read.
func TestDeploymentOfANewerRelease(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	update(t, s, func(tx *store.Tx) error {
		_, err := tx.Deploy(graph.Deployment{AppliedAt: time.Unix(1, 0), Tool: "9.1.0", Graph: &graph.Graph{FormatVersion: graph.FormatVersion + 1}})
		return err
	})
	err := s.View(t.Context(), func(tx *store.Tx) error { _, err := tx.Deployment(0); return err })
	var newer *store.NewerGraphError
	if !errors.As(err, &newer) || newer.Tool != "9.1.0" || !strings.Contains(err.Error(), "use that release") {
		t.Errorf("%v", err)
	}
}
