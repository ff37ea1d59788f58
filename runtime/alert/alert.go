// Package alert tells people and programs what happens to runs: through a Slack
// webhook, by email, or by a signed webhook of their own. It knows how to say a
// [Message] and how each place answers; what is said, when and how often is
// decided by package runtime, which keeps the messages in the store until they
// are delivered.
//
// Secrets are read when a message is sent and never appear in an error.
package alert

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// The types of alert.
const (
	TypeSlack   = "slack"
	TypeEmail   = "email"
	TypeWebhook = "webhook"
)

// Timeout bounds one attempt to deliver a message.
const Timeout = 20 * time.Second

// Sender delivers messages. It is safe for concurrent use.
type Sender struct {
	client *http.Client
	tls    *tls.Config
	dial   dialFunc
}

// dialFunc connects to a host and port.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// NewSender returns a sender that trusts the certificates of the system.
func NewSender() *Sender {
	return newSender(&tls.Config{MinVersion: tls.VersionTLS12}, (&net.Dialer{}).DialContext)
}

func newSender(trust *tls.Config, dial dialFunc) *Sender {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // alerts are rare, and what is idle may be gone by the next one
	transport.TLSClientConfig, transport.DialContext = trust.Clone(), dial
	return &Sender{tls: trust, dial: dial, client: &http.Client{
		Transport: transport,
		// A redirect would carry the message to a place that nobody named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Delivery is a message on its way: ID is the same in each attempt and in a
// repetition after a crash, so that a receiver can leave out what it has seen.
type Delivery struct {
	ID      string
	Store   string // the identity of the store that it comes from
	Message Message
}

// Send delivers a message to an alert, once, within [Timeout]. It returns what
// the other side answered. The error is an *[Error].
func (s *Sender) Send(ctx context.Context, a *graph.Alert, secrets *value.Secrets, d Delivery) (answer string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Timeout, fmt.Errorf("no answer within %s", Timeout))
	defer cancel()
	values := &value.Resolver{Secrets: secrets}
	switch a.Type {
	case TypeSlack:
		answer, err = s.slack(ctx, a, values, d)
	case TypeEmail:
		answer, err = s.email(ctx, a, values, d)
	case TypeWebhook:
		answer, err = s.webhook(ctx, a, values, d)
	default:
		err = permanent("this release has no alerts of the type %q", a.Type)
	}
	hide := secrets.Redactor()
	return hide.String(answer), asError(ctx, hide, err)
}

// Error is why a message was not delivered.
type Error struct {
	// Permanent says that the other side will refuse this message again until
	// somebody changes something: a webhook that is gone, an unknown mailbox, a
	// secret that is not set.
	Permanent bool
	// RetryAfter is how long the other side wants to be left alone; 0: it did
	// not say.
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func permanent(format string, args ...any) error {
	return &Error{Permanent: true, Err: fmt.Errorf(format, args...)}
}

func transient(format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...)}
}

// asError makes any error an *Error without secrets. What nobody has judged is
// tried again, save what the configuration lacks.
func asError(ctx context.Context, hide *value.Redactor, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	judged := Error{Err: err}
	if errors.As(err, &known) {
		judged = *known
	} else if value.FaultOf(err) == value.Misconfigured {
		judged.Permanent = true
	}
	if cause := context.Cause(ctx); cause != nil {
		judged = Error{Err: cause}
	}
	judged.Err = hide.Error(judged.Err)
	return &judged
}
