package lang

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// warehouse builds a warehouse source.
func (b *builder) warehouse(o *object) *graph.Warehouse {
	w := &graph.Warehouse{DSN: o.value("dsn"), Query: o.value("query"), Format: o.text("format"), Null: o.text("null")}
	b.dsn(o, w.DSN)
	b.statements(o, "query", []graph.Value{w.Query})
	switch {
	case !o.has("null"):
	case w.Format != "csv":
		b.add(diag.BadValue, o.place("null"), "Wrong value for null", "null says what NULL is written as in CSV. In JSON it is null; remove it.")
	case strings.ContainsAny(w.Null, "\",\r\n"):
		b.add(diag.BadValue, o.place("null"), "Wrong value for null", "null stands between commas without quotes, so it has no comma, quote or line end in it. Write for example \"NULL\".")
	}
	return w
}

// sql builds a sql action.
func (b *builder) sql(o *object) *graph.SQL {
	s := &graph.SQL{DSN: o.value("dsn"), Statements: o.values("statements")}
	b.dsn(o, s.DSN)
	if empty[graph.Value](o, "statements") {
		b.add(diag.BadValue, o.place("statements"), "Wrong value for statements", "There is no statement. Write at least one: statements = [\"refresh materialized view customers\"].")
	}
	b.statements(o, "statements", s.Statements)
	return s
}

// keyPassword is a password in a DSN of settings. A reference to a secret ends the
// text before it.
var keyPassword = regexp.MustCompile(`(?i)\bpassword\s*=\s*'?[^\s']`)

// dsn checks what is known of the address of a database before a run.
func (b *builder) dsn(o *object, v graph.Value) {
	if len(v) == 0 || v[0].Ref != "" {
		return
	}
	text := v[0].Literal
	wrong := func(format string, args ...any) {
		b.add(diag.BadValue, o.place("dsn"), "Wrong value for dsn", format, args...)
	}
	kind, known := graph.DatabaseKind(text)
	const forms = "Write postgres://user:password@host:5432/name or \"host=… user=… dbname=…\" for PostgreSQL, sqlite:path/to/file.db for SQLite."
	switch {
	case !known && kind == "":
		wrong("The dsn names no kind of database. %s", forms)
	case !known:
		wrong("There is no support for databases of the kind %s. %s", kind, forms)
	case kind == graph.SQLite && len(v) == 1:
		if _, err := graph.SQLitePath(text); err != nil {
			wrong("%s.", upperFirst(err.Error()))
		}
	case kind == graph.PostgreSQL && hasPassword(v):
		wrong("The dsn holds a password, which the plan and the store would show. Declare a secret, and write dsn = secret.NAME, or the password alone as ${secret.NAME}.")
	}
}

// hasPassword reports whether a password stands in the text of a DSN itself.
func hasPassword(v graph.Value) bool {
	if scheme, rest, isURL := strings.Cut(v[0].Literal, "://"); isURL {
		if len(v) > 1 { // what matters stands before the first reference
			user, _, ended := strings.Cut(rest, "@")
			_, password, _ := strings.Cut(user, ":")
			return ended && password != ""
		}
		u, err := url.Parse(scheme + "://" + rest)
		if err != nil {
			return false
		}
		password, _ := u.User.Password()
		return password != "" || u.Query().Get("password") != ""
	}
	return slices.ContainsFunc(v, func(p graph.Part) bool { return keyPassword.MatchString(p.Literal) })
}

// transactional are the statements that begin and end transactions.
var transactional = []string{"begin", "start", "commit", "end", "rollback", "abort"}

// writing are the statements that do not read, and so are no query.
var writing = []string{
	"insert", "update", "delete", "merge", "replace", "truncate", "create", "alter", "drop", "grant", "revoke",
	"copy", "vacuum", "reindex", "refresh", "attach",
}

