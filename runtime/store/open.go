// Package store is the embedded database of a runtime: what is deployed, what
// is asked for, what runs, waits, has landed and has happened. It is one SQLite
// file, and nothing but this package knows so.
//
// Reading and writing are transactions: [Store.View] and [Store.Update] hand a
// [Tx] with typed methods to a function. A change that was acknowledged
// survives the death of the process and the loss of power; one that was not is
// there whole or not at all. Any process may read, deploy and send commands;
// only the holder of the [Lease] acts, through [Lease.Update].
//
// All times are instants in UTC. The zero time.Time means that there is none.
// They keep nanoseconds and lie between the years 1678 and 2261.
//
// The file must be on a local disk. Errors are of the machine unless a method
// names another.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/waybill-dev/waybill/lang/graph"
)

const (
	fileName = "waybill.db"
	lockName = "waybill.lock"
	readers  = 4 // connections that read at the same time
	// maxChecked is the size up to which Open reads the whole file to check it:
	// about 25 ms.
	maxChecked = 16 << 20
)

// Store is an open store. It is safe for concurrent use.
type Store struct {
	folder string
	id     string

	readDB, writeDB *sql.DB
	idle            chan *conn // readers that nobody uses; nil for one that is not connected yet
	writer          *conn      // of the writer goroutine

	queue   chan *request
	closing chan struct{}
	written chan struct{} // closed when the writer goroutine has ended
	once    sync.Once
	closed  error

	graphs graphCache
	hide   func(string) string // of messages, before they are written; nil: nothing
}

// Hide has what messages and errors say go through f before it is written: those
// of runs, tasks, events and deliveries. It is called before the store is used.
func (s *Store) Hide(f func(string) string) { s.hide = f }

// hidden is what is written of a message.
func (tx *Tx) hidden(message string) string {
	if message == "" || tx.store.hide == nil {
		return message
	}
	return tx.store.hide(message)
}

// Exists reports whether there is a store in a folder. It does not say whether
// it can be opened: a folder that may not be looked into counts as one that has
// a store, so that opening it says why not.
func Exists(path string) bool {
	info, err := os.Stat(filepath.Join(path, fileName))
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
	}
	return info.Mode().IsRegular()
}

// Folder is where the store is.
func (s *Store) Folder() string { return s.folder }

// Open opens the store in a folder and creates both where they are missing. A
// store of an older release is brought to this one's schema, unless another
// process acts on it (*HeldError). It refuses, and leaves as they are, the
// store of a newer release (*VersionError) and a file that is damaged or no
// store (*CorruptError). It reads a file of up to 16 MiB whole to find damage,
// of a larger one the beginning; Check reads any.
func Open(ctx context.Context, path string) (*Store, error) {
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	if !Exists(path) {
		if err := create(ctx, path, steps); err != nil {
			return nil, err
		}
	}
	return open(ctx, path, steps)
}

func open(ctx context.Context, folder string, steps []string) (*Store, error) {
	s := &Store{
		folder: folder, idle: make(chan *conn, readers), graphs: graphCache{byDigest: map[string]*graph.Graph{}},
		queue: make(chan *request), closing: make(chan struct{}), written: make(chan struct{}),
	}
	file := filepath.Join(folder, fileName)
	_, noLog := os.Stat(file + "-wal")
	if err := s.connect(ctx, file, steps); err != nil {
		err = errors.Join(err, s.disconnect())
		if errors.Is(noLog, fs.ErrNotExist) {
			removeLog(ctx, file)
		}
		return nil, err
	}
	for range readers {
		s.idle <- nil
	}
	go s.write()
	return s, nil
}

// removeLog removes the empty log that looking at a database has made, which a
// reader cannot: the last connection that may write does, where nobody else is
// connected. What fails here only leaves it there.
func removeLog(ctx context.Context, file string) {
	if _, err := os.Stat(file + "-wal"); err != nil {
		return
	}
	db, err := openDB(file, readWrite)
	if err != nil {
		return
	}
	var version int
	_ = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	_ = db.Close()
}

