package value

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// Redactor replaces every secret value it was told of with "(secret NAME)": as
// it is, percent-encoded, in base64 (also in the middle of a longer text), in
// hexadecimal, as JSON, HTML and Go strings escape it, and each longer line of a
// value that has several, or part of one that is an address. Everything that is shown, stored or sent to people goes
// through it.
//
// Of a secret that changes it remembers the newest values, 64 of each name.
//
// It is safe for concurrent use. A nil Redactor changes nothing.
type Redactor struct {
	mu    sync.RWMutex
	known map[string]string   // names, by value
	order map[string][]string // values, by name, the oldest first
	forms [256][]form         // by first byte, the longest first
}

// form is one spelling of a value.
type form struct{ text, mark, of string }

// mostValues is how many values of one secret are hidden.
const mostValues = 64

// Add makes the redactor hide a secret's value from now on.
func (r *Redactor) Add(name, secret string) {
	if r == nil || secret == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.known[secret]; known {
		return
	}
	if r.known == nil {
		r.known, r.order = map[string]string{}, map[string][]string{}
	}
	r.known[secret], r.order[name] = name, append(r.order[name], secret)
	if values := r.order[name]; len(values) > mostValues {
		r.forget(values[0])
		r.order[name] = slices.Clone(values[1:])
	}
	mark := "(secret " + name + ")"
	for _, text := range append(spellings(secret), pieces(secret)...) {
		list := &r.forms[text[0]]
		*list = append(*list, form{text, mark, secret})
		slices.SortStableFunc(*list, func(a, b form) int { return len(b.text) - len(a.text) })
	}
}

// forget stops hiding a value.
func (r *Redactor) forget(secret string) {
	delete(r.known, secret)
	for i, list := range r.forms {
		r.forms[i] = slices.DeleteFunc(list, func(f form) bool { return f.of == secret })
	}
}

// String hides the secrets in s.
func (r *Redactor) String(s string) string {
	if r == nil {
		return s
	}
	out, _ := r.scan([]byte(s), true)
	return string(out)
}

// Cut hides the secrets in the beginning of a longer text, also one at its end of
// which only a part is there.
func (r *Redactor) Cut(s string) string {
	if r == nil {
		return s
	}
	out, held := r.scan([]byte(s), false)
	const telling = 4 // fewer say little, and end many a text
	if len(held) >= telling {
		return string(out) + "(cut off)"
	}
	return string(out) + string(held)
}

// Whole returns a writer that hides secrets in what goes on to w. Each Write is
// taken for the whole of a text, such as a line of a log.
func (r *Redactor) Whole(w io.Writer) io.Writer { return whole{r, w} }

type whole struct {
	r *Redactor
	w io.Writer
}

func (w whole) Write(p []byte) (int, error) {
	out, _ := w.r.scan(p, true)
	if _, err := w.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Error hides the secrets in an error's text. errors.Is and errors.As still
// find what it wraps. A nil error stays nil.
func (r *Redactor) Error(err error) error {
	if err == nil || r == nil {
		return err
	}
	if text := r.String(err.Error()); text != err.Error() {
		return &redacted{text, err}
	}
	return err
}

type redacted struct {
	text string
	err  error
}

func (e *redacted) Error() string { return e.text }

func (e *redacted) Unwrap() error { return e.err }

// Writer returns a writer that hides secrets in what goes on to w, also those
// that arrive in several pieces: it holds back what may be the beginning of
// one. Close writes what is held back; it does not close w.
func (r *Redactor) Writer(w io.Writer) io.WriteCloser { return &writer{r: r, w: w} }

type writer struct {
	r    *Redactor
	w    io.Writer
	held []byte
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.flush(p, false); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *writer) Close() error { return w.flush(nil, true) }

func (w *writer) flush(p []byte, final bool) error {
	out, held := w.r.scan(append(w.held, p...), final)
	w.held = slices.Clone(held)
	if len(out) == 0 {
		return nil
	}
	_, err := w.w.Write(out)
	return err
}

// scan replaces from left to right, the longest form first. Unless this is the
// final piece it stops where the rest may be the beginning of a form.
func (r *Redactor) scan(in []byte, final bool) (out, held []byte) {
	if r == nil {
		return in, nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.known) == 0 {
		return in, nil
	}
	out = make([]byte, 0, len(in))
next:
	for i := 0; i < len(in); {
		rest := in[i:]
		for _, f := range r.forms[in[i]] {
			switch {
			case len(f.text) <= len(rest):
				if string(rest[:len(f.text)]) == f.text {
					out = append(out, f.mark...)
					i += len(f.text)
					continue next
				}
			case !final && strings.HasPrefix(f.text, string(rest)):
				return out, rest
			}
		}
		out = append(out, in[i])
		i++
	}
	return out, nil
}

// spellings are the ways in which the whole of a secret may appear.
func spellings(s string) []string {
	quoted := strconv.Quote(s)
	ascii := strconv.QuoteToASCII(s)
	escaped := jsonEscape(s)
	digits := hex.EncodeToString([]byte(s))
	all := []string{
		s, url.QueryEscape(s), url.PathEscape(s), percentEncode(s), strings.TrimPrefix(url.User(s).String(), "@"),
		escaped, quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1], asciiJSON(escaped), html.EscapeString(s),
		strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(escaped), strings.ReplaceAll(escaped, "/", `\/`),
		base64.StdEncoding.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString([]byte(s)),
		base64.URLEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
		digits, strings.ToUpper(digits), strings.ToUpper(s), strings.ToLower(s),
	}
	if len(s) < minPiece { // found in ordinary text, or in other numbers
		all = all[:len(all)-4]
	}
	for _, x := range all {
		if strings.Contains(x, "%") {
			all = append(all, lowerHex(x))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// asciiJSON escapes what is not ASCII in a JSON string, as many programs do.
func asciiJSON(escaped string) string {
	var b strings.Builder
	for _, c := range escaped {
		switch {
		case c < utf8.RuneSelf:
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}

// lowerHex writes the digits of percent-encoding in lower case.
func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

// Spellings are the ways in which a text stands in a URL or in JSON:
// as it is, percent-encoded in three ways, and escaped. The number of them is the
// same for every text, and so is the order.
func Spellings(s string) []string {
	return []string{s, percentEncode(s), url.QueryEscape(s), url.PathEscape(s), jsonEscape(s)}
}