// statements checks SQL as far as it can be without its database: where run-time
// values stand, that each element is one statement, and none of a transaction.
func (b *builder) statements(o *object, name string, list []graph.Value) {
	f := o.field(name)
	if f == nil {
		return
	}
	for i, v := range list {
		at := f.at
		if len(f.parts) == len(list) {
			at = f.parts[i]
		}
		s := scanSQL(v)
		for _, p := range s.enclosed {
			b.add(diag.QuotedParameter, at, "Run-time value inside quotes of SQL",
				"%s stands %s, where it would be plain text. It is sent as a parameter: write ${%[1]s} by itself.", p.ref, p.where)
		}
		switch {
		case len(v) > 0 && s.first == "" && !s.value:
			b.add(diag.BadValue, at, "Wrong value for "+name, "There is no statement in it.")
		case s.second:
			b.add(diag.BadValue, at, "Wrong value for "+name, "There is more than one statement in it. A database takes parameters in one at a time: %s.",
				map[bool]string{true: "a query is a single select", false: "write each as an element of its own"}[name == "query"])
		case name == "query" && slices.Contains(writing, s.first):
			b.add(diag.BadValue, at, "Wrong value for "+name, "A courier only reads, and this begins with %q. Write a select; what writes stands in the sql block of a process.", s.first)
		case slices.Contains(transactional, s.first):
			b.add(diag.BadValue, at, "Wrong value for "+name, "All statements of the block run in one transaction, which is begun and committed for them. Remove %q.", s.first)
		}
	}
}

// sqlText is what a statement shows without being understood.
type sqlText struct {
	first    string // its first word, in small letters
	value    bool   // it begins with something else, such as a parenthesis
	second   bool   // another statement follows it
	enclosed []enclosed
}

// enclosed is a run-time value that is no value of its own.
type enclosed struct{ ref, where string }

// dollarQuote begins and ends a text of PostgreSQL: $$ or $name$.
var dollarQuote = regexp.MustCompile(`^\$([A-Za-z_][A-Za-z0-9_]*)?\$`)

// bodies have statements in them: triggers of SQLite, functions of PostgreSQL.
var bodies = regexp.MustCompile(`(?is)^\s*create\b.*\bbegin\b`)

// scanSQL reads quotes, comments and semicolons as PostgreSQL and SQLite do.
func scanSQL(v graph.Value) sqlText {
	var s sqlScanner
	for _, p := range v {
		if p.Ref == "" {
			s.literal(p.Literal)
			continue
		}
		if s.until != "" {
			s.enclosed = append(s.enclosed, enclosed{p.Ref, s.where})
			continue
		}
		s.something("")
	}
	if s.second && bodies.MatchString(v[0].Literal) {
		s.second = false
	}
	return s.sqlText
}

// sqlScanner is between two characters of a statement.
type sqlScanner struct {
	sqlText
	ended   bool   // behind a semicolon
	until   string // what ends the quote or the comment; empty: outside of any
	where   string // what that is
	escapes bool   // a backslash in it escapes
}

// something notes that there is a word of the statement, or anything else.
func (s *sqlScanner) something(word string) {
	switch {
	case s.ended:
		s.second = true
	case s.first == "" && !s.value:
		s.first, s.value = strings.ToLower(word), word == ""
	}
}

func (s *sqlScanner) literal(text string) {
	for i := 0; i < len(text); {
		if s.until == "" {
			i += s.outside(text[i:])
			continue
		}
		switch {
		case s.escapes && text[i] == '\\':
			i += 2
		case strings.HasPrefix(text[i:], s.until):
			i += len(s.until)
			s.until = ""
		default:
			i++
		}
	}
}

// enter goes into a quote or a comment.
func (s *sqlScanner) enter(until, where string, escapes bool) {
	s.until, s.where, s.escapes = until, where, escapes
}

// outside reads what stands at the beginning of text and returns its length.
func (s *sqlScanner) outside(text string) int {
	c := text[0]
	switch {
	case strings.HasPrefix(text, "--"):
		s.enter("\n", "in a comment", false)
		return 2
	case strings.HasPrefix(text, "/*"):
		s.enter("*/", "in a comment", false)
		return 2
	case strings.IndexByte(" \t\r\n", c) >= 0:
		return 1
	case c == ';':
		s.ended = s.ended || s.first != "" || s.value
		return 1
	case isWord(c):
		end := 1
		for end < len(text) && (isWord(text[end]) || text[end] == '$') { // a name may hold a dollar
			end++
		}
		s.something(text[:end])
		if strings.EqualFold(text[:end], "e") && strings.HasPrefix(text[end:], "'") {
			s.enter("'", "between ' quotes", true)
			end++
		}
		return end
	}
	s.something("")
	if quote := dollarQuote.FindString(text); quote != "" {
		s.enter(quote, "between "+quote, false)
		return len(quote)
	}
	if c == '\'' || c == '"' || c == '`' {
		s.enter(string(c), "between "+string(c)+" quotes", false)
	}
	return 1
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}
