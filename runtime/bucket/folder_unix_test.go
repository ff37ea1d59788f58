//go:build unix

package bucket_test

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

func TestListLeavesOutWhatIsNotAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putFiles(t, dir, "in/a")
	if err := syscall.Mkfifo(filepath.Join(dir, "in/pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	link(t, "pipe", filepath.Join(dir, "in/to-pipe"))
	socket, err := net.Listen("unix", filepath.Join(dir, "in/s"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	f := openFolder(t, dir, "in")
	got, err := f.List(t.Context(), bucket.Scope{Folders: []string{"", "pipe"}})
	if diff := cmp.Diff([]string{"a"}, paths(got)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := f.Open(t.Context(), window.Object{Path: "pipe"}); value.FaultOf(err) != value.SourceError {
		t.Errorf("error %v", err)
	}
}
