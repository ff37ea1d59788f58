package lang

import "github.com/waybill-dev/waybill/lang/graph"

var restSchema = Block{
	Type: "rest_api", Doc: "A request whose answers are the data.",
	Attributes: append([]Attribute{
		{Name: "ignores_range", Kind: Bool, Default: "false", Doc: "A full load each time: the range is shown as ignored."},
		{Name: "records", Kind: Text, Doc: "Path of the list of records in a JSON answer, such as \"data.items\", or \".\" where the answer is the list. Each record lands as a line of records.jsonl. Unset: the answer lands as it is."},
		{Name: "idle_timeout", Kind: Duration, Default: "2m", Min: 1, Doc: "How long the server may be silent, before its answer or in the middle of it."},
		{Name: "not_ready_status", Kind: Ints, Min: 200, Max: 599, Doc: "Statuses that say that the data is not there yet: it is asked again until the wait is over, as after exit status 75 of a program. 202 always does where expect_status does not have it."},
		{Name: "max_size", Kind: Size, Default: "10GB", Doc: "The most that one answer may have, unpacked."},
	}, requestAttributes("GET")...),
	Blocks: []*Block{&basicAuthSchema, &oauth2Schema, &pagingSchema, &rateSchema},
}

var oauth2Schema = Block{
	Type: "oauth2", Doc: "A token, got with client credentials (RFC 6749, section 4.4) before the first request, and again when it has expired.",
	Attributes: []Attribute{
		{Name: "token_url", Kind: Value, Required: true, Takes: SecretValues, Example: `"https://login.example.com/oauth2/token"`, Doc: "Where tokens are asked for."},
		{Name: "client_id", Kind: Value, Required: true, Takes: SecretValues, Example: `"waybill"`, Doc: "Name of the client."},
		{Name: "client_secret", Kind: Value, Required: true, Takes: SecretValues, Private: true, Example: `secret.crm_client`, Doc: "Secret of the client."},
		{Name: "scopes", Kind: Strings, Doc: "Scopes to ask for."},
		{Name: "audience", Kind: Text, Doc: "Parameter audience of the request for a token, which some servers want."},
	},
}

var pagingSchema = Block{
	Type: "paging", Doc: "How one page of records leads to the next, in exactly one way: link, next, cursor, page or offset.",
	Attributes: []Attribute{
		{Name: "max_pages", Kind: Int, Default: "100000", Min: 1, Max: 10_000_000, Doc: "More pages than this are an error."},
	},
	Blocks: []*Block{&pagingLinkSchema, &pagingNextSchema, &pagingCursorSchema, &pagingPageSchema, &pagingOffsetSchema},
}

var moreAttribute = Attribute{Name: "more", Kind: Text, Doc: "Path of a flag in the answer: only while it is true is there another page."}

var pagingLinkSchema = Block{
	Type: graph.PagingLink, Doc: "The next page is in a Link header with rel=\"next\" (RFC 8288). The last page has none.",
}

var pagingNextSchema = Block{
	Type: graph.PagingNext, Doc: "The URL of the next page is in the answer.",
	Attributes: []Attribute{
		{Name: "path", Kind: Text, Required: true, Example: `"links.next"`, Doc: "Path of the URL; the last page has none, null or an empty text there."},
		moreAttribute,
	},
}

var pagingCursorSchema = Block{
	Type: graph.PagingCursor, Doc: "The answer has a cursor, which the request for the next page sends. Exactly one of parameter and field.",
	Attributes: []Attribute{
		{Name: "path", Kind: Text, Required: true, Example: `"meta.next_cursor"`, Doc: "Path of the cursor; the last page has none, null or an empty text there."},
		{Name: "from", Kind: Word, Words: []string{graph.FromAnswer, graph.FromLastRecord}, Default: graph.FromAnswer, Doc: "What path is in: the answer, or the last record of the page, such as its \"id\". Then the last page is one without records."},
		{Name: "parameter", Kind: Text, Doc: "Query parameter that sends it."},
		{Name: "field", Kind: Text, Doc: "Path in the json body that sends it."},
		moreAttribute,
	},
}

// countingAttributes are those of page and offset.
func countingAttributes(parameter string) []Attribute {
	return []Attribute{
		{Name: "parameter", Kind: Text, Default: parameter, Doc: "Query parameter that asks for the next page."},
		{Name: "field", Kind: Text, Doc: "Path in the json body, in place of parameter."},
		{Name: "size", Kind: Int, Min: 1, Max: 1_000_000, Doc: "How many records a page has."},
		{Name: "size_parameter", Kind: Text, Doc: "Query parameter, or with field the path in the json body, that sends size; unset: it is not sent."},
		{Name: "until", Kind: Word, Words: []string{graph.UntilEmptyPage, graph.UntilShortPage}, Default: graph.UntilEmptyPage, Doc: "Which page is the last: one without records, or one with fewer than size."},
		{Name: "total", Kind: Text, Doc: "Path of the number of records in all; when so many have come, there is no further page."},
	}
}

var pagingPageSchema = Block{
	Type: graph.PagingPage, Doc: "Pages are asked for by number.",
	Attributes: append(countingAttributes("page"),
		Attribute{Name: "first", Kind: Int, Default: "1", Min: 0, Max: 1, Doc: "Number of the first page."},
		Attribute{Name: "total_pages", Kind: Text, Doc: "Path of the number of pages."},
	),
}

var pagingOffsetSchema = Block{
	Type: graph.PagingOffset, Doc: "Pages are asked for by the number of records that have come so far.",
	Attributes: countingAttributes("offset"),
}

var rateSchema = Block{
	Type: "rate", Doc: "How fast is asked at most. Answers 429 and 503 are obeyed with it and without.",
	Attributes: []Attribute{
		{Name: "requests", Kind: Int, Required: true, Min: 1, Max: 100_000, Example: `10`, Doc: "How many requests are sent at most within the time of per."},
		{Name: "per", Kind: Duration, Default: "1s", Min: 1, Doc: "Any span of this length."},
	},
}
