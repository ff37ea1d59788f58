package process

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// workingDir returns the folder to work in, checked to be one that can be entered:
// the system says of one that cannot only that the program was not started.
func (c Command) workingDir(workspace string) (string, error) {
	if c.Dir == "" {
		return workspace, nil
	}
	dir := filepath.FromSlash(c.Dir)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(workspace, dir)
	}
	_, err := os.Stat(dir + string(filepath.Separator) + ".")
	switch {
	case err == nil:
		return dir, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("its working_dir %s is not there; make the folder, or name another one", c.Dir)
	case errors.Is(err, syscall.ENOTDIR):
		return "", fmt.Errorf("its working_dir %s is not a folder", c.Dir)
	}
	return "", fmt.Errorf("its working_dir %s cannot be entered: %w", c.Dir, err)
}

// find returns the file to run, checked to be the one that was applied.
func (c Command) find(dir string) (string, error) {
	name := c.Argv[0]
	if c.Script != "" {
		script := filepath.Join(dir, filepath.FromSlash(c.Script))
		if err := checkScript(script, c.Script, c.ScriptSHA); err != nil {
			return "", err
		}
		if filepath.Clean(name) == filepath.Clean(c.Script) {
			return script, nil
		}
	}
	switch {
	case filepath.IsAbs(name):
		return name, nil
	case strings.ContainsRune(name, filepath.Separator):
		return filepath.Join(dir, name), nil
	}
	path, err := exec.LookPath(name)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("there is no program %q in the folders of PATH; write ./%s for a file of the workspace", name, name)
	case err != nil:
		return "", fmt.Errorf("find the program: %w", err)
	}
	return path, nil
}

func checkScript(path, name, want string) error {
	if want == "" {
		return nil
	}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the script %s was there when it was applied and is gone; put it back, or change the configuration and run waybill apply", name)
	case err != nil:
		return fmt.Errorf("read the script: %w", err)
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read the script: %w", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != strings.ToLower(want) {
		return fmt.Errorf("the script %s was changed after it was applied; run waybill apply", name)
	}
	return nil
}
