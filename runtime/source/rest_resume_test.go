package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// tenPages has a record on each page, and breaks at one as long as it is told to.
type tenPages struct {
	breakAt atomic.Int64
	asked   []string
	how     func(http.ResponseWriter)
}

func (s *tenPages) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	s.asked = append(s.asked, in.URL.Query().Get("after"))
	n := queryInt("after")(*in)
	if n == int(s.breakAt.Load()) {
		s.how(out)
		return
	}
	next := fmt.Sprint(n + 1)
	if n == 10 {
		next = "null"
	}
	_, _ = fmt.Fprintf(out, `{"items":%s,"next":%s}`, items(n, n), next)
}

func refuse(out http.ResponseWriter) { http.Error(out, "not now", http.StatusForbidden) }

// hangUp sends the half of a page and closes the connection.
func hangUp(out http.ResponseWriter) {
	conn, buf, err := http.NewResponseController(out).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n{\"items\":[{\"id\":99\r\n")
	_ = buf.Flush()
	_ = conn.Close()
}

// lie says that the answer is longer than it is.
func lie(out http.ResponseWriter) {
	out.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(out, `{"items":[{"id":99}],"next":null}`)
}

var cursorPaging = paging(graph.Paging{Way: graph.PagingCursor, Path: "next", Parameter: "after"})

func TestRESTGoesOnAtThePageItHadNotFinished(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		how   func(http.ResponseWriter)
		fault value.Fault
		times int // that the broken page is asked for, in each attempt
		fail  int // attempts
	}{
		"refused":   {refuse, value.Misconfigured, 1, 2},
		"hung up":   {hangUp, value.SourceError, 3, 1},
		"shortened": {lie, value.SourceError, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &tenPages{how: c.how}
			server.breakAt.Store(4)
			p := against(t, "/", server.ServeHTTP, cursorPaging)
			for range c.fail {
				p.fails(c.fault, "GET %s/, page 4: ")
			}
			server.breakAt.Store(0)
			p.gets(10)
			want := []string{"", "2", "3"}
			for range c.fail*c.times + 1 {
				want = append(want, "4")
			}
			want = append(want, "5", "6", "7", "8", "9", "10")
			if diff := cmp.Diff(want, server.asked); diff != "" {
				t.Errorf("asked for -want +got:\n%s", diff)
			}
			if !strings.Contains(p.said.String(), "goes on behind page 3, with 3 records from before") {
				t.Errorf("it says\n%s", p.said.String())
			}
			entries, err := filepath.Glob(filepath.Join(p.resume, "*"))
			if err != nil || len(entries) != 2 {
				t.Errorf("%v is left, %v", entries, err)
			}
		})
	}
}

// TestRESTWorksAfterTwoErrors counts the tries of one page, not of all.
func TestRESTWorksAfterTwoErrors(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	server := &tenPages{}
	against(t, "/", func(out http.ResponseWriter, in *http.Request) {
		if n.Add(1)%2 == 1 && n.Load() < 4 {
			hangUp(out)
			return
		}
		server.ServeHTTP(out, in)
	}, cursorPaging).gets(10)
}

func TestRESTBeginsAgain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, *puller){
		"another definition": func(_ *testing.T, p *puller) { p.api.Headers = map[string]graph.Value{"X": graph.Text("y")} },
		"another range":      func(_ *testing.T, p *puller) { p.values.Range = window.Range{} },
		"another URL":        func(_ *testing.T, p *puller) { p.values.Run.ID = "b" },
		"records that are lost": func(t *testing.T, p *puller) {
			names, _ := filepath.Glob(filepath.Join(p.resume, "records-*"))
			for _, name := range names {
				if err := os.Truncate(name, 3); err != nil {
					t.Fatal(err)
				}
			}
		},
		"a checkpoint that is garbage": func(t *testing.T, p *puller) {
			if err := os.WriteFile(filepath.Join(p.resume, "checkpoint.json"), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &tenPages{how: refuse}
			server.breakAt.Store(4)
			p := against(t, "/?run=", server.ServeHTTP, cursorPaging)
			p.api.URL = append(p.api.URL, graph.Part{Ref: "run.id"})
			p.fails(value.Misconfigured, "page 4")
			server.breakAt.Store(0)
			change(t, p)
			p.gets(10)
			if len(server.asked) != 4+10 {
				t.Errorf("asked for %q", server.asked)
			}
		})
	}
}

