package database

import "context"

// Commit ends the transaction of a connection to PostgreSQL.
func Commit(ctx context.Context, db DB) error { return db.(*postgres).commit(ctx) }
