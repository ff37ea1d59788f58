package action

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	maxBody    = 1 << 20 // kept of an answer
	maxQuote   = 300     // shown of an answer in an error
	maxConnect = 30 * time.Second
)

// Response is the answer to a request; at most 1 MiB of its body is kept.
type Response = value.Response

// HTTPCall is one attempt at a request.
type HTTPCall struct {
	Request *graph.HTTP
	Values  *value.Resolver
	Key     string       // sent as Idempotency-Key; the same in every attempt
	Client  *http.Client // nil: one that opens a connection for each request
}

// HTTP sends a request once and reads its answer. The answer is returned also
// with an error, where there was one. Errors are
//
//   - SourceError, worth another attempt: no connection could be made, or the
//     answer was 408, 425, 429 or 5xx;
//   - Misconfigured: a secret or the URL is wrong, the certificate does not
//     hold, or the answer was 3xx, 401, 403, 404, 405 or 410;
//   - Failed: any other status that is not expected, such as 400, 409 or 422;
//   - Unknown: the request may have arrived, and its answer was lost, also
//     because ctx ended, or a gateway lost it (502, 504). A GET or HEAD changes
//     nothing, so that it is a SourceError then, or what ctx ended with;
//   - those of [value.Interrupted]: ctx ended before there was a connection.
//
// Redirects are followed for GET and HEAD on the same host only: elsewhere they
// would lose the request's body or hand its credentials to a stranger.
func HTTP(ctx context.Context, c HTTPCall) (Response, error) {
	redactor := c.Values.Secrets.Redactor()
	req, err := build(ctx, c)
	if err != nil {
		return Response{}, redactor.Error(err)
	}
	r, err := exchange{
		op: req.Method + " " + c.Request.URL.String(), client: c.Client, redactor: redactor,
		expect: c.Request.ExpectStatus, needsBody: c.Request.Poll != nil,
	}.do(req)
	return r, redactor.Error(err)
}

func build(ctx context.Context, c HTTPCall) (*http.Request, error) {
	target, err := c.Values.URL(c.Request.URL)
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	body, err := c.Values.Text(c.Request.Body)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if c.Request.JSON != nil {
		if body, err = c.Values.JSON(c.Request.JSON); err != nil {
			return nil, fmt.Errorf("json: %w", err)
		}
	}
	method := c.Request.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := newRequest(ctx, method+" "+c.Request.URL.String(), method, target, body)
	if err != nil {
		return nil, err
	}
	if c.Request.JSON != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Key != "" {
		req.Header.Set("Idempotency-Key", c.Key)
	}
	return req, authorize(req, c.Request, c.Values)
}

// newRequest builds a request to a URL that it checks. The operation names the
// URL as it was written, since the whole of it may be a secret.
func newRequest(ctx context.Context, op, method, target, body string) (*http.Request, error) {
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return nil, value.Misconfigured.Errorf(op, "that is not a URL; it must be like https://host/path")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, value.Misconfigured.Errorf(op, "the URL must start with http:// or https:// and a host")
	}
	var content io.Reader // a nil one says that there is no body
	if body != "" {
		content = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return nil, value.Misconfigured.Wrap(op, err)
	}
	req.GetBody = nil // the transport may not send it a second time by itself
	req.Header.Set("User-Agent", "waybill")
	return req, nil
}

