package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrClosed is returned for work given to a closed store.
	ErrClosed = errors.New("the store is closed")
	// ErrReadOnly is returned for a write in a View.
	ErrReadOnly = errors.New("a view cannot write")
	// ErrFenced is returned to a holder whose lease has passed to somebody else
	// or was given back: it may not act any more.
	ErrFenced = errors.New("the lease is no longer ours")
	// ErrNotFound is returned where a change names something that is not there.
	ErrNotFound = errors.New("not in the store")
	// ErrLanded is returned for a version that has landed before.
	ErrLanded = errors.New("this version has landed before")
)

// VersionError refuses a store that a newer release of Waybill has written.
// The file is left as it was.
type VersionError struct {
	Path         string
	Found, Known int // versions of the schema
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s was written by a newer release of Waybill (store version %d, this release knows %d); use that release",
		e.Path, e.Found, e.Known)
}

// NewerGraphError refuses a deployed workspace that a newer release has compiled.
type NewerGraphError struct {
	Found, Known int    // versions of the format
	Tool         string // release that applied it, where known
}

func (e *NewerGraphError) Error() string {
	by := "a newer release of Waybill"
	if e.Tool != "" {
		by = "Waybill " + e.Tool
	}
	return fmt.Sprintf("what is applied was written by %s (workspace format %d, this release knows %d); use that release or a newer one", by, e.Found, e.Known)
}

// CorruptError refuses a file that is damaged, or no store at all. The file is
// left as it was.
type CorruptError struct {
	Path   string
	Detail string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s is not a sound Waybill store: %s", e.Path, e.Detail)
}

// HeldError says that another process acts on the store.
type HeldError struct{ Holder Holder }

func (e *HeldError) Error() string {
	return fmt.Sprintf("the store is held by %s (process %d on %s) since %s",
		e.Holder.Owner, e.Holder.PID, e.Holder.Host, e.Holder.Since.UTC().Format(time.RFC3339))
}

// WatermarkError refuses to move a watermark back.
type WatermarkError struct {
	Current graph.Watermark
	Asked   time.Time
}

func (e *WatermarkError) Error() string {
	return fmt.Sprintf("the watermark of %s in %s is %s and cannot move back to %s", e.Current.Courier, e.Current.Group,
		e.Current.At.UTC().Format(time.RFC3339), e.Asked.UTC().Format(time.RFC3339))
}

// refusedToView reports whether SQLite refused to write on a connection that
// only reads.
func refusedToView(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_READONLY
}

// damaged reports whether SQLite found the file itself to be wrong.
func damaged(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	primary := e.Code() & 0xff
	return primary == sqlite3.SQLITE_CORRUPT || primary == sqlite3.SQLITE_NOTADB
}
