package source

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

// token is the credential of one attempt. It is asked for when it is first
// needed, and again when it is about to expire or was refused. A nil token is
// none.
type token struct {
	puller *puller
	op     string
	config clientcredentials.Config
	now    *oauth2.Token
}

// newToken is nil for an API without oauth2.
func (p *puller) newToken() (*token, error) {
	block := p.API.OAuth2
	if block == nil {
		return nil, nil
	}
	t := &token{puller: p, op: "get a token from " + block.TokenURL.String()}
	target, err := p.Values.URL(block.TokenURL)
	if err != nil {
		return nil, fmt.Errorf("token_url: %w", err)
	}
	if _, err := web.NewRequest(context.Background(), t.op, http.MethodPost, target, ""); err != nil {
		return nil, err
	}
	id, err := p.Values.Text(block.ClientID)
	if err != nil {
		return nil, fmt.Errorf("client_id: %w", err)
	}
	secret, err := p.Values.Text(block.ClientSecret)
	if err != nil {
		return nil, fmt.Errorf("client_secret: %w", err)
	}
	t.config = clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: target, Scopes: block.Scopes}
	if block.Audience != "" {
		t.config.EndpointParams = url.Values{"audience": {block.Audience}}
	}
	return t, nil
}

func (t *token) forget() { t.now = nil }

// get returns a token that has not expired, "" without oauth2.
func (t *token) get(ctx context.Context) (string, error) {
	if t == nil {
		return "", nil
	}
	if t.now.Valid() {
		return t.now.AccessToken, nil
	}
	client := &http.Client{
		Transport: t.puller.client.Transport, Timeout: t.puller.silence(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the secret goes nowhere else
	}
	got, err := t.ask(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return "", t.failed(ctx, err)
	}
	t.puller.own.Add("oauth2 token", got.AccessToken)
	t.now = got
	return got.AccessToken, nil
}

// ask sends the secret in a header, and in the body to a server that refuses that:
// one that is ill or asks for patience has not refused it.
func (t *token) ask(ctx context.Context) (*oauth2.Token, error) {
	if t.config.AuthStyle != oauth2.AuthStyleAutoDetect {
		return t.config.Token(ctx)
	}
	var got *oauth2.Token
	var err error
	for _, t.config.AuthStyle = range []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams} {
		var no *oauth2.RetrieveError
		got, err = t.config.Token(ctx)
		if err == nil {
			return got, nil
		}
		if !errors.As(err, &no) || no.Response == nil || web.RefusalOf(no.Response.StatusCode, no.Response.Header) == value.SourceError {
			break
		}
	}
	t.config.AuthStyle = oauth2.AuthStyleAutoDetect
	return nil, err
}

// failed is the error of a token that was not given.
func (t *token) failed(ctx context.Context, err error) error {
	var no *oauth2.RetrieveError
	switch {
	case ctx.Err() != nil:
		return value.Interrupted(ctx, t.op)
	case !errors.As(err, &no):
		return t.puller.lost(ctx, request{op: t.op}, web.Cause(err))
	case no.Response == nil:
		return &transient{err: value.SourceError.Errorf(t.op, "the answer has no token: %s", no.ErrorCode)}
	}
	said := no.ErrorCode
	switch {
	case said == "":
		said = t.puller.quote(no.Body)
	case no.ErrorDescription != "":
		said += ", " + t.puller.quote([]byte(no.ErrorDescription))
	}
	if web.RefusalOf(no.Response.StatusCode, no.Response.Header) == value.SourceError {
		later := &transient{err: value.SourceError.Errorf(t.op, "the answer was %s: %s", no.Response.Status, said)}
		later.pause, later.throttled = web.Patience(no.Response.StatusCode, no.Response.Header, time.Now())
		return later
	}
	return value.Misconfigured.Errorf(t.op, "the answer was %s: %s; see whether client_id and client_secret are right", no.Response.Status, said)
}
