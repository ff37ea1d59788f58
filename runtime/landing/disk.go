package landing

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// disk is a folder of this machine. Nothing outside it is touched, where links
// lead to included.
type disk struct {
	root *os.Root
	abs  string
	hook func(op, name string) error // of tests: called before each change of the disk
}

// openDisk opens a folder, making it where it does not exist.
func openDisk(abs string) (*disk, error) {
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	return &disk{root: root, abs: abs}, nil
}

func (d *disk) close() error { return d.root.Close() }

func (d *disk) folders() bool { return true }

func (d *disk) path(name string) string { return filepath.Join(d.abs, filepath.FromSlash(name)) }

func (d *disk) read(_ context.Context, name string) ([]byte, error) { return d.root.ReadFile(name) }

func (d *disk) write(_ context.Context, _ *journal, work, name string, text []byte) error {
	err := d.discard(work)
	if err == nil {
		err = d.makeStaging(work)
	}
	if err == nil {
		err = d.mkdirAll(path.Dir(name))
	}
	if err == nil {
		err = d.replace(work, name, text)
	}
	if err == nil {
		err = d.syncDirs(path.Dir(name))
	}
	_ = d.discard(work) // the file is in its place or it is not; this is tidiness
	return err
}

func (d *disk) holds(context.Context, string, []File) (func(File) bool, error) {
	return func(f File) bool {
		info, err := d.root.Stat(f.URL)
		return err == nil && info.Mode().IsRegular() && info.Size() == f.Size
	}, nil
}

func (d *disk) drop(_ context.Context, names []string) error {
	var all []error
	for _, name := range names {
		err := d.before("remove", name)
		if err == nil {
			err = d.root.Remove(name)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// sweep has nothing to do: what is not whole is in the folder of staging.
func (d *disk) sweep(context.Context, []bucket.Unfinished) error { return nil }

func (d *disk) fault(op string, err error) error { return diskFault(op, err) }

// diskFault gives an error of a disk its fault: what an operator must repair is
// Misconfigured; a full or broken disk is Failed.
func diskFault(op string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) {
		return value.Misconfigured.Wrap(op, err)
	}
	return value.Failed.Wrap(op, err)
}

// discard removes a folder of staging, and the one above it where it is empty then.
func (d *disk) discard(dir string) error {
	if err := d.root.RemoveAll(dir); err != nil {
		return err
	}
	_ = d.root.Remove(path.Dir(dir)) // stays where another courier has something in it
	return nil
}

// The functions below are all that changes the disk on the way to a landing. Each
// asks the hook of a test first.

func (d *disk) before(op, name string) error {
	if d.hook == nil {
		return nil
	}
	return d.hook(op, name)
}

func (d *disk) create(name string) (*os.File, error) {
	if err := d.before("create", name); err != nil {
		return nil, err
	}
	return d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

func (d *disk) writeTo(f *os.File, p []byte) (int, error) {
	if err := d.before("write", f.Name()); err != nil {
		return 0, err
	}
	return f.Write(p)
}

func (d *disk) sync(f *os.File, name string) error {
	if err := d.before("sync", name); err != nil {
		return err
	}
	return f.Sync()
}

// syncFile writes a file or a folder that is there through to the disk.
func (d *disk) syncFile(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	err = d.sync(f, name)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

func (d *disk) rename(from, to string) error {
	if err := d.before("rename", to); err != nil {
		return err
	}
	return d.root.Rename(from, to)
}

// syncDirs writes folders and all above them through to the disk, each once:
// those above may have been made by an attempt that did not get that far.
func (d *disk) syncDirs(names ...string) error {
	done := map[string]bool{}
	for _, name := range names {
		for ; !done[name]; name = path.Dir(name) {
			if err := d.syncFile(name); err != nil {
				return err
			}
			done[name] = true
		}
	}
	return nil
}

// mkdirAll makes a folder and those above it.
func (d *disk) mkdirAll(name string) error {
	if name == "." {
		return nil
	}
	if info, err := d.root.Stat(name); err == nil && info.IsDir() {
		return nil
	}
	if err := d.mkdirAll(path.Dir(name)); err != nil {
		return err
	}
	if err := d.before("mkdir", name); err != nil {
		return err
	}
	if err := d.root.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// makeStaging makes a folder of staging. It tries again when the one above it
// is removed meanwhile, by another courier of the run that has just landed.
func (d *disk) makeStaging(dir string) error {
	if err := d.before("mkdir", dir); err != nil {
		return err
	}
	var err error
	for range 100 {
		if err = d.root.MkdirAll(dir, 0o755); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return err
}

// replace writes a file beside its place, in an existing folder of staging, and
// moves it there when it is whole.
func (d *disk) replace(work, to string, text []byte) error {
	tmp, err := d.stage(work, to, text)
	if err != nil {
		return err
	}
	return d.rename(tmp, to)
}

// publish is replace for a file that is not there; [fs.ErrExist] says that it is. On
// a disk without links one that another process makes at the same instant is replaced.
func (d *disk) publish(work, to string, text []byte) error {
	tmp, err := d.stage(work, to, text)
	if err != nil {
		return err
	}
	if err := d.before("link", to); err != nil {
		return err
	}
	err = d.root.Link(tmp, to)
	if !errors.Is(err, syscall.EPERM) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if _, err := d.root.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return d.root.Rename(tmp, to)
}

// stage writes a file into a folder of staging, through to the disk.
func (d *disk) stage(work, to string, text []byte) (tmp string, err error) {
	tmp = path.Join(work, path.Base(to))
	f, err := d.create(tmp)
	if err != nil {
		return "", err
	}
	_, err = d.writeTo(f, text)
	if err == nil {
		err = d.sync(f, tmp)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return tmp, err
}
