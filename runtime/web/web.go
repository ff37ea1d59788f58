// Package web is what the parts of the runtime that send requests share: how a
// request gets its headers and credentials, which redirects are followed, and
// what kind of fault a lost or refused answer is.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// maxConnect bounds how long a connection may take.
const maxConnect = 30 * time.Second

// NewRequest builds a request to a URL that it checks. The operation names the
// URL as it was written, since the whole of it may be a secret.
func NewRequest(ctx context.Context, op, method, target, body string) (*http.Request, error) {
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
	if u.User != nil { // a header goes along with further pages and redirects of the host, the URL's own does not
		password, _ := u.User.Password()
		req.SetBasicAuth(u.User.Username(), password)
	}
	return req, nil
}

// Authorize adds the headers that the block writes and its credentials.
func Authorize(req *http.Request, h *graph.HTTP, v *value.Resolver) error {
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

// NewTransport returns a transport that goes through the proxy of the environment.
// The transport sends a request again by itself when a connection that was used
// before breaks; without reuse no connection is used twice, for requests that may
// not be repeated behind somebody's back.
func NewTransport(reuse bool) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: !reuse, ForceAttemptHTTP2: true,
		DialContext: (&net.Dialer{Timeout: maxConnect}).DialContext, TLSHandshakeTimeout: maxConnect,
		IdleConnTimeout: 90 * time.Second, MaxIdleConnsPerHost: 2,
	}
}

// SameHost is the CheckRedirect of clients: redirects are followed for GET and
// HEAD on the same host only. Elsewhere they would lose the request's body or
// hand its credentials to a stranger.
func SameHost(next *http.Request, via []*http.Request) error {
	first := via[0]
	if !IsSafe(first.Method) || next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host || len(via) > 10 {
		return http.ErrUseLastResponse
	}
	return nil
}

// IsSafe reports whether a method changes nothing.
func IsSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// RefusalOf is the fault of an answer with a status that is not expected:
// SourceError for 408, 425, 429 and 5xx, and for any that asks for patience (see
// [Patience]), Misconfigured for 3xx and for 401, 403, 404, 405 and 410, and Failed
// for any other.
func RefusalOf(status int, h http.Header) value.Fault {
	_, patient := Patience(status, h, time.Now())
	switch {
	case patient, status == 408, status == 425, status >= 500:
		return value.SourceError
	case status >= 300 && status <= 399, slices.Contains([]int{401, 403, 404, 405, 410}, status):
		return value.Misconfigured
	}
	return value.Failed
}

// Cause is the error of a client without the URL that its text starts with.
func Cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// Location is where a redirect leads, without the parts that often are private:
// user, query and fragment.
func Location(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil {
		return "an unreadable URL"
	}
	return Public(u)
}

// Public is a URL without the parts that often are private: user, query and
// fragment.
func Public(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// Quote is the beginning of what a server said, at most limit bytes, without
// secrets. cut says that body is not all of it.
func Quote(body []byte, redactor *value.Redactor, limit int, cut bool) string {
	hide := redactor.String
	if cut {
		hide = redactor.Cut // what is cut off may not be half of a secret
	}
	said := strings.TrimSpace(hide(string(body)))
	return strings.ToValidUTF8(said[:min(len(said), limit)], "\uFFFD")
}
