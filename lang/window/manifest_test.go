package window_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

var (
	sum256 = strings.Repeat("ab", 32)
	sum5   = strings.Repeat("0f", 16)
)

func ptr[T any](v T) *T { return &v }

func TestParseManifest(t *testing.T) {
	t.Parallel()
	sha := func(path string) graph.ListedFile { return graph.ListedFile{Path: path, SHA256: sum256} }
	for name, test := range map[string]struct {
		text  string
		files []graph.ListedFile
		wrong string
	}{
		"sha256sum":           {sum256 + "  a.csv\n" + sum256 + " *b c.csv\n", []graph.ListedFile{sha("a.csv"), sha("b c.csv")}, ""},
		"md5sum":              {sum5 + "  a.csv", []graph.ListedFile{{Path: "a.csv", MD5: sum5}}, ""},
		"tagged":              {"SHA256 (a (1).csv) = " + sum256 + "\nMD5 (b.csv) = " + sum5, []graph.ListedFile{sha("a (1).csv"), {Path: "b.csv", MD5: sum5}}, ""},
		"escaped":             {`\` + sum256 + `  a\nb\\c`, []graph.ListedFile{sha("a\nb\\c")}, ""},
		"capitals and CRLF":   {"\ufeff# of today\r\n\r\n" + strings.ToUpper(sum256) + "  a.csv\r\n", []graph.ListedFile{sha("a.csv")}, ""},
		"alone":               {sum256 + "\n", []graph.ListedFile{sha("")}, ""},
		"one space":           {sum256 + " a.csv", []graph.ListedFile{sha("a.csv")}, ""},
		"JSON":                {`{"made":"today","files":[{"path":"a.csv","size":3,"sha256":"` + strings.ToUpper(sum256) + `","rows":2},{"path":"b.csv","md5":"` + sum5 + `"}]}`, []graph.ListedFile{{Path: "a.csv", Size: ptr[int64](3), SHA256: sum256, Rows: ptr[int64](2)}, {Path: "b.csv", MD5: sum5}}, ""},
		"JSON of nothing":     {`{"files":[]}`, []graph.ListedFile{}, ""},
		"empty":               {" \n", nil, "empty"},
		"half a line":         {sum256 + "  a.csv\n" + sum256[:20], nil, "line 2 has no whole checksum"},
		"something else":      {"a.csv\nb.csv\n", nil, "line 1"},
		"a sum without name":  {sum256 + "\n" + sum256 + "  b", nil, "without the name"},
		"half of JSON":        {`{"files":[{"path":"a.csv"`, nil, "not whole JSON"},
		"JSON without files":  {`{"file":[]}`, nil, "no \"files\""},
		"JSON without path":   {`{"files":[{"path":"a"},{"size":3}]}`, nil, "file 2"},
		"JSON with a bad sum": {`{"files":[{"path":"a","sha256":"` + sum5 + `"}]}`, nil, "64 hexadecimal digits"},
		"JSON with a bad md5": {`{"files":[{"path":"a","md5":"xyz"}]}`, nil, "32 hexadecimal digits"},
		"JSON, minus one":     {`{"files":[{"path":"a","rows":-1}]}`, nil, "less than nothing"},
	} {
		m := window.ParseManifest("m", []byte(test.text))
		if diff := cmp.Diff(test.files, m.Files); diff != "" || m.Path != "m" || (m.Error == "") != (test.wrong == "") || !strings.Contains(m.Error, test.wrong) {
			t.Errorf("%s: %q %s", name, m.Error, diff)
		}
	}
}

// A file counts when a manifest lists it and it is as listed.
func TestJudgeByManifest(t *testing.T) {
	t.Parallel()
	day := "{yyyy}-{MM}-{dd}"
	orders := graph.File{Name: "orders", Pattern: day + "/orders-*.csv"}
	daily := graph.Ready{Manifest: day + "/SHA256SUMS"}
	own := graph.Ready{Manifest: "{file}.md5"}
	lists := func(path string, files ...graph.ListedFile) graph.Manifest {
		return graph.Manifest{Path: path, Files: files}
	}
	file := func(path string) graph.ListedFile { return graph.ListedFile{Path: path, SHA256: sum256} }
	both := objects(oldTime, "2026-06-14/SHA256SUMS", "2026-06-14/orders-1.csv", "2026-06-15/SHA256SUMS", "2026-06-15/orders-1.csv")
	whole := []string{"orders 2026-06-14 2026-06-14/orders-1.csv", "orders 2026-06-15 2026-06-15/orders-1.csv"}
	first := lists("2026-06-14/SHA256SUMS", file("orders-1.csv"))
	for _, test := range []struct {
		name  string
		ready graph.Ready
		files []graph.File
		edit  func(*window.Want)
		there []window.Object
		lists []graph.Manifest
		want  short
	}{
		{name: "each day lists its own", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", file("./orders-1.csv"))}, want: short{true, whole, nil}},
		{name: "seen from the source's folder", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", file("2026-06-15/orders-1.csv"))}, want: short{true, whole, nil}},
		{name: "with the folder of the producer", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", file("/export/orders-1.csv"))}, want: short{true, whole, nil}},
		{name: "not there", ready: daily, there: both[:2], lists: []graph.Manifest{first},
			want: short{false, whole[:1], []string{"orders 2026-06-15 2026-06-15/orders-*.csv: absent"}}},
		{name: "no manifest", ready: daily, there: append(both[:2:2], both[3]), lists: []graph.Manifest{first},
			want: short{false, whole[:1], []string{"orders 2026-06-15 2026-06-15/orders-1.csv: no manifest"}}},
		{name: "not listed", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", file("orders-1.csv.gz"))},
			want: short{false, whole[:1], []string{"orders 2026-06-15 2026-06-15/orders-1.csv: not in its manifest"}}},
		{name: "another day's does not list it", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", file("../2026-06-14/orders-1.csv"))},
			want: short{false, whole[:1], []string{"orders 2026-06-15 2026-06-15/orders-1.csv: not in its manifest"}}},
		{name: "half written", ready: daily, there: both, lists: []graph.Manifest{first, {Path: "2026-06-15/SHA256SUMS", Error: "it is empty"}},
			want: short{false, whole[:1], []string{"orders 2026-06-15 2026-06-15/orders-1.csv: its manifest cannot be read"}}},
		{name: "not read", ready: daily, there: both, lists: []graph.Manifest{first},
			want: short{false, whole[:1], []string{"orders 2026-06-15 2026-06-15/orders-1.csv: its manifest cannot be read"}}},
		{name: "the size it says", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", graph.ListedFile{Path: "orders-1.csv", Size: ptr[int64](1)})}, want: short{true, whole, nil}},
		{name: "another size", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", graph.ListedFile{Path: "orders-1.csv", Size: ptr[int64](2)})},
			want: short{false, whole[:1], []string{"orders 2026-06-15 2026-06-15/orders-1.csv: not of the size in its manifest"}}},
		{name: "lists more than is there", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", file("orders-1.csv"), file("orders-2.csv"), file("other.csv"))},
			want: short{false, whole, []string{"orders 2026-06-15 2026-06-15/orders-2.csv: in its manifest, and absent"}}},
		{name: "what it lists of another date is not waited for", ready: daily, there: both, lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", file("orders-1.csv"), file("../2026-06-16/orders-1.csv"))}, want: short{true, whole, nil}},
		{name: "still changing", ready: graph.Ready{Manifest: daily.Manifest, StableFor: graph.Duration(time.Minute)},
			there: append(both[:2:2], append(objects("2026-06-15T13:00Z", "2026-06-15/SHA256SUMS"), both[3])...), lists: []graph.Manifest{first, lists("2026-06-15/SHA256SUMS", file("orders-1.csv"), file("orders-2.csv"))},
			want: short{false, whole[:1], []string{"orders 2026-06-15 2026-06-15/orders-1.csv: still changing"}}},

		{name: "one for each file", ready: own, there: objects(oldTime, "2026-06-14/orders-1.csv", "2026-06-14/orders-1.csv.md5", "2026-06-15/orders-1.csv", "2026-06-15/orders-1.csv.md5", "2026-06-15/orders-2.csv"),
			lists: []graph.Manifest{lists("2026-06-14/orders-1.csv.md5", graph.ListedFile{MD5: sum5}), lists("2026-06-15/orders-1.csv.md5", graph.ListedFile{Path: "orders-1.csv", MD5: sum5})},
			want:  short{false, whole, []string{"orders 2026-06-15 2026-06-15/orders-2.csv: no manifest"}}},
		{name: "of another file", ready: own, there: objects(oldTime, "2026-06-14/orders-1.csv", "2026-06-14/orders-1.csv.md5"),
			lists: []graph.Manifest{lists("2026-06-14/orders-1.csv.md5", graph.ListedFile{Path: "orders-2.csv", MD5: sum5})},
			want:  short{false, nil, []string{"orders 2026-06-14 2026-06-14/orders-1.csv: not in its manifest", "orders 2026-06-15 2026-06-15/orders-*.csv: absent"}}},

		{name: "one for all", ready: graph.Ready{Manifest: "manifest.json"}, there: append(objects(oldTime, "manifest.json"), both...),
			lists: []graph.Manifest{lists("manifest.json", file("2026-06-14/orders-1.csv"), file("2026-06-15/orders-1.csv"), file("2026-06-15/orders-2.csv"), file("2020-01-01/orders-1.csv"))},
			want:  short{false, whole, []string{"orders 2026-06-15 2026-06-15/orders-2.csv: in its manifest, and absent"}}},
		{name: "all dates: what a manifest lists of old is not waited for", ready: graph.Ready{Manifest: "manifest.json"}, edit: func(w *window.Want) { w.All = true }, there: append(objects(oldTime, "manifest.json"), both...),
			lists: []graph.Manifest{lists("manifest.json", file("2026-06-14/orders-1.csv"), file("2026-06-15/orders-1.csv"), file("2020-01-01/orders-1.csv"))}, want: short{true, whole, nil}},
		{name: "by arrival", ready: graph.Ready{Manifest: "list"}, files: []graph.File{{Name: "new", Pattern: "new-*"}}, there: objects(oldTime, "list", "new-1", "new-2"),
			lists: []graph.Manifest{lists("list", file("new-1"), file("new-0"))}, want: short{true, []string{"new  new-1"}, nil}},

		{name: "too small", ready: graph.Ready{MinSize: 2}, there: both, want: short{false, nil, []string{
			"orders 2026-06-14 2026-06-14/orders-1.csv: too small", "orders 2026-06-15 2026-06-15/orders-1.csv: too small"}}},
		{name: "large enough", ready: graph.Ready{MinSize: 1}, there: both, want: short{true, whole, nil}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.files == nil {
				test.files = []graph.File{orders}
			}
			w := want(t, calendar(t, nil), drop(test.files...), twoDays)
			if test.edit != nil {
				test.edit(&w)
			}
			l := window.Look{At: at("2026-06-15T13:00:10Z"), Objects: test.there, Manifests: map[string]graph.Manifest{}}
			for _, m := range test.lists {
				l.Manifests[m.Path] = m
			}
			v := w.Judge(l, nil, test.ready, window.History{})
			if diff := cmp.Diff(test.want, shorten(v)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What a file must be when it lands goes with it.
func TestTakenIsChecked(t *testing.T) {
	t.Parallel()
	w := want(t, calendar(t, nil), drop(graph.File{Name: "a", Pattern: "a-{yyyy}{MM}{dd}"}), between("2026-06-14T13:00Z", "2026-06-15T13:00Z"))
	listed := graph.ListedFile{Path: "a-20260615", Size: ptr[int64](1), SHA256: sum256, MD5: sum5, Rows: ptr[int64](7)}
	l := window.Look{
		At: at("2026-06-15T13:00Z"), Objects: objects(oldTime, "a-20260615", "list"),
		Manifests: map[string]graph.Manifest{"list": {Path: "list", Files: []graph.ListedFile{listed}}},
	}
	ready := graph.Ready{Manifest: "list", StableFor: graph.Duration(time.Minute)}
	v := w.Judge(l, nil, ready, window.History{})
	if len(v.Take) != 1 {
		t.Fatalf("%+v", v)
	}
	if diff := cmp.Diff(&window.Check{Manifest: "list", Size: ptr[int64](1), SHA256: sum256, MD5: sum5, Rows: ptr[int64](7)}, v.Take[0].Check); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, _, ok := w.Place(l.Objects[1], ready); ok || !w.Concerns(l.Objects[1], ready) {
		t.Error("a manifest is data, or of no concern")
	}
}

// Only the manifests of what is wanted are read.
func TestManifestsToRead(t *testing.T) {
	t.Parallel()
	w := want(t, calendar(t, nil), drop(graph.File{Name: "a", Pattern: "a-{yyyy}{MM}{dd}"}), twoDays)
	names := func(ready graph.Ready, h window.History, there ...string) string {
		var all []string
		for _, o := range w.Manifests(window.Look{Objects: objects(oldTime, there...)}, ready, h) {
			all = append(all, o.Path)
		}
		return strings.Join(all, " ")
	}
	landed := window.History{Landed: func(o window.Object) bool { return o.Path == "a-20260615" }}
	for _, test := range []struct{ got, want string }{
		{names(graph.Ready{}, window.History{}, "a-20260615", "m"), ""},
		{names(graph.Ready{Manifest: "m"}, window.History{}, "a-20260615", "m"), "m"},
		{names(graph.Ready{Manifest: "m-{yyyy}{MM}{dd}"}, window.History{}, "m-20260613", "m-20260614", "m-20260615", "m-20260616", "m"), "m-20260614 m-20260615"},
		{names(graph.Ready{Manifest: "m-{yyyy}{MM}"}, window.History{}, "m-202605", "m-202606"), "m-202606"},
		{names(graph.Ready{Manifest: "{file}.md5"}, landed, "a-20260614", "a-20260614.md5", "a-20260615", "a-20260615.md5", "a-20260616", "a-20260616.md5", "a-20260614.md5.md5"), "a-20260614.md5"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

// Markers and manifests are looked for where they are, which may be elsewhere
// than the files.
func TestBases(t *testing.T) {
	t.Parallel()
	w := want(t, calendar(t, nil), drop(graph.File{Name: "a", Pattern: "in/a-{yyyy}{MM}{dd}"}, graph.File{Name: "b", Pattern: "b-*"}), twoDays)
	for _, test := range []struct {
		ready graph.Ready
		want  string
	}{
		{graph.Ready{}, "in,"},
		{graph.Ready{DoneMarker: "{file}.done", Manifest: "{file}/list"}, "in,"},
		{graph.Ready{DoneMarker: "done/{file}"}, "in,,done/in,done"},
		{graph.Ready{Manifest: "lists/of-{file}"}, "in,,lists,lists"},
		{graph.Ready{Manifest: "of-{file}"}, "in,,,"},
		{graph.Ready{DoneMarker: "flags/{yyyy}/ok", Manifest: "lists/SUMS"}, "in,,flags,lists"},
	} {
		if got := strings.Join(w.Bases(test.ready), ","); got != test.want {
			t.Errorf("%+v: %q", test.ready, got)
		}
	}
}
