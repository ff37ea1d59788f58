package action

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

// PollCall is one question after a job.
type PollCall struct {
	Poll   *graph.Poll
	Base   *graph.HTTP     // the request that started the job: its headers and credentials go along
	Values *value.Resolver // Response is the answer that started the job
	Client *http.Client    // as in HTTPCall
	Limit  time.Duration   // for the answer; 0: one minute
}

// Polled is the answer to a poll.
type Polled struct {
	Done     bool // the job has ended
	Success  bool // and it ended well; never true before Done
	Response Response
}

// PollOnce asks once, with GET, for the state of a job. The poll's URL is
// resolved from the answer that started the job, its conditions from the answer
// to the poll. Errors are those of [HTTP]; with a SourceError, also for an answer
// that takes too long, the next poll may tell. A condition that cannot
// be read from the answer is Failed.
//
// Where the host of the URL comes from the answer, be it a part of its name, and is
// another than that of the request, no headers or credentials go along: they were
// meant for that host.
func PollOnce(ctx context.Context, c PollCall) (Polled, error) {
	redactor := c.Values.Secrets.Redactor()
	limited, cancel := context.WithTimeout(ctx, cmp.Or(c.Limit, time.Minute))
	defer cancel()
	r, err := c.ask(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		err = value.SourceError.Errorf("GET "+c.Poll.URL.String(), "there was no answer within %s: %w", cmp.Or(c.Limit, time.Minute), limited.Err())
	}
	p := Polled{Response: r}
	if err == nil {
		values := c.Values.WithResponse(r)
		if p.Done, err = values.Condition(c.Poll.Done); err != nil {
			err = fmt.Errorf("done: %w", err)
		}
		if p.Done && err == nil {
			if p.Success, err = values.Condition(c.Poll.Success); err != nil {
				err = fmt.Errorf("success: %w", err)
			}
		}
	}
	return p, redactor.Error(err)
}

func (c PollCall) ask(ctx context.Context) (Response, error) {
	target, err := c.Values.URL(c.Poll.URL)
	if err != nil {
		return Response{}, fmt.Errorf("poll url: %w", err)
	}
	op := "GET " + c.Poll.URL.String()
	req, err := web.NewRequest(ctx, op, http.MethodGet, target, "")
	if err != nil {
		return Response{}, err
	}
	trusted := ownHost(c.Poll.URL)
	if !trusted {
		if trusted, err = c.sameHost(req.URL); err != nil {
			return Response{}, err
		}
	}
	if trusted {
		if err := web.Authorize(req, c.Base, c.Values); err != nil {
			return Response{}, err
		}
	}
	return exchange{op: op, client: c.Client, redactor: c.Values.Secrets.Redactor(), needsBody: true}.do(req)
}

// ownHost reports whether the host of a URL is written in the workspace, with
// nothing of an answer in it.
func ownHost(x graph.Value) bool {
	before := "" // what comes from an answer
	for i, p := range x {
		switch {
		case strings.HasPrefix(p.Ref, "response."):
			_, rest, _ := strings.Cut(before, "://")
			return strings.ContainsAny(rest, "/?#")
		case p.Ref != "" && i == 0: // a secret, as it is: where its host ends nobody sees
			before = "https://secret"
		case p.Ref != "":
			before += "x"
		default:
			before += p.Literal
		}
	}
	return true
}

func (c PollCall) sameHost(target *url.URL) (bool, error) {
	text, err := c.Values.URL(c.Base.URL)
	if err != nil {
		return false, fmt.Errorf("url: %w", err)
	}
	base, err := url.Parse(text)
	return err == nil && base.Scheme == target.Scheme && base.Host == target.Host, nil
}
