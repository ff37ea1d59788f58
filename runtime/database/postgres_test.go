package database_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/database"
	"github.com/waybill-dev/waybill/runtime/database/pgtest"
	"github.com/waybill-dev/waybill/runtime/value"
)

// table is a sink that keeps what it is handed.
type table struct {
	columns []string
	text    [][]string // NULL is "␀"
	json    [][]string
	onRow   func() error
}

func (s *table) Begin(columns []string) error {
	s.columns = append([]string{}, columns...)
	return nil
}

func (s *table) Row(fields []database.Field) error {
	var text, lines []string
	for _, f := range fields {
		line, err := f.AppendJSON(nil)
		if err != nil {
			return err
		}
		lines = append(lines, string(line))
		if f.Null {
			f.Text = []byte("␀")
		}
		text = append(text, string(f.Text))
	}
	s.text, s.json = append(s.text, text), append(s.json, lines)
	if s.onRow != nil {
		return s.onRow()
	}
	return nil
}

func open(t testing.TB, dsn string, change ...func(*database.Access)) database.DB {
	t.Helper()
	a := database.Access{DSN: dsn, Workspace: t.TempDir(), ReadOnly: true}
	for _, c := range change {
		c(&a)
	}
	db, err := database.Open(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// query is a statement of text and references by turns.
func query(t testing.TB, v *value.Resolver, parts ...graph.Part) database.Statement {
	t.Helper()
	if v == nil {
		v = &value.Resolver{}
	}
	params, err := v.Parameters(parts)
	if err != nil {
		t.Fatal(err)
	}
	return database.Statement{Name: "the query", SQL: parts, Params: params}
}

func text(s string) graph.Part { return graph.Part{Literal: s} }

func ref(s string) graph.Part { return graph.Part{Ref: s} }

// What a server writes depends on how it is set up; what lands does not.
func TestTypes(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Shared(t).Database(t, `create type mood as enum ('ok', 'so, so'); create domain euro as numeric(12, 2); create type pair as (a int, b text)`)
	rows := []struct{ sql, text, json string }{
		{`null`, "␀", "null"},
		{`''::text`, "", `""`},
		{`1::int2`, "1", "1"},
		{`9223372036854775807`, "9223372036854775807", "9223372036854775807"},
		{`1.10::numeric`, "1.10", "1.10"},
		{`123456789012345678901234567890.123456789`, "123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"},
		{`0.1::float8 + 0.2::float8`, "0.30000000000000004", "0.30000000000000004"},
		{`'NaN'::float8`, "NaN", `"NaN"`},
		{`'-Infinity'::float8`, "-Infinity", `"-Infinity"`},
		{`'NaN'::numeric`, "NaN", `"NaN"`},
		{`1e300::float8`, "1e+300", "1e+300"},
		{`5::euro`, "5.00", "5.00"},
		{`true`, "true", "true"},
		{`false`, "false", "false"},
		{`'2026-11-21 13:00:00.5+05:30'::timestamptz`, "2026-11-21T07:30:00.5Z", `"2026-11-21T07:30:00.5Z"`},
		{`'2026-07-01 00:00:00-07'::timestamptz`, "2026-07-01T07:00:00Z", `"2026-07-01T07:00:00Z"`},
		{`'1850-01-01 00:00:00+00'::timestamptz`, "1850-01-01T00:00:00Z", `"1850-01-01T00:00:00Z"`},
		{`'infinity'::timestamptz`, "infinity", `"infinity"`},
		{`'0044-03-15 12:00:00+00 BC'::timestamptz`, "0044-03-15 04:07:02-07:52:58 BC", `"0044-03-15 04:07:02-07:52:58 BC"`},
		{`'20260-01-01 08:00:00+00'::timestamptz`, "20260-01-01 00:00:00-08", `"20260-01-01 00:00:00-08"`},
		{`'2026-11-21 13:00:00.123456'::timestamp`, "2026-11-21T13:00:00.123456", `"2026-11-21T13:00:00.123456"`},
		{`'2026-11-21'::date`, "2026-11-21", `"2026-11-21"`},
		{`'13:00'::time`, "13:00:00", `"13:00:00"`},
		{`'1 mon 2 days 03:00'::interval`, "1 mon 2 days 03:00:00", `"1 mon 2 days 03:00:00"`},
		{`'\x00ff'::bytea`, `\x00ff`, `"\\x00ff"`},
		{`'{"b": [1, 2.50], "a": "x"}'::jsonb`, `{"a": "x", "b": [1, 2.50]}`, `{"a":"x","b":[1,2.50]}`},
		{"'{\"a\":\n 1}'::json", "{\"a\":\n 1}", `{"a":1}`},
		{`'null'::jsonb`, "null", "null"},
		{`'a"b\c' || chr(10) || chr(1) || 'ü€😀'`, "a\"b\\c\n\x01ü€😀", `"a\"b\\c\n\u0001ü€😀"`},
		{`'so, so'::mood`, "so, so", `"so, so"`},
		{`array['so, so', null]::mood[]`, `{"so, so",NULL}`, `["so, so",null]`},
		{`array[1, null, 3]`, "{1,NULL,3}", "[1,null,3]"},
		{`array[[1, 2], [3, 4]]`, "{{1,2},{3,4}}", "[[1,2],[3,4]]"},
		{`'[0:1]={1,2}'::int[]`, "[0:1]={1,2}", "[1,2]"},
		{`'{}'::text[]`, "{}", "[]"},
		{`array['a"b', 'NULL', '', 'x\y', null]`, `{"a\"b","NULL","","x\\y",NULL}`, `["a\"b","NULL","","x\\y",null]`},
		{`array[true, false]`, "{t,f}", "[true,false]"},
		{`array['NaN'::float8, 1.5]`, "{NaN,1.5}", `["NaN",1.5]`},
		{`array['{"a": 1}'::jsonb]`, `{"{\"a\": 1}"}`, `[{"a":1}]`},
		{`array['2026-11-21 00:00+00'::timestamptz]`, `{"2026-11-20 16:00:00-08"}`, `["2026-11-21T00:00:00Z"]`},
		{`'1 2'::int2vector`, "1 2", `"1 2"`},
		{`''::oidvector`, "", `""`},
		{`row(1, 'x')::pair`, "(1,x)", `"(1,x)"`},
		{`'[1,3)'::int4range`, "[1,3)", `"[1,3)"`},
		{`'2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d'::uuid`, "2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d", `"2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d"`},
	}
	var all, texts, lines []string
	for _, r := range rows {
		all, texts, lines = append(all, r.sql), append(texts, r.text), append(lines, r.json)
	}
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, dsn, func(a *database.Access) { a.Zone = zone })
	var got table
	n, err := db.Select(t.Context(), query(t, nil, text("select "+strings.Join(all, ", "))), &got)
	if err != nil || n != 1 {
		t.Fatalf("%d rows: %v", n, err)
	}
	if diff := cmp.Diff(texts, got.text[0]); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(lines, got.json[0]); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

// A range selects the same days of dates and of times with and without a zone,
// whatever the zone of the server: those of the range zone.
func TestRange(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Shared(t).Database(t, `create table e (id int, at timestamptz, wall timestamp, day date, word text);
		insert into e values
		(1, '2026-11-20 23:59:59-08', '2026-11-20 23:59:59', '2026-11-20', '20261120'),
		(2, '2026-11-21 00:00:00-08', '2026-11-21 00:00:00', '2026-11-21', '20261121'),
		(3, '2026-11-21 23:59:59-08', '2026-11-21 23:59:59', '2026-11-21', '20261121'),
		(4, '2026-11-22 00:00:00-08', '2026-11-22 00:00:00', '2026-11-22', '20261122')`)
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	day := window.Range{Start: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	v := &value.Resolver{Zone: zone, Range: day, Run: value.Run{ID: "it's", Dates: []string{"2026-11-21"}}}
	date := func(ref string) graph.Part { return graph.Part{Ref: ref, Format: "YYYY-MM-DD"} }
	word := func(ref string) graph.Part { return graph.Part{Ref: ref, Format: "YYYYMMDD"} }
	for name, c := range map[string]struct {
		range_ window.Range
		where  []graph.Part
		want   string
	}{
		"with a zone":       {day, []graph.Part{text("at >= "), ref("range.start"), text(" and at < "), ref("range.end")}, "2 3"},
		"without a zone":    {day, []graph.Part{text("wall >= "), ref("range.start"), text(" and wall < "), ref("range.end")}, "2 3"},
		"dates":             {day, []graph.Part{text("day >= "), ref("range.start"), text(" and day < "), ref("range.end")}, "2 3"},
		"formatted dates":   {day, []graph.Part{text("day >= "), date("range.start"), text(" and day < "), date("range.end")}, "2 3"},
		"formatted text":    {day, []graph.Part{text("word >= "), word("range.start"), text(" and word < "), word("range.end")}, "2 3"},
		"everything":        {window.Range{}, []graph.Part{text("at >= "), ref("range.start"), text(" and day < "), date("range.end"), text(" and word > "), word("range.start")}, "1 2 3 4"},
		"an absent instant": {day, []graph.Part{text("at > coalesce("), ref("run.scheduled_at"), text(", '2026-11-21 12:00')")}, "3 4"},
		"dates of the run":  {day, []graph.Part{text("day = any(string_to_array("), ref("run.dates"), text(", ',')::date[])")}, "2 3"},
		"quotes are data":   {day, []graph.Part{text("id = 1 and "), ref("run.id"), text(" = 'it''s'")}, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := *v
			v.Range = c.range_
			q := query(t, &v, append(append([]graph.Part{text("select string_agg(id::text, ' ' order by id) from e where ")}, c.where...), text(" -- end"))...)
			var got table
			if _, err := open(t, dsn, func(a *database.Access) { a.Zone = zone }).Select(t.Context(), q, &got); err != nil {
				t.Fatal(err)
			}
			if got.text[0][0] != c.want {
				t.Errorf("selects %s, want %s", got.text[0][0], c.want)
			}
		})
	}
}

// A query whose context ends is ended at the server, within a second.
func TestCancel(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	dsn := s.Database(t)
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	active := "select count(*) from pg_stat_activity where datname = '" + name + "' and application_name = 'waybill' and state = 'active'"
	stopped := errors.New("somebody stopped it")
	for what, run := range map[string]func(context.Context, database.DB) error{
		"query": func(ctx context.Context, db database.DB) error {
			_, err := db.Select(ctx, query(t, nil, text("select pg_sleep(60)")), &table{})
			return err
		},
		"statement": func(ctx context.Context, db database.DB) error {
			_, err := db.Apply(ctx, []database.Statement{query(t, nil, text("select pg_sleep(60)"))})
			return err
		},
	} {
		db := open(t, dsn)
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- run(ctx, db) }()
		s.Await(t, "postgres", active, "1")
		begun := time.Now()
		cancel(stopped)
		err := <-ended
		if took := time.Since(begun); took > time.Second {
			t.Errorf("%s: it took %s to end", what, took)
		}
		if !errors.Is(err, stopped) || value.FaultOf(err) != value.Failed {
			t.Errorf("%s: %v", what, err)
		}
		s.Await(t, "postgres", active, "0")
	}
}

// An error of the sink ends a query that would go on for long.
func TestSinkFails(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	db := open(t, pgtest.Shared(t).Database(t))
	begun := time.Now()
	rows, err := db.Select(t.Context(), query(t, nil, text("select generate_series(1, 2000000000), repeat('x', 100)")), &table{onRow: func() error { return full }})
	if !errors.Is(err, full) || rows != 0 {
		t.Errorf("%d rows: %v", rows, err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	dsn := s.Database(t, `create table a (id int primary key, run text); create table b (a int references a deferrable initially deferred)`)
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	v := &value.Resolver{Run: value.Run{ID: "run-1"}}
	run := func(sql ...string) (string, error) {
		var list []database.Statement
		for i, x := range sql {
			before, after, found := strings.Cut(x, "RUN")
			parts := []graph.Part{text(before)}
			if found {
				parts = append(parts, ref("run.id"), text(after))
			}
			q := query(t, v, parts...)
			q.Name = fmt.Sprintf("statement %d", i+1)
			list = append(list, q)
		}
		done, err := open(t, dsn, func(a *database.Access) { a.ReadOnly = false }).Apply(t.Context(), list)
		var all []string
		for _, d := range done {
			all = append(all, fmt.Sprintf("%s %d", d.Command, d.Rows))
		}
		return strings.Join(all, ", "), err
	}
	got, err := run("insert into a select g, RUN from generate_series(1, 3) g", "update a set id = id + 10 where id > 1", "create materialized view m as select * from a",
		"refresh materialized view m", "select * from a", "do $$ begin perform 1; end $$")
	want := "INSERT 3, UPDATE 2, SELECT 3, REFRESH MATERIALIZED VIEW -1, SELECT 3, DO -1"
	if err != nil || got != want {
		t.Errorf("done: %s (%v), want %s", got, err, want)
	}
	if got := s.Run(t, name, "select count(*), min(run) from m"); got != "3|run-1" {
		t.Errorf("the view has %s", got)
	}
	for _, c := range []struct {
		sql   []string
		fault value.Fault
		want  string
	}{
		{[]string{"insert into a values (100)", "insert into a values (1)"}, value.Failed, `duplicate key value violates unique constraint "a_pkey" (SQLSTATE 23505)`},
		{[]string{"insert into a values (100)", "insert into b values (77)"}, value.Failed, `commit on postgres://127.0.0.1:`},
		{[]string{"insert into a values (100)", "select 1; select 2"}, value.Misconfigured, "cannot insert multiple commands into a prepared statement; write each as an element of its own"},
		{[]string{"insert into a values (100)", "create index concurrently i on a (run)"}, value.Misconfigured, "all statements of a sql block run in one transaction, and this one cannot; run it with exec and psql"},
		{[]string{"insert into a values (100)", "vacuum a"}, value.Misconfigured, "VACUUM cannot run inside a transaction block"},
		{[]string{"insert into a values (100)", "update a set id = 1 / 0 where run = RUN"}, value.Failed, "division by zero"},
		{[]string{"insert into a values (100)", "insert into a\nvalues (RUN, nothing)"}, value.Misconfigured, `column "nothing" does not exist, at line 2, column 20 (values (${run.id}, nothing))`},
	} {
		_, err := run(c.sql...)
		if value.FaultOf(err) != c.fault || !strings.Contains(fmt.Sprint(err), c.want) || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%v: %s: %v", c.sql, value.FaultOf(err), err)
		}
		if got := s.Run(t, name, "select count(*) from a where id = 100"); got != "0" {
			t.Errorf("%v: %s rows are left", c.sql, got)
		}
	}
}

// Two transactions that wait for each other: the one that is ended may try again.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	dsn := s.Database(t, `create table a (id int primary key, n int); insert into a values (1, 0), (2, 0)`)
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	s.Run(t, name, "alter database "+name+" set deadlock_timeout = '100ms'")
	ended := make(chan error, 2)
	for _, order := range [][2]string{{"1", "2"}, {"2", "1"}} {
		go func() {
			db := open(t, dsn)
			_, err := db.Apply(t.Context(), []database.Statement{
				query(t, nil, text("update a set n = n + 1 where id = "+order[0])),
				query(t, nil, text("select pg_sleep(0.3)")),
				query(t, nil, text("update a set n = n + 1 where id = "+order[1])),
			})
			ended <- err
		}()
	}
	first, second := <-ended, <-ended
	if first == nil {
		first, second = second, first
	}
	if second != nil || value.FaultOf(first) != value.SourceError || !strings.Contains(fmt.Sprint(first), "deadlock detected") {
		t.Errorf("%v and %v", first, second)
	}
}