// authorize adds the headers that the block writes and its credentials.
func authorize(req *http.Request, h *graph.HTTP, v *value.Resolver) error {
	for _, name := range slices.Sorted(maps.Keys(h.Headers)) {
		text, err := v.Text(h.Headers[name])
		if err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
		if strings.EqualFold(name, "Host") {
			req.Host = text
			continue
		}
		req.Header.Set(name, text)
	}
	if h.BearerToken != nil {
		token, err := v.Text(h.BearerToken)
		if err != nil {
			return fmt.Errorf("bearer_token: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if h.BasicAuth == nil {
		return nil
	}
	user, err := v.Text(h.BasicAuth.Username)
	if err != nil {
		return fmt.Errorf("basic_auth username: %w", err)
	}
	password, err := v.Text(h.BasicAuth.Password)
	if err != nil {
		return fmt.Errorf("basic_auth password: %w", err)
	}
	req.SetBasicAuth(user, password)
	return nil
}

// exchange sends one request and judges the answer.
type exchange struct {
	op        string
	redactor  *value.Redactor
	client    *http.Client
	expect    []int // empty: 200 to 299
	needsBody bool  // the answer is worth nothing without its body
}

func (x exchange) do(req *http.Request) (Response, error) {
	var connected atomic.Bool
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	answer, err := x.careful().Do(req.WithContext(ctx))
	if err != nil {
		return Response{}, lost(req, x.op, err, connected.Load())
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	r := Response{Status: answer.StatusCode, Headers: answer.Header, Body: body[:min(len(body), maxBody)], Truncated: len(body) > maxBody}
	if !x.expected(r.Status) {
		return r, x.refusal(r, answer.Status, isSafe(req.Method))
	}
	if err != nil && (x.needsBody || isSafe(req.Method)) {
		return r, lost(req, x.op, fmt.Errorf("the answer %s broke off: %w", answer.Status, err), true)
	}
	return r, nil
}

func (x exchange) expected(status int) bool {
	if len(x.expect) > 0 {
		return slices.Contains(x.expect, status)
	}
	return status >= 200 && status <= 299
}

// careful is the client with redirects as [HTTP] promises. The one it makes
// itself never uses a connection twice: the transport sends a request again by
// itself when a connection that was used before breaks, and a step that is to
// be held after a lost answer may not be repeated behind its back.
func (x exchange) careful() *http.Client {
	client := http.Client{}
	if x.client != nil {
		client = *x.client
	} else {
		client.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true,
			DialContext: (&net.Dialer{Timeout: maxConnect}).DialContext, TLSHandshakeTimeout: maxConnect,
		}
	}
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		first := via[0]
		if !isSafe(first.Method) || next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host || len(via) > 10 {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &client
}

// lost is the error of a request without an answer. connected says that it may
// have been sent.
func lost(req *http.Request, op string, err error, connected bool) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // its text has the whole URL
	}
	var certificate *tls.CertificateVerificationError
	ctx := req.Context()
	switch {
	case connected && !isSafe(req.Method):
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", err, context.Cause(ctx))
		}
		return value.Unknown.Errorf(op, "the request may have arrived, but its answer was lost: %w", err)
	case ctx.Err() != nil:
		return value.Interrupted(ctx, op)
	case errors.As(err, &certificate):
		return value.Misconfigured.Errorf(op, "the server's certificate does not hold: %w", err)
	}
	return value.SourceError.Wrap(op, err)
}

// refusal is the error of an answer with a status that is not expected.
func (x exchange) refusal(r Response, status string, safe bool) error {
	op := x.op
	fault := value.Failed
	switch {
	case !safe && (r.Status == http.StatusBadGateway || r.Status == http.StatusGatewayTimeout):
		fault = value.Unknown
	case r.Status == 408, r.Status == 425, r.Status == 429, r.Status >= 500:
		fault = value.SourceError
	case r.Status >= 300 && r.Status <= 399:
		return value.Misconfigured.Errorf(op, "the answer was %s: it leads to %s; write that URL if it is right", status, location(r))
	case slices.Contains([]int{401, 403, 404, 405, 410}, r.Status):
		fault = value.Misconfigured
	}
	// What is cut off may not be half of a secret.
	hide := x.redactor.String
	if r.Truncated {
		hide = x.redactor.Cut
	}
	said := strings.TrimSpace(hide(string(r.Body)))
	said = strings.ToValidUTF8(said[:min(len(said), maxQuote)], "\uFFFD")
	if said == "" {
		return fault.Errorf(op, "the answer was %s", status)
	}
	return fault.Errorf(op, "the answer was %s: %s", status, said)
}

func location(r Response) string {
	u, err := url.Parse(r.Headers.Get("Location"))
	if err != nil {
		return "an unreadable URL"
	}
	// User, query and fragment often are private.
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }
