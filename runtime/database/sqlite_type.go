package database

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/waybill-dev/waybill/runtime/value"
)

// liteArgs are the values of parameters. SQLite has no type for instants: they are
// text in UTC, "2026-11-21T13:00:00Z", which sorts as they do.
func liteArgs(params []value.Parameter) []any {
	list := make([]any, len(params))
	for i, p := range params {
		switch {
		case p.Null:
		case p.Instant() && p.Edge == value.Inside && p.Format == "":
			list[i] = p.Time.UTC().Format(time.RFC3339)
		default:
			list[i] = p.Text
		}
	}
	return list
}

// liteField makes a field of what the driver returns. Into is memory that it may
// use.
func liteField(x any, date bool, into []byte) Field {
	switch x := x.(type) {
	case nil:
		return Field{Null: true, Text: into}
	case int64:
		return Field{Kind: Number, Text: strconv.AppendInt(into, x, 10)}
	case float64:
		into = strconv.AppendFloat(into, x, 'g', -1, 64)
		if strings.Trim(string(into), "-0123456789") == "" {
			into = append(into, ".0"...) // it stays a number with a fraction, as SQLite itself writes it
		}
		return Field{Kind: Number, Text: into}
	case bool:
		return Field{Kind: Bool, Text: strconv.AppendBool(into, x)}
	case time.Time:
		x = x.UTC()
		if date && x.Equal(x.Truncate(24*time.Hour)) {
			return Field{Text: x.AppendFormat(into, time.DateOnly)}
		}
		return Field{Kind: Time, Text: x.AppendFormat(into, time.RFC3339Nano)}
	case []byte:
		into = append(into, `\x`...)
		return Field{Text: hex.AppendEncode(into, x)}
	case string:
		return Field{Text: append(into, x...)}
	}
	return Field{Text: fmt.Append(into, x)}
}

// liteFault is the error of a statement. A nil error stays nil.
func liteFault(ctx context.Context, op string, err error) error {
	var e *sqlite.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return value.Interrupted(ctx, op)
	case !errors.As(err, &e):
		return value.Misconfigured.Wrap(op, err) // the driver's own, such as one about arguments
	}
	text := strings.TrimPrefix(e.Error(), "SQL logic error: ")
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return value.SourceError.Errorf(op, "another process writes to it: %s", text)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM:
		return value.SourceError.Errorf(op, "%s", text)
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return value.Failed.Errorf(op, "%s", text)
	case sqlite3.SQLITE_READONLY:
		return value.Misconfigured.Errorf(op, "it cannot be written to: %s", text)
	}
	return value.Misconfigured.Errorf(op, "%s", text)
}
