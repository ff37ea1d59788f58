package store

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// OpenWith opens a store as a release with more steps in its schema would.
func OpenWith(ctx context.Context, path string, more ...string) (*Store, error) {
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	return open(ctx, path, append(steps, more...))
}

// Refill is the statement by which a step of the schema fills a new column.
func Refill(t *testing.T, step string) string {
	t.Helper()
	text, err := schemaFiles.ReadFile("schema/" + step)
	if err != nil {
		t.Fatal(err)
	}
	_, statement, _ := strings.Cut(string(text), "UPDATE ")
	return "UPDATE " + statement
}

// Limit lets the database grow by no more than some pages; a negative number
// lifts the limit.
func (tx *Tx) Limit(pages int) error {
	var count int
	if err := tx.conn.sql.QueryRowContext(tx.ctx, "PRAGMA page_count").Scan(&count); err != nil {
		return err
	}
	if pages < 0 {
		count, pages = 1<<30, 0
	}
	_, err := tx.conn.sql.ExecContext(tx.ctx, fmt.Sprintf("PRAGMA max_page_count = %d", count+pages))
	return err
}

// Integrity runs SQLite's full check.
func (tx *Tx) Integrity() (string, error) {
	v, _, err := one(tx, "check", scalar[string], "PRAGMA integrity_check")
	return v, err
}

// numbered finds the parameters of a statement that have numbers.
var numbered = regexp.MustCompile(`\?(\d+)`)

// Plans returns how SQLite carries out each statement that the store has
// prepared so far.
func (s *Store) Plans(ctx context.Context) (map[string][]string, error) {
	queries := slices.Collect(maps.Keys(s.writer.stmts))
	for range readers {
		c := <-s.idle
		defer func() { s.idle <- c }()
		if c != nil {
			queries = slices.AppendSeq(queries, maps.Keys(c.stmts))
		}
	}
	plans := map[string][]string{}
	for _, q := range queries {
		args := make([]any, strings.Count(q, "?"))
		if numbers := numbered.FindAllStringSubmatch(q, -1); numbers != nil {
			args = nil
			for _, n := range numbers {
				i, _ := strconv.Atoi(n[1])
				args = append(args, make([]any, max(i-len(args), 0))...)
			}
		}
		rows, err := s.readDB.QueryContext(ctx, "EXPLAIN QUERY PLAN "+q, args...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q, err)
		}
		plans[q] = nil
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return nil, err
			}
			plans[q] = append(plans[q], detail)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return plans, nil
}
