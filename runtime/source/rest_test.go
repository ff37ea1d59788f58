package source_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/source"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

// puller pulls from a server of a test, each time into a new folder.
type puller struct {
	*testing.T
	url    string
	api    *graph.RestAPI
	values *value.Resolver
	resume string
	said   bytes.Buffer
	client *http.Client
	tell   func(graph.Transfer)
	limit  func(context.Context, int) error
}

// against starts a server, and returns what pulls from it. A path of url begins
// with a slash.
func against(t *testing.T, url string, handler http.HandlerFunc, change ...func(*graph.RestAPI)) *puller {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return pulling(t, server.URL, url, change...)
}

func pulling(t *testing.T, host, url string, change ...func(*graph.RestAPI)) *puller {
	api := &graph.RestAPI{HTTP: graph.HTTP{Method: "GET", URL: graph.Text(host + url)}, Records: "items"}
	for _, c := range change {
		c(api)
	}
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	return &puller{
		T: t, url: host, api: api, resume: t.TempDir(),
		values: &value.Resolver{Range: window.Range{Start: day, End: day.AddDate(0, 0, 1)}},
	}
}

// pull makes one attempt, and returns what it has written, by name.
func (p *puller) pull(ctx context.Context) (map[string]string, error) {
	p.Helper()
	staging := p.TempDir()
	err := source.REST(ctx, source.RESTCall{
		API: p.api, Values: p.values, Staging: staging, Output: &p.said, Client: p.client, Progress: p.tell, Limit: p.limit,
		Resume: func() (string, error) { return p.resume, nil },
	})
	files := map[string]string{}
	entries, failed := os.ReadDir(staging)
	if failed != nil {
		p.Fatal(failed)
	}
	for _, e := range entries {
		text, failed := os.ReadFile(filepath.Join(staging, e.Name()))
		if failed != nil {
			p.Fatal(failed)
		}
		files[e.Name()] = string(text)
	}
	return files, err
}

// gets demands the records from 1 to n, a line each.
func (p *puller) gets(n int) {
	p.Helper()
	files, err := p.pull(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"records.jsonl": lines(1, n)}, files); diff != "" {
		p.Errorf("-want +got:\n%s", diff)
	}
}

// fails demands an error with a fault and a text, %s in which is the URL.
func (p *puller) fails(fault value.Fault, says string) {
	p.Helper()
	files, err := p.pull(p.Context())
	says = strings.ReplaceAll(says, "%s", p.url)
	if value.FaultOf(err) != fault || !strings.Contains(fmt.Sprint(err), says) {
		p.Errorf("%s: %v", value.FaultOf(err), err)
	}
	if len(files) > 0 {
		p.Errorf("it has written %v", files)
	}
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "{\"id\":%d}\n", i)
	}
	return b.String()
}

func items(from, to int) string {
	return "[" + strings.ReplaceAll(strings.TrimSuffix(lines(from, to), "\n"), "\n", " , ") + "]"
}

func paging(p graph.Paging) func(*graph.RestAPI) {
	if p.MaxPages == 0 {
		p.MaxPages = 1000
	}
	return func(a *graph.RestAPI) { a.Paging = &p }
}

// sevenBy answers with the records 1 to 7, in pages of three.
func sevenBy(page func(q http.Request) int, more func(out http.ResponseWriter, in *http.Request, page int) string) http.HandlerFunc {
	return func(out http.ResponseWriter, in *http.Request) {
		n := page(*in)
		text := more(out, in, n)
		out.Header().Set("Content-Type", "application/json")
		if n > 3 {
			_, _ = fmt.Fprintf(out, `{"items": [] %s}`, text)
			return
		}
		_, _ = fmt.Fprintf(out, `{"items": %s %s}`, items(3*n-2, min(3*n, 7)), text)
	}
}

func queryInt(name string) func(http.Request) int {
	return func(in http.Request) int {
		n, err := strconv.Atoi(in.URL.Query().Get(name))
		if err != nil {
			return 1
		}
		return n
	}
}

