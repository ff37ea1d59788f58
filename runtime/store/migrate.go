package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// applicationID marks a SQLite file as a store; schema/0001 writes it.
const applicationID = 0x57425354

// migrations returns the steps of the schema in order; the n-th brings a store
// to version n.
func migrations() ([]string, error) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		return nil, fmt.Errorf("store: list the schema: %w", err)
	}
	steps := make([]string, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(schemaFiles, name)
		if err != nil {
			return nil, fmt.Errorf("store: read the schema: %w", err)
		}
		steps[i] = string(text)
	}
	return steps, nil
}

// create makes a whole store or none: it is built under another name and then
// linked to its place. Where another process was faster, that one's stays. A
// log without its database is not taken for that of a new one.
func create(ctx context.Context, folder string, steps []string) error {
	log := filepath.Join(folder, fileName+"-wal")
	if info, err := os.Stat(log); err == nil && info.Size() > 0 && !Exists(folder) {
		return &CorruptError{Path: log, Detail: fileName + " is missing and only its log is there; restore " + fileName + ", or remove the log to begin anew"}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("store: create the folder: %w", err)
	}
	f, err := os.CreateTemp(folder, fileName+".new-*")
	if err != nil {
		return fmt.Errorf("store: create %s: %w", fileName, err)
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return fmt.Errorf("store: create %s: %w", fileName, err)
	}
	if err := build(ctx, f.Name(), steps); err != nil {
		return err
	}
	if err := os.Link(f.Name(), filepath.Join(folder, fileName)); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("store: create %s: %w", fileName, err)
	}
	for _, dir := range []string{folder, filepath.Dir(filepath.Clean(folder))} {
		if err := syncDir(dir); err != nil {
			return fmt.Errorf("store: create %s: %w", fileName, err)
		}
	}
	return nil
}

// build fills an empty file with the schema and an identity.
func build(ctx context.Context, file string, steps []string) (err error) {
	db, err := openDB(file, readWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db, steps, func(*sql.Tx) error { return nil }); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO store (one, id) VALUES (1, ?)", rand.Text()); err != nil {
		return fmt.Errorf("store: write the identity: %w", err)
	}
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = wal"); err != nil {
		return fmt.Errorf("store: switch to a write-ahead log: %w", err)
	}
	return nil
}

// migrate brings a database to the newest version, all or nothing. guard is
// asked first, in the same transaction, whether that may be done now.
func migrate(ctx context.Context, db *sql.DB, steps []string, guard func(*sql.Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: begin the migration: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // the first error is the one to tell
		}
	}()
	if err := guard(tx); err != nil {
		return err
	}
	var version int // another process may have raised it meanwhile
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("store: read the version: %w", err)
	}
	for ; version < len(steps); version++ {
		if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
			return fmt.Errorf("store: migrate to version %d: %w", version+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return fmt.Errorf("store: write the version: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: commit the migration: %w", err)
	}
	return nil
}

// syncDir makes the names in a folder durable. Windows does so by itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
