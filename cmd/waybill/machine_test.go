package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/runtime/store"
)

// A fault of the machine comes with what to do about it.
func TestMachineHints(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := &program{env: map[string]string{"USER": "ann"}}
	serving := &program{}
	serving.serving.Store(true)
	for _, test := range []struct {
		name string
		p    *program
		err  error
		want string
	}{
		{"a folder", p, fmt.Errorf("read workspace: %w", &fs.PathError{Op: "open", Path: dir, Err: syscall.EACCES}),
			"You are ann. Run it as the user who may, or have the rights changed: 'ls -ld " + dir + "' shows whose it is."},
		{"a file to be made", p, &fs.PathError{Op: "open", Path: filepath.Join(dir, "a", "b"), Err: syscall.EACCES}, "'ls -ld " + dir + "'"},
		{"a store", p, errors.New("store: open .waybill/waybill.db: attempt to write a readonly database (1544)"), "You are ann, who may not write to the store"},
		{"a full disk", p, &fs.PathError{Op: "write", Path: dir, Err: syscall.ENOSPC}, "make room"},
		{"a store on a full disk", p, errors.New("store: commit: database or disk is full (13)"), "make room"},
		{"a store that cannot be mapped", p, errors.New("store: open .waybill/waybill.db: disk I/O error (4874)"), "full, as 'df' tells, or broken"},
		{"a held store, to serve", serving, &store.HeldError{}, "or a command carries out its run"},
		{"a held store, otherwise", p, &store.HeldError{}, ""},
		{"an absent file", p, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrNotExist}, ""},
	} {
		got := test.p.machineHint(test.err)
		if !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
