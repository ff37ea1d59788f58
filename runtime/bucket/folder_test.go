package bucket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

func putFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

func openFolder(t *testing.T, workspace, url string) *bucket.Folder {
	t.Helper()
	f, err := bucket.OpenFolder(workspace, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func paths(objects []window.Object) []string {
	out := []string{}
	for _, o := range objects {
		out = append(out, o.Path)
	}
	return out
}

func TestListBases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putFiles(t, dir, "in/top", "in/2026/11/21/a", "in/2026/11/22/b", "in/2026-old/c", "in/z/d", "outside")
	if err := os.Mkdir(filepath.Join(dir, "in/empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	f := openFolder(t, dir, "in")
	for _, test := range []struct{ bases, want string }{
		{"", ""},
		{"''", "2026-old/c 2026/11/21/a 2026/11/22/b top z/d"},
		{".", "2026-old/c 2026/11/21/a 2026/11/22/b top z/d"},
		{"'' 2026 z", "2026-old/c 2026/11/21/a 2026/11/22/b top z/d"},
		{"2026", "2026/11/21/a 2026/11/22/b"},
		{"2026/", "2026/11/21/a 2026/11/22/b"},
		{"z 2026/11/22 2026 2026", "2026/11/21/a 2026/11/22/b z/d"},
		{"2026-old 2026/11/22", "2026-old/c 2026/11/22/b"},
		{"empty absent 2027/11 top top/below", ""},
	} {
		bases := strings.Fields(test.bases)
		for i := range bases {
			bases[i] = strings.Trim(bases[i], "'")
		}
		got, err := f.List(t.Context(), bucket.Scope{Folders: bases})
		if diff := cmp.Diff(strings.Fields(test.want), paths(got)); diff != "" || err != nil {
			t.Errorf("%q: %v %s", test.bases, err, diff)
		}
	}
	for _, base := range []string{"..", "../in", "a/../..", "/etc"} {
		if _, err := f.List(t.Context(), bucket.Scope{Folders: []string{base}}); value.FaultOf(err) != value.Misconfigured {
			t.Errorf("%s: error %v", base, err)
		}
	}
}

func TestListDescribesFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putFiles(t, dir, "a")
	modified := time.Date(2026, 11, 21, 1, 2, 3, 456000000, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "a"), time.Time{}, modified); err != nil {
		t.Fatal(err)
	}
	got, err := openFolder(t, dir, ".").List(t.Context(), bucket.Scope{Folders: []string{""}})
	if diff := cmp.Diff([]window.Object{{Path: "a", Size: 1, ModTime: modified}}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestListAndReadNamesThatAreHardToWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names := []string{"with space", "größe/数据", "new\nline", "100%", "..hidden", "...", "-rf", "back\\slash", "*?[", "\x01", "bad\xffutf8"}
	putFiles(t, dir, names...)
	f := openFolder(t, dir, ".")
	got, err := f.List(t.Context(), bucket.Scope{Folders: []string{""}})
	slices.Sort(names)
	if diff := cmp.Diff(names, paths(got)); diff != "" || err != nil {
		t.Fatalf("%v %s", err, diff)
	}
	for _, name := range names {
		r, err := f.Open(t.Context(), window.Object{Path: name})
		if err != nil || r.Object().Size != int64(len(name)) {
			t.Errorf("%q: %v", name, err)
			continue
		}
		text, err := io.ReadAll(r)
		if string(text) != name || err != nil || r.Close() != nil {
			t.Errorf("%q: %q %v", name, text, err)
		}
	}
}

func TestListFollowsLinksInsideTheSourceOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putFiles(t, dir, "outside/secret", "in/real/a", "in/real/deep/b")
	in := filepath.Join(dir, "in")
	link(t, "real", filepath.Join(in, "linked"))
	link(t, "real/a", filepath.Join(in, "file"))
	link(t, "../outside", filepath.Join(in, "leaves"))
	link(t, "../outside/secret", filepath.Join(in, "leaves-too"))
	link(t, filepath.Join(dir, "outside"), filepath.Join(in, "absolute"))
	link(t, "nowhere", filepath.Join(in, "dangling"))
	link(t, "ring", filepath.Join(in, "ring"))
	link(t, "..", filepath.Join(in, "real/endless"))
	f := openFolder(t, dir, "in")
	got, err := f.List(t.Context(), bucket.Scope{Folders: []string{""}})
	want := []string{"file", "linked/a", "linked/deep/b", "real/a", "real/deep/b"}
	if diff := cmp.Diff(want, paths(got)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	got, err = f.List(t.Context(), bucket.Scope{Folders: []string{"leaves", "absolute", "dangling", "ring", "leaves/deeper", "linked/deep"}})
	if diff := cmp.Diff([]string{"linked/deep/b"}, paths(got)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for _, name := range []string{"leaves/secret", "leaves-too", "absolute/secret", "../outside/secret", "/etc/passwd"} {
		if r, err := f.Open(t.Context(), window.Object{Path: name}); err == nil {
			t.Errorf("%s was read", name)
			_ = r.Close()
		}
	}
	if r, err := f.Open(t.Context(), window.Object{Path: "file"}); err != nil {
		t.Error(err)
	} else {
		_ = r.Close()
	}
}

func TestLinksCannotMakeAListEndless(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const folders = 8 // 8! paths without a limit
	for a := range folders {
		putFiles(t, dir, fmt.Sprintf("%d/file", a))
		for b := range folders {
			if a != b {
				link(t, fmt.Sprintf("../%d", b), filepath.Join(dir, fmt.Sprintf("%d/to%d", a, b)))
			}
		}
	}
	got, err := openFolder(t, dir, ".").List(t.Context(), bucket.Scope{Folders: []string{""}})
	if err != nil || len(got) < folders || len(got) > folders*(1+7+7*6+7*6*5) {
		t.Errorf("%d files, %v", len(got), err)
	}
}

func TestListStopsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putFiles(t, dir, "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := openFolder(t, dir, ".").List(ctx, bucket.Scope{Folders: []string{""}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestOpenFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putFiles(t, dir, "file", "in/a", "with space/a")
	link(t, "in", filepath.Join(dir, "link"))
	for url, want := range map[string]string{
		"in": "in", "./in/": "in", "in/../in": "in", dir + "/in/": dir + "/in", "file://" + dir + "/in/": dir + "/in", "file://localhost" + dir + "/in": dir + "/in",
		"file://" + dir + "/with%20space": dir + "/with space", "link": "link",
	} {
		f := openFolder(t, dir, url)
		got, err := f.List(t.Context(), bucket.Scope{Folders: []string{""}})
		if f.URL() != want || err != nil || len(got) != 1 {
			t.Errorf("%s: %s %v %v", url, f.URL(), got, err)
		}
	}
	for url, test := range map[string]struct {
		fault value.Fault
		says  string
	}{
		"absent":         {value.SourceError, "open source absent: the folder " + filepath.Join(dir, "absent") + " does not exist"},
		"file":           {value.SourceError, "is a file, not a folder"},
		"file/below":     {value.SourceError, "cannot be read: "},
		"":               {value.Misconfigured, "is empty"},
		"s3://bucket/in": {value.Misconfigured, "it is no folder but at s3://"},
		"file://in/data": {value.Misconfigured, "three slashes"},
		"file://%zz":     {value.Misconfigured, "file:///absolute/folder"},
	} {
		_, err := bucket.OpenFolder(dir, url)
		if value.FaultOf(err) != test.fault || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error %v", url, err)
		}
	}
	if _, err := bucket.OpenFolder(dir, "absent"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestAFolderThatGoesAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putFiles(t, dir, "in/a")
	f := openFolder(t, dir, "in")
	if err := os.RemoveAll(filepath.Join(dir, "in")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.List(t.Context(), bucket.Scope{Folders: []string{""}}); value.FaultOf(err) != value.SourceError || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := f.Open(t.Context(), window.Object{Path: "a"}); value.FaultOf(err) != value.NotReady {
		t.Errorf("error %v", err)
	}
	putFiles(t, dir, "in/b")
	if _, err := f.List(t.Context(), bucket.Scope{Folders: []string{""}}); value.FaultOf(err) != value.SourceError || !strings.Contains(err.Error(), "was replaced") {
		t.Errorf("error %v", err)
	}
}

func TestReadNoticesReplacement(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putFiles(t, dir, "a")
	f := openFolder(t, dir, ".")
	r, err := f.Open(t.Context(), window.Object{Path: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	putFiles(t, dir, "longer")
	if err := os.Rename(filepath.Join(dir, "longer"), filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	after, err := r.Stat(t.Context())
	if err != nil || after.Size == r.Object().Size {
		t.Errorf("%v %v", after, err)
	}
}

func TestFolderConforms(t *testing.T) {
	t.Parallel()
	conform(t, func(t *testing.T) bucket.Store { return openFolder(t, t.TempDir(), ".") }, traits{
		names: []string{"new\nline", "back\\slash", "\x01", ":colon"},
		fill: func(t *testing.T, s bucket.Store, names []string) {
			dir, _ := bucket.Path(s, "")
			putFiles(t, dir, names...)
		},
	})
}
