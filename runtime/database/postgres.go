package database

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	maxConnect = 30 * time.Second // unless the DSN has a connect_timeout
	maxGoodbye = time.Second      // for the server to be told that nobody listens any more
	mark       = "$"              // of parameters

	// checksClient is the first release that asks, while a statement works, whether
	// the client is still there.
	checksClient = 14
)

// postgres is a connection to PostgreSQL. It speaks the extended protocol with
// values as text: what the server writes is what lands.
type postgres struct {
	conn  *pgconn.PgConn
	place string
	setup string // statements of SQL at the start of each transaction
}

func openPostgres(ctx context.Context, a Access) (DB, error) {
	config, err := pgconn.ParseConfig(a.DSN)
	if err != nil {
		return nil, value.Misconfigured.Errorf("connect to the database", "the dsn cannot be read: %s; it is like postgres://user:password@host:5432/name", reason(err))
	}
	if a.Hide != nil && config.Password != "" {
		a.Hide(config.Password)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = maxConnect
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "waybill"
	}
	// A server that has gone without a word is noticed, however long a statement
	// takes.
	config.DialFunc = (&net.Dialer{
		Timeout:         config.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 6},
	}).DialContext
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: maxGoodbye}
	}
	db := &postgres{place: placeOf(config), setup: settings(a.Zone)}
	if db.conn, err = pgconn.ConnectConfig(ctx, config); err != nil {
		return nil, connectFault(ctx, "connect to "+db.place, err)
	}
	db.watchClient(ctx)
	return db, nil
}

// placeOf is the first server of a configuration.
func placeOf(c *pgconn.Config) string {
	if strings.HasPrefix(c.Host, "/") { // the folder of a socket
		return "postgres:///" + c.Database + "?host=" + c.Host
	}
	return "postgres://" + net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))) + "/" + c.Database
}

// settings make what the server writes independent of how it is set up.
func settings(zone *time.Location) string {
	return "set local timezone = " + literal(zone.String()) +
		"; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'" +
		"; set local bytea_output = 'hex'; set local extra_float_digits = 1"
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// watchClient has the server end a statement whose client was killed. A server
// that cannot goes on until it writes to it.
func (db *postgres) watchClient(ctx context.Context) {
	major, _, _ := strings.Cut(db.conn.ParameterStatus("server_version"), ".")
	if n, err := strconv.Atoi(major); err == nil && n >= checksClient {
		_, _ = db.conn.Exec(ctx, "set client_connection_check_interval = '5s'").ReadAll()
	}
}

func (db *postgres) Place() string { return db.place }

func (db *postgres) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), maxGoodbye)
	defer cancel()
	_ = db.conn.Close(ctx) // it is over either way
}

// begin begins a transaction in which the server writes values as we read them.
func (db *postgres) begin(ctx context.Context, how string) error {
	op := "begin a transaction on " + db.place
	if _, err := db.conn.Exec(ctx, "begin "+how).ReadAll(); err != nil {
		return serverFault(ctx, op, "", err)
	}
	_, err := db.conn.Exec(ctx, db.setup).ReadAll()
	return serverFault(ctx, op, "", err)
}

func (db *postgres) Select(ctx context.Context, q Statement, to Sink) (rows int64, err error) {
	ctx, cancel := context.WithCancel(ctx) // ends the query where the sink fails
	defer cancel()
	if err := db.begin(ctx, "isolation level repeatable read read only"); err != nil {
		return 0, err
	}
	op := "run " + q.Name + " on " + db.place
	sql, params, types := q.text(mark), binds(q.Params), oids(q.Params)
	described, err := db.conn.Prepare(ctx, "", sql, types)
	if err != nil {
		return 0, serverFault(ctx, op, q.where(err), err)
	}
	if n := len(described.ParamOIDs); n != len(params) {
		return 0, value.Misconfigured.Errorf(op, "it has %d parameters, and %d run-time values: write no $1 of your own", n, len(params))
	}
	if len(described.Fields) == 0 {
		return 0, value.Misconfigured.Errorf(op, "it returns no columns; a query of a courier selects what is to land")
	}
	columns, err := db.columns(ctx, op, described.Fields)
	if err != nil {
		return 0, err
	}
	names := make([]string, len(columns))
	for i, c := range described.Fields {
		names[i] = c.Name
	}
	if err := to.Begin(names); err != nil {
		return 0, err
	}
	answer := db.conn.ExecParams(ctx, sql, params, types, nil, nil)
	fields := make([]Field, len(columns))
	scratch := make([][]byte, len(columns))
	for answer.NextRow() {
		for i, raw := range answer.Values() {
			columns[i].read(raw, &fields[i], &scratch[i])
		}
		if err := to.Row(fields); err != nil {
			cancel()
			_, _ = answer.Close()
			return rows, err
		}
		rows++
	}
	if _, err := answer.Close(); err != nil {
		return rows, serverFault(ctx, op, q.where(err), err)
	}
	return rows, nil
}

func (db *postgres) Apply(ctx context.Context, statements []Statement) ([]Done, error) {
	if err := db.begin(ctx, ""); err != nil {
		return nil, err
	}
	var done []Done
	for _, s := range statements {
		op := "run " + s.Name + " on " + db.place
		answer := db.conn.ExecParams(ctx, s.text(mark), binds(s.Params), oids(s.Params), nil, nil)
		for answer.NextRow() { // what a statement selects goes nowhere
		}
		tag, err := answer.Close()
		if err != nil {
			return nil, serverFault(ctx, op, s.where(err), err)
		}
		done = append(done, doneOf(tag))
	}
	return done, db.commit(ctx)
}

// commit ends the transaction. Where its answer is lost nobody knows how.
func (db *postgres) commit(ctx context.Context) error {
	op := "commit on " + db.place
	if ctx.Err() != nil { // it is not sent, so that it was not done
		return value.Interrupted(ctx, op)
	}
	answers, err := db.conn.Exec(ctx, "commit").ReadAll()
	switch {
	case err != nil && isDefinite(err):
		return serverFault(ctx, op, "", err)
	case err != nil:
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", err, context.Cause(ctx))
		}
		return value.Unknown.Errorf(op, "the answer was lost, so the statements may have been done: %w", err)
	case len(answers) == 1 && answers[0].CommandTag.String() == "ROLLBACK":
		return value.Failed.Errorf(op, "the server has rolled it back")
	}
	return nil
}

// doneOf reads what a server says of a statement: "INSERT 0 5", "CREATE TABLE".
func doneOf(tag pgconn.CommandTag) Done {
	words := strings.Fields(tag.String())
	end := len(words)
	for end > 0 && strings.Trim(words[end-1], "0123456789") == "" {
		end--
	}
	d := Done{Command: strings.Join(words[:end], " "), Rows: -1}
	if end < len(words) {
		d.Rows = tag.RowsAffected()
	}
	return d
}
