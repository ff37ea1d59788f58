// Package value gives a run-time value its text: it resolves the parts of a
// [graph.Value] that wait for a run, finds secrets where they are kept, and
// keeps their values out of everything that is shown ([Redactor]). It also
// names the kinds of fault that a step can meet ([Fault]).
package value

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// Run is what a run tells its steps about itself.
type Run struct {
	ID          string       // run.id: the run's key
	Group       graph.Addr   // run.group
	ScheduledAt time.Time    // run.scheduled_at
	StartedAt   time.Time    // run.started_at
	Range       window.Range // run.range_start, run.range_end
	Dates       []string     // run.dates: joined with commas
	Landing     string       // run.landing: where the list of what landed is
}

// Resolver gives values their text for one step of one run. It is not changed
// by use and safe for concurrent use.
//
// A time reads as RFC 3339 in whole seconds in Zone, or as its part's
// formatdate layout says. A time that the run does not have (the scheduled
// instant of some ad hoc runs, an end of a range without limit) is the empty
// text, with or without a layout.
type Resolver struct {
	Secrets  *Secrets       // nil: none is declared
	Zone     *time.Location // the range zone; nil: UTC
	Run      Run
	Range    window.Range // range.start, range.end: the courier's own, after its offset
	Response *Response    // nil where there is no answer to speak of
}

// WithResponse returns a copy that answers "response." references from r.
func (v Resolver) WithResponse(r Response) *Resolver {
	v.Response = &r
	return &v
}

// Text joins the parts as they are. A nil Value is the empty text.
func (v *Resolver) Text(x graph.Value) (string, error) {
	return v.join(x, refuseNull, func(_ int, s string) string { return s })
}

// URL joins the parts with everything that waited for the run percent-encoded,
// save a part that is the very start of the URL, such as a secret that holds
// the whole of it.
func (v *Resolver) URL(x graph.Value) (string, error) {
	return v.join(x, refuseNull, func(i int, s string) string {
		if i == 0 {
			return s
		}
		return percentEncode(s)
	})
}

// JSON joins the parts with everything that waited for the run escaped for the
// inside of a JSON string.
func (v *Resolver) JSON(x graph.Value) (string, error) {
	return v.join(x, refuseNull, func(_ int, s string) string { return jsonEscape(s) })
}

// Command resolves the arguments and the environment of a program.
func (v *Resolver) Command(e *graph.Exec) (argv []string, env map[string]string, err error) {
	for i, arg := range e.Command {
		text, err := v.Text(arg)
		if err != nil {
			return nil, nil, fmt.Errorf("argument %d of the command: %w", i, err)
		}
		argv = append(argv, text)
	}
	env = map[string]string{}
	for name, x := range e.Environment {
		if env[name], err = v.Text(x); err != nil {
			return nil, nil, fmt.Errorf("environment variable %s: %w", name, err)
		}
	}
	return argv, env, nil
}

// Time writes t as a reference to a time reads: RFC 3339 in the range zone; the
// empty text for the zero time.
func (v *Resolver) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format(time.RFC3339)
}

// What join does with a null in an answer.
const (
	refuseNull = false
	emptyNull  = true // it reads as the empty text
)

func (v *Resolver) join(x graph.Value, nullIsEmpty bool, encode func(i int, s string) string) (string, error) {
	var b strings.Builder
	for i, p := range x {
		if p.Ref == "" {
			b.WriteString(p.Literal)
			continue
		}
		text, isNull, err := v.part(p)
		if err == nil && isNull && !nullIsEmpty {
			err = Failed.Errorf("use "+p.Ref, "it is null in the answer")
		}
		if err != nil {
			return "", err
		}
		b.WriteString(encode(i, text))
	}
	return b.String(), nil
}

// part resolves one reference. Only a reference to an answer can be null.
func (v *Resolver) part(p graph.Part) (text string, isNull bool, err error) {
	root, name, _ := strings.Cut(p.Ref, ".")
	known := true
	switch root {
	case "run":
		text, known = v.runValue(name)
	case "range":
		switch name {
		case "start":
			text = v.Time(v.Range.Start)
		case "end":
			text = v.Time(v.Range.End)
		default:
			known = false
		}
	case "secret":
		text, err = v.Secrets.Get(name)
	case "response":
		if v.Response == nil {
			return "", false, Misconfigured.Errorf("use "+p.Ref, "there is no answer to read here; response exists in the poll of an http block only")
		}
		text, isNull, err = v.Response.lookup(name)
	default:
		known = false
	}
	if !known {
		err = Misconfigured.Errorf("use "+p.Ref, "this release of Waybill does not know that run-time value")
	}
	if err != nil || p.Format == "" || text == "" {
		return text, isNull, err
	}
	text, err = formatDate(p, text)
	return text, false, err
}

func (v *Resolver) runValue(name string) (text string, known bool) {
	switch name {
	case "id":
		return v.Run.ID, true
	case "group":
		return v.Run.Group.String(), true
	case "scheduled_at":
		return v.Time(v.Run.ScheduledAt), true
	case "started_at":
		return v.Time(v.Run.StartedAt), true
	case "range_start":
		return v.Time(v.Run.Range.Start), true
	case "range_end":
		return v.Time(v.Run.Range.End), true
	case "dates":
		return strings.Join(v.Run.Dates, ","), true
	case "landing":
		return v.Run.Landing, true
	}
	return "", false
}

func formatDate(p graph.Part, rfc3339 string) (string, error) {
	out, err := stdlib.FormatDate(cty.StringVal(p.Format), cty.StringVal(rfc3339))
	if err != nil {
		return "", Misconfigured.Errorf("format "+p.Ref, "%w", err)
	}
	return out.AsString(), nil
}

// percentEncode leaves only what RFC 3986 calls unreserved, so that the result
// is one piece of data wherever in a URL it stands.
func percentEncode(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func jsonEscape(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string has a JSON form
		panic(fmt.Sprintf("value: encode a string: %v", err))
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
}
