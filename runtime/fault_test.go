package runtime_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// withProgram adds a courier whose program is asked for five hours.
func withProgram(argv ...string) func(*graph.Graph) {
	return func(g *graph.Graph) {
		p := program("process.legacy", argv...)
		g.Couriers = slices.Insert(g.Couriers, 0, graph.Courier{Addr: "courier.legacy", Exec: p.Exec, Timeout: p.Timeout, Retry: p.Retry})
		g.Groups[0].Members = slices.Insert(g.Groups[0].Members, 0, graph.Member{
			Name: "legacy", Courier: "courier.legacy", Wait: hours(5), OnMissing: graph.OnMissingStop, NotifyMissing: true,
		})
	}
}

// A program that has nothing yet is no longer asked when the run has come to its
// end without it.
func TestAProgramIsNotAskedForARunThatIsOver(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/other", "x")
		w.drop("fetch.sh", "#!/bin/sh\necho asked >> asked\nexit 75\n")
		w.deploy(orders(withProgram("./fetch.sh")))
		stop := w.serve()
		defer stop()
		const key = "courier_group.daily@2000-01-01T13:00:00Z"
		w.sleepUntil("2000-01-01T13:30:00Z")
		w.same("before", []string{"legacy waiting", "orders waiting"}, tasks(w.detail(key)))
		w.sleepUntil("2000-01-01T14:00:01Z")
		d := w.detail(key)
		w.same("at the deadline of the other", []string{"legacy skipped", "orders missing"}, tasks(d))
		w.same("the run", store.Failed, d.Run.State)
	})
}

// A program that has had errors and then says that its data is not ready has all
// of its attempts again; what it fetches at last is landed.
func TestAProgramIsAskedUntilItsDataIsThere(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "1")
		w.drop("fetch.sh", `#!/bin/sh
echo asked >> asked
case $(wc -l < asked) in
1|2|4|5) exit 1 ;;
3|6) exit 75 ;;
esac
echo got > "$WAYBILL_LANDING/got.csv"
`)
		w.deploy(orders(withProgram("./fetch.sh")))
		stop := w.serve()
		w.sleepUntil("2000-01-01T14:30:00Z")
		stop()
		w.same("tasks", []string{"legacy landed", "orders landed"}, tasks(w.detail("courier_group.daily@2000-01-01T13:00:00Z")))
	})
}

// A fault of our own store during a look is no attempt at the source.
func TestAFaultOfTheStoreIsNoAttempt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/old.csv", "1")
		w.deploy(orders(func(g *graph.Graph) { g.Couriers[0].Files[0].Pattern = "*.csv" }))
		db, err := sql.Open("sqlite", filepath.Join(w.dir, ".waybill", "waybill.db"))
		if err != nil {
			w.Fatal(err)
		}
		defer db.Close()
		change := func(statement string) {
			w.Helper()
			if _, err := db.ExecContext(w.ctx, statement); err != nil {
				w.Fatal(err)
			}
		}
		stop := w.serve()
		defer stop()
		const key = "courier_group.daily@2000-01-01T13:00:00Z"
		w.sleepUntil("2000-01-01T12:59:00Z")
		change("ALTER TABLE seen RENAME TO away")
		w.sleepUntil("2000-01-01T13:10:00Z")
		d := w.detail(key)
		w.same("while it is broken", []string{"orders waiting"}, tasks(d))
		w.same("attempts", 1, d.Tasks[0].Attempt)
		change("ALTER TABLE away RENAME TO seen")
		w.drop("drop/orders.csv", "new")
		w.sleepUntil("2000-01-01T13:10:30Z")
		l, p := w.look(w.detail(key), "orders")
		if p.Looks == 0 || l.Error != "" {
			w.Errorf("after it was mended: %d looks, %s", p.Looks, l.Error)
		}
	})
}
