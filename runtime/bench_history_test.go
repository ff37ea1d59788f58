package runtime_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to write a million rows at once

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// BenchmarkHistory asks a store with a million past runs of 1,000 groups what
// `waybill status` and `waybill runs` ask.
func BenchmarkHistory(b *testing.B) {
	const groups, runs = 1000, 1_000_000
	f := newFactory(b, many(groups))
	f.remember(groups, runs)
	one := graph.GroupAddr("g00007")
	ask := map[string]func() error{
		"status": func() error {
			if _, _, err := f.runtime.Holder(b.Context()); err != nil {
				return err
			}
			if _, err := f.runtime.Standing(b.Context()); err != nil {
				return err
			}
			last, err := f.runtime.LastRuns(b.Context())
			if len(last) != groups {
				b.Errorf("%d groups have a last run", len(last))
			}
			return err
		},
		"runs":          func() error { return f.list(store.RunFilter{Limit: 500}, 500) },
		"runs of group": func() error { return f.list(store.RunFilter{Group: one, Limit: 500}, 500) },
		"failed runs":   func() error { return f.list(store.RunFilter{States: []string{store.Failed}, Limit: 20}, 20) },
		"deep page": func() error {
			return f.list(store.RunFilter{Before: store.Cursor{At: time.Now().Add(-8 * time.Hour), Key: "x"}, Limit: 500}, 500)
		},
	}
	for name, ask := range ask {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if err := ask(); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(milliseconds(took[len(took)*99/100]), "ms-p99")
		})
	}
}

func (f *factory) list(filter store.RunFilter, n int) error {
	runs, err := f.runtime.Runs(f.Context(), filter)
	if len(runs) != n {
		f.Errorf("%d runs of %d were listed", len(runs), n)
	}
	return err
}

// remember writes past runs, the newest an hour ago and each group's a minute
// after the one before it; one in fifty failed.
func (f *factory) remember(groups, runs int) {
	f.Helper()
	db, err := sql.Open("sqlite", filepath.Join(f.dir, ".waybill", "waybill.db")+"?_pragma=synchronous(OFF)&_pragma=cache_size(-500000)")
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(`
		WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
		INSERT INTO runs (key, grp, kind, scheduled_at, nominal, reason, state, queue, keep, serial, digest, attempt, run_type, actor,
			created_at, started_at, ended_at, into_key, message)
		SELECT printf('courier_group.g%05d@%d', i % ?2, i / ?2), printf('courier_group.g%05d', i % ?2), 'scheduled',
			?3 - (i / ?2) * 60000000000, '2026-11-21 12:00', 'normal', iif(i % 50 = 0, 'failed', 'succeeded'), i + 1, 0, 1,
			(SELECT digest FROM deployments), 1, 'full', '', ?3, ?3, ?3, '', '' FROM n`,
		runs, groups, time.Now().Add(-time.Hour).UnixNano())
	if err != nil {
		f.Fatal(err)
	}
}
