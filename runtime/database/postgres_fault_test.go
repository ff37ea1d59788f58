package database_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/database"
	"github.com/waybill-dev/waybill/runtime/database/pgtest"
	"github.com/waybill-dev/waybill/runtime/value"
)

func TestConnectFaults(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	dsn := s.Database(t)
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	user := s.User(t, name)
	many := s.User(t, name)
	s.Run(t, name, "create user tls_only; alter user "+many+" connection limit 0")
	right := s.DSN(user, name)
	at := fmt.Sprintf("127.0.0.1:%d/%s", s.Port, name)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // it accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for what, c := range map[string]struct {
		dsn   string
		fault value.Fault
		want  string
	}{
		"no kind":            {"warehouse", value.Misconfigured, "the dsn names no kind of database; write postgres://"},
		"another kind":       {"mysql://u:p@host/db", value.Misconfigured, "no support for databases of the kind mysql; write postgres://user:password@host:5432/name"},
		"not a port":         {"postgres://u:hidden@host:port/db", value.Misconfigured, "the dsn cannot be read: invalid port; it is like"},
		"wrong sslmode":      {"postgres://u:hidden@host/db?sslmode=maybe", value.Misconfigured, "the dsn cannot be read"},
		"wrong password":     {"postgres://" + user + ":hidden@" + at, value.Misconfigured, "connect to postgres://" + at + ": password authentication failed for user"},
		"missing database":   {strings.Replace(right, name, "nowhere", 1), value.Misconfigured, `database "nowhere" does not exist (SQLSTATE 3D000)`},
		"connection limit":   {s.DSN(many, name), value.SourceError, "too many connections for role"},
		"TLS required":       {"postgres://tls_only@" + at + "?sslmode=disable", value.Misconfigured, "the server may take TLS only: write sslmode=require"},
		"unknown authority":  {"postgres://tls_only@" + at + "?sslmode=verify-full", value.Misconfigured, "the server's certificate does not hold"},
		"unknown name":       {"postgres://u:hidden@no-such-host.invalid/db", value.SourceError, "the name no-such-host.invalid cannot be looked up"},
		"refused":            {"postgres://u:hidden@" + gone + "/db", value.SourceError, "connect to postgres://" + gone + "/db: dial tcp " + gone + ": connect: connection refused"},
		"no answer":          {"postgres://u:hidden@" + silent.Addr().String() + "/db?connect_timeout=1", value.SourceError, "the server did not answer in time"},
		"unknown parameters": {right + "?wat=1", value.Misconfigured, `unrecognized configuration parameter "wat"`},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := database.Open(t.Context(), database.Access{DSN: c.dsn})
			if value.FaultOf(err) != c.fault || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("%s: %v", value.FaultOf(err), err)
			}
			if text := fmt.Sprint(err); strings.Contains(text, "hidden") || strings.Contains(text, pgtest.Password) || strings.Contains(text, "\n") {
				t.Errorf("this may not be shown: %v", err)
			}
		})
	}
	db := open(t, "postgres://tls_only@"+at+"?sslmode=require")
	if _, err := db.Select(t.Context(), query(t, nil, text("select 1")), &table{}); err != nil {
		t.Errorf("with TLS: %v", err)
	}
}

// What stands between us and a server may send an error without a code.
func TestAnErrorWithoutACode(t *testing.T) {
	t.Parallel()
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	go func() {
		conn, err := proxy.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.ReadAtLeast(conn, make([]byte, 1024), 8)
		_, _ = io.WriteString(conn, "E\x00\x00\x00\x11MNo, thanks\x00\x00")
	}()
	_, err = database.Open(t.Context(), database.Access{DSN: "postgres://u:hidden@" + proxy.Addr().String() + "/db?sslmode=disable"})
	if value.FaultOf(err) != value.SourceError || !strings.HasSuffix(err.Error(), "/db: No, thanks") {
		t.Errorf("%s: %v", value.FaultOf(err), err)
	}
}

