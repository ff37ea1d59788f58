package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// access says what a connection is for.
type access string

const (
	readOnly  access = "ro"
	readWrite access = "rw" // never creates the file
)

// openDB opens a database file that exists. Nothing is read before the first
// statement.
func openDB(file string, a access) (*sql.DB, error) {
	full, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("store: find %s: %w", file, err)
	}
	q := url.Values{"mode": {string(a)}}
	pragmas := []string{"busy_timeout(5000)", "foreign_keys(1)", "synchronous(FULL)", "journal_size_limit(67108864)"}
	if a == readOnly {
		pragmas = append(pragmas, "query_only(1)")
	} else {
		q.Set("_txlock", "immediate")
		pragmas = append(pragmas, "temp_store(memory)") // what a savepoint keeps would be in a file
	}
	q["_pragma"] = pragmas
	path := filepath.ToSlash(full)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", file, err)
	}
	return db, nil
}

// conn is one connection with the statements it has prepared. It is used by
// one goroutine at a time.
type conn struct {
	sql   *sql.Conn
	stmts map[string]*sql.Stmt
}

func newConn(ctx context.Context, db *sql.DB) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{sql: c, stmts: map[string]*sql.Stmt{}}, nil
}

// prepare returns the statement of a query, compiled once per connection.
func (c *conn) prepare(query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.sql.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

// exec runs a statement that nothing may interrupt.
func (c *conn) exec(query string, args ...any) (sql.Result, error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), args...)
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		_ = s.Close() // the connection's error is the one that counts
	}
	return c.sql.Close()
}
