package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// clocked pulls in a bubble of time from a server without a network, and notes at
// which second it is asked.
func clocked(t *testing.T, serve func(n int, in *http.Request) *http.Response, change ...func(*graph.RestAPI)) (*puller, *[]float64) {
	p := pulling(t, "http://api.example.com", "/", change...)
	var asked []float64
	began := time.Now()
	p.client = &http.Client{Transport: answers(func(in *http.Request) *http.Response {
		asked = append(asked, time.Since(began).Seconds())
		return serve(len(asked), in)
	})}
	return p, &asked
}

func wholePage(in *http.Request) *http.Response {
	return answer(in, 200, nil, strings.NewReader(`{"items":`+items(1, 3)+`}`))
}

// TestRESTWaitsAsTold throttles: the seconds at which is asked.
func TestRESTWaitsAsTold(t *testing.T) {
	t.Parallel()
	// The clock of a bubble begins at this instant; the server's is 3 hours behind.
	date := time.Date(1999, 12, 31, 21, 0, 0, 0, time.UTC)
	later := func(d time.Duration) string { return date.Add(d).Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		status int
		header map[string]string
		want   float64
	}{
		"seconds":                 {429, map[string]string{"Retry-After": "7"}, 7},
		"unavailable":             {503, map[string]string{"Retry-After": " 120 "}, 120},
		"a date, a clock behind":  {429, map[string]string{"Retry-After": later(90 * time.Second), "Date": later(0)}, 90},
		"a date that has passed":  {429, map[string]string{"Retry-After": later(-time.Hour), "Date": later(0)}, 1},
		"a date without a clock":  {429, map[string]string{"Retry-After": date.Add(3*time.Hour + time.Minute).Format(http.TimeFormat)}, 60},
		"nothing":                 {429, nil, 1},
		"garbage":                 {429, map[string]string{"Retry-After": "soon"}, 1},
		"less than nothing":       {429, map[string]string{"Retry-After": "-5"}, 1},
		"none":                    {429, map[string]string{"Retry-After": "0"}, 1},
		"a reset, in seconds":     {429, map[string]string{"X-RateLimit-Reset": "30"}, 30},
		"a reset, as an instant":  {429, map[string]string{"X-RateLimit-Reset": fmt.Sprint(date.Unix() + 45), "Date": later(0)}, 45},
		"a reset in milliseconds": {429, map[string]string{"X-RateLimit-Reset": fmt.Sprint((date.Unix() + 45) * 1000), "Date": later(0)}, 45},
		"forbidden for now":       {403, map[string]string{"Retry-After": "60"}, 60},
		"used up":                 {403, map[string]string{"X-RateLimit-Reset": "30", "X-RateLimit-Remaining": "0"}, 30},
		"ill":                     {500, map[string]string{"Retry-After": "30"}, 1},
		"unavailable, no header":  {503, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, asked := clocked(t, func(n int, in *http.Request) *http.Response {
					if n == 1 {
						return answer(in, c.status, c.header, strings.NewReader("slower"))
					}
					return wholePage(in)
				})
				p.gets(3)
				if diff := cmp.Diff([]float64{0, c.want}, *asked); diff != "" {
					t.Errorf("asked at -want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestRESTPatienceHasBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		serve func(n int, in *http.Request) *http.Response
		fault value.Fault
		says  string
		asked []float64 // the first
		times int
	}{
		"too long at once": {func(_ int, in *http.Request) *http.Response {
			return answer(in, 429, map[string]string{"Retry-After": "86400"}, strings.NewReader("quota"))
		}, value.SourceError, "the server asks to wait 24h0m0s; 15m is the most that is waited at once", []float64{0}, 1},
		"for ever": {func(_ int, in *http.Request) *http.Response {
			return answer(in, 429, nil, strings.NewReader("quota"))
		}, value.SourceError, "the answer was 429 Too Many Requests: quota", []float64{0, 1, 3, 7, 15, 31, 63, 123, 183}, 101},
		"ill": {func(_ int, in *http.Request) *http.Response {
			return answer(in, 502, nil, strings.NewReader(""))
		}, value.SourceError, "GET %s/: the answer was 502 Bad Gateway", []float64{0, 1, 3}, 3},
		"silent": {func(int, *http.Request) *http.Response { return nil }, value.SourceError, "GET %s/: the server was silent for 2m", []float64{0, 121, 243}, 3},
		"silent in the middle": {func(_ int, in *http.Request) *http.Response {
			return answer(in, 200, nil, io.MultiReader(strings.NewReader(`{"items":[{"id":1}`), silence{in.Context()}))
		}, value.SourceError, "GET %s/: the server was silent for 2m", []float64{0, 121, 243}, 3},
		"html again and again": {func(_ int, in *http.Request) *http.Response {
			return answer(in, 200, nil, strings.NewReader("\n <!doctype HTML><title>Maintenance</title>"))
		}, value.SourceError, `GET %s/: the answer is a web page (HTML) with the title "Maintenance", in place of JSON`, []float64{0, 1, 3}, 3},
		"cut": {func(_ int, in *http.Request) *http.Response {
			return answer(in, 200, nil, strings.NewReader(`{"items":[{"id":1}`))
		}, value.SourceError, "GET %s/: the answer ends in the middle", []float64{0, 1, 3}, 3},
		"broken off": {func(_ int, in *http.Request) *http.Response {
			return answer(in, 200, nil, io.MultiReader(strings.NewReader(`{"items":[{"id":1}`), broken{}))
		}, value.SourceError, "GET %s/: the answer 200 OK broke off: somebody has pulled the plug", []float64{0, 1, 3}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, asked := clocked(t, c.serve)
				p.fails(c.fault, c.says)
				if diff := cmp.Diff(c.asked, (*asked)[:min(len(c.asked), len(*asked))]); diff != "" || len(*asked) != c.times {
					t.Errorf("asked %d times, at -want +got:\n%s", len(*asked), diff)
				}
			})
		})
	}
}

