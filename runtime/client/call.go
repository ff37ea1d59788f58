package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/waybill-dev/waybill/runtime/api"
)

// call is one thing that is asked of the server, in one request or in several.
type call struct {
	method   string
	path     []string // not escaped
	query    url.Values
	headers  map[string]string
	body     any // nil: none
	into     any
	actor    string        // empty: the client's
	once     bool          // it must not reach the server twice
	wait     time.Duration // how long the server may wait before it answers
	patience time.Duration // zero: the client's
}

// How long one request may take, besides what the server waits; and how long the
// first pause before it is sent again is, which doubles up to the longest.
const (
	requestTime  = 2 * time.Minute
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
)

func (c *Client) get(ctx context.Context, into any, query url.Values, path ...string) error {
	return c.do(ctx, call{method: http.MethodGet, path: path, query: query, into: into})
}

// do asks until there is an answer, as long as asking again is safe and may help.
func (c *Client) do(ctx context.Context, x call) error {
	var body []byte
	if x.body != nil {
		var err error
		if body, err = json.Marshal(x.body); err != nil {
			return fmt.Errorf("encode a request: %w", err)
		}
	}
	patience := x.patience
	if patience == 0 {
		patience = c.options.Patience
	}
	until := time.Now().Add(patience)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := c.ask(ctx, x, body)
		if err == nil || ctx.Err() != nil || !mayHelp(err, x.once) || time.Now().Add(pause).After(until) {
			return err
		}
		if err := rest(ctx, pause); err != nil {
			return err
		}
	}
}

// rest waits, unless ctx ends.
func rest(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// ask sends one request.
func (c *Client) ask(ctx context.Context, x call, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime+x.wait)
	defer cancel()
	segments := make([]string, len(x.path))
	for i, s := range x.path {
		if s == "" || s == "." || s == ".." { // in a path it would name another route
			return &Problem{api.Problem{Code: api.CodeNotFound, Detail: fmt.Sprintf("there is no %q", s)}}
		}
		segments[i] = url.PathEscape(s)
	}
	to := c.base.JoinPath(segments...)
	to.RawQuery = x.query.Encode()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	r, err := http.NewRequestWithContext(ctx, x.method, to.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}
	c.sign(r, x)
	answer, err := c.http.Do(r)
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return c.fault(NotWaybill, errors.New("what answers there speaks no TLS: write http:// in the url, or give the server --tls-cert and --tls-key"))
	case err != nil && !connected.Load():
		return c.fault(Unreachable, &unsentError{plain(err)})
	case err != nil:
		return c.fault(Unreachable, plain(err))
	}
	defer func() { _ = answer.Body.Close() }()
	if err := c.understand(answer); err != nil {
		return err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return c.problem(answer)
	}
	return c.decode(answer.Body, x.into)
}

// largestAnswer bounds what is read of an answer, unpacked: four times the
// largest deployment that a server takes.
const largestAnswer = 256 << 20

func (c *Client) decode(body io.Reader, into any) error {
	bounded := &io.LimitedReader{R: body, N: c.largest}
	err := json.NewDecoder(bounded).Decode(into)
	switch {
	case err != nil && bounded.N <= 0:
		return c.fault(NotWaybill, fmt.Errorf("the answer has more than %d bytes", c.largest))
	case err != nil:
		return c.fault(Unreachable, fmt.Errorf("the answer broke off: %w", err))
	}
	return nil
}

// sign says who asks.
func (c *Client) sign(r *http.Request, x call) {
	h := r.Header
	h.Set("Accept", "application/json")
	h.Set("User-Agent", "waybill/"+c.options.Release)
	if c.options.Token != "" {
		h.Set("Authorization", "Bearer "+c.options.Token)
	}
	actor := x.actor
	if actor == "" {
		actor = c.options.Actor
	}
	h.Set(api.HeaderActor, strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, actor))
	if x.body != nil {
		h.Set("Content-Type", "application/json")
	}
	for name, value := range x.headers {
		h.Set(name, value)
	}
}

// understand finds out whether it is a server of Waybill that answers, and one
// whose answers this release can read.
func (c *Client) understand(answer *http.Response) error {
	version := answer.Header.Get(api.HeaderAPI)
	switch n, err := strconv.Atoi(version); {
	case version == "" && answer.StatusCode >= 502 && answer.StatusCode <= 504:
		return c.fault(Unreachable, fmt.Errorf("what stands before it answers %s", statusOf(answer)))
	case version == "" && answer.StatusCode >= 300 && answer.StatusCode <= 399:
		return c.fault(NotWaybill, fmt.Errorf("it redirects to %s: write that address as url", answer.Header.Get("Location")))
	case version == "" && answer.StatusCode == http.StatusBadRequest && c.base.Scheme == "http":
		return c.fault(NotWaybill, fmt.Errorf("what answers there (%s) is no server of Waybill, or one that speaks TLS: then write https:// in the url", statusOf(answer)))
	case version == "" && answer.StatusCode >= 400 && answer.StatusCode <= 499:
		return c.fault(NotWaybill, fmt.Errorf("what answers there (%s) is no server of Waybill, or a proxy that does not let the request through", statusOf(answer)))
	case version == "":
		return c.fault(NotWaybill, fmt.Errorf("what answers there (%s) is no server of Waybill", statusOf(answer)))
	case err != nil || n > api.Version:
		return c.fault(OtherVersion, fmt.Errorf("the server%s speaks version %s of the interface and this waybill version %d: upgrade waybill here",
			ofRelease(answer), version, api.Version))
	case n < api.Version:
		return c.fault(OtherVersion, fmt.Errorf("the server%s speaks version %s of the interface and this waybill version %d: upgrade the server, or use its release here",
			ofRelease(answer), version, api.Version))
	}
	if at, err := time.Parse(time.RFC3339Nano, answer.Header.Get(api.HeaderTime)); err == nil {
		c.mu.Lock()
		c.server, c.asked = at, time.Now()
		c.mu.Unlock()
	}
	return nil
}

// statusOf is the status without the words of whoever answers.
func statusOf(answer *http.Response) string {
	return strings.TrimSpace(strconv.Itoa(answer.StatusCode) + " " + http.StatusText(answer.StatusCode))
}

func ofRelease(answer *http.Response) string {
	if release := answer.Header.Get(api.HeaderRelease); release != "" {
		return " (" + release + ")"
	}
	return ""
}

// largestProblem bounds what is read of an answer that is a problem.
const largestProblem = 1 << 20

// problem is the error that the server answers with.
func (c *Client) problem(answer *http.Response) error {
	var p api.Problem
	text, err := io.ReadAll(io.LimitReader(answer.Body, largestProblem))
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil || p.Code == "" {
		return c.fault(Unreachable, errors.New("it answers "+statusOf(answer)+" and does not say why"))
	}
	return c.errorOf(p, answer)
}