func TestRESTTurnsPages(t *testing.T) {
	t.Parallel()
	nothing := func(http.ResponseWriter, *http.Request, int) string { return "" }
	t.Run("no paging", func(t *testing.T) {
		t.Parallel()
		against(t, "/", sevenBy(queryInt("page"), nothing)).gets(3)
	})
	t.Run("link", func(t *testing.T) {
		t.Parallel()
		against(t, "/list?a=b%20c", sevenBy(queryInt("page"), func(out http.ResponseWriter, in *http.Request, n int) string {
			if in.URL.Query().Get("a") != "b c" {
				t.Errorf("asked for %s", in.URL)
			}
			out.Header().Add("Link", `</first>; rel="first", <https://x/;,>;rel=prev`)
			if n < 3 {
				out.Header().Add("Link", fmt.Sprintf(`<?a=b%%20c&page=%d>; title="a, <b>; rel=x"; rel="last NEXT"`, n+1))
			}
			return ""
		}), paging(graph.Paging{Way: graph.PagingLink})).gets(7)
	})
	t.Run("next", func(t *testing.T) {
		t.Parallel()
		against(t, "/list", sevenBy(queryInt("page"), func(_ http.ResponseWriter, in *http.Request, n int) string {
			if n == 3 {
				return `, "next": null`
			}
			return fmt.Sprintf(`, "next": "http:\/\/%s/list?page=%d"`, in.Host, n+1)
		}), paging(graph.Paging{Way: graph.PagingNext, Path: "next"})).gets(7)
	})
	t.Run("cursor", func(t *testing.T) {
		t.Parallel()
		cursors := map[string]int{"": 1, "a&b=c": 2, "12": 3}
		against(t, "/list?after=x&z", sevenBy(func(in http.Request) int {
			if after := in.URL.Query().Get("after"); after != "x" {
				return cursors[after]
			}
			return 1
		}, func(_ http.ResponseWriter, in *http.Request, n int) string {
			if !strings.Contains(in.URL.RawQuery, "z") {
				t.Errorf("asked for %s", in.URL)
			}
			return []string{"", `, "meta": {"next": "a&b=c"}`, `, "meta": {"next": 12}`, `, "meta": {}`}[n]
		}), paging(graph.Paging{Way: graph.PagingCursor, Path: "meta.next", Parameter: "after"})).gets(7)
	})
	t.Run("cursor and more", func(t *testing.T) {
		t.Parallel()
		against(t, "/", sevenBy(queryInt("after"), func(_ http.ResponseWriter, _ *http.Request, n int) string {
			return fmt.Sprintf(`, "next": %d, "more": %t`, n+1, n < 3) // the last page has one, too
		}), paging(graph.Paging{Way: graph.PagingCursor, Path: "next", More: "more", Parameter: "after"})).gets(7)
	})
	lastID := graph.Paging{Way: graph.PagingCursor, From: graph.FromLastRecord, Path: "id", Parameter: "starting_after"}
	page := func(in http.Request) int { return queryInt("starting_after")(in)/3 + 1 } // of three each
	t.Run("the last record is the cursor", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int64
		against(t, "/", sevenBy(page, func(_ http.ResponseWriter, _ *http.Request, n int) string {
			asked.Add(1)
			return fmt.Sprintf(`, "id": "other", "has_more": %t`, n < 3)
		}), paging(lastID), func(a *graph.RestAPI) { a.Paging.More = "has_more" }).gets(7)
		if asked.Load() != 3 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
	t.Run("the last record, until there is none", func(t *testing.T) {
		t.Parallel()
		against(t, "/", sevenBy(func(in http.Request) int {
			if queryInt("starting_after")(in) == 7 {
				return 4
			}
			return page(in)
		}, func(http.ResponseWriter, *http.Request, int) string { return "" }), paging(lastID)).gets(7)
	})
	t.Run("cursor in the body", func(t *testing.T) {
		t.Parallel()
		against(t, "/", sevenBy(func(in http.Request) int {
			var body struct {
				Query string
				Big   json.Number
				Page  struct{ After json.Number }
			}
			dec := json.NewDecoder(in.Body)
			if err := dec.Decode(&body); err != nil || body.Query != "<all>" || body.Big != "10000000000000000001" {
				t.Errorf("%+v, %v", body, err)
			}
			n, err := body.Page.After.Int64()
			if err != nil {
				return 1
			}
			return int(n)
		}, func(_ http.ResponseWriter, _ *http.Request, n int) string {
			return []string{"", `, "next": 2`, `, "next": 3`, ``}[n]
		}), paging(graph.Paging{Way: graph.PagingCursor, Path: "next", Field: "page.after"}), func(a *graph.RestAPI) {
			a.Method, a.JSON = "POST", graph.Text(`{"query": "<all>", "big": 10000000000000000001}`)
		}).gets(7)
	})
	for name, p := range map[string]graph.Paging{
		"until an empty one": {},
		"until a short one":  {Size: 3, Until: graph.UntilShortPage},
		"until the total":    {Total: "n"},
		"until the last":     {TotalPages: "pages"},
	} {
		t.Run("page "+name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			p.Way, p.Parameter, p.First = graph.PagingPage, "page", 1
			against(t, "/", sevenBy(queryInt("page"), func(http.ResponseWriter, *http.Request, int) string {
				asked.Add(1)
				return `, "n": 7, "pages": 3`
			}), paging(p)).gets(7)
			if want := map[bool]int64{true: 4, false: 3}[name == "until an empty one"]; asked.Load() != want {
				t.Errorf("asked %d times, not %d", asked.Load(), want)
			}
		})
	}
	t.Run("offset", func(t *testing.T) {
		t.Parallel()
		against(t, "/?limit=9", sevenBy(func(in http.Request) int {
			q := in.URL.Query()
			if q.Get("limit") != "100" || len(q["limit"]) != 1 {
				t.Errorf("asked for %s", in.URL)
			}
			at, err := strconv.Atoi(q.Get("skip"))
			if err != nil {
				t.Error(err)
			}
			return (at+2)/3 + 1 // a server that gives three, whatever it is asked for
		}, nothing), paging(graph.Paging{Way: graph.PagingOffset, Parameter: "skip", Size: 100, SizeParameter: "limit"})).gets(7)
	})
}

