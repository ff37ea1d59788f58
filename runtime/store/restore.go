package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Restored says what Restore has done.
type Restored struct {
	Now  Info   `json:"now"`            // the store that is in place
	Kept string `json:"kept,omitempty"` // the file that was in place before; empty: there was none
	// Was is what the store before had, where it could be read.
	Was *Info `json:"was,omitempty"`
	// Forgotten is what the store before knew and this one does not, where that
	// is a copy of it.
	Forgotten *Forgotten `json:"forgotten,omitempty"`
}

// Forgotten counts what has happened since a backup was made.
type Forgotten struct {
	Since       time.Time `json:"since,omitzero"` // the newest event that is still known
	Deployments int64     `json:"deployments"`
	Runs        int64     `json:"runs"`     // begun since, or in another state then
	Landings    int64     `json:"landings"` // of files that are landed once more
	Commands    int64     `json:"commands"` // with their tokens
}

// Restore puts a backup in place as the store in a folder. It refuses while a
// process holds the store (*HeldError), and a file that is damaged, no store, or
// of a newer release. What was in place is kept beside under a name with now in
// it.
//
// What is applied gets another serial, higher than any of the store before, or
// much higher where that cannot be read: a plan that was made before is stale,
// also where its serial is one of the time that is forgotten. In the same way a
// holder of that time stays fenced. by is who does it, for the event.
func Restore(ctx context.Context, folder, file, by string, now time.Time) (Restored, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Restored{}, fmt.Errorf("store: restore: %w", err)
	}
	lock := flock.New(filepath.Join(folder, lockName))
	free, err := lock.TryLock()
	if err != nil {
		return Restored{}, fmt.Errorf("store: lock %s: %w", lock.Path(), err)
	}
	if !free {
		return Restored{}, heldBy(ctx, filepath.Join(folder, fileName))
	}
	r, err := restore(ctx, folder, file, by, now.UTC())
	if err != nil {
		err = fmt.Errorf("store: restore %s: %w", file, err)
	}
	return r, errors.Join(err, lock.Unlock())
}

// heldBy names the holder of a store, as far as that can be read.
func heldBy(ctx context.Context, file string) error {
	held := &HeldError{}
	_ = readFile(ctx, file, func(db *sql.DB) error {
		return db.QueryRowContext(ctx, "SELECT owner, host, pid, since FROM lease").
			Scan(&held.Holder.Owner, &held.Holder.Host, &held.Holder.PID, (*instant)(&held.Holder.Since))
	})
	return held
}

func restore(ctx context.Context, folder, file, by string, now time.Time) (r Restored, err error) {
	if err := checkFile(ctx, file); err != nil {
		return r, err
	}
	place := filepath.Join(folder, fileName)
	fresh, err := copyOf(ctx, file, place+".new-*")
	if err != nil {
		return r, err
	}
	defer os.Remove(fresh)
	past := past{leap: unknownPast}
	if Exists(folder) {
		if was, err := inspectFile(ctx, place); err == nil {
			r.Was = &was
			checkpoint(ctx, place)
			if past, r.Forgotten, err = compare(ctx, fresh, place); err != nil {
				return r, err
			}
		}
	}
	if err := renew(ctx, fresh, past, by, now); err != nil {
		return r, err
	}
	if r.Kept, err = putAside(place, now); err != nil {
		return r, err
	}
	if err := os.Rename(fresh, place); err != nil {
		return r, err
	}
	if err := syncDir(folder); err != nil {
		return r, err
	}
	r.Now, err = inspectFile(ctx, place)
	return r, err
}

// past is how far the store before had come. leap is how much further it may
// have come than the backup, where nobody knows.
type past struct{ serial, epoch, leap int64 }

// unknownPast is more deployments than anybody makes between two backups.
const unknownPast = 1000

// checkpoint moves the log of a store into its file, where the file can be
// written and nobody reads.
func checkpoint(ctx context.Context, file string) {
	db, err := openDB(file, readWrite)
	if err != nil {
		return
	}
	_, _ = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	_ = db.Close()
}

