package lang_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
)

// TestUnreadFiles demands one message for each file that is no text file, and
// that the others are checked.
func TestUnreadFiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		make func(path string) error
		want string
	}{
		{"directory", func(path string) error { return os.Mkdir(path, 0o755) }, "0 error WB764"},
		{"pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }, "0 error WB764"},
		{"device", func(path string) error { return os.Symlink("/dev/zero", path) }, "0 error WB764"},
		{"dangling", func(path string) error { return os.Symlink("nowhere", path) }, "0 error WB764"},
		{"large", func(path string) error {
			return os.WriteFile(path, bytes.Repeat([]byte("# data\n"), 50<<20/7), 0o600)
		}, "0 error WB763"},
		{"latin-1", func(path string) error { return os.WriteFile(path, []byte("# ä\n# gr\xfcn\n"), 0o600) }, "2 error WB762"},
		{"utf-16", func(path string) error { return os.WriteFile(path, []byte("\xff\xfel\x00o\x00"), 0o600) }, "1 error WB762"},
		{"nul", func(path string) error { return os.WriteFile(path, []byte("locals {}\n\x00"), 0o600) }, "2 error WB762"},
		{"bom", func(path string) error { return os.WriteFile(path, []byte("\xef\xbb\xbflocals {}\r\n"), 0o600) }, ""},
		{"crlf", func(path string) error {
			return os.WriteFile(path, []byte("variable \"x\" {\r\n  default = 1\r\n}\r\n"), 0o600)
		}, "1 warning WB733"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := workspace(t, map[string]string{"main.hcl": "locals {\n  a = uper(local.elsewhere)\n}\n"})
			if err := tt.make(filepath.Join(dir, "odd.hcl")); err != nil {
				t.Fatal(err)
			}
			ws, list, err := lang.Load(dir, lang.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, line := range reported(list) {
				if line != "2 error WB714" && line != "2 error WB710" && line != "2 warning WB733" {
					got = append(got, line)
				}
			}
			if strings.Join(got, ", ") != tt.want || !slices.Contains(reported(list), "2 error WB714") {
				t.Errorf("reported %v, want %q and what is wrong in the other file", reported(list), tt.want)
			}
			diag.WriteText(&bytes.Buffer{}, list, ws.Sources, diag.TextOptions{Width: 80})
		})
	}
}

// TestOtherEndings demands a warning of files that are meant to be read, and are not.
func TestOtherEndings(t *testing.T) {
	t.Parallel()
	const main = "locals {\n  a = 1\n}\n"
	for name, want := range map[string]string{
		"orders.HCL":          "Rename it to orders.hcl,",
		"orders.hcl.txt":      "Rename it to orders.hcl,",
		"Orders.Hcl.Json.TXT": "Rename it to Orders.hcl.json,",
		"orders.hcl.bak":      "",
		".orders.HCL":         "",
		"notes.txt":           "",
		"main.tf":             "",
	} {
		_, list, err := lang.Load(workspace(t, map[string]string{"main.hcl": main, name: "courier {"}), lang.Options{})
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, d := range list {
			if d.Code == diag.OtherEnding {
				said += d.Detail
			}
		}
		if want == "" && said != "" || !strings.Contains(said, want) || list.HasErrors() {
			t.Errorf("%s: %q, want %q", name, said, want)
		}
	}
}

// TestUnreadInputs demands the same of files of values.
func TestUnreadInputs(t *testing.T) {
	t.Parallel()
	dir := workspace(t, map[string]string{"main.hcl": "locals {}\n"})
	if err := syscall.Mkfifo(filepath.Join(dir, "waybill.hclvars"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, list, err := lang.Load(dir, lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := reported(list); !slices.Equal(got, []string{"0 error WB722"}) {
		t.Errorf("reported %v, want WB722", got)
	}
}
