package source

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
	"github.com/waybill-dev/waybill/runtime/web"
)

// position is how far the pages have been read. It is what a checkpoint keeps.
type position struct {
	Pages   int   `json:"pages"`   // that are done
	Records int64 `json:"records"` // of them
	// Next leads to the next page, "" to the first: a URL, or a cursor as JSON.
	Next  string `json:"next,omitempty"`
	Total int64  `json:"total,omitempty"` // that the server has named
	Done  bool   `json:"done,omitempty"`  // there is no further page
	Loop  loop   `json:"loop,omitzero"`
}

// loop finds a cursor that comes again, however long the way around is, while it
// remembers only one (Brent's algorithm). Cursors may be secret: it keeps a hash.
type loop struct {
	Mark  string `json:"mark,omitempty"`
	Since int    `json:"since,omitempty"`
	Power int    `json:"power,omitempty"`
}

// met reports whether a cursor has been met before.
func (l *loop) met(next string) bool {
	mark := digest(next)
	if mark == l.Mark {
		return true
	}
	if l.Since++; l.Since >= l.Power {
		l.Mark, l.Since, l.Power = mark, 0, max(1, 2*l.Power)
	}
	return false
}

// page is what one page has brought.
type page struct {
	records int
	header  http.Header
	url     *url.URL // that answered, for links relative to it
	values  map[string]single
	last    map[string]single // of the last record
	sum     uint64            // of the records
}

// saving is the part of the time of a pull that checkpoints may take, one in so
// many: writing one through to the disk takes longer than some servers do for a
// page. Where pages take their time there is one behind each.
const saving = 10

// pages lands the records of all pages.
func (p *puller) pages(ctx context.Context) error {
	tree, err := p.wantedTree()
	if err != nil {
		return err
	}
	k, err := p.openKept()
	if err != nil {
		return err
	}
	defer k.close()
	resumed := k.at.Pages > 0
	if resumed {
		p.say("goes on behind page %d, with %s from before", k.at.Pages, graph.Count(k.at.Records, "record"))
	}
	began := k.at.Pages
	err = p.turn(ctx, k, tree)
	var no *refused
	if resumed && !p.asked && errors.As(err, &no) && no.status != http.StatusUnauthorized && no.status != http.StatusForbidden {
		// A cursor does not live for ever.
		p.say("%s; starts again with the first page", err)
		if err := k.restart(); err != nil {
			return err
		}
		began = 0
		err = p.turn(ctx, k, tree)
	}
	if err != nil {
		return errors.Join(err, p.leave(k, err))
	}
	p.say("%s with %s, %d of the pages in this attempt", graph.Count(k.at.Pages, "page"), graph.Count(k.at.Records, "record"), k.at.Pages-began)
	return k.land(p.Staging)
}

// leave keeps what is there for the next attempt, or nothing of it where the pages
// do not fit together.
func (p *puller) leave(k *keeper, err error) error {
	var apart *apartError
	if errors.As(err, &apart) {
		return k.drop()
	}
	return k.save()
}

// apartError is of pages that do not fit together: what has come is worth nothing.
type apartError struct{ err error }

func (e *apartError) Error() string { return e.err.Error() }

func (e *apartError) Unwrap() error { return e.err }

func (p *puller) apart(fault value.Fault, format string, args ...any) error {
	return &apartError{fault.Errorf(p.first.op, format, args...)}
}

// wantedTree is what is looked for in each page.
func (p *puller) wantedTree() (*node, error) {
	var keep []string
	var each string
	if g := p.API.Paging; g != nil {
		keep = []string{g.Path, g.More, g.Total, g.TotalPages}
		if g.From == graph.FromLastRecord {
			keep[0], each = "", g.Path
		}
	}
	tree, err := newTree(p.API.Records, each, keep...)
	return tree, value.Misconfigured.Wrap(p.first.op, err)
}

// turn reads page after page up to the last.
func (p *puller) turn(ctx context.Context, k *keeper, tree *node) error {
	var equal int
	var before uint64
	var saved time.Time
	var cost time.Duration
	for !k.at.Done {
		p.come.Pages, p.come.Rows = k.at.Pages, k.at.Records
		p.tell()
		if limit := p.API.Paging; limit != nil && k.at.Pages >= limit.MaxPages {
			return value.Misconfigured.Errorf(p.first.op, "there are more than %d pages; raise max_pages if that is right", limit.MaxPages)
		}
		r, err := p.requestFor(k.at)
		if err != nil {
			return err
		}
		got, err := p.read(ctx, r, k, tree)
		if err != nil {
			return err
		}
		if equal++; got.sum != before || got.records == 0 {
			equal = 0
		}
		if before = got.sum; equal >= 2 && counts(p.API.Paging) {
			return p.apart(value.Failed, "pages %d to %d have the same records: the server seems not to look at what asks for the next page", k.at.Pages-1, k.at.Pages+1)
		}
		next, err := p.after(k.at, got)
		if err != nil {
			return err
		}
		if err := k.advance(next); err != nil {
			return err
		}
		if next.Done || time.Since(saved) >= saving*cost {
			began := time.Now()
			if err := k.save(); err != nil {
				return err
			}
			saved = time.Now()
			cost = saved.Sub(began)
		}
	}
	return nil
}

