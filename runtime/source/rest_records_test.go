package source_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/source"
)

func TestExtract(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, path, json, want string }{
		{"the answer", ".", ` [ {"a" : 1 } , 2, "x" ] `, "{\"a\":1}\n2\n\"x\"\n"},
		{"nested", "data.items", `{"meta":{"n":[1,2]},"data":{"x":"]","items":[{"id":1},{"id":2}],"y":{}},"z":null}`, "{\"id\":1}\n{\"id\":2}\n"},
		{"in a list", "data[1].items", `{"data":[{"items":[0]},{"items":[1,2]}]}`, "1\n2\n"},
		{"none", "items", `{"items":[]}`, ""},
		{"null", "items", `{"items":null}`, ""},
		{"numbers stay", "i", `{"i":[1.0, 10000000000000000000001, 1E+2, -0, 0.10]}`, "1.0\n10000000000000000000001\n1E+2\n-0\n0.10\n"},
		{"escapes stay", "i", `{"i":["\u00e9\n\/", "é\u2028", "😀"]}`, "\"\\u00e9\\n\\/\"\n\"é\\u2028\"\n\"😀\"\n"},
		{"white space in texts stays", "i", "{\"i\":[{ \"a b\" :\t\" c  d \" ,\r\n \"e\": [ 1 , 2 ] }]}", "{\"a b\":\" c  d \",\"e\":[1,2]}\n"},
		{"an escaped name", "données", `{"donn\u00e9es":[1]}`, "1\n"},
		{"a name with a dot", `d["a.b"]`, `{"d":{"a.b":[1],"a":{"b":[2]}}}`, "1\n"},
		{"a byte order mark", ".", "\ufeff[1]", "1\n"},
		{"the first of two elsewhere", "i", `{"x":1,"x":2,"i":[3]}`, "3\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, in := range readers(c.json) {
				var out bytes.Buffer
				_, err := source.Extract(in, &out, c.path)
				if err != nil || out.String() != c.want {
					t.Errorf("%s: %q, %v", name, out.String(), err)
				}
			}
		})
	}
}

func readers(text string) map[string]io.Reader {
	return map[string]io.Reader{
		"at once":      strings.NewReader(text),
		"byte by byte": iotest.OneByteReader(strings.NewReader(text)),
		"end with it":  iotest.DataErrReader(strings.NewReader(text)),
	}
}