// silence says nothing until its context ends.
type silence struct{ ctx context.Context }

func (s silence) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("somebody has pulled the plug") }

// TestRESTTricklesArePatience reads an answer that takes an hour, a byte at a time.
func TestRESTTricklesArePatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := clocked(t, func(_ int, in *http.Request) *http.Response {
			return answer(in, 200, nil, &trickle{ctx: in.Context(), text: `{"items":` + items(1, 3) + `}`})
		})
		p.gets(3)
		p.resume = t.TempDir()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if _, err := p.pull(ctx); value.FaultOf(err) != value.Timeout {
			t.Errorf("behind its time: %v", err)
		}
	})
}

type trickle struct {
	ctx  context.Context
	text string
}

func (r *trickle) Read(b []byte) (int, error) {
	switch {
	case r.ctx.Err() != nil:
		return 0, r.ctx.Err()
	case r.text == "":
		return 0, io.EOF
	}
	<-time.After(time.Minute)
	b[0], r.text = r.text[0], r.text[1:]
	return 1, nil
}

func TestRESTKeepsItsRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, asked := clocked(t, func(n int, in *http.Request) *http.Response {
			if n > 7 {
				return answer(in, 200, nil, strings.NewReader(`{"items":[]}`))
			}
			return answer(in, 200, nil, strings.NewReader(fmt.Sprintf(`{"items":[{"id":%d}]}`, n)))
		}, paging(graph.Paging{Way: graph.PagingPage, Parameter: "page"}), func(a *graph.RestAPI) {
			a.Rate = &graph.Rate{Requests: 3, Per: graph.Duration(10 * time.Second)}
		})
		p.gets(7)
		if diff := cmp.Diff([]float64{0, 0, 0, 10, 10, 10, 20, 20}, *asked); diff != "" {
			t.Errorf("asked at -want +got:\n%s", diff)
		}
	})
}

func TestRESTStopsAtOnce(t *testing.T) {
	t.Parallel()
	stopped := errors.New("the run was stopped")
	for name, serve := range map[string]func(int, *http.Request) *http.Response{
		"silent": func(int, *http.Request) *http.Response { return nil },
		"throttled": func(_ int, in *http.Request) *http.Response {
			return answer(in, 429, map[string]string{"Retry-After": "600"}, silence{in.Context()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, _ := clocked(t, serve)
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(5*time.Second, func() { cancel(stopped) })
				began := time.Now()
				_, err := p.pull(ctx)
				if took := time.Since(began); !errors.Is(err, stopped) || took != 5*time.Second {
					t.Errorf("%v after %s", err, took)
				}
			})
		})
	}
}

// TestRESTTellsHowFarItIsAndIsHeldBack pulls two pages through a limit that lets
// each piece wait for longer than a server may be silent.
func TestRESTTellsHowFarItIsAndIsHeldBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first, second := `{"items":`+items(1, 3)+`,"next":"2"}`, `{"items":`+items(4, 5)+`}`
		p, _ := clocked(t, func(n int, in *http.Request) *http.Response {
			return answer(in, 200, nil, strings.NewReader([]string{first, second}[n-1]))
		}, func(a *graph.RestAPI) {
			a.IdleTimeout = graph.Duration(time.Minute)
			a.Paging = &graph.Paging{Way: graph.PagingCursor, Path: "next", Parameter: "after", MaxPages: 9}
		})
		var told []graph.Transfer
		p.tell = func(now graph.Transfer) { told = append(told, now) }
		var waited int
		p.limit = func(ctx context.Context, n int) error {
			waited += n
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Hour):
				return nil
			}
		}
		p.gets(5)
		one, all := int64(len(first)), int64(len(first)+len(second))
		want := []graph.Transfer{{}, {Bytes: one}, {Bytes: one, Pages: 1, Rows: 3}, {Bytes: all, Pages: 1, Rows: 3}}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
		if int64(waited) != all {
			t.Errorf("%d of %d bytes were held back", waited, all)
		}
		// The time of an attempt is over while it waits for its turn.
		p.limit = func(context.Context, int) error {
			return value.Timeout.Errorf("wait for bandwidth", "its turn is too late")
		}
		p.resume = t.TempDir()
		p.client.Transport = answers(wholePage)
		p.fails(value.Timeout, "its turn is too late")
	})
}