// requestFor builds the request for the next page.
func (p *puller) requestFor(at position) (request, error) {
	r, g := p.first, p.API.Paging
	if g == nil {
		return r, nil
	}
	if at.Pages > 0 {
		r.op += ", page " + strconv.Itoa(at.Pages+1)
	}
	var literal string // what asks for the page, as JSON
	switch g.Way {
	case graph.PagingLink, graph.PagingNext:
		if at.Next != "" {
			r.target = at.Next
		}
		return r, nil
	case graph.PagingCursor:
		literal = at.Next
	case graph.PagingPage:
		literal = strconv.Itoa(g.First + at.Pages)
	case graph.PagingOffset:
		literal = strconv.FormatInt(at.Records, 10)
	}
	var err error
	if g.SizeParameter != "" {
		if r, err = r.with(g, g.SizeParameter, strconv.Itoa(g.Size)); err != nil {
			return r, value.Misconfigured.Wrap(r.op, err)
		}
	}
	if literal != "" {
		name := g.Parameter
		if g.Field != "" {
			name = g.Field
		}
		r, err = r.with(g, name, literal)
	}
	return r, value.Misconfigured.Wrap(r.op, err)
}

// with sets a query parameter, or a field of the body.
func (r request) with(g *graph.Paging, name, literal string) (request, error) {
	if g.Field == "" {
		target, err := withParameter(r.target, name, single{literal}.text())
		r.target = target
		return r, err
	}
	path, err := graph.ParsePath(name)
	if err == nil {
		r.body, err = withField(r.body, path, literal)
	}
	return r, err
}

// withParameter sets a query parameter and leaves the others as they are written.
func withParameter(target, name, text string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", errors.New("that is not a URL")
	}
	var query []string
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		key, _, _ := strings.Cut(part, "=")
		if key, err := url.QueryUnescape(key); part != "" && (err != nil || key != name) {
			query = append(query, part)
		}
	}
	u.RawQuery = strings.Join(append(query, url.QueryEscape(name)+"="+url.QueryEscape(text)), "&")
	return u.String(), nil
}

// read reads one page into the file of records.
func (p *puller) read(ctx context.Context, r request, k *keeper, tree *node) (page, error) {
	var got page
	err := p.exchange(ctx, r, func(answer *http.Response, in io.Reader) error {
		if err := k.rewind(); err != nil {
			return err
		}
		got = page{header: answer.Header, url: answer.Request.URL}
		if answer.StatusCode == http.StatusNoContent {
			return nil
		}
		begins := bufio.NewReaderSize(in, 512)
		if head, _ := begins.Peek(512); looksLikeHTML(head) {
			return p.html(begins, "in place of JSON")
		}
		sum := &summing{out: k.out}
		sum.hash.SetSeed(seed)
		err := k.extract.extract(begins, sum, tree)
		got.records, got.values, got.last, got.sum = k.extract.records, k.extract.values, k.extract.last, sum.hash.Sum64()
		return p.shape(r, err)
	})
	return got, err
}

// shape gives the errors of a JSON text their fault: one of another shape than is
// written in the block needs a person.
func (p *puller) shape(r request, err error) error {
	var wrong *syntaxError
	switch {
	case errors.Is(err, errCut):
		return value.SourceError.Wrap(r.op, err)
	case !errors.As(err, &wrong):
		return err
	case strings.HasPrefix(wrong.text, "it is not JSON"), strings.HasPrefix(wrong.text, "after the JSON"):
		return value.SourceError.Wrap(r.op, fmt.Errorf("the answer cannot be read: %w", err))
	}
	return value.Misconfigured.Wrap(r.op, err)
}

// summing hashes what passes, so that pages can be compared.
type summing struct {
	out  io.Writer
	hash maphash.Hash
}

var seed = maphash.MakeSeed()

func (s *summing) Write(b []byte) (int, error) {
	_, _ = s.hash.Write(b) // it never fails
	return s.out.Write(b)
}

