package source_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/database/pgtest"
	"github.com/waybill-dev/waybill/runtime/source"
	"github.com/waybill-dev/waybill/runtime/value"
)

// warehouse runs a query into a new folder, and returns what it wrote.
func warehouse(t *testing.T, dsn, query string, change ...func(*source.WarehouseCall)) (text string, rows int64, err error) {
	t.Helper()
	c := source.WarehouseCall{
		Warehouse: &graph.Warehouse{DSN: graph.Text(dsn), Query: graph.Text(query), Format: "csv"},
		Values:    &value.Resolver{}, Workspace: t.TempDir(), Staging: t.TempDir(),
	}
	for _, f := range change {
		f(&c)
	}
	answer, err := source.Warehouse(t.Context(), c)
	rows = answer.Rows
	raw, reading := os.ReadFile(filepath.Join(c.Staging, "rows."+c.Warehouse.Format))
	if err == nil && reading != nil {
		t.Fatal(reading)
	}
	return string(raw), rows, err
}

func jsonl(c *source.WarehouseCall) { c.Warehouse.Format = "jsonl" }

func null(text string) func(*source.WarehouseCall) {
	return func(c *source.WarehouseCall) { c.Warehouse.Null = text }
}

func TestWarehouse(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Shared(t).Database(t, `create table o (id int, "na,me" text, paid numeric(10, 2), at timestamptz);
		insert into o values (1, 'plain', 1.50, '2026-11-21 08:00+00'), (2, E'a "b",\nc\r', null, null), (3, '', 0, null), (4, null, 0, null), (5, 'NULL', 0, null), (6, ' x ', 0, null)`)
	const all = "select * from o order by id"
	for name, c := range map[string]struct {
		query  string
		change []func(*source.WarehouseCall)
		want   string
	}{
		"csv": {all, nil, "id,\"na,me\",paid,at\n1,plain,1.50,2026-11-21T08:00:00Z\n2,\"a \"\"b\"\",\nc\r\",,\n3,\"\",0.00,\n4,,0.00,\n5,NULL,0.00,\n6, x ,0.00,\n"},
		"csv with NULL": {all, []func(*source.WarehouseCall){null("NULL")},
			"id,\"na,me\",paid,at\n1,plain,1.50,2026-11-21T08:00:00Z\n2,\"a \"\"b\"\",\nc\r\",NULL,NULL\n3,,0.00,NULL\n4,NULL,0.00,NULL\n5,\"NULL\",0.00,NULL\n6, x ,0.00,NULL\n"},
		"jsonl": {all, []func(*source.WarehouseCall){jsonl}, `{"id":1,"na,me":"plain","paid":1.50,"at":"2026-11-21T08:00:00Z"}
{"id":2,"na,me":"a \"b\",\nc\r","paid":null,"at":null}
{"id":3,"na,me":"","paid":0.00,"at":null}
{"id":4,"na,me":null,"paid":0.00,"at":null}
{"id":5,"na,me":"NULL","paid":0.00,"at":null}
{"id":6,"na,me":" x ","paid":0.00,"at":null}
`},
		"no rows":          {"select id, paid from o where false", nil, "id,paid\n"},
		"no rows of jsonl": {"select id, paid from o where false", []func(*source.WarehouseCall){jsonl}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, rows, err := warehouse(t, dsn, c.query, c.change...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%d rows (-want +got):\n%s", rows, diff)
			}
		})
	}
	_, _, err := warehouse(t, dsn, "select id, paid, id from o")
	want := `read the answer to the query: columns 1 and 3 are both called "id"; name one of them, as in select a.id, b.id as b_id`
	if value.FaultOf(err) != value.Misconfigured || err.Error() != want {
		t.Errorf("columns of one name: %v", err)
	}
}

// A password is shown neither as it stands in the DSN nor by itself.
func TestWarehouseSecret(t *testing.T) {
	s := pgtest.Shared(t)
	dsn := s.Database(t)
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	t.Setenv("WAREHOUSE_TEST_DSN", s.DSN(s.User(t, name), name))
	redactor := &value.Redactor{}
	secret := func(c *source.WarehouseCall) {
		c.Values = &value.Resolver{Secrets: value.NewSecrets("", []graph.Secret{{Name: "dsn", Env: "WAREHOUSE_TEST_DSN"}}, redactor)}
		c.Warehouse.DSN = graph.Value{{Ref: "secret.dsn"}}
	}
	_, _, err := warehouse(t, "", "select '"+pgtest.Password+"'::int", secret)
	if text := fmt.Sprint(err); err == nil || strings.Contains(text, pgtest.Password) || !strings.Contains(text, `invalid input syntax for type integer: "(secret dsn)"`) {
		t.Errorf("it says %v", err)
	}
}