// A server that writes the port of its scheme, or has credentials in its URL, is the
// same on every page.
func TestRESTStaysWithItsServer(t *testing.T) {
	t.Parallel()
	p := pulling(t, "https://me:pass@api.example.com", "/", paging(graph.Paging{Way: graph.PagingNext, Path: "next"}))
	p.client = &http.Client{Transport: answers(func(in *http.Request) *http.Response {
		if user, password, _ := in.BasicAuth(); user != "me" || password != "pass" {
			return answer(in, 401, nil, strings.NewReader("who are you"))
		}
		if in.URL.Path == "/2" {
			return answer(in, 200, nil, strings.NewReader(`{"items":`+items(2, 2)+`}`))
		}
		return answer(in, 200, nil, strings.NewReader(`{"items":`+items(1, 1)+`,"next":"https://api.example.com:443/2"}`))
	})}
	p.gets(2)
}

// A full disk is not the server's fault, and asking again does not help it.
func TestRESTOnAFullDisk(t *testing.T) {
	t.Parallel()
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		return // Linux has it
	}
	var asked atomic.Int64
	p := against(t, "/", func(out http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		out.Header().Set("Content-Type", "text/csv")
		_, _ = io.WriteString(out, "a,b\n")
	}, func(a *graph.RestAPI) { a.Records = "" })
	staging := t.TempDir()
	if err := os.Symlink(full, filepath.Join(staging, "body.csv")); err != nil {
		t.Fatal(err)
	}
	err := source.REST(t.Context(), source.RESTCall{API: p.api, Values: p.values, Staging: staging})
	if value.FaultOf(err) != value.Failed || !strings.Contains(fmt.Sprint(err), "no space left") || asked.Load() != 1 {
		t.Errorf("asked %d times: %s: %v", asked.Load(), value.FaultOf(err), err)
	}
}

