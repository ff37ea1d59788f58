package graph

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"
)

// The kinds of database that a DSN can name.
const (
	PostgreSQL = "postgres"
	SQLite     = "sqlite"
)

// DatabaseKind returns the kind of database that a DSN is of: "postgres://…" and
// "host=… user=…", "sqlite:…" and "file:…". Of one that is not known it is the
// DSN's scheme, or empty.
func DatabaseKind(dsn string) (kind string, known bool) {
	scheme, rest, found := strings.Cut(dsn, ":")
	scheme = strings.ToLower(scheme)
	switch {
	case found && (scheme == "sqlite" || scheme == "sqlite3" || scheme == "file"):
		return SQLite, true
	case found && (scheme == "postgres" || scheme == "postgresql") && strings.HasPrefix(rest, "//"):
		return PostgreSQL, true
	case found && scheme != "" && strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == "":
		return scheme, false
	case strings.Contains(dsn, "="): // settings, of which one may hold a colon
		return PostgreSQL, true
	}
	return "", false
}

// SQLitePath is the path in a DSN of SQLite: sqlite:data/app.db, sqlite:///var/app.db,
// file:data/app.db. The error does not have the DSN in it.
func SQLitePath(dsn string) (string, error) {
	const forms = "write sqlite:path/to/file.db for one in the workspace, or sqlite:/path/to/file.db"
	scheme, name, _ := strings.Cut(dsn, ":")
	var err error
	if strings.EqualFold(scheme, "file") {
		name, err = url.PathUnescape(name)
	}
	if host, found := strings.CutPrefix(name, "//"); found {
		if !strings.HasPrefix(host, "/") {
			return "", errors.New("the dsn names a computer behind //, and SQLite is a file; " + forms)
		}
		name = host
	}
	switch {
	case err != nil:
		return "", errors.New("the dsn cannot be read; " + forms)
	case strings.Contains(name, "?"):
		return "", errors.New("the dsn of a SQLite file takes no settings; remove what stands behind the question mark")
	case name == "" || name == ":memory:":
		return "", errors.New("the dsn names no file; " + forms)
	}
	return filepath.FromSlash(name), nil
}
