package bucket

import (
	"context"
	"hash"
	"io"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// resumed is an object of a server that is open for reading. A transfer that breaks
// off goes on where it was, some times.
type resumed struct {
	ctx    context.Context
	op     string
	object window.Object

	// open asks for the object from a byte on. Its errors have faults.
	open func(from int64) (io.ReadCloser, error)
	stat func(ctx context.Context, name string) (window.Object, error)

	body   io.ReadCloser
	read   int64
	breaks int // in a row

	sum  hash.Hash // of what was read; nil where the server has told none
	want string
}

// resumes is how often in a row a transfer is taken up, without a byte in between.
const resumes = 3

// Read goes on where a transfer has broken off, and compares all of it with what
// the server has said it is.
func (f *resumed) Read(p []byte) (int, error) {
	for {
		n, err := f.body.Read(p)
		f.read += int64(n)
		if n > 0 {
			f.breaks = 0
			if f.sum != nil {
				_, _ = f.sum.Write(p[:n])
			}
		}
		switch {
		case err == io.EOF && f.read < f.object.Size:
			err = io.ErrUnexpectedEOF
		case err == io.EOF && f.sum != nil && string(f.sum.Sum(nil)) != f.want:
			return n, value.SourceError.Errorf(f.op, "its checksum is another one than the server says: it was damaged on the way")
		case err == nil || err == io.EOF:
			return n, err
		}
		if n > 0 {
			return n, nil // the error comes again
		}
		if f.ctx.Err() != nil {
			return 0, value.Interrupted(f.ctx, f.op)
		}
		// With all of it here, the error says that it is wrong: there is no more to ask for.
		if f.breaks++; f.breaks > resumes || f.read >= f.object.Size {
			return 0, value.SourceError.Errorf(f.op, "the transfer broke off after %d of %d bytes: %w", f.read, f.object.Size, err)
		}
		_ = f.body.Close()
		if f.body, err = f.open(f.read); err != nil {
			f.body = io.NopCloser(failing{err})
			return 0, err
		}
	}
}

// failing is a body that is not there.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (f *resumed) Object() window.Object { return f.object }

func (f *resumed) Close() error { return f.body.Close() }

func (f *resumed) Stat(ctx context.Context) (window.Object, error) { return f.stat(ctx, f.object.Path) }