func TestRESTRefusesPagesThatDoNotFit(t *testing.T) {
	t.Parallel()
	cursor := graph.Paging{Way: graph.PagingCursor, Path: "next", Parameter: "after"}
	count := graph.Paging{Way: graph.PagingOffset, Parameter: "offset", Total: "n"}
	numbered := graph.Paging{Way: graph.PagingPage, Parameter: "page", First: 1}
	link := graph.Paging{Way: graph.PagingNext, Path: "next"}
	more := cursor
	more.More = "more"
	last := cursor
	last.From, last.Path = graph.FromLastRecord, "id"
	few := numbered
	few.MaxPages = 2
	for name, c := range map[string]struct {
		paging graph.Paging
		pages  []string // the last again and again
		fault  value.Fault
		says   string
	}{
		"a cursor comes again":     {cursor, []string{`{"items":[1],"next":"a"}`, `{"items":[2],"next":"b"}`, `{"items":[3],"next":"a"}`, `{"items":[2],"next":"b"}`, `{"items":[3],"next":"a"}`}, value.Failed, "leads back to a page that was there before, so the pages would never end"},
		"the same cursor":          {cursor, []string{`{"items":[1],"next":"a"}`}, value.Failed, "page 2 leads back"},
		"the same page":            {numbered, []string{`{"items":[1]}`}, value.Failed, "pages 1 to 3 have the same records"},
		"too many":                 {few, []string{`{"items":[1]}`, `{"items":[2]}`, `{"items":[3]}`}, value.Misconfigured, "there are more than 2 pages; raise max_pages if that is right"},
		"the total goes down":      {count, []string{`{"items":[1],"n":3}`, `{"items":[2],"n":2}`}, value.SourceError, "n has gone down from 3 to 2"},
		"fewer than the total":     {count, []string{`{"items":[1],"n":3}`, `{"items":[],"n":3}`}, value.SourceError, "the pages end after 1 records, and n says 3"},
		"no total":                 {count, []string{`{"items":[1]}`}, value.Misconfigured, "the answer has no n"},
		"a total that is none":     {count, []string{`{"items":[1],"n":"many"}`}, value.Misconfigured, "n is not a number"},
		"another host":             {link, []string{`{"items":[1],"next":"https://user:pass@evil.example.com/x?key=1"}`}, value.Misconfigured, "the next page is at https://evil.example.com/x, on another server"},
		"another port":             {link, []string{`{"items":[1],"next":"http://127.0.0.1:1/x?key=1"}`}, value.Misconfigured, "the next page is at http://127.0.0.1:1/x, on another server"},
		"the last record again":    {last, []string{`{"items":[{"id":1},{"id":2}]}`}, value.Failed, "page 2 leads back"},
		"the last record has none": {last, []string{`{"items":[{"id":1},{"x":2}]}`}, value.Misconfigured, "the last record of the page has no id, which asks for the next page"},
		"no more":                  {more, []string{`{"items":[1],"next":"a"}`}, value.Misconfigured, "more: the answer has no more"},
		"more and no cursor":       {more, []string{`{"items":[1],"more":true}`}, value.SourceError, "more says that there are more pages, and next leads to none"},
		"a cursor of two":          {cursor, []string{`{"items":[1],"next":["a"]}`}, value.Misconfigured, "next is a list, in place of a single value"},
		"no records on the third":  {numbered, []string{`{"items":[1]}`, `{"items":[2]}`, `{"rows":[3],"n":1}`}, value.Misconfigured, "GET %s/, page 3: the path of the records leads nowhere: the answer has rows, n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			against(t, "/", func(out http.ResponseWriter, in *http.Request) {
				if in.URL.Path != "/" {
					t.Errorf("asked for %s", in.URL)
				}
				i := int(n.Add(1)) - 1
				_, _ = io.WriteString(out, c.pages[min(i, len(c.pages)-1)])
			}, paging(c.paging)).fails(c.fault, c.says)
		})
	}
}

func TestRESTBody(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"application/json": "body.json", "application/hal+json; charset=utf-8": "body.json", "text/csv; header=present": "body.csv",
		"application/x-ndjson": "body.jsonl", "application/ndjson": "body.jsonl", "application/octet-stream": "body.bin", "text/xml": "body.xml", "": "body.bin",
	} {
		text := `{"a": 1.0 }`
		if want == "body.jsonl" {
			text += "\n" + text + "\n"
		}
		p := against(t, "/", func(out http.ResponseWriter, _ *http.Request) {
			out.Header()["Content-Type"] = []string{kind}
			_, _ = io.WriteString(out, text)
		}, func(a *graph.RestAPI) { a.Records = "" })
		files, err := p.pull(t.Context())
		if diff := cmp.Diff(map[string]string{want: text}, files); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", kind, err, diff)
		}
	}
	// What has come of an answer that broke off does not land beside the next.
	var asked atomic.Int64
	broken := against(t, "/", func(out http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			out.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(out, "half")
			return
		}
		out.Header().Set("Content-Type", "text/csv")
		_, _ = io.WriteString(out, "whole")
	}, func(a *graph.RestAPI) { a.Records = "" })
	files, err := broken.pull(t.Context())
	if diff := cmp.Diff(map[string]string{"body.csv": "whole"}, files); diff != "" || err != nil {
		t.Errorf("broken off: %v (-want +got):\n%s", err, diff)
	}
	none := against(t, "/", func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusNoContent) }, func(a *graph.RestAPI) { a.Records = "" })
	if files, err := none.pull(t.Context()); err != nil || len(files) > 0 {
		t.Errorf("no content: %v, %v", files, err)
	}
	against(t, "/", func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusNoContent) }).gets(0)
}

