package database_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/database"
	"github.com/waybill-dev/waybill/runtime/value"
)

// file makes a database file with what SQL makes.
func file(t *testing.T, statements ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append([]string{"create table t (id integer primary key, at datetime, day date, amount real, blob blob, word text)"}, statements...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func in(dir string, write bool) func(*database.Access) {
	return func(a *database.Access) { a.Workspace, a.ReadOnly = dir, !write }
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	dir := file(t, `insert into t values
		(1, '2026-11-21 13:00:00', '2026-11-21', 1.5, x'00ff', ''),
		(2, '2026-11-21T13:00:00.25+05:30', '2026-11-22', 2, null, 'a,"b"'),
		(3, 'soon', 7, 1e300, 'text', null)`)
	for _, dsn := range []string{"sqlite:app.db", "sqlite:" + dir + "/app.db", "sqlite://" + dir + "/app.db", "file:app%2Edb"} {
		db := open(t, dsn, in(dir, false))
		var got table
		n, err := db.Select(t.Context(), query(t, nil, text("select * from t order by id")), &got)
		if err != nil || n != 3 {
			t.Fatalf("%s: %d rows: %v", dsn, n, err)
		}
		want := [][]string{
			{"1", `"2026-11-21T13:00:00Z"`, `"2026-11-21"`, "1.5", `"\\x00ff"`, `""`},
			{"2", `"2026-11-21T07:30:00.25Z"`, `"2026-11-22"`, "2.0", "null", `"a,\"b\""`},
			{"3", `"soon"`, "7", "1e+300", `"text"`, "null"},
		}
		if diff := cmp.Diff(want, got.json); diff != "" {
			t.Errorf("%s: %s", dsn, diff)
		}
		if diff := cmp.Diff([]string{"id", "at", "day", "amount", "blob", "word"}, got.columns); diff != "" {
			t.Error(diff)
		}
	}
}

// Instants are text in UTC, which sorts.
func TestSQLiteRange(t *testing.T) {
	t.Parallel()
	dir := file(t, `insert into t (id, word) values (1, '2026-11-21T07:59:59Z'), (2, '2026-11-21T08:00:00Z'), (3, '2026-11-22T08:00:00Z')`)
	v := &value.Resolver{Zone: time.FixedZone("", -8*3600), Range: window.Range{
		Start: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
	}}
	q := []graph.Part{text("select group_concat(id) from t where word >= "), ref("range.start"), text(" and word < "), ref("range.end"),
		text(" and "), {Ref: "range.start", Format: "YYYYMMDD"}, text(" = '20261121'")}
	for want, r := range map[string]window.Range{"2": v.Range} {
		v.Range = r
		var got table
		if _, err := open(t, "sqlite:app.db", in(dir, false)).Select(t.Context(), query(t, v, q...), &got); err != nil || got.text[0][0] != want {
			t.Errorf("%v: selects %v, want %s: %v", r, got.text, want, err)
		}
	}
	v.Range = window.Range{}
	var got table
	if _, err := open(t, "sqlite:app.db", in(dir, false)).Select(t.Context(), query(t, v, q[:4]...), &got); err != nil || got.text[0][0] != "1,2,3" {
		t.Errorf("everything: selects %v: %v", got.text, err)
	}
}

func TestSQLiteFaults(t *testing.T) {
	t.Parallel()
	dir := file(t)
	store := filepath.Join(dir, ".waybill")
	for name, content := range map[string]string{"no.db": "this is not a database, whatever its name says, and it is long enough", ".waybill/waybill.db": ""} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(store, "waybill.db"), filepath.Join(dir, "alias.db")); err != nil {
		t.Fatal(err)
	}
	for dsn, want := range map[string]string{
		"sqlite:missing.db":          "open sqlite:missing.db: there is no such file, and it is not made",
		"sqlite:.":                   "it is not a regular file",
		"sqlite::memory:":            "the dsn names no file",
		"sqlite:":                    "the dsn names no file",
		"sqlite:app.db?mode=rwc":     "takes no settings",
		"sqlite://host/app.db":       "the dsn names a computer",
		"sqlite:no.db":               "file is not a database",
		"sqlite:.waybill/waybill.db": "it is Waybill's own store",
		"sqlite:alias.db":            "it is Waybill's own store",
	} {
		_, err := database.Open(t.Context(), database.Access{DSN: dsn, Workspace: dir, Store: store})
		if value.FaultOf(err) != value.Misconfigured || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %s: %v", dsn, value.FaultOf(err), err)
		}
	}
	for sql, c := range map[string]struct {
		fault value.Fault
		want  string
	}{
		"select * from nowhere":                   {value.Misconfigured, "no such table: nowhere"},
		"selec":                                   {value.Misconfigured, "syntax error"},
		"insert into t (id) values (1)":           {value.Misconfigured, ""},
		"attach database '.waybill/waybill.db' x": {value.Misconfigured, ""},
		"select ?1":                               {value.Misconfigured, ""},
	} {
		_, err := open(t, "sqlite:app.db", in(dir, false)).Select(t.Context(), query(t, nil, text(sql)), &table{})
		if value.FaultOf(err) != c.fault || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %s: %v", sql, value.FaultOf(err), err)
		}
	}
}

func TestSQLiteApply(t *testing.T) {
	t.Parallel()
	dir := file(t)
	apply := func(sql ...string) (string, error) {
		var list []database.Statement
		for _, s := range sql {
			list = append(list, query(t, nil, text(s)))
		}
		done, err := open(t, "sqlite:app.db", in(dir, true)).Apply(t.Context(), list)
		return fmt.Sprint(done), err
	}
	if got, err := apply("insert into t (id) values (1), (2)", "create table u (a)", "update t set word = 'x'", "delete from t where id = 2"); err != nil || got != "[{INSERT 2} {CREATE -1} {UPDATE 2} {DELETE 1}]" {
		t.Errorf("done %s: %v", got, err)
	}
	if _, err := apply("insert into t (id) values (3)", "insert into t (id) values (1)"); value.FaultOf(err) != value.Failed || !strings.Contains(err.Error(), "UNIQUE constraint failed") {
		t.Errorf("twice: %s: %v", value.FaultOf(err), err)
	}
	var got table
	if _, err := open(t, "sqlite:app.db", in(dir, false)).Select(t.Context(), query(t, nil, text("select group_concat(id) from t")), &got); err != nil || got.text[0][0] != "1" {
		t.Errorf("there is %v: %v", got.text, err)
	}
}

func TestSQLiteCancel(t *testing.T) {
	t.Parallel()
	dir := file(t)
	stopped := errors.New("somebody stopped it")
	ctx, cancel := context.WithCancelCause(t.Context())
	sink := &table{}
	sink.onRow = func() error {
		sink.text, sink.json = nil, nil
		cancel(stopped)
		return nil
	}
	endless := "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
	_, err := open(t, "sqlite:app.db", in(dir, false)).Select(ctx, query(t, nil, text(endless)), sink)
	if !errors.Is(err, stopped) {
		t.Errorf("the query: %v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	_, err = open(t, "sqlite:app.db", in(dir, false)).Select(ctx, query(t, nil, text("with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n")), &table{})
	if value.FaultOf(err) != value.Timeout {
		t.Errorf("a query without rows: %s: %v", value.FaultOf(err), err)
	}
}