func TestQueryFaults(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	dsn := s.Database(t, "create table secret_plans (id int); create table open_plans (id int)")
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	user := s.DSN(s.User(t, name, "select on open_plans"), name)
	for what, c := range map[string]struct {
		sql   []graph.Part
		fault value.Fault
		want  string
	}{
		"missing table":    {[]graph.Part{text("select *\n  from orders\n")}, value.Misconfigured, `: relation "orders" does not exist, at line 2, column 8 (from orders) (SQLSTATE 42P01)`},
		"behind a value":   {[]graph.Part{text("select "), ref("run.id"), text(", colour from open_plans")}, value.Misconfigured, `column "colour" does not exist, at line 1, column 19 (select ${run.id}, colour from open_plans)`},
		"syntax":           {[]graph.Part{text("selec 1")}, value.Misconfigured, `syntax error at or near "selec", at line 1, column 1 (selec 1)`},
		"permission":       {[]graph.Part{text("select * from secret_plans")}, value.Misconfigured, `permission denied for table secret_plans (SQLSTATE 42501)`},
		"writing":          {[]graph.Part{text("with x as (delete from open_plans returning 1) select * from x")}, value.Misconfigured, "a courier only reads; write with the sql block of a process"},
		"two statements":   {[]graph.Part{text("select 1; select 2")}, value.Misconfigured, "cannot insert multiple commands"},
		"no columns":       {[]graph.Part{text("set local work_mem = '4MB'")}, value.Misconfigured, "it returns no columns"},
		"own parameters":   {[]graph.Part{text("select $1::int")}, value.Misconfigured, "it has 1 parameters, and 0 run-time values: write no $1 of your own"},
		"no type":          {[]graph.Part{text("select pg_typeof("), {Ref: "run.started_at", Format: "YYYY"}, text(")")}, value.Misconfigured, "say what it is, as in ${…}::date"},
		"bad data":         {[]graph.Part{text("select 1 / (g - 2000) from generate_series(1, 3000) g")}, value.Failed, "division by zero"},
		"hint of a server": {[]graph.Part{text("select idd from open_plans")}, value.Misconfigured, `Perhaps you meant to reference the column "open_plans.id"`},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, user).Select(t.Context(), query(t, nil, c.sql...), &table{})
			if value.FaultOf(err) != c.fault && c.fault != "" || !strings.Contains(fmt.Sprint(err), c.want) || strings.Contains(fmt.Sprint(err), "\n") {
				t.Errorf("%s: %v", value.FaultOf(err), err)
			}
		})
	}
	s.Run(t, name, "alter database "+name+" set statement_timeout = '200ms'")
	_, err := open(t, user).Select(t.Context(), query(t, nil, text("select pg_sleep(30)")), &table{})
	if value.FaultOf(err) != value.Timeout || !strings.Contains(fmt.Sprint(err), "statement timeout") {
		t.Errorf("limit of the server: %s: %v", value.FaultOf(err), err)
	}
}

// An operator ends the connection, or the server dies, in the middle of the rows.
func TestLostInTheMiddle(t *testing.T) {
	t.Parallel()
	s := pgtest.Own(t)
	dsn := s.Database(t)
	const rows = "select generate_series(1, 2000000000), repeat('x', 100)"
	for what, end := range []func(){
		func() {
			s.Run(t, "postgres", "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'waybill'")
		},
		func() { s.Kill(t) },
	} {
		seen, sink := 0, &table{}
		sink.onRow = func() error {
			sink.text, sink.json = nil, nil
			if seen++; seen == 1000 {
				end()
			}
			return nil
		}
		_, err := open(t, dsn).Select(t.Context(), query(t, nil, text(rows)), sink)
		if value.FaultOf(err) != value.SourceError {
			t.Errorf("%d: %s: %v", what, value.FaultOf(err), err)
		}
	}
	_, err := database.Open(t.Context(), database.Access{DSN: dsn})
	if value.FaultOf(err) != value.SourceError {
		t.Errorf("a server that is gone: %s: %v", value.FaultOf(err), err)
	}
}

// Where the answer to COMMIT is lost nobody knows whether it was done: sometimes it
// was. Before that nothing was.
func TestLostAtCommit(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	dsn := s.Database(t, "create table a (id int)")
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	for _, c := range []struct {
		word    string
		deliver bool
		fault   value.Fault
		rows    string
	}{
		{"commit", true, value.Unknown, "1"},
		{"commit", false, value.Unknown, "1"},
		{"insert into", true, value.SourceError, "1"},
	} {
		at := s.Cut(t, c.word, c.deliver, 1)
		db := open(t, "postgres://postgres@"+at+"/"+name+"?sslmode=disable")
		_, err := db.Apply(t.Context(), []database.Statement{query(t, nil, text("insert into a values (1)"))})
		if value.FaultOf(err) != c.fault {
			t.Errorf("%s: %s: %v", c.word, value.FaultOf(err), err)
		}
		s.Await(t, "postgres", "select count(*) from pg_stat_activity where datname = '"+name+"'", "0")
		if rows := s.Run(t, name, "select count(*) from a"); rows != c.rows {
			t.Errorf("%s: there are %s rows, want %s", c.word, rows, c.rows)
		}
	}
}

// A COMMIT that was never sent was not done.
func TestStoppedBeforeCommit(t *testing.T) {
	t.Parallel()
	stopped := errors.New("somebody stopped it")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	err := database.Commit(ctx, open(t, pgtest.Shared(t).Database(t)))
	if value.FaultOf(err) != value.Failed || !errors.Is(err, stopped) {
		t.Errorf("%s: %v", value.FaultOf(err), err)
	}
}

// The server does not answer a cancel request: the connection ends all the same.
func TestCancelOfADeafServer(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	dsn := s.Database(t)
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() { // the first connection goes through, and no other
		client, err := l.Accept()
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(server, client) }()
		_, _ = io.Copy(client, server)
	}()
	db := open(t, "postgres://postgres@"+l.Addr().String()+"/"+name+"?sslmode=disable")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, errors.New("enough"))
	defer cancel()
	begun := time.Now()
	_, err = db.Select(ctx, query(t, nil, text("select pg_sleep(30)")), &table{})
	if took := time.Since(begun); err == nil || took > 2500*time.Millisecond {
		t.Errorf("after %s: %v", took, err)
	}
}
