package source

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

// RESTCall is one attempt at pulling from an API.
type RESTCall struct {
	API     *graph.RestAPI
	Values  *value.Resolver // Run and Range filled in
	Staging string          // an empty folder that the answer is written into
	// Resume gives a folder that is kept until the courier has landed. An attempt
	// goes on there with the page that an earlier one has not finished.
	Resume func() (string, error)
	Output io.Writer    // gets what there is to say on the way, line by line, without secrets; may be nil
	Client *http.Client // nil: one with connections of its own

	// Progress is told, with each piece that comes in, of its Bytes, those of tries that
	// failed included, and of the Pages and the records in them, Rows, that are done,
	// those of earlier attempts included; may be nil.
	Progress func(graph.Transfer)
	// Limit holds the pull back for as long as n bytes that came in must wait, at most
	// 64 KiB; an error ends the pull. May be nil.
	Limit func(ctx context.Context, n int) error
}

// Names of what is written into the staging folder.
const (
	recordsName = "records.jsonl"
	bodyName    = "body"
)

const (
	defaultSilence = 2 * time.Minute // of graphs that say nothing
	defaultMaxSize = 10e9
)

// REST pulls everything that an API answers: records.jsonl with the records of
// all pages, a line each, or without a path of records body.<ext>, the answer as
// it is. It asks again where that can help, as often as it says, and obeys the
// server where that asks for patience. A courier only reads, so that a request
// whose answer was lost is sent again, whatever its method. The errors are
//
//   - SourceError, worth another attempt, which goes on at the same page: the
//     server could not be reached, was silent, broke its answer off, was ill, or
//     its answer is not what it says; a [web.PatienceError] where it asks to be
//     left alone for longer than an attempt waits;
//   - NotReady: the answer was 202, or a status of not_ready_status; a
//     [web.PatienceError] where it has Retry-After;
//   - Misconfigured: a secret or a URL is wrong, the certificate does not hold,
//     the request was refused, or its answer has no records where they are said
//     to be;
//   - Failed: pages that lead back to earlier ones, or the disk;
//   - those of [value.Interrupted].
func REST(ctx context.Context, c RESTCall) error {
	p := &puller{RESTCall: c, shared: c.Values.Secrets.Redactor(), own: &value.Redactor{}}
	return p.hide(p.pull(ctx))
}

// puller is one attempt.
type puller struct {
	RESTCall
	shared *value.Redactor // of the secrets of the workspace
	own    *value.Redactor // of tokens that servers have given out

	client *http.Client
	first  request // for the first page
	token  *token  // nil: the block has no oauth2
	rate   *rate
	asked  bool // a request has been answered as it should be
	come   graph.Transfer
}

// request is what a request is made of. Its target and body change with the page.
type request struct {
	op, method, target, body string
	header                   http.Header
	host                     string
}

func (p *puller) hide(err error) error { return p.shared.Error(p.own.Error(err)) }

// quote is the beginning of what a server said.
func (p *puller) quote(said []byte) string {
	cut := len(said) >= chunkSize
	if cut {
		said = []byte(p.own.Cut(string(said)))
	}
	return web.Quote([]byte(p.own.String(string(said))), p.shared, maxQuoted, cut)
}

func (p *puller) say(format string, args ...any) {
	if p.Output != nil {
		_, _ = fmt.Fprintln(p.Output, p.shared.String(p.own.String(fmt.Sprintf(format, args...)))) // a log that fails stops no pull
	}
}

func (p *puller) tell() {
	if p.Progress != nil {
		p.Progress(p.come)
	}
}

func (p *puller) silence() time.Duration {
	return cmp.Or(p.API.IdleTimeout.Std(), defaultSilence)
}

func (p *puller) pull(ctx context.Context) error {
	if err := p.prepare(); err != nil {
		return err
	}
	if p.Client == nil {
		transport := web.NewTransport(true)
		defer transport.CloseIdleConnections()
		p.client = &http.Client{Transport: transport}
	} else {
		client := *p.Client
		p.client = &client
	}
	p.client.CheckRedirect = web.SameHost
	p.rate = newRate(p.API.Rate)
	var err error
	if p.token, err = p.newToken(); err != nil {
		return err
	}
	if p.API.Records == "" {
		return p.body(ctx)
	}
	return p.pages(ctx)
}

// prepare gives everything in the request its text, once for all pages.
func (p *puller) prepare() error {
	r := request{method: cmp.Or(p.API.Method, http.MethodGet)}
	r.op = r.method + " " + p.API.URL.String()
	var err error
	if r.target, err = p.Values.URL(p.API.URL); err != nil {
		return fmt.Errorf("url: %w", err)
	}
	if r.body, err = p.Values.Text(p.API.Body); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if p.API.JSON != nil {
		if r.body, err = p.Values.JSON(p.API.JSON); err != nil {
			return fmt.Errorf("json: %w", err)
		}
	}
	// Checks the URL, and gathers headers and credentials.
	req, err := web.NewRequest(context.Background(), r.op, r.method, r.target, "")
	if err != nil {
		return err
	}
	if p.API.JSON != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.API.Records != "" {
		req.Header.Set("Accept", "application/json")
	}
	if err := web.Authorize(req, &p.API.HTTP, p.Values); err != nil {
		return err
	}
	r.header, r.host = req.Header, req.Host
	p.first = r
	return nil
}

