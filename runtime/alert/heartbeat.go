package alert

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Beat calls the URL of a heartbeat once, with GET, within [Timeout]. The error
// is an *[Error].
func (s *Sender) Beat(ctx context.Context, address graph.Value, secrets *value.Secrets) error {
	ctx, cancel := context.WithTimeoutCause(ctx, Timeout, fmt.Errorf("no answer within %s", Timeout))
	defer cancel()
	values := &value.Resolver{Secrets: secrets}
	text, err := webAddress("the url of the heartbeat", address, values)
	if err == nil {
		err = s.get(ctx, text, secrets.Redactor())
	}
	return asError(ctx, secrets.Redactor(), err)
}

func (s *Sender) get(ctx context.Context, address string, hide *value.Redactor) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return permanent("the url of the heartbeat is not a web address")
	}
	req.Header.Set("User-Agent", "waybill")
	client, heard := s.listen(hide)
	_, err = client.Do(req) // the listener has closed its body
	_, err = heard.judge(err)
	return err
}

// webAddress resolves a URL that may be a secret.
func webAddress(what string, address graph.Value, values *value.Resolver) (string, error) {
	text, err := values.Text(address)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", permanent("%s is not a web address", what)
	}
	hidePath(address, values, u)
	return text, nil
}
