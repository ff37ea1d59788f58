package bucket_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/bucket/servers"
)

// access is how a server is reached, in a folder of its own.
func access(s *servers.SSHD, dir string) bucket.Access {
	return bucket.Access{URL: "sftp://" + s.User + "@" + s.Address + dir, PrivateKey: s.PrivateKey, HostKey: s.HostKey}
}

func openSFTP(t *testing.T, a bucket.Access) bucket.Store {
	t.Helper()
	s, err := bucket.Open(t.Context(), "", a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestSFTP holds the store to its contract on OpenSSH's own server.
func TestSFTP(t *testing.T) {
	t.Parallel()
	server := servers.StartSSHD(t)
	conform(t, func(t *testing.T) bucket.Store {
		dir, err := os.MkdirTemp(server.Dir, "")
		if err != nil {
			t.Fatal(err)
		}
		return openSFTP(t, access(server, dir))
	}, traits{names: []string{"back\\slash", "line\nbreak", ":colon", "nul-\x01"}, fill: fillFolder})
}

// fillFolder writes files beside the server.
func fillFolder(t *testing.T, s bucket.Store, paths []string) {
	t.Helper()
	at, err := bucket.ServerPath(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range paths {
		full := filepath.Join(at, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