// TestRESTForgetsACursorThatIsRefused starts again in the same attempt.
func TestRESTForgetsACursorThatIsRefused(t *testing.T) {
	t.Parallel()
	server := &tenPages{how: func(out http.ResponseWriter) { http.Error(out, "cursor expired", http.StatusBadRequest) }}
	server.breakAt.Store(4)
	p := against(t, "/", func(out http.ResponseWriter, in *http.Request) {
		if len(server.asked) == 5 { // the first request after the first attempt and its restart
			server.breakAt.Store(0)
		}
		server.ServeHTTP(out, in)
	}, cursorPaging)
	p.fails(value.Misconfigured, "page 4: the answer was 400 Bad Request: cursor expired")
	p.gets(10)
	if want := strings.Fields("- 2 3 4 4 - 2 3 4 5 6 7 8 9 10"); strings.Join(server.asked, ",") != strings.ReplaceAll(strings.Join(want, ","), "-", "") {
		t.Errorf("asked for %q", server.asked)
	}
}

// TestRESTTakesOverFromOneThatLives lets an attempt that was taken for dead go on
// beside the next: neither spoils what the other has.
func TestRESTTakesOverFromOneThatLives(t *testing.T) {
	t.Parallel()
	server := &tenPages{}
	hold, held := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	p := against(t, "/", func(out http.ResponseWriter, in *http.Request) {
		if in.URL.Query().Get("after") == "4" && first.CompareAndSwap(false, true) {
			close(held)
			<-hold
		}
		server.ServeHTTP(out, in)
	}, cursorPaging)
	ended := make(chan error)
	var late map[string]string
	go func() {
		var err error
		late, err = p.pull(context.WithoutCancel(t.Context()))
		ended <- err
	}()
	<-held
	other := *p
	other.gets(10)
	close(hold)
	if err := <-ended; err != nil || late["records.jsonl"] != lines(1, 10) {
		t.Errorf("the first: %v, %v", late, err)
	}
}

// TestRESTKeepsSecretsOutOfItsCheckpoint repeats the key of the request in each
// URL of a next page, as many servers do.
func TestRESTKeepsSecretsOutOfItsCheckpoint(t *testing.T) {
	const key = `k3y/with+"odd" ünd long`
	t.Setenv("REST_KEY", key)
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	pages := 0
	p := against(t, "", func(out http.ResponseWriter, in *http.Request) {
		if in.URL.Query().Get("key") != key {
			t.Errorf("asked for %s", in.URL)
		}
		if pages++; pages == 3 {
			cancel(stop)
		}
		n := queryInt("page")(*in)
		next := fmt.Sprintf("http://%s/?key=%s&page=%d", in.Host, url.QueryEscape(key), n+1)
		if n == 4 {
			next = ""
		}
		_, _ = fmt.Fprintf(out, `{"items":%s,"next":%q}`, items(n, n), next)
	}, paging(graph.Paging{Way: graph.PagingNext, Path: "next"}), func(a *graph.RestAPI) {
		a.URL = append(a.URL, graph.Value{{Literal: "/?key="}, {Ref: "secret.key"}}...)
	})
	redactor := &value.Redactor{}
	p.values.Secrets = value.NewSecrets("", []graph.Secret{{Name: "key", Env: "REST_KEY"}}, redactor)
	if _, err := p.pull(ctx); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	for _, name := range []string{"checkpoint.json"} {
		text, err := os.ReadFile(filepath.Join(p.resume, name))
		if err != nil || redactor.String(string(text)) != string(text) || strings.Contains(string(text), "k3y") {
			t.Errorf("%s has\n%s\n%v", name, text, err)
		}
	}
	p.gets(4)
	if pages > 6 {
		t.Errorf("asked %d times", pages)
	}
}