// Rows wait for bandwidth as they are written, all of them, and what ends the wait ends
// the query.
func TestWarehouseWaitsForBandwidth(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Shared(t).Database(t)
	const query = "select generate_series(1, 10000) as id, repeat('x', 100) as filler union all select 0, repeat('y', 1000000)"
	waited, most := 0, 0
	text, _, err := warehouse(t, dsn, query, func(c *source.WarehouseCall) {
		c.Limit = func(_ context.Context, n int) error {
			waited, most = waited+n, max(most, n)
			return nil
		}
	})
	if err != nil || waited != len(text) || most > 256<<10 {
		t.Errorf("%d of %d bytes have waited, %d at once: %v", waited, len(text), most, err)
	}
	asked := 0
	_, _, err = warehouse(t, dsn, query, func(c *source.WarehouseCall) {
		c.Limit = func(context.Context, int) error {
			asked++
			return value.Timeout.Errorf("wait for bandwidth", "its turn is too late")
		}
	})
	if value.FaultOf(err) != value.Timeout || asked != 1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

// Memory does not grow with the rows.
func TestWarehouseMemory(t *testing.T) {
	dsn := pgtest.Shared(t).Database(t)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var highest atomic.Uint64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			highest.Store(max(highest.Load(), now.HeapInuse))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	dir := t.TempDir()
	answer, err := source.Warehouse(t.Context(), source.WarehouseCall{
		Warehouse: &graph.Warehouse{
			DSN: graph.Text(dsn), Format: "csv",
			Query: graph.Text("select generate_series(1, 1000000) as id, repeat('x', 100) as filler, now() as at, 1.5::numeric as paid"),
		},
		Values: &value.Resolver{}, Staging: dir,
	})
	close(done)
	<-ended
	if err != nil || answer.Rows != 1_000_000 {
		t.Fatalf("%d rows: %v", answer.Rows, err)
	}
	info, err := fs.Stat(os.DirFS(dir), "rows.csv")
	if err != nil {
		t.Fatal(err)
	}
	if grown := int64(highest.Load()) - int64(before.HeapInuse); grown > info.Size()/4 {
		t.Errorf("for %d MB memory grew by %d MB", info.Size()>>20, grown>>20)
	} else {
		t.Logf("for %d MB memory grew by %d MB", info.Size()>>20, grown>>20)
	}
}

// BenchmarkWarehouse is compared with what COPY of the same rows takes:
// BenchmarkCopy.
func BenchmarkWarehouse(b *testing.B) {
	dsn := pgtest.Shared(b).Database(b, benchTable)
	for _, format := range []string{"csv", "jsonl"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				dir := b.TempDir()
				_, err := source.Warehouse(b.Context(), source.WarehouseCall{
					Warehouse: &graph.Warehouse{DSN: graph.Text(dsn), Query: graph.Text("select * from orders"), Format: format},
					Values:    &value.Resolver{}, Staging: dir,
				})
				if err != nil {
					b.Fatal(err)
				}
				info, err := os.Stat(filepath.Join(dir, "rows."+format))
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(info.Size())
			}
		})
	}
}

const benchTable = `create table orders as select g as id, 'customer-' || g % 1000 as customer, (g % 100000) / 100.0 as paid, timestamptz '2026-11-21 00:00+00' + g * interval '1 second' as at, g % 2 = 0 as new from generate_series(1, 1000000) g; analyze orders`

func BenchmarkCopy(b *testing.B) {
	s := pgtest.Shared(b)
	dsn := s.Database(b, benchTable)
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	for b.Loop() {
		to := filepath.Join(b.TempDir(), "rows.csv")
		s.Run(b, name, `\copy (select * from orders) to '`+to+`' with (format csv, header)`)
		info, err := os.Stat(to)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(info.Size())
	}
}

// TestWarehouseTellsHowFarItIs sees rows that wait to be written, too.
func TestWarehouseTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	const query = "with recursive n(n) as (select 1 union all select n + 1 from n where n < 40) select n from n"
	var told []graph.Transfer
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, rows, err := warehouse(t, "sqlite:"+empty, query, func(c *source.WarehouseCall) {
		c.Progress = func(now graph.Transfer) { told = append(told, now) }
	})
	want := []graph.Transfer{{Bytes: 2 + 9*2 + 7*3, Rows: 16}, {Bytes: 2 + 9*2 + 23*3, Rows: 32}}
	if diff := cmp.Diff(want, told); err != nil || rows != 40 || diff != "" {
		t.Errorf("%d rows, %v %s", rows, err, diff)
	}
}

// TestWarehouseCannotWrite has rows that a reader of CSV would not see, and a folder
// that is not there: neither is the database's fault.
func TestWarehouseCannotWrite(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const query = "select 'a' as n union all select null"
	_, _, err := warehouse(t, "sqlite:"+empty, query)
	want := `read the answer to the query: column "n" of row 2 is NULL, and a line of CSV with nothing in it is passed over by many readers; write null = "NULL" or format = "jsonl"`
	if value.FaultOf(err) != value.Misconfigured || err.Error() != want {
		t.Errorf("a line of nothing: %v", err)
	}
	for want, change := range map[string]func(*source.WarehouseCall){"n\na\nNULL\n": null("NULL"), "{\"n\":\"a\"}\n{\"n\":null}\n": jsonl} {
		if text, _, err := warehouse(t, "sqlite:"+empty, query, change); err != nil || text != want {
			t.Errorf("%q %v, want %q", text, err, want)
		}
	}
	gone := filepath.Join(t.TempDir(), "gone")
	_, _, err = warehouse(t, "sqlite:"+empty, query, jsonl, func(c *source.WarehouseCall) { c.Staging = gone })
	if value.FaultOf(err) != value.Failed {
		t.Errorf("%s %v", value.FaultOf(err), err)
	}
}
