package graph

import (
	"errors"
	"strconv"
	"strings"
)

// RestAPI is a request whose answers are a courier's data. In its JSON form the
// fields of the request stand beside the others.
type RestAPI struct {
	HTTP
	OAuth2      *OAuth2  `json:"oauth2,omitempty"`
	Records     string   `json:"records,omitempty"` // path of the list of records; empty: the answer lands as it is
	Paging      *Paging  `json:"paging,omitempty"`
	Rate        *Rate    `json:"rate,omitempty"`
	NotReady    []int    `json:"not_ready_status,omitempty"` // that say that the data is not there yet, besides 202
	IdleTimeout Duration `json:"idle_timeout,omitempty"`     // how long the server may be silent; 0 in graphs of older releases
	MaxSize     Size     `json:"max_size,omitempty"`         // of one answer, unpacked; 0 in graphs of older releases
}

// OAuth2 says how a token is got by client credentials (RFC 6749, 4.4).
type OAuth2 struct {
	TokenURL     Value    `json:"token_url"`
	ClientID     Value    `json:"client_id"`
	ClientSecret Value    `json:"client_secret"`
	Scopes       []string `json:"scopes,omitempty"` // in the order written
	Audience     string   `json:"audience,omitempty"`
}

// Paging says how one page of an answer leads to the next. Paths are read by
// [ParsePath].
type Paging struct {
	Way           string `json:"way"`            // link, next, cursor, page, offset
	Path          string `json:"path,omitempty"` // next: of the URL of the next page; cursor: of the cursor
	From          string `json:"from,omitempty"` // cursor: last_record: Path is one in the last record of a page; empty: in the answer
	More          string `json:"more,omitempty"` // path of a flag: only while it is true is there another page
	Parameter     string `json:"parameter,omitempty"`
	Field         string `json:"field,omitempty"` // path in the json body, in place of Parameter
	First         int    `json:"first,omitempty"` // page: the number of the first
	Size          int    `json:"size,omitempty"`  // page, offset: records that a page has
	SizeParameter string `json:"size_parameter,omitempty"`
	Until         string `json:"until,omitempty"`       // page, offset: empty_page, short_page
	Total         string `json:"total,omitempty"`       // page, offset: path of the number of records in all
	TotalPages    string `json:"total_pages,omitempty"` // page: path of the number of pages
	MaxPages      int    `json:"max_pages"`
}

// The values of Paging.Way.
const (
	PagingLink   = "link"   // a Link header with rel="next", RFC 8288
	PagingNext   = "next"   // the URL of the next page, in the answer
	PagingCursor = "cursor" // a text in the answer that the next request sends back
	PagingPage   = "page"   // pages are counted
	PagingOffset = "offset" // records are counted
)

// The values of Paging.From. That of an answer is left out of a graph.
const (
	FromAnswer     = "answer"
	FromLastRecord = "last_record"
)

// The values of Paging.Until.
const (
	UntilEmptyPage = "empty_page"
	UntilShortPage = "short_page"
)

// Rate bounds the requests of one pull: at most Requests in any Per.
type Rate struct {
	Requests int      `json:"requests"`
	Per      Duration `json:"per"`
}

// Whole is the path of a JSON value itself.
const Whole = "."

// ParsePath reads a path into a JSON value: names separated by dots, such as
// "data.items", a name with other characters in quotes, as in data["next.page"],
// and elements of lists by number, from 0. "." is the value itself and has no
// names.
func ParsePath(s string) ([]string, error) {
	if s == Whole {
		return nil, nil
	}
	var path []string
	for rest := s; ; {
		name, after, err := pathName(rest, len(path) == 0)
		if err != nil {
			return nil, err
		}
		path = append(path, name)
		switch {
		case after == "":
			return path, nil
		case after[0] == '.':
			if rest = after[1:]; rest == "" || rest[0] == '[' {
				return nil, errors.New("a name is missing after a dot")
			}
		default:
			rest = after
		}
	}
}

// pathName takes one name off the front of a path.
func pathName(s string, first bool) (name, rest string, err error) {
	if !strings.HasPrefix(s, "[") {
		end := strings.IndexAny(s, ".[")
		if end < 0 {
			end = len(s)
		}
		switch name = s[:end]; {
		case first && strings.HasPrefix(name, "$"):
			return "", "", errors.New("this is no JSONPath; leave out the $ at its front and a [*] at its end")
		case name == "" && first:
			return "", "", errors.New("it begins with no name")
		case name == "":
			return "", "", errors.New("a name is missing after a dot")
		case strings.ContainsAny(name, " \t\n\"'$*]()"):
			return "", "", errors.New(strconv.Quote(name) + " is not a plain name; write such a name in brackets and quotes")
		}
		return name, s[end:], nil
	}
	inner := s[1:]
	if quoted, err := strconv.QuotedPrefix(inner); err == nil && strings.HasPrefix(quoted, `"`) {
		if name, err = strconv.Unquote(quoted); err != nil {
			return "", "", err
		}
		inner = inner[len(quoted):]
	} else if end := strings.IndexByte(inner, ']'); end > 0 && strings.Trim(inner[:end], "0123456789") == "" {
		name, inner = inner[:end], inner[end:]
	} else {
		return "", "", errors.New(`in brackets stands a number, or a name in quotes, as in data["next.page"]`)
	}
	if !strings.HasPrefix(inner, "]") {
		return "", "", errors.New("a [ is not closed")
	}
	if rest = inner[1:]; rest != "" && rest[0] != '.' && rest[0] != '[' {
		return "", "", errors.New("after ] comes a dot")
	}
	return name, rest, nil
}
