package lang

import (
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// restAPI builds a rest_api source.
func (b *builder) restAPI(addr graph.Addr, o *object) *graph.RestAPI {
	r := &graph.RestAPI{
		HTTP: *b.request(o), Records: o.text("records"), IdleTimeout: o.duration("idle_timeout"), MaxSize: o.size("max_size"),
	}
	b.path(o, "records", true)
	b.notReady(o, r)
	if a := o.only("oauth2"); a != nil {
		b.webURL(a, "token_url")
		r.OAuth2 = &graph.OAuth2{
			TokenURL: a.value("token_url"), ClientID: a.value("client_id"), ClientSecret: a.value("client_secret"),
			Scopes: a.list("scopes"), Audience: a.text("audience"),
		}
		if r.BearerToken != nil || r.BasicAuth != nil {
			b.add(diag.BadValue, a.at, "oauth2 beside other credentials", "A request has one of oauth2, bearer_token and basic_auth, since each sets the Authorization header.")
		}
	}
	if p := o.only("paging"); p != nil {
		r.Paging = b.paging(addr, p, r)
	}
	if a := o.only("rate"); a != nil {
		r.Rate = &graph.Rate{Requests: a.number("requests"), Per: a.duration("per")}
	}
	b.asksForRange(addr, o, r)
	return r
}

// notReady takes the statuses of data that is not there yet.
func (b *builder) notReady(o *object, r *graph.RestAPI) {
	codes, _ := written[[]int](o, "not_ready_status")
	slices.Sort(codes)
	r.NotReady = slices.Compact(codes)
	for _, c := range r.NotReady {
		if slices.Contains(r.ExpectStatus, c) || len(r.ExpectStatus) == 0 && c < 300 && c != 202 {
			b.add(diag.BadValue, o.place("not_ready_status"), "Wrong value for not_ready_status",
				"%d counts as success, so it cannot say that the data is not there. Remove it, or write expect_status without it.", c)
		}
	}
}

// path checks an attribute that is a path into a JSON value.
func (b *builder) path(o *object, name string, whole bool) {
	text := o.text(name)
	if !o.has(name) || o.field(name).value == nil {
		return
	}
	if _, err := graph.ParsePath(text); err != nil {
		b.add(diag.BadValue, o.place(name), "Wrong value for "+name, "%q is not a path: %s. A path is like \"data.items\".", text, err)
	} else if text == graph.Whole && !whole {
		b.add(diag.BadValue, o.place(name), "Wrong value for "+name, "%q is the answer as a whole. Name what is in it, as in \"meta.next\".", text)
	}
}

var pagingWays = []string{"link", "next", "cursor", "page", "offset"}

// paging builds the block of that name.
func (b *builder) paging(addr graph.Addr, o *object, r *graph.RestAPI) *graph.Paging {
	p := &graph.Paging{MaxPages: o.number("max_pages")}
	if r.Records == "" {
		b.wrongPaging(o, "", "Pages are put together record by record. Write in rest_api where the records are: records = \"data.items\", or records = \".\" where the answer is the list.")
	}
	way := b.one(o, addr, pagingWays, diag.WrongPaging, diag.WrongPaging, "One page leads to the next in exactly one way")
	if way == nil {
		return p
	}
	p.Way = way.schema.Type
	switch p.Way {
	case graph.PagingNext, graph.PagingCursor:
		p.Path, p.More = way.text("path"), way.text("more")
		b.path(way, "path", false)
		b.path(way, "more", false)
		if p.Way == graph.PagingCursor && way.text("from") == graph.FromLastRecord {
			p.From = graph.FromLastRecord
		}
	case graph.PagingPage, graph.PagingOffset:
		p.Size, p.SizeParameter, p.Until, p.Total = way.number("size"), way.text("size_parameter"), way.text("until"), way.text("total")
		b.path(way, "total", false)
	}
	if p.Way == graph.PagingPage {
		p.First, p.TotalPages = way.number("first"), way.text("total_pages")
		b.path(way, "total_pages", false)
	}
	switch p.Way {
	case graph.PagingCursor, graph.PagingPage, graph.PagingOffset:
		b.path(way, "field", false)
		if p.Field = way.text("field"); p.Field == "" || way.has("parameter") {
			p.Parameter = way.text("parameter")
		}
		b.pagingPlaces(way, p, r)
	}
	return p
}

func (b *builder) wrongPaging(o *object, name, format string, args ...any) {
	b.add(diag.WrongPaging, o.place(name), "Paging that cannot work", format, args...)
}

// pagingPlaces reports a next page that cannot be asked for.
func (b *builder) pagingPlaces(o *object, p *graph.Paging, r *graph.RestAPI) {
	switch {
	case p.Parameter != "" && p.Field != "":
		b.wrongPaging(o, "field", "The next page is asked for in a query parameter (parameter) or in the json body (field), not in both.")
	case p.Parameter == "" && p.Field == "":
		b.wrongPaging(o, "parameter", "The next page is asked for in a query parameter or in the json body. Write parameter = %q, or field = %q.", p.Way, p.Way)
	case p.Field != "" && r.JSON == nil:
		b.wrongPaging(o, "field", "field is a place in the json body, and this request has none. Write parameter, or give the request json = { … }.")
	case p.SizeParameter != "" && p.Size == 0:
		b.wrongPaging(o, "size_parameter", "size_parameter sends size, and there is none. Write size = 100.")
	case p.Until == graph.UntilShortPage && p.Size == 0:
		b.wrongPaging(o, "until", "Whether a page is short is known by its size. Write size = 100, or leave until out.")
	}
}

// timely are the run-time values by which one run asks for something else than
// another.
var timely = []string{"range.start", "range.end", "run.range_start", "run.range_end", "run.dates", "run.scheduled_at"}

// asksForRange reports a request that asks for the same in every run without
// saying so, and one that asks for a range and says that it does not.
func (b *builder) asksForRange(addr graph.Addr, o *object, r *graph.RestAPI) {
	for _, f := range o.fields {
		if f.value == nil {
			return // what is wrong with it is reported
		}
	}
	refs := slices.Concat(r.URL.Refs(), r.Body.Refs(), r.JSON.Refs())
	for _, v := range r.Headers {
		refs = append(refs, v.Refs()...)
	}
	used := slices.DeleteFunc(refs, func(ref string) bool { return !slices.Contains(timely, ref) })
	switch ignores := o.flag("ignores_range"); {
	case !ignores && len(used) == 0 && o.has("url") && r.URL != nil:
		b.add(diag.RangeNotAsked, o.at, "Request without a range",
			"%s asks for the same in every run, so each lands everything again. Write range.start and range.end into the request, as in \"…?from=${range.start}&to=${range.end}\", or ignores_range = true where that is meant.", addr)
	case ignores && slices.ContainsFunc(used, func(ref string) bool { return strings.Contains(ref, "range") }):
		slices.Sort(used)
		b.add(diag.RangeNotIgnored, o.place("ignores_range"), "Range that is ignored and asked for",
			"%s says that it ignores the range, and its request has %s. Remove ignores_range, or the range from the request.", addr, strings.Join(slices.Compact(used), ", "))
	}
}
