package database

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waybill-dev/waybill/runtime/value"
)

// reason is why a DSN cannot be read, without any of its text.
func reason(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "`: "); i >= 0 {
		text = text[i+len("`: "):]
	}
	text, _, _ = strings.Cut(text, " (")
	return text
}

// connectFault is the error of a connection that did not come about.
func connectFault(ctx context.Context, op string, err error) error {
	var said *pgconn.PgError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var network *net.OpError
	switch {
	case ctx.Err() != nil:
		return value.Interrupted(ctx, op)
	case errors.As(err, &said):
		return serverFault(ctx, op, "", said)
	case errors.As(err, &name):
		return value.SourceError.Errorf(op, "the name %s cannot be looked up: %s", name.Name, name.Err)
	case errors.As(err, &certificate):
		return value.Misconfigured.Errorf(op, "the server's certificate does not hold: %w", certificate.Err)
	case strings.Contains(err.Error(), "server refused TLS connection"):
		return value.Misconfigured.Errorf(op, "the server does not speak TLS, which sslmode asks for; set it up there, or write sslmode=prefer")
	case errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err):
		return value.SourceError.Errorf(op, "the server did not answer in time")
	case errors.As(err, &network):
		return value.SourceError.Wrap(op, network)
	}
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) { // its text has the user
		err = connecting.Unwrap()
	}
	return value.SourceError.Errorf(op, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
}

// serverFault is the error of a statement. Where says where in the statement. A
// nil error stays nil.
func serverFault(ctx context.Context, op, where string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return value.Interrupted(ctx, op)
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return value.SourceError.Errorf(op, "the connection was lost: %w", err)
	}
	text := e.Message
	if where != "" {
		text += ", at " + where
	}
	// The detail of these holds data of the rows.
	if class := classOf(e.Code); e.Detail != "" && class != "22" && class != "23" {
		text += ": " + e.Detail
	}
	if hint := hintOf(e); hint != "" {
		text += "; " + hint
	}
	if e.Code != "" {
		text += " (SQLSTATE " + e.Code + ")"
	}
	return faultOf(e.Code).Wrap(op, &serverError{text, e})
}

// serverError is what a server says, in one line.
type serverError struct {
	text string
	err  error
}

func (e *serverError) Error() string { return e.text }

func (e *serverError) Unwrap() error { return e.err }

// where says where in the statement an error is.
func (s Statement) where(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	return s.at(int(e.Position), mark)
}

// hintOf says what can be done about an error: in our terms where those help more
// than the server's.
func hintOf(e *pgconn.PgError) string {
	switch e.Code {
	case "25001":
		return "all statements of a sql block run in one transaction, and this one cannot; run it with exec and psql"
	case "25006":
		return "a courier only reads; write with the sql block of a process"
	case "28000":
		if strings.Contains(e.Message, "no encryption") {
			return "the server may take TLS only: write sslmode=require"
		}
	case "42601":
		if strings.Contains(e.Message, "multiple commands") {
			return "write each as an element of its own"
		}
	case "42P18":
		return "say what it is, as in ${…}::date"
	}
	return e.Hint
}

// isDefinite reports whether the server has said that a COMMIT did not happen. One
// that went down in the middle of it may have done it.
func isDefinite(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.SeverityUnlocalized == "ERROR" || e.SeverityUnlocalized == "" && e.Severity == "ERROR")
}

// classOf is the class of a code. What stands between us and a server may send an
// error without one.
func classOf(code string) string { return code[:min(2, len(code))] }

// faultOf sorts the codes of PostgreSQL's errors (SQLSTATE): by the whole code,
// and then by its class, the first two characters.
func faultOf(code string) value.Fault {
	switch code {
	case "57014": // nobody here has asked for it, so that it was a limit of the server's, or its operator
		return value.Timeout
	case "25001", "25006", "22023": // a statement that a transaction, or one that reads, cannot run; a setting
		return value.Misconfigured
	case "40001", "40P01", "55P03", "55006", "57P01", "57P02", "57P03", "57P05", "25P03":
		return value.SourceError
	}
	switch classOf(code) {
	case "", "08", "53", "58", "XX", "40":
		return value.SourceError
	case "0A", "0L", "0P", "28", "3D", "3F", "42":
		return value.Misconfigured
	}
	return value.Failed
}
