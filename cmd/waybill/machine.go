package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/waybill-dev/waybill/runtime/store"
)

// machineHint says what to do about a fault of this machine, or nothing.
func (p *program) machineHint(err error) string {
	var held *store.HeldError
	var file *fs.PathError
	user, _, _ := strings.Cut(p.actor(), "@")
	switch {
	case strings.Contains(err.Error(), "readonly database"): // as SQLite says it, which has no error for it
		return fmt.Sprintf("You are %s, who may not write to the store; even to ask it, it is written to. Run it as the user who serves it.", user)
	case errors.As(err, &held) && p.serving.Load():
		return "It is served already, and what is applied is taken up there; or a command carries out its run, and gives the store back when that has ended. 'waybill status' shows what goes on. To serve it here, end that process first."
	case errors.As(err, &file) && errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("You are %s. Run it as the user who may, or have the rights changed: 'ls -ld %s' shows whose it is.", user, existing(file.Path))
	case errors.Is(err, syscall.ENOSPC), strings.Contains(err.Error(), "disk is full"): // SQLite's words
		return "The disk is full. Nothing is lost: make room and try again."
	case strings.Contains(err.Error(), "disk I/O error"): // and for a full disk, where it maps a file
		return "The disk of the store is full, as 'df' tells, or broken, as the log of the kernel tells. What was acknowledged is not lost."
	}
	return ""
}

// existing is a path, or the folder nearest to it that is there.
func existing(path string) string {
	for {
		if _, err := os.Lstat(path); err == nil || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}