// What comes with a status that says that the data is not there yet is no data.
func TestRESTIsNotReady(t *testing.T) {
	t.Parallel()
	var status int
	refuses := func(code int, change func(*graph.RestAPI)) (map[string]string, error) {
		status = code
		return against(t, "/", func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Retry-After", "90")
			out.WriteHeader(status)
			_, _ = io.WriteString(out, `{"state":"pending"}`)
		}, change).pull(t.Context())
	}
	whole := func(a *graph.RestAPI) { a.Records = "" }
	names := func(a *graph.RestAPI) { a.NotReady = []int{404, 503} }
	for name, c := range map[string]struct {
		status int
		change func(*graph.RestAPI)
	}{"202, whole": {202, whole}, "202, records": {202, names}, "404": {404, names}, "503": {503, names}} {
		files, err := refuses(c.status, c.change)
		says := fmt.Sprintf("the data is not ready, the answer was %d %s: {\"state\":\"pending\"}", c.status, http.StatusText(c.status))
		var asks *web.PatienceError
		if value.FaultOf(err) != value.NotReady || !strings.Contains(err.Error(), says) || !errors.As(err, &asks) || asks.Pause != 90*time.Second || len(files) > 0 {
			t.Errorf("%s: %v %v", name, err, files)
		}
	}
	files, err := refuses(202, func(a *graph.RestAPI) { a.Records, a.ExpectStatus = "", []int{202} })
	if diff := cmp.Diff(map[string]string{"body.txt": `{"state":"pending"}`}, files); diff != "" || err != nil {
		t.Errorf("202 is expected: %v %s", err, diff)
	}
}

func TestRESTSendsWhatTheBlockSays(t *testing.T) {
	t.Setenv("REST_TOKEN", "s3cret/tok")
	p := against(t, "", func(out http.ResponseWriter, in *http.Request) {
		body, _ := io.ReadAll(in.Body)
		got := map[string]string{
			"query": in.URL.RawQuery, "token": in.Header.Get("Authorization"), "header": in.Header.Get("X-Day"),
			"body": string(body), "type": in.Header.Get("Content-Type"), "accept": in.Header.Get("Accept"), "method": in.Method,
		}
		want := map[string]string{
			"query": "from=2026-11-21T00%3A00%3A00Z&key=s3cret%2Ftok", "token": "Bearer s3cret/tok", "header": "20261121",
			"body": `{"to":"2026-11-22T00:00:00Z"}`, "type": "application/json", "accept": "application/json", "method": "POST",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		_, _ = io.WriteString(out, `{"items":[]}`)
	}, func(a *graph.RestAPI) {
		a.Method = "POST"
		a.URL = append(a.URL, graph.Value{{Literal: "/?from="}, {Ref: "range.start"}, {Literal: "&key="}, {Ref: "secret.token"}}...)
		a.BearerToken = graph.Value{{Ref: "secret.token"}}
		a.Headers = map[string]graph.Value{"X-Day": {{Ref: "range.start", Format: "YYYYMMDD"}}}
		a.JSON = graph.Value{{Literal: `{"to":"`}, {Ref: "range.end"}, {Literal: `"}`}}
	})
	p.values.Secrets = value.NewSecrets("", []graph.Secret{{Name: "token", Env: "REST_TOKEN"}}, &value.Redactor{})
	p.gets(0)
}

func TestRESTFaults(t *testing.T) {
	t.Parallel()
	say := func(status int, kind, text string) http.HandlerFunc {
		return func(out http.ResponseWriter, _ *http.Request) {
			if kind != "" {
				out.Header().Set("Content-Type", kind)
			}
			out.WriteHeader(status)
			_, _ = io.WriteString(out, text)
		}
	}
	page := "<!DOCTYPE html>\n<html><head><title>\n Please  log in</title></head></html>"
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		fault   value.Fault
		says    string
	}{
		"refused":      {say(400, "", `{"error":"no such field"}`), value.Misconfigured, `GET %s/: the answer was 400 Bad Request: {"error":"no such field"}`},
		"unauthorized": {say(401, "", "bad key\n"), value.Misconfigured, "GET %s/: the answer was 401 Unauthorized: bad key"},
		"forbidden":    {say(403, "", ""), value.Misconfigured, "GET %s/: the answer was 403 Forbidden"},
		"no such page": {say(404, "text/html", page), value.Misconfigured, `GET %s/: the answer was 404 Not Found: a web page with the title "Please log in"`},
		"redirected": {func(out http.ResponseWriter, in *http.Request) {
			http.Redirect(out, in, "https://b.example.com/x?key=1", http.StatusFound)
		}, value.Misconfigured, "GET %s/: the answer was 302 Found: it leads to https://b.example.com/x; write that URL if it is right"},
		"not as written": {say(201, "", `{"items":[]}`), value.Misconfigured, "the answer was 201 Created"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			against(t, "/", c.handler, func(a *graph.RestAPI) { a.ExpectStatus = []int{200} }).fails(c.fault, c.says)
		})
	}
	t.Run("html for a body", func(t *testing.T) {
		t.Parallel()
		p := against(t, "/", say(200, "text/html; charset=utf-8", page), func(a *graph.RestAPI) {
			a.Records, a.Headers = "", map[string]graph.Value{"Accept": graph.Text("text/html")}
		})
		if files, err := p.pull(t.Context()); err != nil || files["body.html"] != page {
			t.Errorf("%v, %v", files, err)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(nil)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		pulling(t, server.URL, "/").fails(value.Misconfigured, "GET %s/: the server's certificate does not hold: ")
		server.Close()
	})
}

