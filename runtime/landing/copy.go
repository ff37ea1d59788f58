package landing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// chunk bounds the memory that a copy takes.
const chunk = 256 << 10

// copy copies an item into a new file and writes it through to the disk.
func (l *Lander) copy(ctx context.Context, i Item, to string, buf []byte) (size int64, sum string, modified time.Time, err error) {
	op := "copy " + i.Object.Path
	src, err := i.Open(ctx)
	if err != nil {
		return 0, "", modified, sourceFault(op, err)
	}
	defer func() { _ = src.Close() }()
	if src.Object().Version() != i.Object.Version() {
		return 0, "", modified, value.NotReady.Errorf(op, "it changed after it was listed")
	}
	dst, err := l.create(to)
	if err != nil {
		return 0, "", modified, err
	}
	inspect := newInspector(i.Object.Path, i.Check)
	size, sum, err = l.pump(ctx, op, dst, src, buf, inspect)
	if err == nil {
		err = unchanged(ctx, op, src, size)
	}
	if err == nil {
		err = inspect.compare(op, size, sum)
	}
	if err == nil {
		err = l.sync(dst, to)
	}
	if err == nil {
		err = isWhole(dst, size)
	}
	if closing := dst.Close(); err == nil && closing != nil {
		err = closing
	}
	return size, sum, src.Object().ModTime, err
}

func (l *Lander) pump(ctx context.Context, op string, dst *os.File, src io.Reader, buf []byte, inspect *inspector) (size int64, sum string, err error) {
	digest := sha256.New()
	for {
		if ctx.Err() != nil {
			return 0, "", value.Interrupted(ctx, op)
		}
		n, reading := src.Read(buf)
		if n > 0 {
			_, _ = digest.Write(buf[:n]) // a hash never fails
			inspect.write(buf[:n])
			if err := l.write(dst, buf[:n]); err != nil {
				return 0, "", err
			}
			size += int64(n)
		}
		switch {
		case errors.Is(reading, io.EOF):
			return size, hex.EncodeToString(digest.Sum(nil)), nil
		case reading != nil:
			return 0, "", sourceFault(op, reading)
		}
	}
}

// isWhole asks the disk how much it has got: not every file system says so when
// it runs out of space.
func isWhole(f *os.File, size int64) error {
	info, err := f.Stat()
	if err == nil && info.Size() != size {
		err = fmt.Errorf("the disk has %d of %d bytes", info.Size(), size)
	}
	return err
}

// unchanged reports a file that was written to, or replaced, while it was read.
func unchanged(ctx context.Context, op string, src bucket.File, size int64) error {
	before := src.Object()
	if size != before.Size {
		return value.NotReady.Errorf(op, "it changed while it was read: it had %d bytes and gave %d", before.Size, size)
	}
	after, err := src.Stat(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return value.NotReady.Errorf(op, "it was removed while it was read")
	case err != nil:
		return sourceFault(op, err)
	case after.Version() != before.Version():
		return value.NotReady.Errorf(op, "it changed while it was read")
	}
	return nil
}

func sourceFault(op string, err error) error {
	var e *value.Error
	if errors.As(err, &e) {
		return err
	}
	return value.SourceError.Wrap(op, err)
}
