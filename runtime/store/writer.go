package store

import (
	"context"
	"errors"
	"fmt"
)

// maxGroup bounds how many callers share one transaction, and so how long the
// first waits and what one failed COMMIT can touch.
const maxGroup = 64

var errAborted = errors.New("store: the function of a transaction did not return")

// request is a caller of Update. The caller's function runs on the caller's
// own goroutine, while the writer waits: a panic or a failing test stays there.
type request struct {
	turn    chan *Tx   // from the writer: now; closed when there is no transaction
	verdict chan error // from the caller: keep it, or why not
	answer  chan error // from the writer: committed, or why not
}

// Update runs fn in a transaction and returns nil once it is on disk. Callers
// that arrive together share one commit; an error from fn, which Update returns,
// undoes what that fn did and nothing else. ctx bounds the wait for fn to start;
// from then on the answer is definite. When the disk fails, everybody in the group
// gets the error and nothing of the group is kept. All writers wait for fn: it must
// not wait for anything, nor call Update.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	r := &request{turn: make(chan *Tx), verdict: make(chan error), answer: make(chan error, 1)}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("store: update: %w", err)
	}
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return fmt.Errorf("store: update: %w", ctx.Err())
	case <-s.closing:
		return ErrClosed
	}
	if tx, ok := <-r.turn; ok {
		r.call(tx, fn)
	}
	return <-r.answer
}

// call runs fn and reports its verdict, also when fn panics.
func (r *request) call(tx *Tx, fn func(*Tx) error) {
	verdict := errAborted
	defer func() { r.verdict <- verdict }()
	verdict = fn(tx)
}

// write is the writer goroutine: it alone writes to the database.
func (s *Store) write() {
	defer close(s.written)
	for {
		select {
		case r := <-s.queue:
			s.commitGroup(r)
		case <-s.closing:
			return
		}
	}
}

// commitGroup runs first and everybody who comes meanwhile in one transaction.
func (s *Store) commitGroup(first *request) {
	if err := s.begin(); err != nil {
		close(first.turn)
		first.answer <- fmt.Errorf("store: begin: %w", err)
		return
	}
	var kept []*request
	var broken error
	for r := first; r != nil; r = s.next(len(kept)) {
		var keep bool
		if keep, broken = s.serve(r, r == first); keep {
			kept = append(kept, r)
		}
		if broken != nil {
			break // who waits comes into the next transaction
		}
	}
	if broken == nil {
		_, broken = s.writer.exec("COMMIT")
	}
	var answer error
	if broken != nil {
		if _, err := s.writer.exec("ROLLBACK"); err != nil { // SQLite has rolled back by itself, or cannot
			_ = s.writer.close()
			s.writer = nil
		}
		answer = fmt.Errorf("store: commit: %w", broken)
	}
	for _, r := range kept {
		r.answer <- answer
	}
}

// begin starts a transaction, on a fresh connection where the last one was
// given up.
func (s *Store) begin() (err error) {
	if s.writer == nil {
		if s.writer, err = newConn(context.Background(), s.writeDB); err != nil {
			return err
		}
	}
	_, err = s.writer.exec("BEGIN IMMEDIATE")
	return err
}

// next returns a caller who waits, or nil.
func (s *Store) next(served int) *request {
	if served >= maxGroup {
		return nil
	}
	select {
	case r := <-s.queue:
		return r
	default:
		return nil
	}
}

// serve gives a caller its turn, inside a savepoint where others came before: that
// costs a copy of each page that is written. It answers those it does not keep. The
// error means that the whole transaction is lost.
func (s *Store) serve(r *request, first bool) (keep bool, broken error) {
	if !first {
		if _, err := s.writer.exec("SAVEPOINT caller"); err != nil {
			close(r.turn)
			r.answer <- fmt.Errorf("store: begin: %w", err)
			return false, err
		}
	}
	tx := &Tx{store: s, conn: s.writer, ctx: context.Background()}
	r.turn <- tx
	verdict := <-r.verdict
	if verdict == nil {
		verdict = tx.err
	}
	tx.err = errEnded
	switch {
	case first:
		broken = verdict // there is nothing in the transaction but what it did
	case verdict == nil:
		_, verdict = s.writer.exec("RELEASE caller")
		broken = verdict
	default:
		broken = s.undo(verdict)
	}
	if verdict == nil {
		return true, nil
	}
	r.answer <- verdict
	return false, broken
}

// undo undoes what a caller has done since its savepoint.
func (s *Store) undo(why error) (broken error) {
	if _, err := s.writer.exec("ROLLBACK TO caller"); err != nil {
		return why // SQLite has rolled back everything, for the reason that the caller met
	}
	_, broken = s.writer.exec("RELEASE caller")
	return broken
}
