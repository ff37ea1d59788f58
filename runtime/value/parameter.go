package value

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Parameter is a run-time value that is bound in a statement of SQL, rather than
// pasted into it.
type Parameter struct {
	Ref    string    // "range.start"
	Format string    // layout of formatdate; empty: none was asked for
	Text   string    // as [Resolver.Text] reads; of an open end, an instant that sorts as such
	Time   time.Time // of an instant; zero for any other value, and where Edge is set
	Edge   Edge
	Null   bool // an instant that the run does not have
}

// Instant reports whether the parameter is an instant, with or without a layout,
// also one that the run does not have.
func (p Parameter) Instant() bool { return !p.Time.IsZero() || p.Edge != Inside || p.Null }

// Edge says that an end of a range is open: the run reads all there is.
type Edge int

// The edges.
const (
	Inside    Edge = iota // not an open end
	Beginning             // before everything
	End                   // after everything
)

// Parameters resolves the run-time parts of a statement, in their order.
func (v *Resolver) Parameters(x graph.Value) ([]Parameter, error) {
	var list []Parameter
	for _, part := range x {
		if part.Ref == "" {
			continue
		}
		if root, _, _ := strings.Cut(part.Ref, "."); root != "run" && root != "range" {
			return nil, Misconfigured.Errorf("bind "+part.Ref, "only run-time values of the run and its range can stand in SQL")
		}
		text, _, err := v.part(part)
		if err != nil {
			return nil, err
		}
		p := Parameter{Ref: part.Ref, Format: part.Format, Text: text}
		if edge, instant := instants[part.Ref]; instant {
			p.Time, err = v.instant(part.Ref)
			p.Null = p.Time.IsZero() && edge == Inside
			if p.Time.IsZero() && edge != Inside {
				p.Edge, p.Text = edge, edges[edge]
				if p.Format != "" && err == nil {
					p.Text, err = formatDate(part, p.Text)
				}
			}
		}
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// instants are the references to instants, and what it means that one is open.
var instants = map[string]Edge{
	"range.start": Beginning, "range.end": End, "run.range_start": Beginning, "run.range_end": End,
	"run.scheduled_at": Inside, "run.started_at": Inside,
}

// edges sort before and after every instant that is written so.
var edges = map[Edge]string{Beginning: "0001-01-01T00:00:00Z", End: "9999-12-31T23:59:59Z"}

func (v *Resolver) instant(ref string) (time.Time, error) {
	text, _, err := v.part(graph.Part{Ref: ref})
	if err != nil || text == "" {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, Failed.Wrap("read "+ref, err)
}

// DSN joins the parts of the address of a database. Secrets in an address that is
// written as a URL are percent-encoded, those in one of the form "host=… user=…"
// are quoted as that form takes it; one that is the very start is the address, or
// its beginning, as it is.
func (v *Resolver) DSN(x graph.Value) (string, error) {
	if len(x) == 0 || x[0].Ref != "" {
		return v.Text(x)
	}
	if strings.Contains(x[0].Literal, "://") {
		return v.URL(x)
	}
	quoted := make([]bool, len(x)) // whether a part begins within quotes
	inside := false
	for i, p := range x {
		quoted[i] = inside
		if strings.Count(strings.ReplaceAll(p.Literal, `\'`, ""), "'")%2 == 1 {
			inside = !inside
		}
	}
	return v.join(x, refuseNull, func(i int, s string) string {
		s = strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s)
		if quoted[i] || !strings.HasSuffix(strings.TrimRight(x[i-1].Literal, " "), "=") {
			return s
		}
		return fmt.Sprintf("'%s'", s)
	})
}