// compare says how far the store in place has come, and what a copy of it does
// not know.
func compare(ctx context.Context, copied, place string) (p past, f *Forgotten, err error) {
	err = readFile(ctx, place, func(db *sql.DB) error {
		c, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.Close()) }()
		ask := func(query string, into any) {
			if err == nil {
				err = c.QueryRowContext(ctx, query).Scan(into)
			}
		}
		ask("SELECT coalesce(max(serial), 0) FROM deployments", &p.serial)
		ask("SELECT coalesce(max(epoch), 0) FROM lease", &p.epoch)
		if err == nil {
			_, err = c.ExecContext(ctx, "ATTACH ? AS copy", copied)
		}
		var here, there string
		ask("SELECT id FROM main.store", &here)
		ask("SELECT id FROM copy.store", &there)
		if err == nil && here != there {
			err = fmt.Errorf("it is a backup of another store (%s) than the one in place (%s); move that one away first", there, here)
		}
		if err != nil {
			return err
		}
		f = &Forgotten{}
		ask("SELECT (SELECT at FROM copy.events ORDER BY id DESC LIMIT 1)", (*instant)(&f.Since))
		ask("SELECT count(*) FROM main.deployments WHERE serial > (SELECT coalesce(max(serial), 0) FROM copy.deployments)", &f.Deployments)
		ask(`SELECT count(*) FROM main.runs n LEFT JOIN copy.runs c ON c.key = n.key
			WHERE n.state <> 'scheduled' AND (c.key IS NULL OR c.state <> n.state OR c.attempt <> n.attempt)`, &f.Runs)
		ask("SELECT count(*) FROM main.landings WHERE seq > (SELECT coalesce(max(seq), 0) FROM copy.landings)", &f.Landings)
		ask("SELECT count(*) FROM main.commands WHERE id > (SELECT coalesce(max(id), 0) FROM copy.commands)", &f.Commands)
		return err
	})
	return p, f, err
}

// renew gives a copy the standing of a restored store, in this release's schema.
func renew(ctx context.Context, file string, p past, by string, now time.Time) (err error) {
	steps, err := migrations()
	if err != nil {
		return err
	}
	db, err := openDB(file, readWrite)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, db.Close()); err == nil {
			err = syncFile(file)
		}
	}()
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db, steps, func(*sql.Tx) error { return nil }); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO lease (one, epoch, owner, host, pid, since, held) VALUES (1, ?, ?, '', 0, ?, 0)
			ON CONFLICT DO UPDATE SET epoch = max(epoch + ? + 1, excluded.epoch), held = 0`,
			[]any{p.epoch + p.leap + 1, by, instant(now), p.leap}},
		{`INSERT INTO deployments (serial, digest, applied_at, applied_by, tool, tzdata, zones)
			SELECT max(serial, ?) + ? + 1, digest, ?, ?, tool, tzdata, zones FROM deployments ORDER BY serial DESC LIMIT 1`,
			[]any{p.serial, p.leap, instant(now), by}},
		{`INSERT INTO events (run, seq, at, type, task, message)
			VALUES ('', (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE run = ''), ?, 'restored', '', ?)`,
			[]any{instant(now), "restored from a backup by " + by}},
	} {
		if _, err := tx.ExecContext(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// putAside keeps what is in place, with a log that could not be moved into it,
// under other names, and leaves no log in place. The file itself stays in place
// until another is renamed over it.
func putAside(place string, now time.Time) (kept string, err error) {
	name := place + ".before-" + now.Format("20060102T150405Z")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(place + suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", err
		}
		if suffix == "" || suffix == "-wal" && info.Size() > 0 {
			if err := os.Link(place+suffix, name+suffix); err != nil {
				return "", err
			}
		}
		if suffix == "" {
			kept = name
			continue
		}
		if err := os.Remove(place + suffix); err != nil {
			return "", err
		}
	}
	if kept != "" {
		err = syncDir(filepath.Dir(place))
	}
	return kept, err
}