func TestExtractKeepsValues(t *testing.T) {
	t.Parallel()
	text := `{"meta":{"next":"a\u0062\/c","total":12e2,"more":true,"none":null},"items":[1],"links":[{"x":1},{"href":"u"}]}`
	for name, in := range readers(text) {
		got, err := source.Extract(in, io.Discard, "items", "meta.next", "meta.total", "meta.more", "meta.none", "meta.absent", "links[1].href")
		want := map[string]string{"meta.next": `"a\u0062\/c"`, "meta.total": "12e2", "meta.more": "true", "meta.none": "null", "links[1].href": `"u"`}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestExtractKeepsTheLastOfARecord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, path, json, last, want string }{
		{"of each one", "id", `{"items":[{"id":"a"},{"x":[{"id":7}],"id" : "b\u00e9" , "y":{"id":8}}],"id":"c"}`, `"b\u00e9"`, "{\"id\":\"a\"}\n{\"x\":[{\"id\":7}],\"id\":\"b\\u00e9\",\"y\":{\"id\":8}}\n"},
		{"nested", "meta.at[1]", `{"items":[{"meta" : {"at" : [ 1 , 2.50 ]} }]}`, "2.50", "{\"meta\":{\"at\":[1,2.50]}}\n"},
		{"the last has none", "id", `{"items":[{"id":1},{"x":2}]}`, "", "{\"id\":1}\n{\"x\":2}\n"},
		{"no records", "id", `{"items":[],"id":1}`, "", ""},
		{"plain ones", "id", `{"items":[{"id":1},"x"]}`, "", "{\"id\":1}\n\"x\"\n"},
		{"an escaped name", "id", `{"items":[{"\u0069d":1}]}`, "1", "{\"\\u0069d\":1}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, in := range readers(c.json) {
				var out bytes.Buffer
				last, err := source.ExtractLast(in, &out, "items", c.path)
				if err != nil || last != c.last || out.String() != c.want {
					t.Errorf("%s: last %s, want %s; %q %v", name, last, c.last, out.String(), err)
				}
			}
		})
	}
	for text, want := range map[string]string{
		`{"items":[{"id":{}}]}`:          "id is an object, in place of a single value",
		`{"items":[{"id":1,"id":2},{}]}`: `a record has two fields called "id"`,
	} {
		if _, err := source.ExtractLast(strings.NewReader(text), io.Discard, "items", "id"); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestExtractRefuses(t *testing.T) {
	t.Parallel()
	long := `{"items":[],"next":"` + strings.Repeat("x", 1<<17) + `"}`
	for _, c := range []struct{ name, path, json, want string }{
		{"no such field", "data.items", `{"data":{"rows":[],"count":1},"meta":{}}`, "the path of the records leads nowhere: data has rows, count"},
		{"nothing of it", "data.items", `{"result":{},"meta":{}}`, "the path of the records leads nowhere: the answer has result, meta"},
		{"no object there", "data.items", `{"data":"x"}`, "data is a text, so it has no records"},
		{"an empty object", "data.items", `{"data":{}}`, "data is an empty object, so it has no records"},
		{"no list", "data.items", `{"data":{"items":{"a":1}}}`, "data.items is an object; the records must be a list"},
		{"an object in all", ".", `{"items":[]}`, "the answer is an object; the records must be a list"},
		{"twice", "items", `{"items":[1],"items":[2]}`, `the answer has two fields called "items"`},
		{"cut", "items", `{"items":[{"a":1},{"a"`, "the answer ends in the middle"},
		{"empty", "items", ``, "the answer ends in the middle"},
		{"behind", "items", `{"items":[]} {}`, `after the JSON comes '{', at byte 13`},
		{"html", "items", `<html>`, `it is not JSON: '<' at byte 0`},
		{"a bad number", ".", `[01]`, `it is not JSON: '1' in place of , or ] at byte 2`},
		{"a trailing comma", ".", `[1,]`, `it is not JSON: ']' at byte 3`},
		{"a raw line end", ".", "[\"a\nb\"]", `it is not JSON: '\n' in a text at byte 3`},
		{"a bad escape", ".", `["\x"]`, `it is not JSON: 'x' after \ at byte 3`},
		{"a kept object", "items", `{"items":[],"next":{"a":1}}`, "next is an object, in place of a single value"},
		{"a kept text without end", "items", long, "a single value that is looked for has more than 65536 bytes"},
		{"too deep", ".", strings.Repeat("[", 10_001), "it is nested deeper than 10000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, in := range readers(c.json) {
				if _, err := source.Extract(in, io.Discard, c.path, "next"); err == nil || err.Error() != c.want {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// FuzzExtract holds the extractor to encoding/json: what that reads is extracted,
// each record as it stands but for white space; what it refuses is refused.
func FuzzExtract(f *testing.F) {
	for _, text := range []string{
		`{"data":{"items":[{"id":1,"name":"a\u00e9\"b"},{"id":2.50e-3}],"next":"x"}}`, `{"data":{"items":null}}`, `{"data":[]}`, `[1,2]`,
		"\ufeff{\"data\": {\"items\": [ [ ] , { } , \"\" , -0.0 , true , null ]}}", `{"data":{"items":[1,]}}`, `{"data":{"items":[1]},"data":{}}`,
		`{"data":{"items":["\ud800","`, "{\"d\\u0061ta\":{\"items\":[\"\xff\"]}}", `{"data":{"items":[01]}}`, `{"data":{"items":[1e]}}`, `nul`, ``,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		_, err := source.Extract(iotest.HalfReader(strings.NewReader(text)), &out, "data.items")
		var whole map[string]json.RawMessage
		oracle := strings.TrimPrefix(text, "\ufeff")
		if !json.Valid([]byte(oracle)) {
			if err == nil {
				t.Fatalf("%q is not JSON, and taken for it", text)
			}
			return
		}
		if err != nil {
			if says(err, "the path of the records", "so it has no records", "the records must be a list", "two fields", "more than 65536") {
				return // of another shape, or one that can be read in two ways
			}
			t.Fatalf("%q: %v", text, err)
		}
		var inner map[string]json.RawMessage
		var items []json.RawMessage
		for _, err := range []error{json.Unmarshal([]byte(oracle), &whole), json.Unmarshal(whole["data"], &inner), json.Unmarshal(inner["items"], &items)} {
			if err != nil {
				t.Fatalf("%q is extracted, and encoding/json says %v", text, err)
			}
		}
		var want bytes.Buffer
		for _, item := range items {
			if err := json.Compact(&want, item); err != nil {
				t.Fatal(err)
			}
			want.WriteByte('\n')
		}
		if out.String() != want.String() {
			t.Fatalf("%q: %q, and encoding/json has %q", text, out.String(), want.String())
		}
		out.Reset()
		_, err = source.ExtractLast(iotest.HalfReader(strings.NewReader(text)), &out, "data.items", "id")
		if err == nil && out.String() != want.String() || err != nil && !says(err, "in place of a single value", "two fields", "more than 65536") {
			t.Fatalf("%q: with a value of each record %q, %v", text, out.String(), err)
		}
	})
}

func says(err error, texts ...string) bool {
	for _, text := range texts {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

// TestExtractHoldsNoPage reads a record that is far larger than any buffer.
func TestExtractHoldsNoPage(t *testing.T) {
	t.Parallel()
	const size = 64 << 20
	in := io.MultiReader(strings.NewReader(`{"items":[{"a":"`), io.LimitReader(xs{}, size), strings.NewReader(`"}]}`))
	var n counter
	if _, err := source.Extract(in, &n, "items"); err != nil || n != size+9 {
		t.Errorf("%d, %v", n, err)
	}
}

type xs struct{}

func (xs) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// BenchmarkExtract compares with a copy of the same bytes.
func BenchmarkExtract(b *testing.B) {
	page, err := json.Marshal(map[string]any{"meta": map[string]any{"next": "abc"}, "data": map[string]any{"items": contacts(1000)}})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("extract", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := source.Extract(bytes.NewReader(page), io.Discard, "data.items", "meta.next"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		for b.Loop() {
			var whole struct {
				Data struct{ Items []json.RawMessage }
			}
			if err := json.NewDecoder(bytes.NewReader(page)).Decode(&whole); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("copy", func(b *testing.B) {
		buf := make([]byte, 64<<10)
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			var in io.Reader = struct{ io.Reader }{bytes.NewReader(page)}
			if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, in, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func contacts(n int) []map[string]any {
	list := make([]map[string]any, n)
	for i := range list {
		list[i] = map[string]any{"id": i, "name": "Zoë Müller", "email": "zoe@example.com", "tags": []string{"a", "b"}, "score": 0.125, "note": strings.Repeat("text ", 20)}
	}
	return list
}
