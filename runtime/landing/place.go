package landing

import (
	"context"
	"io"

	"github.com/waybill-dev/waybill/runtime/bucket"
)

// place is where a [Lander] puts files. There are two: a folder of this machine
// ([disk]), where files are staged and then renamed, and a store ([remote]), to
// which they are put whole. Names are relative to it, with slashes.
type place interface {
	// path names a file for people and programs: an absolute path, or a URL.
	path(name string) string

	// folders reports whether what is before a slash is a folder, which cannot have the
	// name of a file.
	folders() bool

	// read returns the whole of a small file; fs.ErrNotExist where there is none.
	read(ctx context.Context, name string) ([]byte, error)

	// write writes a small file whole, also in the place of one that is there. Of one
	// work there is one call at a time.
	write(ctx context.Context, g *journal, work, name string, text []byte) error

	// holds reports which files lie below a folder with the size that they are to
	// have.
	holds(ctx context.Context, dir string, files []File) (func(File) bool, error)

	// drop removes files that nothing lists any more, as far as it can.
	drop(ctx context.Context, names []string) error

	// sweep removes what writes of processes that died have left behind.
	sweep(ctx context.Context, left []bucket.Unfinished) error

	// begin starts an attempt at landing below dir, staged, where something is, in
	// work. fresh says that nothing has landed there.
	begin(ctx context.Context, g *journal, dir, work string, fresh bool) (attempt, error)

	// fault gives an error of the place its fault.
	fault(op string, err error) error

	close() error
}

// attempt is one attempt at landing files. Either commit or abandon ends it.
type attempt interface {
	// put takes a file for its place; size is -1 where it is not known. It returns
	// how many bytes the place has. Several may be put at once.
	put(ctx context.Context, url string, r io.Reader, size int64) (int64, error)

	// adopt is put of a file that lies in the local staging folder, of which r is the
	// content.
	adopt(ctx context.Context, url, at string, r io.Reader, size int64) (int64, error)

	// strays are what lies in a fresh folder beside the files: what an attempt has left
	// that never got as far as its manifest.
	strays(files []File) ([]string, error)

	// commit sees to it that the files are at their place, and writes the manifest
	// last. With an error nothing has landed; *standsError says that somebody else's
	// manifest stands.
	commit(ctx context.Context, files []File, manifest []byte) error

	// abandon takes back what was put.
	abandon(ctx context.Context)
}

// standsError says that a manifest was there where one was to be made.
type standsError struct{ text []byte }

func (*standsError) Error() string { return "a manifest stands there already" }
