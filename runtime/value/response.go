package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Response is the answer to an http request, as "response." references read
// it: response.status, response.body, response.headers.NAME and
// response.json.PATH. It has a JSON form, so that the answer that started a job
// can be kept for its polls.
type Response struct {
	Status    int         `json:"status"`
	Headers   http.Header `json:"headers,omitempty"`
	Body      []byte      `json:"body,omitempty"`
	Truncated bool        `json:"truncated,omitempty"` // the body was longer than what is kept
}

// lookup resolves what stands behind "response.". Text is the text of a JSON
// string, a number as it was written, true or false, or compact JSON for a
// list or an object.
func (r *Response) lookup(ref string) (text string, isNull bool, err error) {
	op := "use response." + ref
	path, err := splitPath(ref)
	if err != nil {
		return "", false, Misconfigured.Wrap(op, err)
	}
	switch {
	case path[0] == "status" && len(path) == 1:
		return strconv.Itoa(r.Status), false, nil
	case path[0] == "body" && len(path) == 1:
		return string(r.Body), false, nil
	case path[0] == "headers" && len(path) == 2:
		if len(r.Headers.Values(path[1])) == 0 {
			return "", false, Failed.Errorf(op, "the answer has no such header; it has %s", names(r.Headers))
		}
		return r.Headers.Get(path[1]), false, nil
	case path[0] == "json":
		text, isNull, err = r.json(path[1:])
		return text, isNull, Failed.Wrap(op, err)
	}
	return "", false, Misconfigured.Errorf(op, "write response.status, response.body, response.headers.NAME or response.json.PATH")
}

func (r *Response) json(path []string) (text string, isNull bool, err error) {
	if r.Truncated {
		return "", false, errors.New("the answer is too long to be read as JSON")
	}
	dec := json.NewDecoder(bytes.NewReader(r.Body))
	dec.UseNumber()
	var at any
	if err := dec.Decode(&at); err != nil {
		return "", false, errors.New("the answer is not JSON: " + err.Error())
	}
	for _, name := range path {
		switch x := at.(type) {
		case map[string]any:
			next, ok := x[name]
			if !ok {
				return "", false, errors.New("the answer has no " + strconv.Quote(name) + " there; it has " + names(x))
			}
			at = next
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(x) {
				return "", false, errors.New("the answer has a list of " + strconv.Itoa(len(x)) + " there and no element " + strconv.Quote(name))
			}
			at = x[i]
		default:
			return "", false, errors.New("the answer has a single value before " + strconv.Quote(name))
		}
	}
	return jsonText(at)
}

func jsonText(x any) (text string, isNull bool, err error) {
	switch x := x.(type) {
	case nil:
		return "", true, nil
	case string:
		return x, false, nil
	case json.Number:
		return x.String(), false, nil
	}
	raw, err := json.Marshal(x)
	return string(raw), false, err
}

// names lists keys, never values: those may be private.
func names[V any](m map[string]V) string {
	keys := slices.Sorted(maps.Keys(m))
	switch {
	case len(keys) == 0:
		return "none"
	case len(keys) > 10:
		return strings.Join(keys[:10], ", ") + " and more"
	}
	return strings.Join(keys, ", ")
}

// splitPath reads "json.items[0].id", "json.items.0.id" and
// `headers["X-Job-Id"]`.
func splitPath(s string) ([]string, error) {
	var path []string
	for rest := s; rest != ""; {
		switch rest[0] {
		case '.':
			rest = rest[1:]
		case '[':
			end := strings.IndexByte(rest, ']')
			if strings.HasPrefix(rest, `["`) {
				if quoted, err := strconv.QuotedPrefix(rest[1:]); err == nil {
					end = len(quoted) + 1
				}
			}
			if end < 0 || end >= len(rest) || rest[end] != ']' {
				return nil, errors.New("a [ is not closed")
			}
			name := rest[1:end]
			if unquoted, err := strconv.Unquote(name); err == nil {
				name = unquoted
			}
			path, rest = append(path, name), rest[end+1:]
		default:
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			path, rest = append(path, rest[:end]), rest[end:]
		}
	}
	if len(path) == 0 {
		return nil, errors.New("nothing is named")
	}
	return path, nil
}
