package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	busyWait = 800 * time.Millisecond // within a statement, where nothing else is heard
	maxBusy  = 10 * time.Second       // before the first one
	question = "?"                    // mark of parameters
)

// lite is a connection to a file of SQLite.
type lite struct {
	db    *sql.DB
	conn  *sql.Conn
	place string
}

func openSQLite(ctx context.Context, a Access) (DB, error) {
	name, err := graph.SQLitePath(a.DSN)
	if err != nil {
		return nil, value.Misconfigured.Wrap("connect to the database", err)
	}
	place := "sqlite:" + name
	op := "open " + place
	file := name
	if !filepath.IsAbs(file) {
		file = filepath.Join(a.Workspace, file)
	}
	if file, err = filepath.Abs(file); err == nil {
		err = mayOpen(file, a.Store)
	}
	if err != nil {
		return nil, value.Misconfigured.Wrap(op, err)
	}
	q := url.Values{"mode": {"rw"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", busyWait.Milliseconds()), "foreign_keys(1)"}}
	if a.ReadOnly {
		q.Set("mode", "ro")
		q.Add("_pragma", "query_only(1)")
	}
	uri := "file:" + (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath() + "?" + q.Encode()
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		return nil, value.Misconfigured.Wrap(op, err)
	}
	l := &lite{db: db, place: place}
	if l.conn, err = db.Conn(ctx); err == nil {
		_, err = sqlite.Limit(l.conn, sqlite3.SQLITE_LIMIT_ATTACHED, 0) // other files are none of its business
	}
	if err == nil {
		_, err = l.conn.ExecContext(ctx, "select count(*) from sqlite_schema") // reads the file's head
	}
	if err != nil {
		l.Close()
		return nil, liteFault(ctx, op, err)
	}
	return l, nil
}

// mayOpen reports why a file is not opened.
func mayOpen(file, store string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file, and it is not made")
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case store == "":
		return nil
	}
	kept, err := os.ReadDir(store)
	if err != nil {
		return fmt.Errorf("look whether it is Waybill's own: %w", err)
	}
	for _, e := range kept {
		if own, err := e.Info(); err == nil && os.SameFile(own, info) {
			return errors.New("it is Waybill's own store, whose tables change without notice; ask with waybill runs or waybill show")
		}
	}
	return nil
}

func (l *lite) Place() string { return l.place }

func (l *lite) Close() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
	_ = l.db.Close() // nothing that counts is open
}

func (l *lite) Select(ctx context.Context, q Statement, to Sink) (rows int64, err error) {
	op := "run " + q.Name + " on " + l.place
	// A statement by itself sees one state of the file.
	answer, err := l.conn.QueryContext(ctx, q.text(question), liteArgs(q.Params)...)
	if err != nil {
		return 0, liteFault(ctx, op, err)
	}
	defer func() { _ = answer.Close() }()
	types, err := answer.ColumnTypes()
	if err != nil {
		return 0, liteFault(ctx, op, err)
	}
	if len(types) == 0 {
		return 0, value.Misconfigured.Errorf(op, "it returns no columns; a query of a courier selects what is to land")
	}
	names := make([]string, len(types))
	dates := make([]bool, len(types))
	for i, t := range types {
		names[i], dates[i] = t.Name(), strings.EqualFold(t.DatabaseTypeName(), "DATE")
	}
	if err := to.Begin(names); err != nil {
		return 0, err
	}
	fields := make([]Field, len(types))
	found, targets := make([]any, len(types)), make([]any, len(types))
	for i := range found {
		targets[i] = &found[i]
	}
	for answer.Next() {
		if err := answer.Scan(targets...); err != nil {
			return rows, liteFault(ctx, op, err)
		}
		for i, x := range found {
			fields[i] = liteField(x, dates[i], fields[i].Text[:0])
		}
		if err := to.Row(fields); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, liteFault(ctx, op, answer.Err())
}

func (l *lite) Apply(ctx context.Context, statements []Statement) ([]Done, error) {
	if err := l.begin(ctx); err != nil {
		return nil, err
	}
	defer func() { // nothing is left to roll back once it is committed
		_, _ = l.conn.ExecContext(context.WithoutCancel(ctx), "rollback")
	}()
	var done []Done
	for _, s := range statements {
		op := "run " + s.Name + " on " + l.place
		result, err := l.conn.ExecContext(ctx, s.text(question), liteArgs(s.Params)...)
		if err != nil {
			return nil, liteFault(ctx, op, err)
		}
		done = append(done, liteDone(s, result))
	}
	_, err := l.conn.ExecContext(context.WithoutCancel(ctx), "commit") // short, and nothing in it can be undone half
	return done, liteFault(context.WithoutCancel(ctx), "commit on "+l.place, err)
}

// begin takes the file for writing, patiently: nothing has been done yet.
func (l *lite) begin(ctx context.Context) error {
	op := "begin a transaction on " + l.place
	until := time.Now().Add(maxBusy)
	for {
		_, err := l.conn.ExecContext(ctx, "begin immediate")
		var e *sqlite.Error
		if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(until) || ctx.Err() != nil {
			return liteFault(ctx, op, err)
		}
	}
}

// counted are the statements of which SQLite tells how many rows they changed; of
// any other it repeats what the one before did.
var counted = map[string]bool{"INSERT": true, "UPDATE": true, "DELETE": true, "REPLACE": true, "WITH": true}

func liteDone(s Statement, r sql.Result) Done {
	d := Done{Rows: -1, Command: "a statement"}
	if words := strings.Fields(s.text(question)); len(words) > 0 {
		d.Command = strings.ToUpper(words[0])
	}
	if n, err := r.RowsAffected(); err == nil && counted[d.Command] {
		d.Rows = n
	}
	return d
}
