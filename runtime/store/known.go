package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Version is one version of what is at a path of a source.
type Version struct{ Path, Version string }

// Versions is a set of versions.
type Versions map[Version]bool

// LandedAmong returns those of some versions at a source that have landed, in
// whatever run.
func (tx *Tx) LandedAmong(group graph.Addr, member, source string, among []Version) (Versions, error) {
	return tx.among("look for landings", `
		JOIN landings AS k INDEXED BY landings_once ON k.grp = ? AND k.courier = ? AND k.source = ?
			AND k.path = asked.column1 AND k.version = asked.column2`, among, group, member, source)
}

// LandedAnywhere returns those of some versions that have landed, at whatever
// source the courier ever had.
func (tx *Tx) LandedAnywhere(group graph.Addr, member string, among []Version) (Versions, error) {
	return tx.among("look for landings", `
		JOIN landings AS k INDEXED BY landings_path ON k.grp = ? AND k.courier = ?
			AND k.path = asked.column1 AND k.version = asked.column2`, among, group, member)
}

// SeenAmong returns those of some versions that were marked as seen.
func (tx *Tx) SeenAmong(group graph.Addr, member, source string, among []Version) (Versions, error) {
	return tx.among("look for seen versions", `
		JOIN seen AS k ON k.grp = ? AND k.member = ? AND k.url = ?
			AND k.path = asked.column1 AND k.version = asked.column2`, among, group, member, source)
}

// atOnce is how many versions one statement asks for: each number is a statement
// that is prepared once.
var atOnce = []int{1, 16, 256, 4096}

// among finds which of some versions a join knows. Paths are handed over as they
// are, for they need not be text; a statement that has more places than versions
// are left asks for the last one again.
func (tx *Tx) among(op, join string, all []Version, of ...any) (Versions, error) {
	known := Versions{}
	for len(all) > 0 {
		i, _ := slices.BinarySearch(atOnce, len(all))
		size := atOnce[min(i, len(atOnce)-1)]
		args := make([]any, 0, 2*size+len(of))
		for n := range size {
			v := all[min(n, len(all)-1)]
			args = append(args, v.Path, v.Version)
		}
		all = all[min(size, len(all)):]
		_, err := list(tx, op, func(r row) (v Version, err error) {
			err = r(&v.Path, &v.Version)
			known[v] = true
			return v, err
		}, "SELECT asked.column1, asked.column2 FROM (VALUES "+strings.Repeat("(?, ?), ", size-1)+"(?, ?)) AS asked CROSS "+strings.TrimSpace(join), append(args, of...)...)
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// LandingsOf returns what a courier has landed from a source of some dates, or at
// some paths, in the order in which it landed.
func (tx *Tx) LandingsOf(group graph.Addr, member, source string, dates, paths []string) ([]Landing, error) {
	ofDates, err := json.Marshal(dates)
	if err != nil {
		return nil, fmt.Errorf("store: encode the dates: %w", err)
	}
	found, err := list(tx, "list the landings of dates", scanLanding, selectLanding+` INDEXED BY landings_date
		WHERE grp = ? AND courier = ? AND date IN (SELECT value FROM json_each(?)) AND source = ?`, group, member, string(ofDates), source)
	if err != nil {
		return nil, err
	}
	known := map[int64]bool{}
	for _, l := range found {
		known[l.Seq] = true
	}
	for _, path := range paths {
		at, err := list(tx, "list the landings of a path", scanLanding, selectLanding+` INDEXED BY landings_once
			WHERE grp = ? AND courier = ? AND source = ? AND path = ?`, group, member, source, path)
		if err != nil {
			return nil, err
		}
		for _, l := range at {
			if !known[l.Seq] {
				found = append(found, l)
			}
		}
	}
	slices.SortFunc(found, func(a, b Landing) int { return int(a.Seq - b.Seq) })
	return found, nil
}

// LandedSince counts what a group has landed behind a Seq, and its bytes.
func (tx *Tx) LandedSince(group graph.Addr, seq int64) (files int, bytes int64, err error) {
	sum, _, err := one(tx, "count the landings", func(r row) (v [2]int64, err error) {
		err = r(&v[0], &v[1])
		return v, err
	}, "SELECT count(*), coalesce(sum(size), 0) FROM landings INDEXED BY landings_group WHERE grp = ? AND seq > ?", group, seq)
	return int(sum[0]), sum[1], err
}

// LastLandingBy returns the Seq of what a group had landed last at an instant, 0
// where that was nothing.
func (tx *Tx) LastLandingBy(group graph.Addr, at time.Time) (int64, error) {
	seq, _, err := one(tx, "find the last landing", scalar[int64],
		"SELECT seq FROM landings INDEXED BY landings_group WHERE grp = ? AND landed_at <= ? ORDER BY seq DESC LIMIT 1", group, instant(at))
	return seq, err
}

// GaveUp returns the tasks of a courier that are missing something, or have gone on
// without it in an attempt, of scheduled runs of the group from one instant up to
// another that have ended: up to limit, the newest run first.
func (tx *Tx) GaveUp(group graph.Addr, member string, from, until time.Time, limit int) ([]Task, error) {
	type gave struct {
		run string
		at  time.Time
	}
	all, err := list(tx, "list what was given up", func(r row) (g gave, err error) {
		err = r(&g.run, (*instant)(&g.at))
		return g, err
	}, `SELECT r.key, r.at FROM runs r INDEXED BY runs_group_state CROSS JOIN tasks t ON t.run = r.key
		WHERE r.grp = ?1 AND r.state IN ('succeeded_with_warnings', 'failed', 'stopped') AND r.at >= ?2 AND r.at < ?3 AND +r.kind = 'scheduled'
			AND t.name = ?4 AND t.kind = 'courier' AND (t.state = 'missing' OR t.state = 'landed' AND t.warnings > 0
				OR t.forgone IS NOT NULL)`,
		group, instant(from), instant(until), member)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b gave) int { return b.at.Compare(a.at) })
	var tasks []Task
	for _, g := range all[:min(limit, len(all))] {
		t, _, err := tx.Task(g.run, member)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, t)
	}
	return tasks, nil
}
