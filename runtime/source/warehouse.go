package source

import (
	"context"
	"os"
	"path/filepath"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/database"
	"github.com/waybill-dev/waybill/runtime/value"
)

// WarehouseCall is one query of a courier.
type WarehouseCall struct {
	Warehouse *graph.Warehouse
	Values    *value.Resolver // Run and Range filled in
	Workspace string
	Store     string // folder of Waybill's own store, which may not be queried
	Staging   string // an empty folder that the rows are written into
	// Progress is told, every few rows, of Bytes and Rows that were written; may be nil.
	Progress func(graph.Transfer)
	// Limit holds the query back for as long as n bytes of rows that were written must
	// wait, at most 256 KB; its error ends it. May be nil.
	Limit func(ctx context.Context, n int) error
}

// Answer is what a query has returned.
type Answer struct {
	Rows  int64
	Place string // the database, without user and password
}

// Warehouse runs a query and writes its rows into the staging folder, as rows.csv
// or rows.jsonl, as they arrive: memory does not grow with them. All rows are of
// one state of the database. Where there is none the file is there all the same, of
// CSV with the names of the columns. The errors are those of package database; two
// columns of one name, and a NULL that CSV cannot show, are Misconfigured, and a disk
// that is full is Failed.
func Warehouse(ctx context.Context, c WarehouseCall) (Answer, error) {
	redactor := c.Values.Secrets.Redactor()
	a, err := c.run(ctx)
	return a, redactor.Error(err)
}

func (c WarehouseCall) run(ctx context.Context) (a Answer, err error) {
	params, err := c.Values.Parameters(c.Warehouse.Query)
	if err != nil {
		return a, err
	}
	db, err := database.Dial(ctx, c.Warehouse.DSN, c.Values, database.Access{Workspace: c.Workspace, Store: c.Store, ReadOnly: true})
	if err != nil {
		return a, err
	}
	defer db.Close()
	a.Place = db.Place()
	f, err := os.OpenFile(filepath.Join(c.Staging, "rows."+c.Warehouse.Format), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return a, value.Failed.Wrap("write the rows", err)
	}
	out := &rowWriter{to: f, format: c.Warehouse.Format, null: c.Warehouse.Null, progress: c.Progress}
	if c.Limit != nil {
		out.limit = func(n int) error { return c.Limit(ctx, n) }
	}
	a.Rows, err = db.Select(ctx, database.Statement{Name: "the query", SQL: c.Warehouse.Query, Params: params}, out)
	if err == nil {
		err = out.flush()
	}
	if closing := f.Close(); err == nil {
		err = value.Failed.Wrap("write the rows", closing)
	}
	return a, err
}
