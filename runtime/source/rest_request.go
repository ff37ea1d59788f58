package source

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

const (
	maxTries     = 3                // of one request in one attempt, answers that ask for patience not counted
	maxThrottles = 100              // answers in a row that ask for patience
	maxPause     = 15 * time.Minute // that a server may ask for at once
	firstPause   = time.Second
	longPause    = time.Minute
	maxQuoted    = 300 // bytes shown of an answer in an error
)

// transient is an error after which the same request may be answered. pause is
// how long the server has asked to wait; throttled says that it has.
type transient struct {
	err       error
	pause     time.Duration
	throttled bool
}

func (t *transient) Error() string { return t.err.Error() }

func (t *transient) Unwrap() error { return t.err }

// refused is an answer with a status that is not expected and that no repetition
// changes.
type refused struct {
	status int
	err    error
}

func (r *refused) Error() string { return r.err.Error() }

func (r *refused) Unwrap() error { return r.err }

// exchange sends a request and has its answer read, and does so again where that
// may help. read must begin anew each time.
func (p *puller) exchange(ctx context.Context, r request, read func(*http.Response, io.Reader) error) error {
	tries, throttles, renewed := 1, 0, false
	for {
		err := p.once(ctx, r, read)
		var t *transient
		var no *refused
		pause := backoffOf(tries + throttles)
		switch {
		case err == nil:
			p.asked = true
			return nil
		case ctx.Err() != nil:
			return value.Interrupted(ctx, r.op)
		case errors.As(err, &no) && no.status == http.StatusUnauthorized && p.token != nil && !renewed:
			// It may have been withdrawn, or have expired by the server's clock.
			renewed = true
			p.token.forget()
			continue
		case errors.As(err, &t) && t.throttled && t.pause > maxPause:
			err := value.SourceError.Errorf(r.op, "the server asks to wait %s; %s is the most that is waited at once: %w", t.pause.Round(time.Second), graph.Duration(maxPause), t.err)
			return &web.PatienceError{Pause: t.pause, Err: err}
		case errors.As(err, &t) && t.throttled && throttles < maxThrottles:
			throttles++
			if t.pause > 0 {
				pause = t.pause
			}
			p.say("the server asks for patience (%s); goes on in %s", cause(t.err), pause.Round(time.Millisecond))
		case errors.As(err, &t) && !t.throttled && tries < maxTries:
			tries++
			p.say("%s; asks again in %s", err, pause)
		default:
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return value.Interrupted(ctx, r.op)
		}
	}
}

func cause(err error) string {
	var e *value.Error
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

func backoffOf(n int) time.Duration { return min(firstPause<<min(n-1, 10), longPause) }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// errSilent is the cause with which a request ends whose server says nothing.
var errSilent = errors.New("the server was silent")

// once sends a request and reads its answer.
func (p *puller) once(ctx context.Context, r request, read func(*http.Response, io.Reader) error) error {
	if err := p.rate.wait(ctx); err != nil {
		return err
	}
	bearer, err := p.token.get(ctx)
	if err != nil {
		return err
	}
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(p.silence(), func() { cancel(errSilent) })
	defer watch.Stop()
	req, err := web.NewRequest(limited, r.op, r.method, r.target, r.body)
	if err != nil {
		return err
	}
	req.Header, req.Host = r.header.Clone(), r.host
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer, err := p.client.Do(req)
	if err != nil {
		return p.lost(limited, r, web.Cause(err))
	}
	defer func() { _ = answer.Body.Close() }()
	heard := &listener{in: answer.Body, heard: func(n int) error {
		p.come.Bytes += int64(n)
		p.tell()
		if p.Limit != nil {
			watch.Stop() // it is we who are silent
			if err := p.Limit(ctx, n); err != nil {
				return err
			}
		}
		watch.Reset(p.silence())
		return nil
	}}
	if p.notReady(answer.StatusCode) {
		return p.later(r, answer, heard)
	}
	if !p.expected(answer.StatusCode) {
		return p.refusal(r, answer, heard)
	}
	in, err := p.unpacked(answer, heard)
	if err == nil {
		err = read(answer, in)
	}
	var known *value.Error
	if err == nil || errors.As(err, &known) {
		return again(err)
	}
	if ctx.Err() == nil && context.Cause(limited) == nil {
		err = fmt.Errorf("the answer %s broke off: %w", answer.Status, err)
	}
	return p.lost(limited, r, err)
}

// again marks what a repetition may help with.
func again(err error) error {
	if value.FaultOf(err) == value.SourceError {
		return &transient{err: err}
	}
	return err
}

// unpacked is the body of an answer, bounded, without the packing that the
// transport has not taken off.
func (p *puller) unpacked(answer *http.Response, in io.Reader) (io.Reader, error) {
	switch packing := strings.ToLower(answer.Header.Get("Content-Encoding")); packing {
	case "", "identity":
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = unpacked
	default:
		return nil, value.Misconfigured.Errorf(p.first.op, "the answer is packed with %q, and only gzip is unpacked; remove the header Accept-Encoding", packing)
	}
	limit := int64(p.API.MaxSize)
	if limit == 0 {
		limit = defaultMaxSize
	}
	return &bounded{in: in, left: limit, err: value.Misconfigured.Errorf(p.first.op, "the answer is larger than %s, unpacked; raise max_size if that is right", graph.Size(limit))}, nil
}

// bounded fails where more comes than expected.
type bounded struct {
	in   io.Reader
	left int64
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.err
	}
	return n, err
}