// after says where the page behind one is, or that it was the last.
func (p *puller) after(at position, got page) (position, error) {
	g := p.API.Paging
	at.Pages++
	at.Records += int64(got.records)
	at.Done = g == nil
	if g == nil {
		return at, nil
	}
	if counts(g) {
		return p.counted(at, got)
	}
	next, err := p.nextOf(got, at.Pages == 1)
	if err != nil || next == "" {
		at.Next, at.Done = "", true
		return at, err
	}
	if at.Loop.met(next) {
		return at, p.apart(value.Failed, "page %d leads back to a page that was there before, so the pages would never end", at.Pages)
	}
	at.Next = next
	return at, nil
}

// nextOf is what leads to the next page, "" behind the last.
func (p *puller) nextOf(got page, first bool) (string, error) {
	g := p.API.Paging
	if g.Way == graph.PagingLink {
		link := nextLink(got.header.Values("Link"))
		if link == "" {
			return "", nil
		}
		return p.nextURL(got.url, link)
	}
	if g.More != "" {
		more, found := got.values[g.More]
		if !found {
			return "", value.Misconfigured.Errorf(p.first.op, "more: the answer has no %s", g.More)
		}
		if more.none() {
			return "", nil
		}
	}
	next, found := got.values[g.Path]
	if g.From == graph.FromLastRecord {
		next, found = got.last[g.Path]
	}
	switch {
	case g.From == graph.FromLastRecord && next.none() && got.records > 0:
		return "", value.Misconfigured.Errorf(p.first.op, "the last record of the page has no %s, which asks for the next page", g.Path)
	case next.none() && g.More != "":
		return "", value.SourceError.Errorf(p.first.op, "%s says that there are more pages, and %s leads to none", g.More, g.Path)
	case next.none():
		if !found && first && got.records > 0 {
			p.say("the answer has no %s, so this is taken for the only page", g.Path)
		}
		return "", nil
	case g.Way == graph.PagingCursor:
		return next.literal, nil
	}
	return p.nextURL(got.url, next.text())
}

// nextURL is the URL of the next page. Credentials go along with it, so it stays
// with the host that the block names.
func (p *puller) nextURL(base *url.URL, link string) (string, error) {
	next, err := base.Parse(link)
	if err != nil {
		return "", value.SourceError.Errorf(p.first.op, "the URL of the next page cannot be read")
	}
	own, err := url.Parse(p.first.target)
	if err != nil {
		return "", value.Misconfigured.Errorf(p.first.op, "that is not a URL")
	}
	if !strings.EqualFold(next.Hostname(), own.Hostname()) || (next.Scheme != "http" && next.Scheme != "https") || next.Scheme == own.Scheme && portOf(next) != portOf(own) {
		return "", value.Misconfigured.Errorf(p.first.op, "the next page is at %s, on another server than the URL of the block, and credentials are not sent there", web.Public(next))
	}
	next.Scheme, next.Host, next.User, next.Fragment = own.Scheme, own.Host, nil, "" // behind a proxy many a server thinks that it is asked by http
	return next.String(), nil
}

// portOf is the port of a URL, written or not.
func portOf(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}

// counts reports whether pages are asked for by a number.
func counts(g *graph.Paging) bool { return g.Way == graph.PagingPage || g.Way == graph.PagingOffset }

// counted says whether there is a page behind one of those that are counted.
func (p *puller) counted(at position, got page) (position, error) {
	g := p.API.Paging
	total, known, err := p.count(got, g.Total)
	if err != nil {
		return at, err
	}
	pages, pagesKnown, err := p.count(got, g.TotalPages)
	if err != nil {
		return at, err
	}
	if known {
		if total < at.Total {
			return at, p.apart(value.SourceError, "%s has gone down from %d to %d while the pages were read, so some may have been passed over; begins again", g.Total, at.Total, total)
		}
		at.Total = total
	}
	last := got.records == 0 || g.Until == graph.UntilShortPage && got.records < g.Size
	if last && at.Records < at.Total {
		return at, p.apart(value.SourceError, "the pages end after %d records, and %s says %d; begins again", at.Records, g.Total, at.Total)
	}
	at.Done = last || known && at.Records >= total || pagesKnown && int64(at.Pages) >= pages
	return at, nil
}

// count reads a number of records or pages.
func (p *puller) count(got page, path string) (int64, bool, error) {
	v, found := got.values[path]
	if path == "" || got.values == nil || v.literal == "null" {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(v.text(), 10, 64)
	switch {
	case !found:
		return 0, false, value.Misconfigured.Errorf(p.first.op, "the answer has no %s", path)
	case err != nil || n < 0:
		return 0, false, value.Misconfigured.Errorf(p.first.op, "%s is not a number", path)
	}
	return n, true, nil
}
