package server

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/runtime/api"
)

// exchange is one request with its answer.
type exchange struct {
	w     *answer
	r     *http.Request
	token string // the name of the token
}

// answer is a response as it is written, for the log.
type answer struct {
	http.ResponseWriter
	request string // its name in the log
	token   string // the name of the asker's token, once it is known
	status  int    // 0: nothing is written yet
	size    int64
	problem string // what went wrong, as the log says it; empty: nothing
}

// WriteHeader tells the asker the server's clock as well.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
		a.Header().Set(api.HeaderTime, time.Now().UTC().Format(time.RFC3339Nano))
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	n, err := a.ResponseWriter.Write(b)
	a.size += int64(n)
	return n, err
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	a := &answer{ResponseWriter: w, request: requestName(r)}
	h := w.Header()
	h.Set(api.HeaderAPI, strconv.Itoa(api.Version))
	h.Set(api.HeaderRequest, a.request)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	s.mux.ServeHTTP(a, r)
	words := []any{"method", r.Method, "path", r.URL.EscapedPath(), "status", a.status,
		"bytes", a.size, "took", time.Since(began).Round(time.Millisecond), "token", a.token, "from", r.RemoteAddr, "request", a.request}
	if a.problem != "" {
		words = append(words, "problem", a.problem)
	}
	s.log.Log(levelOf(r.Method, a.status), "request", words...)
}

// levelOf is the level at which a request is logged: what changes something is
// worth a line, and so is what was not allowed.
func levelOf(method string, status int) hclog.Level {
	switch {
	case status >= 500:
		return hclog.Error
	case status == http.StatusUnauthorized:
		return hclog.Warn
	case method == http.MethodGet || method == http.MethodHead:
		return hclog.Debug
	}
	return hclog.Info
}

// handle lets a route answer, for one who may ask, and answers for it when it
// fails.
func (s *Server) handle(w *answer, r *http.Request, to *route) {
	x := &exchange{w: w, r: r}
	defer func() {
		if fault := recover(); fault != nil {
			s.log.Error("a request failed", "request", w.request, "panic", fault, "stack", string(debug.Stack()))
			x.fail(problemf(http.StatusInternalServerError, api.CodeInternal, "the server failed; its log has more under %s", w.request))
		}
	}()
	if !to.open {
		if err := s.admit(x); err != nil {
			x.fail(err)
			return
		}
		w.Header().Set(api.HeaderRelease, s.options.Release)
	}
	if err := to.serve(s, x); err != nil {
		x.fail(err)
	}
}

// admit finds out whose token the request has.
func (s *Server) admit(x *exchange) error {
	scheme, token, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	name, known := s.options.Tokens.Whose(strings.TrimSpace(token))
	switch {
	case strings.EqualFold(scheme, "Bearer") && known:
		x.token, x.w.token = name, name
		return nil
	case scheme == "":
		x.w.Header().Set("WWW-Authenticate", `Bearer realm="waybill"`)
		return problemf(http.StatusUnauthorized, api.CodeUnauthorized, "there is no token: send Authorization: Bearer TOKEN")
	}
	x.w.Header().Set("WWW-Authenticate", `Bearer realm="waybill", error="invalid_token"`)
	return problemf(http.StatusUnauthorized, api.CodeUnauthorized, "the server does not know this token")
}

// by is who is recorded with what the request does.
func (x *exchange) by() string {
	actor := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, x.r.Header.Get(api.HeaderActor))
	const most = 200
	if actor = strings.TrimSpace(actor); len(actor) > most {
		actor = strings.ToValidUTF8(actor[:most], "")
	}
	if actor == "" {
		return x.token
	}
	return actor + " (" + x.token + ")"
}

// read decodes the body into a document. No body at all is an empty document;
// fields that this release does not know are refused, for they would be lost.
func (x *exchange) read(into any, limit int64) error {
	d := json.NewDecoder(http.MaxBytesReader(x.w, x.r.Body, limit))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); more == nil {
			err = errors.New("there is more after the document")
		} else if !errors.Is(more, io.EOF) {
			err = more
		}
	}
	var large *http.MaxBytesError
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &large):
		return problemf(http.StatusRequestEntityTooLarge, api.CodeTooLarge, "the request has more than %d bytes", large.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problemf(http.StatusRequestTimeout, api.CodeTimeout, "the request did not arrive in time")
	}
	return problemf(http.StatusBadRequest, api.CodeBadRequest, "the body is not what this release of the server reads: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// write answers with a document.
func (x *exchange) write(status int, document any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		return err
	}
	return x.writeText(status, "application/json", b.Bytes())
}

func (x *exchange) writeText(status int, kind string, text []byte) error {
	h := x.w.Header()
	h.Set("Content-Type", kind)
	if len(text) >= worthPacking && strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
		text = packed(text)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(text) // the asker may have gone
	}
	return nil
}

// worthPacking is the size of an answer in bytes from which it is sent compressed:
// what is applied is, of a large workspace.
const worthPacking = 64 << 10

func packed(text []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is one there is
	_, _ = z.Write(text)                            // a Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// requestName is the name that a proxy in front gave to a request, or a new one.
func requestName(r *http.Request) string {
	given := r.Header.Get(api.HeaderRequest)
	odd := func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.:", c))
	}
	if given != "" && len(given) <= 100 && !strings.ContainsFunc(given, odd) {
		return given
	}
	return strings.ToLower(rand.Text()[:16])
}
