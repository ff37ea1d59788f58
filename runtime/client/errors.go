package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Kind is why a server could not be asked.
type Kind string

// The kinds of an Error.
const (
	Unreachable  Kind = "unreachable"   // nobody answers, or the answer broke off
	Unauthorized Kind = "unauthorized"  // the server does not know the token
	OtherVersion Kind = "other version" // one of the two releases is too old for the other
	NotWaybill   Kind = "not waybill"   // something else answers
)

// Error says that nothing was learned from a server: what is applied, and
// whether it has changed, is unknown.
type Error struct {
	Kind Kind
	URL  string // of the server
	Err  error
}

func (e *Error) Error() string {
	switch e.Kind {
	case Unreachable:
		return fmt.Sprintf("the runtime at %s cannot be reached: %s", e.URL, e.Err)
	case Unauthorized:
		return fmt.Sprintf("the runtime at %s does not let us in: %s", e.URL, e.Err)
	}
	return fmt.Sprintf("the runtime at %s: %s", e.URL, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

func (c *Client) fault(k Kind, err error) error {
	return &Error{Kind: k, URL: c.options.URL, Err: err}
}

// Problem is an error that the server answered with and that has no other type
// here. It is a [store.ErrNotFound] for what the server does not have.
type Problem struct{ api.Problem }

func (p *Problem) Error() string { return p.Detail }

func (p *Problem) Is(target error) bool {
	return target == store.ErrNotFound && p.Code == api.CodeNotFound
}

// errorOf is the error of the runtime behind a problem.
func (c *Client) errorOf(p api.Problem, answer *http.Response) error {
	switch p.Code {
	case api.CodeUnauthorized:
		return c.fault(Unauthorized, errors.New(p.Detail))
	case api.CodeNoRoute, api.CodeNoMethod:
		return c.fault(OtherVersion, fmt.Errorf("the server%s does not know what this release asks: upgrade the server (%s)", ofRelease(answer), p.Detail))
	case api.CodeUnavailable:
		return c.fault(Unreachable, errors.New(p.Detail))
	case api.CodeStale:
		if p.Current != nil {
			return &graph.StaleError{Base: p.Base, Current: *p.Current}
		}
	case api.CodeRefused:
		if p.Command != nil {
			return &runtime.RefusedError{Command: *p.Command}
		}
	case api.CodeInternal:
		return fmt.Errorf("the server failed (request %s in its log): %w", p.Request, &Problem{p})
	}
	return &Problem{p}
}

// mayHelp reports whether asking again is safe and may bring an answer. What must
// not reach the server twice is sent again only where it cannot have arrived.
func mayHelp(err error, once bool) bool {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case !unreachable(err):
		return false
	case errors.As(err, &name) && name.IsNotFound, errors.As(err, &certificate):
		return false
	}
	return !once || !mayHaveArrived(err)
}

func unreachable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == Unreachable
}

// unsentError is why there was no connection to send a request over.
type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// mayHaveArrived reports whether a request that brought no answer may have been
// carried out.
func mayHaveArrived(err error) bool {
	var unsent *unsentError
	return unreachable(err) && !errors.As(err, &unsent)
}

// plain is an error of a request without the request, which is in the message
// already.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