func TestRESTUnpacks(t *testing.T) {
	t.Parallel()
	handler := func(out http.ResponseWriter, in *http.Request) {
		if !strings.Contains(in.Header.Get("Accept-Encoding"), "gzip") {
			t.Errorf("accepts %q", in.Header.Get("Accept-Encoding"))
		}
		out.Header().Set("Content-Encoding", "gzip")
		w := gzip.NewWriter(out)
		_, _ = io.WriteString(w, `{"items":`+items(1, 100)+`}`)
		_ = w.Close()
	}
	against(t, "/", handler).gets(100)
	against(t, "/", handler, func(a *graph.RestAPI) {
		a.Headers = map[string]graph.Value{"Accept-Encoding": graph.Text("gzip")}
	}).gets(100)
	against(t, "/", func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Encoding", "br")
		_, _ = io.WriteString(out, "packed")
	}, func(a *graph.RestAPI) { a.Records = "" }).fails(value.Misconfigured, `the answer is packed with "br", and only gzip is unpacked`)
	against(t, "/", handler, func(a *graph.RestAPI) { a.MaxSize = 500 }).fails(value.Misconfigured, "the answer is larger than 500B, unpacked; raise max_size if that is right")
}

// TestRESTManyPages turns many pages in the memory of one. It is alone while it
// measures, so that a few bytes kept of each page show.
func TestRESTManyPages(t *testing.T) {
	const pages = 10_000
	body := []byte(`{"items":[{"id":1,"text":"` + strings.Repeat("x", 100) + `"}],"next":"`)
	p := pulling(t, "http://api.example.com", "/", paging(graph.Paging{Way: graph.PagingCursor, Path: "next", Parameter: "after", MaxPages: pages}))
	p.client = &http.Client{Transport: answers(func(in *http.Request) *http.Response {
		n := queryInt("after")(*in)
		text := append(bytes.Clone(body), strconv.Itoa(n+1)+`"}`...)
		if n == pages {
			text = []byte(`{"items":[]}`)
		}
		return answer(in, 200, nil, bytes.NewReader(text))
	})}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	staging := t.TempDir()
	err := source.REST(t.Context(), source.RESTCall{API: p.api, Values: p.values, Staging: staging, Client: p.client, Resume: func() (string, error) { return p.resume, nil }})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	info, err := os.Stat(filepath.Join(staging, "records.jsonl"))
	if want := int64(pages-1) * 119; err != nil || info.Size() != want {
		t.Errorf("%v, %v; want %d", info.Size(), err, want)
	}
	if after.HeapAlloc > before.HeapAlloc+256<<10 {
		t.Errorf("it holds %d kB more than before", (after.HeapAlloc-before.HeapAlloc)>>10)
	}
}

// answers is a transport without a network.
type answers func(*http.Request) *http.Response

func (f answers) RoundTrip(in *http.Request) (*http.Response, error) {
	if r := f(in); r != nil {
		return r, in.Context().Err()
	}
	<-in.Context().Done() // a server that never answers
	return nil, in.Context().Err()
}

func answer(in *http.Request, status int, header map[string]string, body io.Reader) *http.Response {
	r := &http.Response{
		StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), Header: http.Header{}, Request: in,
		Body: io.NopCloser(body), ContentLength: -1, ProtoMajor: 1, ProtoMinor: 1,
	}
	for name, text := range header {
		r.Header.Set(name, text)
	}
	return r
}
