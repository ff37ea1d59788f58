// Package database speaks SQL to the databases that couriers read and steps work
// in: PostgreSQL and its kin, and SQLite.
//
// [Open] makes a connection of the address, the DSN, of a database. What is known
// at run time only is bound in a statement, never pasted into it. [DB.Select]
// hands the rows of a query on as they arrive; [DB.Apply] runs statements in one
// transaction. Both end within a second when their context does, and so does what
// they have begun at the server.
//
// Errors are faults of package value:
//
//   - SourceError: the server cannot be reached, is full, goes down or has lost
//     the connection, or another transaction was in the way. Nothing has been
//     done, so trying again may help;
//   - Misconfigured: somebody must change the DSN, the SQL or what the user may do;
//   - Failed: the data does not fit the statement, such as a division by zero;
//   - Timeout: the server's own limit of time has passed;
//   - Unknown: the answer to a COMMIT was lost;
//   - those of [value.Interrupted] when the context has ended.
//
// They name the database without the user and the password.
package database

import (
	"context"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Access says which database is spoken to, and how.
type Access struct {
	DSN       string
	Workspace string         // what the path of a SQLite file is relative to
	Store     string         // folder of Waybill's own store, which may not be opened; may be empty
	Zone      *time.Location // of the session: where a date or a time without zone is; nil: UTC
	ReadOnly  bool
	Hide      func(secret string) // is told of the password; may be nil
}

// DB is a connection to a database. It is used by one goroutine at a time.
type DB interface {
	// Place names the database without user and password:
	// "postgres://host:5432/name", "sqlite:path".
	Place() string

	// Select runs a query in a transaction that only reads and sees one state of
	// the database, and hands its rows to the sink as they arrive. An error of the
	// sink ends the query and is returned.
	Select(ctx context.Context, query Statement, to Sink) (rows int64, err error)

	// Apply runs statements in one transaction, in order. With an error none has
	// been done, save with Unknown.
	Apply(ctx context.Context, statements []Statement) ([]Done, error)

	// Close ends the connection.
	Close()
}

// Sink takes the rows of a query. What it is handed is only valid during the call.
type Sink interface {
	Begin(columns []string) error // once, before the first row, also where there is none
	Row(fields []Field) error
}

// Field is a value of a row, as text.
type Field struct {
	Kind Kind
	Elem Kind // of an Array
	Null bool
	Text []byte // UTF-8
}

// Kind is what the text of a field is.
type Kind int

// The kinds of field.
const (
	Text   Kind = iota
	Number      // as the database writes it; NaN and Infinity are some
	Bool        // true, false
	JSON        // a JSON text
	Array       // in PostgreSQL's form, {1,2,NULL}, with commas
	Time        // with a zone: RFC 3339 in UTC
	Wall        // without a zone: 2026-11-21T05:00:00
)

// Done is what a statement has done.
type Done struct {
	Command string // "INSERT"
	Rows    int64  // -1: it counts none
}

// Statement is SQL with the values of its run-time parts, in their order.
type Statement struct {
	Name   string // in messages: "the query"
	SQL    graph.Value
	Params []value.Parameter
}

// Open connects to a database.
func Open(ctx context.Context, a Access) (DB, error) {
	if a.Zone == nil {
		a.Zone = time.UTC
	}
	switch kind, known := graph.DatabaseKind(a.DSN); {
	case !known:
		return nil, value.Misconfigured.Errorf("connect to the database", "%s", notKnown(kind))
	case kind == graph.SQLite:
		return openSQLite(ctx, a)
	default:
		return openPostgres(ctx, a)
	}
}

// Dial is Open with a DSN that is resolved from its parts, in the zone of the
// values, with its password kept out of whatever is shown.
func Dial(ctx context.Context, dsn graph.Value, v *value.Resolver, a Access) (DB, error) {
	var err error
	if a.DSN, err = v.DSN(dsn); err != nil {
		return nil, fmt.Errorf("dsn: %w", err)
	}
	a.Zone = v.Zone
	a.Hide = func(password string) {
		if len(password) >= minHidden {
			v.Secrets.Redactor().Add("of the dsn", password)
		}
	}
	return Open(ctx, a)
}

// minHidden is the shortest password that is taken out of texts by itself: a shorter
// one is found in ordinary words.
const minHidden = 8

// notKnown says what may be written instead of a DSN of another kind.
func notKnown(kind string) string {
	what := "the dsn names no kind of database"
	if kind != "" {
		what = "there is no support for databases of the kind " + kind
	}
	return what + `; write postgres://user:password@host:5432/name, "host=… user=… dbname=…", or sqlite:path/to/file.db`
}
