package runtime_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/database/pgtest"
	"github.com/waybill-dev/waybill/runtime/store"
)

// withSQL replaces the courier by a query and adds a step of SQL.
func withSQL(query string, step graph.Step) func(*graph.Graph) {
	return func(g *graph.Graph) {
		g.Secrets = []graph.Secret{{Name: "dsn", File: "dsn"}}
		dsn := graph.Value{{Ref: "secret.dsn"}}
		g.Couriers[0].Filedrop, g.Couriers[0].Files = nil, nil
		g.Couriers[0].Warehouse = &graph.Warehouse{DSN: dsn, Query: graph.Text(query), Format: "csv"}
		step.Timeout, step.Exec = hours(1), nil
		step.Retry = graph.Retry{Attempts: 2}
		step.SQL = &graph.SQL{DSN: dsn, Statements: []graph.Value{{{Literal: "insert into loads values ("}, {Ref: "run.id"}, {Literal: ")"}}}}
		if step.Addr.Kind() == graph.KindProcess {
			g.Processes, g.Groups[0].Processes = []graph.Step{step}, []graph.Addr{step.Addr}
		} else {
			g.Activations, g.Groups[0].Activations = []graph.Step{step}, []graph.Addr{step.Addr}
		}
	}
}

// The rows of a query land, and a step says what its statements did.
func TestAQueryLandsAndAStatementCounts(t *testing.T) {
	inRealTime(t, func(w *world) {
		dsn := pgtest.Shared(t).Database(t, "create table loads (run text)")
		w.drop("dsn", dsn)
		w.deploy(orders(withSQL("select 1 as one", graph.Step{Addr: "process.mark", OnUnknown: graph.OnUnknownRetry})))
		d := w.mustRun(runtime.RunArgs{Date: "2000-01-01"})
		w.same("tasks", []string{"orders landed", "process.mark succeeded"}, tasks(d))
		w.same("message", "INSERT 1 row", d.Tasks[1].Message)
		text, err := os.ReadFile(filepath.Join(w.dir, "landing", strings.TrimPrefix(w.landed()[0], "landing/")))
		if err != nil || string(text) != "one\n1\n" {
			t.Errorf("%v has landed: %q: %v", w.landed(), text, err)
		}
	})
}

// Where the answer to COMMIT is lost the step is done again or held, as it says.
func TestALostCommit(t *testing.T) {
	s := pgtest.Shared(t)
	for _, c := range []struct {
		step graph.Step
		want string
		rows string
	}{
		{graph.Step{Addr: "activation.campaign.mark", OnUnknown: graph.OnUnknownHold}, "activation.campaign.mark held", "1"},
		{graph.Step{Addr: "process.mark", OnUnknown: graph.OnUnknownRetry}, "process.mark succeeded", "2"},
	} {
		t.Run(c.step.OnUnknown, func(t *testing.T) {
			inRealTime(t, func(w *world) {
				dsn := s.Database(t, "create table loads (run text)")
				name := dsn[strings.LastIndexByte(dsn, '/')+1:]
				w.drop("dsn", "postgres://postgres@"+s.Cut(t, "commit", true, 1)+"/"+name+"?sslmode=disable")
				w.deploy(orders(withSQL("select 1 as one", c.step)))
				command, err := w.do(store.VerbRun, daily, runtime.RunArgs{Date: "2000-01-01"})
				if err != nil {
					t.Fatal(err)
				}
				want := []string{"orders landed", c.want}
				slices.Sort(want)
				w.same("tasks", want, tasks(w.detail(command.Run)))
				s.Await(t, name, "select count(*) from loads", c.rows)
			})
		})
	}
}
