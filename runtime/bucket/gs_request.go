package bucket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	// gsAttempts is how often a request is made in all.
	gsAttempts = 4

	// gsPatience is the longest pause that a server may ask for.
	gsPatience = 10 * time.Second
)

// gsRequest is a request that can be made again.
type gsRequest struct {
	method, url string
	header      http.Header
	body        [][]byte
	takes       []int // statuses that are an answer, besides 200 to 299
	once        bool  // it is not made again
}

// gsError is an answer that says no.
type gsError struct {
	status  int
	reason  string
	message string
	skew    time.Duration // how far the server's clock is ahead
	after   time.Duration // how long it wants us to wait
}

func (e *gsError) Error() string {
	return strings.TrimSuffix(strings.TrimSpace(fmt.Sprintf("%d %s: %s", e.status, http.StatusText(e.status), e.message)), ":")
}

// passes reports whether another attempt may get through.
func (e *gsError) passes() bool {
	return slices.Contains([]int{http.StatusRequestTimeout, http.StatusTooManyRequests}, e.status) || e.status >= 500 && e.status != http.StatusNotImplemented ||
		strings.Contains(strings.ToLower(e.reason), "ratelimitexceeded")
}

// send makes a request until it is answered, or often enough. The caller closes the
// body of the answer.
func (b *gsBucket) send(ctx context.Context, q gsRequest) (*http.Response, error) {
	isRenewed := false
	for attempt := 1; ; attempt++ {
		response, err := b.sendOnce(ctx, q)
		var no *gsError
		switch {
		case err == nil || ctx.Err() != nil || q.once || attempt == gsAttempts:
			return response, err
		case errors.As(err, &no) && no.status == http.StatusUnauthorized && !isRenewed && !b.tokens.isOff:
			isRenewed = true
			b.tokens.forget()
			continue
		case errors.As(err, &no) && !no.passes() || isTokenError(err):
			return nil, err
		}
		if err := b.wait(ctx, attempt, no); err != nil {
			return nil, err
		}
	}
}

