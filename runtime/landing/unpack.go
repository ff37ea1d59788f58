package landing

import (
	"archive/tar"
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// maxWindow is how far back a zstd file may refer to itself, and with it the memory
// that reading one takes: as much as the zstd program allows by itself.
const maxWindow = 128 << 20

// Archive is what a file came in.
type Archive struct {
	Format string `json:"format"` // gzip, zstd, zip, tar, tar.gz or tar.zst
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// unpacker decompresses one item.
type unpacker struct {
	*porter
	item    Item
	op      string
	cancel  func()
	file    File // of which each file that lands has its own
	single  bool
	guard   guard
	landing []File
}

// unpack puts what is in an item at its place.
func (p *porter) unpack(ctx context.Context, cancel func(), i Item, src bucket.File, f File) ([]File, error) {
	format, to, single := graph.Decompression(i.Decompress, i.Object.Path)
	op := "unpack " + i.Object.Path
	f.URL = path.Join(p.Dir(p.job), Escape(i.block()), to)
	u := &unpacker{porter: p, item: i, op: op, cancel: cancel, file: f, single: single, guard: newGuard(op, i, src.Object().Size)}
	raw := newTally("", i.Check)
	in := p.open(ctx, op, i, src, raw)
	err := u.run(ctx, format, in)
	if err == nil { // what stands behind the end of an archive is of no interest, but must be there
		_, err = io.Copy(io.Discard, in)
	}
	if err != nil {
		cancel()
	}
	if cause := in.close(); cause != nil {
		err = cause
	}
	if err != nil {
		return nil, err
	}
	if len(u.landing) == 0 {
		return nil, value.SourceError.Errorf(op, "no file is in it")
	}
	for n := range u.landing {
		u.landing[n].Archive = &Archive{Format: format, Size: raw.size, SHA256: raw.sum()}
	}
	return u.landing, nil
}

func (u *unpacker) run(ctx context.Context, format string, in io.Reader) error {
	if format == "zip" {
		return u.zip(ctx, in)
	}
	compressed, isTar := strings.CutPrefix(format, "tar.")
	r := in
	switch compressed {
	case "gz", "gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return u.broken("", 0, err)
		}
		r = z
	case "zst", "zstd":
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return u.broken("", 0, err)
		}
		defer z.Close()
		r = z
	}
	r = &metered{r: r, unpacker: u}
	if isTar || format == "tar" {
		return u.tar(ctx, r)
	}
	return u.put(ctx, "", -1, time.Time{}, r)
}

func (u *unpacker) tar(ctx context.Context, r io.Reader) error {
	t := tar.NewReader(r)
	last := ""
	for {
		h, err := t.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return u.broken(last, 0, err)
		}
		last = h.Name
		switch h.Typeflag {
		case tar.TypeDir, tar.TypeXGlobalHeader:
			if err := u.guard.count(); err != nil {
				return err
			}
		case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
			if err := u.put(ctx, h.Name, h.Size, h.ModTime, t); err != nil {
				return err
			}
		default:
			return value.SourceError.Errorf(u.op, "%q in it is a link or a device; only files and folders land", h.Name)
		}
	}
}

// zip keeps an archive on this machine first: what is in it stands at its end.
func (u *unpacker) zip(ctx context.Context, in io.Reader) error {
	f, remove, err := u.keep(in)
	if err != nil {
		return err
	}
	defer remove()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	at := &budget{ReaderAt: f, left: maxDirectory}
	z, err := zip.NewReader(at, info.Size())
	if err != nil {
		return u.broken("", 0, err)
	}
	at.left = -1
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	z.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow)))
	for _, e := range z.File {
		// Archives of some programs for Windows have its separators.
		name := strings.ReplaceAll(e.Name, `\`, "/")
		switch mode := e.Mode(); {
		case mode.IsDir() || strings.HasSuffix(name, "/"):
			if err := u.guard.count(); err != nil {
				return err
			}
			continue
		case !mode.IsRegular():
			return value.SourceError.Errorf(u.op, "%q in it is a link or a device; only files and folders land", name)
		case e.Flags&1 != 0:
			return value.SourceError.Errorf(u.op, "%q in it is encrypted", name)
		}
		r, err := e.Open()
		if err != nil {
			return u.broken(name, 0, err)
		}
		err = u.put(ctx, name, int64(e.UncompressedSize64), e.Modified, &metered{r: r, unpacker: u})
		_ = r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// put puts a file at its place; name is that in the archive, "" where the item is
// compressed and no archive.
func (u *unpacker) put(ctx context.Context, name string, size int64, modified time.Time, r io.Reader) error {
	f := u.file
	if !u.single {
		if err := u.guard.entry(name); err != nil {
			return err
		}
		f.Entry, f.URL = name, path.Join(f.URL, path.Clean(name))
	}
	if err := u.claim(f.URL, u.item.Object.Path); err != nil {
		return err
	}
	if !modified.IsZero() {
		f.Modified = modified.UTC()
	}
	t := newTally(f.URL, nil)
	see := func(b []byte) error { t.see(b); return nil }
	finish := func() error {
		if u.single { // a manifest counts the rows of what is in it
			return t.compareRows(u.op, u.item.Check)
		}
		return nil
	}
	in := newPipe(ctx, u.op, &entry{r: r, unpacker: u, name: name, size: size}, see, finish)
	err := pour(in, u.cancel, t, func() (int64, error) { return u.attempt.put(ctx, f.URL, in, size) })
	f.Size, f.SHA256, f.Rows = t.size, t.sum(), t.count(u.job.Header)
	u.landing = append(u.landing, f)
	return err
}

// entry reads one file of an archive, and says where it is broken.
type entry struct {
	*unpacker
	r    io.Reader
	name string
	size int64 // as the archive says; -1: it does not
	done int64
}

func (e *entry) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.done += int64(n)
	switch {
	case err == nil:
		return n, nil
	case err != io.EOF:
		return n, e.broken(e.name, e.done, err)
	case e.size >= 0 && e.done != e.size:
		return n, value.SourceError.Errorf(e.op, "%q in it has %d bytes, and the archive says %d", e.name, e.done, e.size)
	}
	return n, io.EOF
}

// broken says where an archive cannot be read. What was wrong with reading it from
// its source stays.
func (u *unpacker) broken(name string, done int64, err error) error {
	var e *value.Error
	if errors.As(err, &e) {
		return err
	}
	where := "at its beginning"
	switch {
	case name != "" && done > 0:
		where = fmt.Sprintf("in %q, after %d bytes", name, done)
	case name != "":
		where = fmt.Sprintf("at %q", name)
	case done > 0:
		where = fmt.Sprintf("after %d bytes", done)
	}
	what := "it is damaged"
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		what = "it is cut off"
	}
	return value.SourceError.Errorf(u.op, "%s %s: %w", what, where, err)
}
