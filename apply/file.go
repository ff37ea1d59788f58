package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/waybill-dev/waybill/plan"
)

// fileMode lets only the owner read a plan: it names sources, addresses and
// people.
const fileMode = 0o600

// Write saves a plan at path. The file is there whole or not at all: what was at
// path before stays until the new one is on disk.
func Write(path string, p *plan.Plan) error {
	text, err := Encode(p)
	if err != nil {
		return fmt.Errorf("save plan: %w", err)
	}
	if err := replace(path, text); err != nil {
		var fault *fs.PathError
		if errors.As(err, &fault) { // of the temporary file, which nobody knows of
			err = &fs.PathError{Op: "write", Path: path, Err: fault.Err}
		}
		return fmt.Errorf("save plan: %w", err)
	}
	return nil
}

// Read loads a plan that Write saved. The error is a *FileError where the file is
// not such a plan, and otherwise a fault of the machine.
func Read(path string) (*plan.Plan, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	p, err := Decode(text)
	var fault *FileError
	if errors.As(err, &fault) {
		fault.Path = path
	}
	return p, err
}

// replace puts text at path by way of a temporary file beside it.
func replace(path string, text []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if err := errors.Join(fill(f, text), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}

// fill writes a file so that it is on disk whole.
func fill(f *os.File, text []byte) error {
	if err := f.Chmod(fileMode); err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir makes a rename in dir last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
