package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a copy of the store in a folder, as it is at one instant, to a
// new file, and returns what is in it. Others read and write meanwhile. The file
// is there whole, checked and durable, or not at all; one that is there already
// stays, and is an error that wraps [fs.ErrExist]. A store of an older release
// is copied as it is.
func Backup(ctx context.Context, folder, file string) (Info, error) {
	if _, err := os.Lstat(file); err == nil {
		return Info{}, fmt.Errorf("store: back up to %s: %w", file, fs.ErrExist)
	}
	copied, err := copyOf(ctx, filepath.Join(folder, fileName), file+".new-*")
	if err != nil {
		return Info{}, fmt.Errorf("store: back up: %w", err)
	}
	defer os.Remove(copied)
	info, err := inspectFile(ctx, copied)
	if err != nil {
		return Info{}, err
	}
	if err := os.Link(copied, file); err != nil {
		return Info{}, fmt.Errorf("store: back up: %w", err)
	}
	if err := syncDir(filepath.Dir(file)); err != nil {
		return Info{}, fmt.Errorf("store: back up to %s: %w", file, err)
	}
	info.Path = file
	return info, nil
}

// copyOf copies a store to a new file of its own beside the pattern's place, for
// its owner only, and returns the name of that file, which was checked whole and
// is on disk. It is without a log.
func copyOf(ctx context.Context, file, pattern string) (copied string, err error) {
	err = readFile(ctx, file, func(db *sql.DB) (err error) {
		c, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.Close()) }()
		if _, err := c.ExecContext(ctx, "PRAGMA query_only = 0"); err != nil { // the file itself is open to be read
			return err
		}
		f, err := os.CreateTemp(filepath.Dir(pattern), filepath.Base(pattern))
		if err != nil {
			return err
		}
		copied = f.Name()
		defer func() { err = errors.Join(err, f.Close()) }()
		if _, err := c.ExecContext(ctx, "VACUUM INTO ?", copied); err != nil {
			return fmt.Errorf("copy %s: %w", file, err)
		}
		return f.Sync()
	})
	if err == nil {
		err = checkFile(ctx, copied)
	}
	if err != nil && copied != "" {
		err = errors.Join(err, os.Remove(copied))
	}
	return copied, err
}

// readFile opens the database file of a store to read it as it is, whatever
// release has written it, unless that was a newer one (*VersionError) or it is
// no store (*CorruptError). No file of looking at it is left behind.
func readFile(ctx context.Context, file string, do func(*sql.DB) error) (err error) {
	steps, err := migrations()
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); err != nil {
		return err
	}
	_, noLog := os.Stat(file + "-wal")
	db, err := openDB(file, readOnly)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, db.Close())
		if errors.Is(noLog, fs.ErrNotExist) {
			removeLog(ctx, file)
		}
	}()
	if _, err := recognize(ctx, db, file, len(steps)); err != nil {
		return denied(file, err)
	}
	return do(db)
}
