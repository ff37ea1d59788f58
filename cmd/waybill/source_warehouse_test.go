package main

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/database/pgtest"
)

// salesTables are the tables of examples/warehouse. Noon of New York's 20th is in
// the run of that day; its first and last instants are the edges.
const salesTables = `
create table orders (id int primary key, customer text, paid numeric(10, 2), updated_at timestamptz);
insert into orders values
	(1, 'ann', 1.50, '2026-11-19 23:59:59-05'), (2, 'bob', 20.00, '2026-11-20 00:00:00-05'),
	(3, 'a "c", d', null, '2026-11-20 23:59:59.5-05'), (4, 'eve', 3.00, '2026-11-21 00:00:00-05');
create table customers (id int primary key, name text, tags text[], joined date);
insert into customers values (1, 'ann', '{}', '2026-11-19'), (2, 'bob', '{new,"a,b"}', '2026-11-20'), (3, 'eve', null, '2026-11-21');
create table loads (run text primary key, from_time timestamptz, to_time timestamptz);
create materialized view revenue as select count(*) as loads from loads;`

// warehouseExample is a copy of examples/warehouse with its databases, applied.
func warehouseExample(t *testing.T) (dir string, server *pgtest.Server, database string) {
	t.Helper()
	server = pgtest.Shared(t)
	dsn := server.Database(t, salesTables)
	database = dsn[strings.LastIndexByte(dsn, '/')+1:]
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "warehouse", "main.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	dir = appliedWorkspace(t, map[string]string{"main.hcl": string(text), "secrets/warehouse_dsn": dsn + "\n"})
	tills, err := sql.Open("sqlite", filepath.Join(dir, "tills.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tills.Close() }()
	for _, s := range []string{
		"create table receipts (id integer, shop text, total real, at text)",
		"insert into receipts values (1, 'north', 1.5, '2026-11-20T04:59:59Z'), (2, null, 2.25, '2026-11-20T05:00:00Z'), (3, 'south', 3, '2026-11-21T05:00:00Z')",
	} {
		if _, err := tills.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	return dir, server, database
}

// TestWarehouseExample runs the example against real databases.
func TestWarehouseExample(t *testing.T) {
	t.Parallel()
	dir, server, database := warehouseExample(t)
	out, _ := must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "one")
	landed := func(courier, file string) string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(dir, "landing", "*", courier, "*", "data", file))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s has landed %v: %v\n%s", courier, found, err, out)
		}
		text, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, c := range []struct{ courier, file, want string }{
		{"orders", "rows.csv", "id,customer,paid,updated_at\n2,bob,20.00,2026-11-20T05:00:00Z\n3,\"a \"\"c\"\", d\",,2026-11-21T04:59:59.5Z\n"},
		{"customers", "rows.jsonl", `{"id":2,"name":"bob","tags":["new","a,b"]}` + "\n"},
		{"tills", "rows.csv", "id,shop,total\n2,NULL,2.25\n"},
	} {
		if diff := cmp.Diff(c.want, landed(c.courier, c.file)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.courier, diff)
		}
	}
	if got := server.Run(t, database, "set timezone = 'UTC'; set datestyle = 'ISO'; select run || ' ' || from_time || ' ' || to_time from loads"); got != "courier_group.daily@one 2026-11-20 05:00:00+00 2026-11-21 05:00:00+00" {
		t.Errorf("the report has %s", got)
	}
	if got := server.Run(t, database, "select loads from revenue"); got != "1" {
		t.Errorf("the view counts %s", got)
	}
	show, _ := must(t, exitOK, "show", "daily@one", dir)
	for _, want := range []string{"INSERT 1 row, REFRESH MATERIALIZED VIEW", "landed 1 file"} {
		if !strings.Contains(show, want) {
			t.Errorf("show does not say %q:\n%s", want, show)
		}
	}
	// The same run again lands nothing, and writes nothing.
	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "one")
	landed("orders", "rows.csv")
	if got := server.Run(t, database, "select count(*) from loads"); got != "1" {
		t.Errorf("after the repetition there are %s rows", got)
	}
}

// TestWarehouseFaults holds docs/sources/warehouse.md to what a run says.
func TestWarehouseFaults(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "sources", "warehouse.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir, server, database := warehouseExample(t)
	reader := server.User(t, database, "select on customers")
	right := server.DSN(reader, database)
	address, err := url.Parse(right)
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword(reader, "not the password")
	place := "postgres://" + address.Host + "/" + database
	documented := strings.NewReplacer(place, "postgres://db.example.com:5432/sales", reader, "reader", database, "sales")
	for token, c := range map[string]struct{ dsn, says string }{
		"password":   {address.String(), `connect to ` + place + `: password authentication failed for user "` + reader + `" (SQLSTATE 28P01)`},
		"permission": {right, `run the query on ` + place + `: permission denied for table orders (SQLSTATE 42501)`},
		"database":   {strings.Replace(right, database, "nowhere", 1), `database "nowhere" does not exist (SQLSTATE 3D000)`},
		"kind":       {"mysql://db.example.com/sales", "connect to the database: there is no support for databases of the kind mysql"},
	} {
		put(t, filepath.Join(dir, "secrets", "warehouse_dsn"), c.dsn)
		must(t, exitNotDone, "run", "daily", dir, "--date", "2026-11-20", "--token", token, "--courier", "orders")
		show, _ := must(t, exitOK, "show", "daily@"+token, dir, "--json")
		said := strings.NewReplacer(`\"`, `"`).Replace(show)
		if !strings.Contains(said, c.says) || !strings.Contains(said, "misconfigured") {
			t.Errorf("%s: it says\n%s\nwant %s", token, said, c.says)
		}
		if strings.Contains(said, "not the password") || strings.Contains(said, pgtest.Password) {
			t.Errorf("%s: a password is shown", token)
		}
		if want := documented.Replace(c.says); !strings.Contains(string(page), want) {
			t.Errorf("docs/sources/warehouse.md does not have %q", want)
		}
	}
}
