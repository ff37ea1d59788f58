package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Info is what a store is and how much is in it.
type Info struct {
	Path       string    `json:"path"`
	ID         string    `json:"id"`
	Version    int       `json:"version"` // of the schema
	Known      int       `json:"known"`   // the newest version that this release knows
	Size       int64     `json:"size"`    // of the file, in bytes
	LogSize    int64     `json:"log_size"`
	Free       int64     `json:"free"` // of the file, in bytes: room that was used once
	Serial     int64     `json:"serial"`
	Runs       int64     `json:"runs"` // expected ones included
	Open       int64     `json:"open_runs"`
	Tasks      int64     `json:"tasks"`
	Events     int64     `json:"events"`
	LastEvent  int64     `json:"last_event"` // its ID
	LastSeq    int64     `json:"last_landing"`
	Landings   int64     `json:"landings"`
	Watermarks int64     `json:"watermarks"`
	Oldest     time.Time `json:"oldest_run,omitzero"` // where it stands in time
	Newest     time.Time `json:"newest_event,omitzero"`
}

// Inspect tells what the store in a folder is, and changes nothing. A store of
// an older release is told as it is.
func Inspect(ctx context.Context, folder string) (Info, error) {
	return inspectFile(ctx, filepath.Join(folder, fileName))
}

func inspectFile(ctx context.Context, file string) (info Info, err error) {
	err = readFile(ctx, file, func(db *sql.DB) error {
		info, err = inspect(ctx, db, file)
		return err
	})
	if err != nil {
		return Info{}, fmt.Errorf("store: look at %s: %w", file, err)
	}
	return info, nil
}

func inspect(ctx context.Context, db *sql.DB, file string) (Info, error) {
	steps, err := migrations()
	if err != nil {
		return Info{}, err
	}
	info := Info{Path: file, Known: len(steps)}
	size := func(name string) int64 {
		if i, err := os.Stat(name); err == nil {
			return i.Size()
		}
		return 0
	}
	info.Size, info.LogSize = size(file), size(file+"-wal")
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // one state of the store
	if err != nil {
		return Info{}, err
	}
	defer func() { _ = tx.Rollback() }()
	var page, free int64
	for _, q := range []struct {
		query string
		into  any
	}{
		{"PRAGMA user_version", &info.Version},
		{"PRAGMA page_size", &page},
		{"PRAGMA freelist_count", &free},
		{"SELECT id FROM store", &info.ID},
		{"SELECT coalesce(max(serial), 0) FROM deployments", &info.Serial},
		{"SELECT count(*) FROM runs", &info.Runs},
		{"SELECT count(*)" + fromOpen, &info.Open},
		{"SELECT count(*) FROM tasks", &info.Tasks},
		{"SELECT count(*) FROM events", &info.Events},
		{"SELECT coalesce(max(id), 0) FROM events", &info.LastEvent},
		{"SELECT coalesce(max(seq), 0) FROM landings", &info.LastSeq},
		{"SELECT count(*) FROM landings", &info.Landings},
		{"SELECT count(*) FROM watermarks", &info.Watermarks},
		{"SELECT (SELECT at FROM runs ORDER BY at LIMIT 1)", (*instant)(&info.Oldest)},
		{"SELECT (SELECT at FROM events ORDER BY id DESC LIMIT 1)", (*instant)(&info.Newest)},
	} {
		if err := tx.QueryRowContext(ctx, q.query).Scan(q.into); err != nil {
			return Info{}, fmt.Errorf("%s: %w", q.query, err)
		}
	}
	info.Free = page * free
	return info, nil
}

// Check reads the whole store in a folder, whatever its size (about 2 s per
// GiB), and returns a *CorruptError where it is damaged or contradicts itself:
// its pages, its indexes, rows that name others which are not there, states that
// there are not. Others read and write meanwhile.
func Check(ctx context.Context, folder string) error {
	if err := checkFile(ctx, filepath.Join(folder, fileName)); err != nil {
		return fmt.Errorf("store: check: %w", err)
	}
	return nil
}

// Ahead is ticks of a group that were taken before their time.
type Ahead struct {
	Group       graph.Addr
	Ticks       int64
	First, Last time.Time
}

// TakenAhead lists, by group, the scheduled runs of the store in a folder that are
// past their expectation though they stand after an instant, as happens where a
// clock was far ahead.
func TakenAhead(ctx context.Context, folder string, now time.Time) (all []Ahead, err error) {
	err = readFile(ctx, filepath.Join(folder, fileName), func(db *sql.DB) error {
		rows, err := db.QueryContext(ctx, `SELECT grp, count(*), min(scheduled_at), max(scheduled_at) FROM runs
			WHERE kind = 'scheduled' AND at > ? AND NOT (state = 'scheduled' AND queue = 0) GROUP BY grp ORDER BY grp`, instant(now))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a Ahead
			if err := rows.Scan(&a.Group, &a.Ticks, (*instant)(&a.First), (*instant)(&a.Last)); err != nil {
				return err
			}
			all = append(all, a)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("store: look for ticks that were taken too early: %w", err)
	}
	return all, nil
}

func checkFile(ctx context.Context, file string) error {
	return readFile(ctx, file, func(db *sql.DB) (err error) {
		defer func() {
			if damaged(err) {
				err = &CorruptError{Path: file, Detail: err.Error()}
			}
		}()
		if err := checkPages(ctx, db, file, "integrity_check(1)"); err != nil {
			return err
		}
		for _, m := range []*Machine{runMachine, taskMachine} {
			if err := m.check(ctx, db, file); err != nil {
				return err
			}
		}
		return checkReferences(ctx, db, file)
	})
}

// check wants that every row of the machine's table is in one of its states.
func (m *Machine) check(ctx context.Context, db *sql.DB, file string) error {
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT state FROM "+m.Of+"s")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state string
		if err := rows.Scan(&state); err != nil {
			return err
		}
		if m.sources[state] == "" {
			return &CorruptError{Path: file, Detail: fmt.Sprintf("a %s has the state %q, which there is not", m.Of, state)}
		}
	}
	return rows.Err()
}

func checkReferences(ctx context.Context, db *sql.DB, file string) error {
	rows, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var table, parent string
	var row, key sql.NullInt64
	if err := rows.Scan(&table, &row, &parent, &key); err != nil {
		return err
	}
	return &CorruptError{Path: file, Detail: fmt.Sprintf("a row of %s names one of %s that is not there", table, parent)}
}