// body lands one answer as it is.
func (p *puller) body(ctx context.Context) error {
	return p.exchange(ctx, p.first, func(answer *http.Response, in io.Reader) error {
		if answer.StatusCode == http.StatusNoContent {
			return nil
		}
		kind := mediaType(answer.Header)
		if strings.HasSuffix(kind, "html") && !strings.Contains(p.first.header.Get("Accept"), "html") {
			return p.html(in, "where data was asked for; where that is the data, write headers = { Accept = \"text/html\" }")
		}
		f, err := os.Create(filepath.Join(p.Staging, bodyName+extension(kind)))
		if err != nil {
			return value.Failed.Wrap(p.first.op, err)
		}
		if strings.HasSuffix(kind, "json") && !strings.HasSuffix(kind, "ndjson") {
			err = p.wholeJSON(in, f)
		} else {
			_, err = io.Copy(disk{f}, in)
		}
		err = cmp.Or(err, value.Failed.Wrap(p.first.op, f.Close()))
		if err != nil {
			_ = os.Remove(f.Name()) // the next answer may be of another type, and lands by itself
		}
		return err
	})
}

// wholeJSON copies a JSON text and sees that it is one, whole: not every server
// says how long its answer is.
func (p *puller) wholeJSON(in io.Reader, f *os.File) error {
	var e extractor
	w := bufio.NewWriterSize(disk{f}, chunkSize)
	err := e.extract(io.TeeReader(in, w), io.Discard, &node{})
	var wrong *syntaxError
	if errors.As(err, &wrong) || errors.Is(err, errCut) {
		return value.SourceError.Wrap(p.first.op, err)
	}
	if err == nil {
		err = w.Flush()
	}
	return err
}

// disk marks the errors of a file, so that they are not taken for the server's. It
// has no other method of it: by ReadFrom they would get past.
type disk struct{ file *os.File }

func (d disk) Write(b []byte) (int, error) {
	n, err := d.file.Write(b)
	return n, value.Failed.Wrap("write what was answered", err)
}

// mediaType is the content type of an answer without its parameters, "" where it
// has none.
func mediaType(h http.Header) string {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// extensions are those of the media types that data comes in.
var extensions = map[string]string{
	"application/json": ".json", "text/json": ".json", "application/x-ndjson": ".jsonl", "application/ndjson": ".jsonl", "application/jsonl": ".jsonl", "application/jsonlines": ".jsonl",
	"text/csv": ".csv", "application/csv": ".csv", "text/tab-separated-values": ".tsv", "text/plain": ".txt", "text/html": ".html",
	"application/xml": ".xml", "text/xml": ".xml", "application/zip": ".zip", "application/gzip": ".gz", "application/x-gzip": ".gz",
	"application/vnd.apache.parquet": ".parquet", "application/pdf": ".pdf",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}

// extension is what the name of an answer ends with: ".bin" for what nobody knows.
func extension(kind string) string {
	switch ext := extensions[kind]; {
	case ext != "":
		return ext
	case strings.HasSuffix(kind, "+json"):
		return ".json"
	case strings.HasSuffix(kind, "+xml"):
		return ".xml"
	}
	return ".bin"
}

// html is the error of a page for people in place of data.
func (p *puller) html(in io.Reader, why string) error {
	head, _ := io.ReadAll(io.LimitReader(in, chunkSize)) // what there is of it is enough
	text := "the answer is a web page (HTML)"
	if title := titleOf(string(head)); title != "" {
		text += fmt.Sprintf(" with the title %q", p.quote([]byte(title)))
	}
	return value.SourceError.Errorf(p.first.op, "%s, %s", text, why)
}

func titleOf(page string) string {
	low := strings.ToLower(page)
	start := strings.Index(low, "<title")
	if start < 0 || len(low) != len(page) {
		return ""
	}
	_, rest, found := strings.Cut(page[start:], ">")
	end := strings.Index(strings.ToLower(rest), "</title")
	if !found || end < 0 {
		return ""
	}
	return strings.Join(strings.Fields(rest[:end]), " ")
}

// withField sets a field of a JSON text, making the objects above it.
func withField(text string, path []string, literal string) (string, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return "", errors.New("the json body is not an object, so it has no field")
	}
	if object == nil {
		object = map[string]json.RawMessage{}
	}
	inner := literal
	if len(path) > 1 {
		under := string(object[path[0]])
		if under == "" {
			under = "{}"
		}
		var err error
		if inner, err = withField(under, path[1:], literal); err != nil {
			return "", err
		}
	}
	object[path[0]] = json.RawMessage(inner)
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(object)
	return strings.TrimSuffix(b.String(), "\n"), err
}