// wait pauses between attempts, longer each time, or as long as the server asks
// for.
func (b *gsBucket) wait(ctx context.Context, attempt int, no *gsError) error {
	pause := b.pause << (attempt - 1)
	pause += rand.N(pause/2 + 1)
	if no != nil && no.after > pause {
		pause = min(no.after, gsPatience)
	}
	again := time.NewTimer(pause)
	defer again.Stop()
	select {
	case <-again.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *gsBucket) sendOnce(ctx context.Context, q gsRequest) (*http.Response, error) {
	length, readers := 0, make([]io.Reader, len(q.body))
	for i, p := range q.body {
		length += len(p)
		readers[i] = bytes.NewReader(p)
	}
	request, err := http.NewRequestWithContext(ctx, q.method, q.url, io.MultiReader(readers...))
	if err != nil {
		return nil, err
	}
	if request.ContentLength = int64(length); length == 0 {
		request.Body = http.NoBody
	}
	for name, values := range q.header {
		request.Header[name] = values
	}
	request.Header.Set("User-Agent", "waybill")
	if !b.tokens.isOff && strings.HasPrefix(q.url, b.server+"/") {
		token, err := b.tokens.get(ctx)
		if err != nil {
			return nil, err
		}
		b.hidden.Add("access token", token.AccessToken)
		token.SetAuthHeader(request)
	}
	response, err := b.http.Do(request)
	if err != nil {
		var around *url.Error
		if errors.As(err, &around) {
			err = around.Err // without the URL, which may let its reader write
		}
		return nil, err
	}
	if response.StatusCode < 300 || slices.Contains(q.takes, response.StatusCode) {
		return response, nil
	}
	defer func() { _ = response.Body.Close() }()
	return nil, refusal(response)
}

// refusal reads an answer that says no.
func refusal(response *http.Response) *gsError {
	e := &gsError{status: response.StatusCode, skew: skewOf(response.Header)}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.after = time.Duration(seconds) * time.Second
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, 8<<10))
	var document struct {
		Error struct {
			Message string                    `json:"message"`
			Errors  []struct{ Reason string } `json:"errors"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &document) == nil && document.Error.Message != "" {
		e.message = document.Error.Message
		if len(document.Error.Errors) > 0 {
			e.reason = document.Error.Errors[0].Reason
		}
		return e
	}
	if e.message = strings.TrimSpace(string(text)); len(e.message) > 200 || strings.HasPrefix(e.message, "<") {
		e.message = ""
	}
	return e
}

// skewOf is how far a server's clock is ahead of this machine's, 0 where that is
// little or not known.
func skewOf(header http.Header) time.Duration {
	const little = time.Minute
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	skew := time.Until(date).Round(time.Second)
	if skew.Abs() < little {
		return 0
	}
	return skew
}

// skewed says in words that clocks differ, which credentials do not survive.
func skewed(skew time.Duration) string {
	switch {
	case skew > 0:
		return fmt.Sprintf("; this machine's clock is %s behind the server's, set it right", skew)
	case skew < 0:
		return fmt.Sprintf("; this machine's clock is %s ahead of the server's, set it right", -skew)
	}
	return ""
}

func isTokenError(err error) bool {
	var refused *oauth2.RetrieveError
	return errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 && refused.Response.StatusCode != http.StatusTooManyRequests ||
		errors.Is(err, errNoCredentials)
}

// tokenSays is why no token was given.
func tokenSays(e *oauth2.RetrieveError) string {
	var document struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(e.Body, &document)
	if strings.Contains(document.Description, "eyJ") { // what was sent is told back: a signed assertion lets others in
		document.Description = ""
	}
	return strings.Join(strings.Fields(fmt.Sprint(e.Response.StatusCode, " ", document.Code, " ", document.Description)), " ")
}

// fault says what an error of the server means. needs is the permissions that the
// operation takes.
func (b *gsBucket) fault(ctx context.Context, op, needs string, err error) error {
	return b.hidden.Error(b.faultOf(ctx, op, needs, err))
}

func (b *gsBucket) faultOf(ctx context.Context, op, needs string, err error) error {
	var known *value.Error
	var no *gsError
	var token *oauth2.RetrieveError
	var words *inWords
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return value.Interrupted(ctx, op)
	case errors.Is(err, errNoCredentials) || errors.As(err, &words):
		return value.Misconfigured.Wrap(op, err)
	case isTokenError(err) && errors.As(err, &token):
		return value.Misconfigured.Errorf(op, "Google gives %s no access: %s%s; is its key deleted, or the account disabled?",
			b.tokens.who(), tokenSays(token), skewed(skewOf(token.Response.Header)))
	case errors.As(err, &token):
		return value.SourceError.Errorf(op, "Google gives no access token: %d", token.Response.StatusCode)
	case !errors.As(err, &no):
		return value.SourceError.Errorf(op, "%s cannot be reached: %w", b.server, reachable(cause(err)))
	}
	switch {
	case no.passes():
		return value.SourceError.Errorf(op, "the server says %w", no)
	case no.status == http.StatusNotFound && strings.Contains(no.message, "bucket does not exist"):
		return value.Misconfigured.Errorf(op, "there is no bucket %s at %s", b.at.Host, b.server)
	case no.status == http.StatusNotFound:
		return value.NotReady.Errorf(op, "it is not there: %w", fs.ErrNotExist)
	case no.status == http.StatusPreconditionFailed:
		return value.NotReady.Errorf(op, "it changed after it was listed")
	case no.status == http.StatusUnauthorized:
		return value.Misconfigured.Errorf(op, "the server does not accept the credentials of %s: %w%s", b.tokens.who(), no, skewed(no.skew))
	case no.status == http.StatusForbidden:
		return value.Misconfigured.Errorf(op, "the server refuses it: %w; %s needs %s", no, b.tokens.who(), needs)
	case no.status < 500:
		return value.Misconfigured.Errorf(op, "the server does not take the request: %w", no)
	}
	return value.SourceError.Errorf(op, "the server says %w", no)
}
