package graph

import "strings"

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
