package alert

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

// What is read of an answer and what of that is kept, in bytes: enough to say why
// it was refused.
const (
	maxRead   = 64 << 10
	maxAnswer = 300
)

// maxRetryAfter bounds how long an answer may ask to be left alone.
const maxRetryAfter = 6 * time.Hour

// address resolves the URL of a webhook.
func address(a *graph.Alert, values *value.Resolver) (string, error) {
	return webAddress(fmt.Sprintf("the webhook of %s", a.Addr), a.Webhook, values)
}

// hidePath keeps the path of a secret URL out of answers that repeat it.
func hidePath(address graph.Value, values *value.Resolver, u *url.URL) {
	const short = 8 // found in ordinary text
	for _, p := range address {
		name, isSecret := strings.CutPrefix(p.Ref, "secret.")
		if !isSecret {
			continue
		}
		for _, text := range append(strings.Split(u.Path, "/"), u.RequestURI()) {
			if len(text) >= short {
				values.Secrets.Redactor().Add(name, text)
			}
		}
	}
}

// listener is a transport that keeps the answer to a request.
type listener struct {
	next   http.RoundTripper
	hide   *value.Redactor
	status string
	code   int
	header http.Header
	body   string
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	start, err := io.ReadAll(io.LimitReader(resp.Body, maxRead))
	_ = resp.Body.Close()
	said := l.hide.Cut(string(start)) // before it is cut: half a secret is not found
	l.status, l.code, l.header, l.body = resp.Status, resp.StatusCode, resp.Header, cut(oneLine(said), maxAnswer)
	resp.Body = http.NoBody
	return resp, err
}

// listen returns a client of which the answer can be asked afterwards.
func (s *Sender) listen(hide *value.Redactor) (*http.Client, *listener) {
	l := &listener{next: s.client.Transport, hide: hide}
	client := *s.client
	client.Transport = l
	return &client, l
}

// judge says what became of a request.
func (l *listener) judge(err error) (answer string, _ error) {
	switch {
	case l.code == 0:
		return "", transient("the request failed: %w", withoutURL(err))
	case l.code >= 200 && l.code < 300:
		return l.said(), nil
	}
	pause, _ := web.Patience(l.code, l.header, time.Now())
	return "", &Error{
		Err:        errors.New("it answered " + l.said()),
		Permanent:  web.RefusalOf(l.code, l.header) != value.SourceError,
		RetryAfter: min(pause, maxRetryAfter),
	}
}

func (l *listener) said() string {
	if l.body == "" {
		return l.status
	}
	return l.status + ": " + l.body
}

// withoutURL is the cause of a failed request: its URL is the key to a Slack
// channel.
func withoutURL(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return err
}

// oneLine makes an answer fit for a line of a log.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	return strings.Join(strings.Fields(s), " ")
}
