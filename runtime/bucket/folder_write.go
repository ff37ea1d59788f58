package bucket

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// The name of a file that is being written. No list has it.
const (
	partPrefix = ".waybill-"
	partSuffix = ".part"
)

func partName() string { return partPrefix + strings.ToLower(rand.Text()[:10]) + partSuffix }

func isPart(name string) bool {
	return strings.HasPrefix(name, partPrefix) && strings.HasSuffix(name, partSuffix)
}

// Put writes a file into another one beside it, and gives that its name when it is
// on the disk.
func (f *Folder) Put(ctx context.Context, name string, r io.Reader, o PutOptions) (window.Object, error) {
	op := "write " + name + " to " + f.url
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	dir, id := path.Dir(name), partName()
	part := path.Join(dir, id)
	ended := o.begun(Unfinished{Path: name, ID: id})
	file, err := f.create(dir, part)
	if err != nil {
		ended()
		return window.Object{}, diskFault(op, err)
	}
	defer func() {
		if isGone(f.root.Remove(part)) {
			ended()
		}
	}()
	if err := f.fill(ctx, op, file, r, o.Size); err != nil {
		return window.Object{}, err
	}
	err = f.rename(part, name, o.IfAbsent)
	switch {
	case errors.Is(err, ErrExists):
		return window.Object{}, value.Failed.Wrap(op, err)
	case err == nil:
		err = f.sync(dir)
	}
	if err != nil {
		return window.Object{}, diskFault(op, err)
	}
	return f.Stat(ctx, name)
}

// checkName refuses a path that no bucket can have.
func checkName(op, name string) error {
	if !fs.ValidPath(name) || name == "." {
		return value.Misconfigured.Errorf(op, "%q is not the path of a file", name)
	}
	return nil
}

// creates is how often a file is made whose folder others remove, since it is empty.
const creates = 20

// create makes a file and the folders it is in. Somebody else may remove them in
// between, when they are empty.
func (f *Folder) create(dir, part string) (file *os.File, err error) {
	for range creates {
		if err = f.makeFolder(dir); err == nil {
			file, err = f.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		f.mu.Lock()
		delete(f.durable, dir)
		f.mu.Unlock()
	}
	return file, err
}

// fill writes a new file through to the disk and closes it.
func (f *Folder) fill(ctx context.Context, op string, file *os.File, r io.Reader, size int64) error {
	in := &contents{ctx: ctx, op: op, r: r, size: size}
	_, err := io.Copy(file, in)
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	var e *value.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return diskFault(op, err)
}

// contents reads what is to be written, until its context ends. Fewer or more
// bytes than there were said to be are an error, in place of the end. The end is
// io.EOF itself: an error that wraps it, as of a connection that was lost, is none.
type contents struct {
	ctx  context.Context
	op   string
	r    io.Reader
	size int64 // -1: not known
	read int64

	failed error // why it was not read to its end
}

// Read returns [io.EOF] itself at the end, and only there. The errors of readers
// that broke off wrap it, or [io.ErrUnexpectedEOF]: who compares with [errors.Is]
// would take a half for the whole.
func (c *contents) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		c.failed = value.Interrupted(c.ctx, c.op)
		return 0, c.failed
	}
	n, err := c.r.Read(p)
	c.read += int64(n)
	var known *value.Error
	switch {
	case c.size >= 0 && (c.read > c.size || err == io.EOF && c.read != c.size):
		err = value.NotReady.Errorf(c.op, "it was to have %d bytes, and has others", c.size)
	case err == nil || err == io.EOF:
		return n, err
	case !errors.As(err, &known):
		err = value.SourceError.Wrap(c.op, err)
	}
	c.failed = err
	return n, err
}

// fill reads until p is full or what is to be written has ended.
func (c *contents) fill(p []byte) (n int, ended bool, err error) {
	for n < len(p) {
		m, err := c.Read(p[n:])
		n += m
		switch {
		case err == io.EOF:
			return n, true, nil
		case err != nil:
			return n, false, err
		}
	}
	return n, false, nil
}

// rename gives a file that is whole its name. Where a disk has no links, a file
// that another process makes at the same instant is not noticed.
func (f *Folder) rename(part, name string, ifAbsent bool) error {
	if !ifAbsent {
		return f.root.Rename(part, name)
	}
	err := f.root.Link(part, name)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrExists
	case errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported):
		if _, err := f.root.Lstat(name); err == nil {
			return ErrExists
		}
		return f.root.Rename(part, name)
	}
	return err
}

// makeFolder makes a folder and those above it, durably.
func (f *Folder) makeFolder(dir string) error {
	if f.isDurable(dir) {
		return nil
	}
	if err := f.root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for at := dir; at != "."; at = path.Dir(at) {
		if err := f.sync(path.Dir(at)); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.durable[dir] = true
	return nil
}

func (f *Folder) isDurable(dir string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return dir == "." || f.durable[dir]
}

// sync writes the names in a folder through to the disk.
func (f *Folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closing := d.Close(); err == nil {
		err = closing
	}
	return err
}

// Sweep removes the files that were being written when their process died.
func (f *Folder) Sweep(ctx context.Context, left ...Unfinished) error {
	var parts []string
	for _, u := range left {
		parts = append(parts, path.Join(path.Dir(u.Path), u.ID))
	}
	return f.Remove(ctx, parts...)
}

// Remove removes files, and the folders that are empty then.
func (f *Folder) Remove(ctx context.Context, names ...string) error {
	for _, name := range names {
		op := "remove " + name + " from " + f.url
		if ctx.Err() != nil {
			return value.Interrupted(ctx, op)
		}
		if err := checkName(op, name); err != nil {
			return err
		}
		if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return diskFault(op, err)
		}
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if f.root.Remove(dir) != nil {
				break
			}
			f.mu.Lock()
			delete(f.durable, dir)
			f.mu.Unlock()
		}
	}
	return nil
}
