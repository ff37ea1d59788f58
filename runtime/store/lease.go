package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder is a process that acts, or acted, on the store.
type Holder struct {
	Epoch int64     `json:"epoch"` // rises with each holder
	Owner string    `json:"owner"`
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// Lease is the right to act on the store. At most one process has it. It is
// backed by a lock of the operating system, which ends with the process, and by
// an epoch in the database, which fences a holder that has lost it.
type Lease struct {
	store  *Store
	holder Holder
	lock   *flock.Flock
}

// Acquire takes the lease, or fails at once with a *HeldError when somebody
// else has it. owner says who acts, for people: a command and a user, say.
func (s *Store) Acquire(ctx context.Context, owner string, now time.Time) (*Lease, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("store: name this machine: %w", err)
	}
	l := &Lease{store: s, lock: s.lock(), holder: Holder{Owner: owner, Host: host, PID: os.Getpid(), Since: now.UTC()}}
	err = s.Update(ctx, func(tx *Tx) error {
		last, _, err := tx.holder()
		if err != nil {
			return err
		}
		locked, err := l.lock.TryLock()
		if err != nil {
			return fmt.Errorf("store: lock %s: %w", l.lock.Path(), err)
		}
		if !locked {
			return &HeldError{Holder: last}
		}
		l.holder.Epoch = last.Epoch + 1
		_, err = tx.exec("write the lease", `
			INSERT INTO lease (one, epoch, owner, host, pid, since, held) VALUES (1, ?, ?, ?, ?, ?, 1)
			ON CONFLICT DO UPDATE SET epoch = excluded.epoch, owner = excluded.owner, host = excluded.host,
				pid = excluded.pid, since = excluded.since, held = 1`,
			l.holder.Epoch, l.holder.Owner, l.holder.Host, l.holder.PID, instant(l.holder.Since))
		return err
	})
	if err != nil {
		return nil, errors.Join(err, l.lock.Unlock())
	}
	return l, nil
}

// Holder returns who has the lease, or who had it last, and whether somebody
// has it now. A process that died has it no more.
func (s *Store) Holder(ctx context.Context) (h Holder, held bool, err error) {
	// Inside a write transaction no Acquire runs, in any process: it could
	// mistake the probe of the lock for a holder.
	err = s.Update(ctx, func(tx *Tx) error {
		if h, _, err = tx.holder(); err != nil {
			return err
		}
		lock := s.lock()
		free, err := lock.TryLock()
		if err != nil {
			return fmt.Errorf("store: probe %s: %w", lock.Path(), err)
		}
		held = !free
		return lock.Unlock()
	})
	return h, held, err
}

// Holder returns what the lease says of its holder.
func (l *Lease) Holder() Holder { return l.holder }

// Update is Store.Update for the holder: it fails with ErrFenced, and fn does
// not run, when the lease is no longer this one.
func (l *Lease) Update(ctx context.Context, fn func(*Tx) error) error {
	return l.store.Update(ctx, l.fenced(fn))
}

// View is Store.View for the holder: it fails as Update does.
func (l *Lease) View(ctx context.Context, fn func(*Tx) error) error {
	return l.store.View(ctx, l.fenced(fn))
}

func (l *Lease) fenced(fn func(*Tx) error) func(*Tx) error {
	return func(tx *Tx) error {
		epoch, held, err := one(tx, "read the lease", scalar[int64], "SELECT epoch FROM lease WHERE held")
		if err != nil {
			return err
		}
		if !held || epoch != l.holder.Epoch {
			return ErrFenced
		}
		return fn(tx)
	}
}

// Release gives the lease back, also when ctx is done already. A second call
// does nothing.
func (l *Lease) Release(ctx context.Context) error {
	err := l.Update(context.WithoutCancel(ctx), func(tx *Tx) error {
		_, err := tx.exec("release the lease", "UPDATE lease SET held = 0")
		return err
	})
	if errors.Is(err, ErrFenced) {
		err = nil
	}
	return errors.Join(err, l.lock.Unlock())
}

func (s *Store) lock() *flock.Flock { return flock.New(filepath.Join(s.folder, lockName)) }

// holder reads the lease row: the newest holder, and false where it gave the
// lease back or there never was one.
func (tx *Tx) holder() (Holder, bool, error) {
	var held bool
	h, found, err := one(tx, "read the lease", func(r row) (h Holder, err error) {
		err = r(&h.Epoch, &h.Owner, &h.Host, &h.PID, (*instant)(&h.Since), &held)
		return h, err
	}, "SELECT epoch, owner, host, pid, since, held FROM lease")
	return h, found && held, err
}

// upgrade migrates the store while nobody acts on it.
func (s *Store) upgrade(ctx context.Context, steps []string) error {
	lock := s.lock()
	err := migrate(ctx, s.writeDB, steps, func(tx *sql.Tx) error {
		free, err := lock.TryLock()
		if err != nil {
			return fmt.Errorf("store: lock %s: %w", lock.Path(), err)
		}
		if free {
			return nil
		}
		held := &HeldError{}
		err = tx.QueryRowContext(ctx, "SELECT owner, host, pid, since FROM lease").
			Scan(&held.Holder.Owner, &held.Holder.Host, &held.Holder.PID, (*instant)(&held.Holder.Since))
		return fmt.Errorf("store: this release must change the store, and cannot now: %w", errors.Join(held, err))
	})
	return errors.Join(err, lock.Unlock())
}