// connect checks the file, then migrates it, then opens it for writing.
func (s *Store) connect(ctx context.Context, file string, steps []string) (err error) {
	if s.readDB, err = openDB(file, readOnly); err != nil {
		return err
	}
	version, err := check(ctx, s.readDB, file, len(steps))
	if err != nil {
		return denied(file, err)
	}
	if s.writeDB, err = openDB(file, readWrite); err != nil {
		return err
	}
	s.writeDB.SetMaxOpenConns(1)
	if version < len(steps) {
		if err := s.upgrade(ctx, steps); err != nil {
			return err
		}
	}
	if s.writer, err = newConn(ctx, s.writeDB); err != nil {
		return fmt.Errorf("store: open %s: %w", file, err)
	}
	// A copy that SQLite has made is without a write-ahead log until told so.
	if _, err := s.writer.sql.ExecContext(ctx, "PRAGMA journal_mode = wal"); err != nil {
		return fmt.Errorf("store: switch %s to a write-ahead log: %w", file, err)
	}
	if err := s.readDB.QueryRowContext(ctx, "SELECT id FROM store").Scan(&s.id); err != nil {
		return fmt.Errorf("store: read the identity: %w", err)
	}
	return nil
}

// denied says why a database could not be opened, which SQLite does not: nobody
// but its owner may look into its folder.
func denied(file string, err error) error {
	if _, reason := os.Lstat(file); errors.Is(reason, fs.ErrPermission) {
		return fmt.Errorf("store: open %s: run waybill as the user that owns it: %w", file, reason)
	}
	return err
}

// check reads the version of a database and refuses what Open refuses, without
// changing a byte of it.
func check(ctx context.Context, db *sql.DB, file string, known int) (version int, err error) {
	if version, err = recognize(ctx, db, file, known); err != nil {
		return 0, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, fmt.Errorf("store: open: %w", err)
	}
	if info.Size() > maxChecked {
		return version, nil
	}
	return version, checkPages(ctx, db, file, "quick_check(1)")
}

// recognize reads the version of a database and refuses one that is no store, or
// a newer release's.
func recognize(ctx context.Context, db *sql.DB, file string, known int) (version int, err error) {
	defer func() {
		if damaged(err) {
			err = &CorruptError{Path: file, Detail: err.Error()}
		}
	}()
	var application int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application); err != nil {
		return 0, fmt.Errorf("store: open %s: %w", file, err)
	}
	if application != applicationID {
		return 0, &CorruptError{Path: file, Detail: "it is a database of something else"}
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("store: read the version of %s: %w", file, err)
	}
	if version > known {
		return 0, &VersionError{Path: file, Found: version, Known: known}
	}
	return version, nil
}

// checkPages reads the whole database with one of SQLite's checks and finds
// pages that are damaged.
func checkPages(ctx context.Context, db *sql.DB, file, pragma string) error {
	var verdict string
	err := db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&verdict)
	switch {
	case damaged(err):
		return &CorruptError{Path: file, Detail: err.Error()}
	case err != nil:
		return fmt.Errorf("store: check %s: %w", file, err)
	case verdict != "ok":
		_, page, _ := strings.Cut(verdict, "\n") // below a line that names the database
		return &CorruptError{Path: file, Detail: cmp.Or(page, verdict)}
	}
	return nil
}

// ID returns the identity that the store was given when it was created.
func (s *Store) ID() string { return s.id }

// View runs fn on a snapshot of the store and returns its error. It never waits
// for a writer. ctx bounds the wait for a connection, and ends the view between two
// statements. fn must not call View: the connections that read are few.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	var c *conn
	select {
	case c = <-s.idle:
	case <-ctx.Done():
		return fmt.Errorf("store: view: %w", ctx.Err())
	case <-s.closing:
		return ErrClosed
	}
	defer func() { s.idle <- c }()
	if c == nil {
		fresh, err := newConn(ctx, s.readDB)
		if err != nil {
			return fmt.Errorf("store: view: %w", err)
		}
		c = fresh
	}
	if _, err := c.exec("BEGIN"); err != nil {
		return fmt.Errorf("store: view: %w", err)
	}
	tx := &Tx{store: s, conn: c, view: true, ctx: ctx}
	defer func() {
		tx.err = errEnded
		if _, err := c.exec("ROLLBACK"); err != nil { // the next view gets a fresh connection
			_ = c.close()
			c = nil
		}
	}()
	return fn(tx)
}

// Close waits for the transactions in progress and closes the store. A lease
// must be released before.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closing)
		<-s.written
		for range readers {
			if c := <-s.idle; c != nil {
				s.closed = errors.Join(s.closed, c.close())
			}
		}
		s.closed = errors.Join(s.closed, s.disconnect())
	})
	return s.closed
}

// disconnect closes the writer last: the last connection to close moves the
// write-ahead log into the database, which a reader cannot.
func (s *Store) disconnect() error {
	var errs []error
	if s.readDB != nil {
		errs = append(errs, s.readDB.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if s.writeDB != nil {
		errs = append(errs, s.writeDB.Close())
	}
	return errors.Join(errs...)
}
