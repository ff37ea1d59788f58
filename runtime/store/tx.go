package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Tx is one transaction, valid until the function it was given to returns, and
// for one goroutine. In a View its methods that write fail with ErrReadOnly.
//
// After a statement has failed for a reason of the machine, every later call
// fails with the same error and nothing of the transaction is kept.
type Tx struct {
	store *Store
	conn  *conn
	view  bool
	ctx   context.Context // of one call of View or Update, which a Tx does not outlive; asked before each statement
	err   error           // the first failure, or errEnded

	touched  touched
	appended []Event // in this transaction
}

// whole is the context of a statement. One that could be broken off would cost two
// goroutines beside its own, which is more than most statements take.
var whole = context.Background()

var errEnded = errors.New("store: a transaction was used after its function returned")

// row reads the columns of a result into dest.
type row func(dest ...any) error

// exec runs a statement and returns how many rows it changed.
func (tx *Tx) exec(op, query string, args ...any) (int64, error) {
	s, err := tx.prepare(op, query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(whole, args...)
	if err != nil {
		return 0, tx.fail(op, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, tx.fail(op, err)
	}
	return n, nil
}

func (tx *Tx) prepare(op, query string) (*sql.Stmt, error) {
	if tx.err != nil {
		return nil, tx.err
	}
	if err := tx.ctx.Err(); err != nil {
		return nil, tx.fail(op, err)
	}
	s, err := tx.conn.prepare(query)
	if err != nil {
		return nil, tx.fail(op, err)
	}
	return s, nil
}

func (tx *Tx) fail(op string, err error) error {
	if tx.view && refusedToView(err) {
		err = ErrReadOnly
	}
	tx.err = fmt.Errorf("store: %s: %w", op, err)
	return tx.err
}

// one reads the first row of a result; false means that there is none.
func one[T any](tx *Tx, op string, scan func(row) (T, error), query string, args ...any) (T, bool, error) {
	var none T
	s, err := tx.prepare(op, query)
	if err != nil {
		return none, false, err
	}
	v, err := scan(s.QueryRowContext(whole, args...).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return none, false, nil
	case err != nil:
		return none, false, tx.fail(op, err)
	}
	return v, true, nil
}

// list reads all rows of a result.
func list[T any](tx *Tx, op string, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	s, err := tx.prepare(op, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(whole, args...)
	if err != nil {
		return nil, tx.fail(op, err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows.Scan)
		if err != nil {
			return nil, tx.fail(op, err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, tx.fail(op, err)
	}
	return all, nil
}

// scalar scans a row of one column.
func scalar[T any](r row) (v T, err error) {
	err = r(&v)
	return v, err
}

// limited is the value of a LIMIT: no limit for 0. It is written "LIMIT +?": of a
// bare parameter SQLite takes the value into its plan, and plans anew for each.
func limited(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}
