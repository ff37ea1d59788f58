package action

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync/atomic"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

const (
	maxBody  = 1 << 20 // kept of an answer
	maxQuote = 300     // shown of an answer in an error
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
//     answer was 408, 425, 429 or 5xx; a [web.PatienceError] where it says when, as
//     a 403 may, too;
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
	req, err := web.NewRequest(ctx, method+" "+c.Request.URL.String(), method, target, body)
	if err != nil {
		return nil, err
	}
	if c.Request.JSON != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Key != "" {
		req.Header.Set("Idempotency-Key", c.Key)
	}
	return req, web.Authorize(req, c.Request, c.Values)
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
		return r, x.refusal(r, answer.Status, web.IsSafe(req.Method))
	}
	if err != nil && (x.needsBody || web.IsSafe(req.Method)) {
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
// itself never uses a connection twice: a step that is to be held after a lost
// answer may not be repeated by the transport.
func (x exchange) careful() *http.Client {
	client := http.Client{}
	if x.client != nil {
		client = *x.client
	} else {
		client.Transport = web.NewTransport(false)
	}
	client.CheckRedirect = web.SameHost
	return &client
}

// lost is the error of a request without an answer. connected says that it may
// have been sent.
func lost(req *http.Request, op string, err error, connected bool) error {
	err = web.Cause(err)
	var certificate *tls.CertificateVerificationError
	ctx := req.Context()
	switch {
	case connected && !web.IsSafe(req.Method):
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
	op, fault := x.op, web.RefusalOf(r.Status, r.Headers)
	switch {
	case !safe && (r.Status == http.StatusBadGateway || r.Status == http.StatusGatewayTimeout):
		fault = value.Unknown
	case r.Status >= 300 && r.Status <= 399:
		return fault.Errorf(op, "the answer was %s: it leads to %s; write that URL if it is right", status, web.Location(r.Headers))
	}
	said := web.Quote(r.Body, x.redactor, maxQuote, r.Truncated)
	err := fault.Errorf(op, "the answer was %s", status)
	if said != "" {
		err = fault.Errorf(op, "the answer was %s: %s", status, said)
	}
	if pause, asked := web.Patience(r.Status, r.Headers, time.Now()); asked && pause > 0 {
		return &web.PatienceError{Pause: pause, Err: err}
	}
	return err
}