// listener tells how much was heard, at most a chunk at once.
type listener struct {
	in    io.Reader
	heard func(n int) error // an error is the end
	end   error
}

func (l *listener) Read(p []byte) (int, error) {
	if l.end != nil {
		return 0, l.end
	}
	n, err := l.in.Read(p[:min(len(p), chunkSize)])
	if n > 0 {
		if l.end = l.heard(n); l.end != nil {
			return 0, l.end
		}
	}
	return n, err
}

// notReady reports a status that says that the data is not there yet. What comes with
// a 202 is no data, unless the block says that it is.
func (p *puller) notReady(status int) bool {
	return slices.Contains(p.API.NotReady, status) || status == http.StatusAccepted && !slices.Contains(p.API.ExpectStatus, status)
}

// later is the error of an answer that says that the data is not there yet, and for
// how long it need not be asked for again.
func (p *puller) later(r request, answer *http.Response, in io.Reader) error {
	head, _ := io.ReadAll(io.LimitReader(in, chunkSize))
	said := p.quote(head)
	if said != "" {
		said = ": " + said
	}
	err := value.NotReady.Errorf(r.op, "the data is not ready, the answer was %s%s", answer.Status, said)
	if pause, _ := web.Patience(answer.StatusCode, answer.Header, time.Now()); pause > 0 && answer.Header.Get("Retry-After") != "" {
		return &web.PatienceError{Pause: pause, Err: err}
	}
	return err
}

func (p *puller) expected(status int) bool {
	if len(p.API.ExpectStatus) > 0 {
		return slices.Contains(p.API.ExpectStatus, status)
	}
	return status >= 200 && status <= 299
}

// lost is the error of a request whose answer did not come, or not whole.
func (p *puller) lost(ctx context.Context, r request, err error) error {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(context.Cause(ctx), errSilent):
		return &transient{err: value.SourceError.Errorf(r.op, "the server was silent for %s", graph.Duration(p.silence()))}
	case ctx.Err() != nil:
		return value.Interrupted(ctx, r.op)
	case errors.As(err, &certificate):
		return value.Misconfigured.Errorf(r.op, "the server's certificate does not hold: %w", err)
	}
	return &transient{err: value.SourceError.Wrap(r.op, err)}
}

// refusal is the error of an answer with a status that is not expected. What the
// server does not like about the request, a person must change.
func (p *puller) refusal(r request, answer *http.Response, in io.Reader) error {
	fault := web.RefusalOf(answer.StatusCode, answer.Header)
	if answer.StatusCode >= 300 && answer.StatusCode <= 399 {
		return value.Misconfigured.Errorf(r.op, "the answer was %s: it leads to %s; write that URL if it is right", answer.Status, web.Location(answer.Header))
	}
	head, _ := io.ReadAll(io.LimitReader(in, chunkSize)) // what there is of it is enough
	said := p.quote(head)
	if looksLikeHTML(head) {
		said = fmt.Sprintf("a web page with the title %q", p.quote([]byte(titleOf(string(head)))))
	}
	if said != "" {
		said = ": " + said
	}
	if fault != value.SourceError {
		err := value.Misconfigured.Errorf(r.op, "the answer was %s%s", answer.Status, said)
		return &refused{status: answer.StatusCode, err: err}
	}
	t := &transient{err: value.SourceError.Errorf(r.op, "the answer was %s%s", answer.Status, said)}
	t.pause, t.throttled = web.Patience(answer.StatusCode, answer.Header, time.Now())
	return t
}

func looksLikeHTML(head []byte) bool {
	text := strings.ToLower(strings.TrimSpace(string(head[:min(len(head), 512)])))
	return strings.HasPrefix(text, "<!doctype html") || strings.HasPrefix(text, "<html") || strings.HasPrefix(text, "<head")
}
