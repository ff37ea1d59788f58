package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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
		segments[i] = url.PathEscape(s)
	}
	to := c.base.JoinPath(segments...)
	to.RawQuery = x.query.Encode()
	r, err := http.NewRequestWithContext(ctx, x.method, to.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}
	c.sign(r, x)
	answer, err := c.http.Do(r)
	if err != nil {
		return c.fault(Unreachable, plain(err))
	}
	defer func() { _ = answer.Body.Close() }()
	if err := c.understand(answer); err != nil {
		return err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return c.problem(answer)
	}
	if err := json.NewDecoder(answer.Body).Decode(x.into); err != nil {
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
		return c.fault(Unreachable, fmt.Errorf("what stands before it answers %s", answer.Status))
	case version == "" && answer.StatusCode >= 300 && answer.StatusCode <= 399:
		return c.fault(NotWaybill, fmt.Errorf("it redirects to %s: write that address as url", answer.Header.Get("Location")))
	case version == "":
		return c.fault(NotWaybill, fmt.Errorf("what answers there (%s) is no server of Waybill", answer.Status))
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
		return c.fault(Unreachable, errors.New("it answers "+answer.Status+" and does not say why"))
	}
	return c.errorOf(p, answer)
}
