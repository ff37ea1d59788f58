package action_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/action"
	"github.com/waybill-dev/waybill/runtime/database/pgtest"
	"github.com/waybill-dev/waybill/runtime/value"
)

func TestSQL(t *testing.T) {
	t.Parallel()
	s := pgtest.Shared(t)
	dsn := s.Database(t, "create table loads (run text primary key, n int); create materialized view m as select * from loads")
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	run := func(ctx context.Context, statements ...graph.Value) (string, error) {
		return action.SQL(ctx, action.SQLCall{
			SQL: &graph.SQL{DSN: graph.Text(dsn), Statements: statements}, Values: &value.Resolver{Run: value.Run{ID: "it's run 1"}},
		})
	}
	load := graph.Value{{Literal: "insert into loads values ("}, {Ref: "run.id"}, {Literal: ", 1) on conflict (run) do nothing"}}
	// A repetition of the same run changes nothing.
	for attempt, want := range []string{"INSERT 1 row, REFRESH MATERIALIZED VIEW, UPDATE 0 rows", "INSERT 0 rows, REFRESH MATERIALIZED VIEW, UPDATE 0 rows"} {
		said, err := run(t.Context(), load, graph.Text("refresh materialized view m"), graph.Text("update loads set n = 2 where n = 7"))
		if err != nil || said != want {
			t.Errorf("attempt %d says %q, want %q: %v", attempt+1, said, want, err)
		}
	}
	if got := s.Run(t, name, "select run, n from m"); got != "it's run 1|1" {
		t.Errorf("there is %s", got)
	}
	_, err := run(t.Context(), load, graph.Text("delete from nowhere"))
	if value.FaultOf(err) != value.Misconfigured || !strings.Contains(fmt.Sprint(err), "run statement 2 on postgres://127.0.0.1:") {
		t.Errorf("a table that is missing: %v", err)
	}
	if _, err := run(t.Context(), graph.Text("delete from nowhere")); !strings.Contains(fmt.Sprint(err), "run the statement on ") {
		t.Errorf("the only statement: %v", err)
	}
	stopped := errors.New("somebody stopped it")
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := run(ctx, graph.Text("delete from loads"), graph.Text("select pg_sleep(60)"))
		ended <- err
	}()
	s.Await(t, "postgres", "select count(*) from pg_stat_activity where datname = '"+name+"' and query like 'select pg_sleep%' and state = 'active'", "1")
	cancel(stopped)
	if err := <-ended; !errors.Is(err, stopped) {
		t.Errorf("a step that is stopped: %v", err)
	}
	if got := s.Run(t, name, "select count(*) from loads"); got != "1" {
		t.Errorf("after the stop there are %s rows", got)
	}
}
