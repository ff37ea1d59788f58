package bucket

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Access is where files are and with what they are reached. What is empty is taken
// from where the place's own tools find it: the environment, a profile, the
// machine.
type Access struct {
	URL        string // as in [graph.ParseStorage]
	Username   string // sftp, where the URL has none
	Password   string // sftp; with PrivateKey its passphrase
	PrivateKey string // sftp; gs: the JSON of a service account
	HostKey    string // sftp: the server's
	AccessKey  string // s3; azblob: name of the account
	SecretKey  string // s3; azblob: key of the account
	Role       string // s3: ARN of a role to assume
}

// Open opens a place of files. Relative folders are in the workspace; one that does
// not exist is a SourceError (see [MakeFolder]). An object store or a server is not
// asked yet.
func Open(ctx context.Context, workspace string, a Access) (Store, error) {
	at, err := graph.ParseStorage(a.URL)
	if err != nil {
		return nil, value.Misconfigured.Wrap("open "+withoutUser(a.URL), err)
	}
	switch at.Scheme {
	case "s3":
		return openS3(ctx, at, a)
	case "gs":
		return openGS(ctx, at, a)
	case "azblob":
		return openAzblob(ctx, at, a)
	case "sftp":
		return openSFTP(ctx, at, a)
	}
	return OpenFolder(workspace, a.URL)
}

// withoutUser leaves the user out of a URL, where somebody may have written a
// password.
func withoutUser(v string) string {
	scheme, rest, isURL := strings.Cut(v, "://")
	end := strings.IndexByte(rest, '/')
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if !isURL || at < 0 {
		return v
	}
	return scheme + "://" + rest[at+1:]
}

// Path returns where a URL relative to a store is on this machine; false where the
// store is not on it.
func Path(s Store, name string) (string, bool) {
	f, ok := s.(*Folder)
	if !ok {
		return "", false
	}
	return filepath.Join(f.path, filepath.FromSlash(name)), true
}
