// Package bucket is the places that hold files, whatever serves them: a folder of
// this machine, an object store, an SFTP server. Couriers read from them, and
// landings are written to them.
package bucket

import (
	"context"
	"errors"
	"io"

	"github.com/waybill-dev/waybill/lang/window"
)

// Bucket holds files below one URL. Paths are relative to that URL, with slashes,
// and valid in the sense of [io/fs.ValidPath]. It is safe for concurrent use. Open
// it anew for each job and close it afterwards.
//
// Errors have a [value.Fault] and name the operation, and never hold a credential:
// NotReady for a file that is gone, or is another version than the one asked for;
// Misconfigured for what an operator must repair, such as credentials that are
// refused, a bucket that does not exist, or the wrong key of a host; SourceError for
// what may pass, such as a network or a server that does not work.
type Bucket interface {
	// URL identifies the place, as written and cleaned, without credentials.
	URL() string

	// List returns the files of a scope, each once, sorted by path. A list with a
	// hole in it would make files look missing: what cannot be listed whole is an
	// error. Part of a scope that does not exist holds nothing.
	List(ctx context.Context, s Scope) ([]window.Object, error)

	// Open opens a file that was listed, in the version that was listed.
	// One with neither ETag nor ModTime stands for whatever version is there.
	Open(ctx context.Context, o window.Object) (File, error)

	// Extent is what of a scope makes a difference to its list: two scopes of one
	// extent have the same list.
	Extent(s Scope) Scope

	Close() error
}

// Scope is which files a list is of: those below Folders that also begin with one
// of Prefixes. A bucket lists by what it can; that it returns files of the folders
// that begin with none of the prefixes is allowed, and useful where it costs
// nothing, since what was passed over can then be told.
type Scope struct {
	Folders  []string // relative to the bucket; "" is all of it
	Prefixes []string // of paths, not cut at a slash: "2026/11/21/orders-"; each below one of Folders; none: all of Folders
}

// File is a file that is open for reading.
type File interface {
	io.ReadCloser

	// Object is what was opened.
	Object() window.Object

	// Stat looks the path up anew, so that a file that was replaced while it was
	// read shows.
	Stat(ctx context.Context) (window.Object, error)
}

// Store is a bucket that can be written to.
type Store interface {
	Bucket

	// Put writes a file, and returns when it is durable. It is there whole or, with
	// an error, as it was before: no reader ever sees a part of it. With
	// o.IfAbsent a file that is there already stays, and ErrExists is returned.
	Put(ctx context.Context, path string, r io.Reader, o PutOptions) (window.Object, error)

	// Stat describes a file; an error that wraps io/fs.ErrNotExist, NotReady, says
	// that there is none.
	Stat(ctx context.Context, path string) (window.Object, error)

	// Remove removes files, and folders that nothing is in then. A file that is not
	// there is no error.
	Remove(ctx context.Context, paths ...string) error

	// Sweep removes what writes have left that never ended, of which
	// [PutOptions.Begun] has told. What is no longer there is no error.
	Sweep(ctx context.Context, left ...Unfinished) error
}

// Unfinished is a write that the place keeps something of, which no list shows: the
// parts of an upload, or a file under another name. Places that forget it by
// themselves have none.
type Unfinished struct {
	Path string // that was to be written
	ID   string // by which the place knows it
}

// PutOptions are those of [Store.Put].
type PutOptions struct {
	Size     int64 // of what is read; others are NotReady; -1: not known
	IfAbsent bool

	// Begun is told of a write that leaves something behind where the process dies
	// now; ended is called when there is nothing left of it. May be nil.
	Begun func(Unfinished) (ended func())
}

// begun tells of a write.
func (o PutOptions) begun(u Unfinished) (ended func()) {
	if o.Begun == nil {
		return func() {}
	}
	return o.Begun(u)
}

// ErrExists is returned where a file stands that was to be made.
var ErrExists = errors.New("the file exists")
