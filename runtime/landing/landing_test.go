package landing_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/value"
)

const runKey = "courier_group.daily@2026-11-22T21:00:00Z"

var dataRange = window.Range{
	Start: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
	End:   time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
}

func job(items ...landing.Item) landing.Job {
	return landing.Job{Group: "courier_group.daily", Courier: "orders", Run: runKey, Range: dataRange, Source: "data/in", Items: items, Parallel: 1}
}

func open(t *testing.T, dir string) *landing.Lander {
	t.Helper()
	l, err := landing.Open(context.Background(), landing.Options{Workspace: dir, URL: "landing"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// put writes a source file and returns the item that takes it as it is now.
func put(t *testing.T, dir, name, content string) landing.Item {
	t.Helper()
	full := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	item, err := take(full, name)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func take(full, name string) (landing.Item, error) {
	info, err := os.Stat(full)
	if err != nil {
		return landing.Item{}, err
	}
	return landing.Item{
		Taken: window.Taken{File: "orders", Date: "2026-11-21", Object: window.Object{Path: name, Size: info.Size(), ModTime: info.ModTime()}},
		Open:  func(context.Context) (bucket.File, error) { return openSource(full, name) },
	}, nil
}

// original reads a file and describes what stands at its path now.
type original struct {
	io.ReadCloser
	full   string
	object window.Object
	size   int64 // of Stat; 0: the file's
}

func (s *original) Object() window.Object { return s.object }

func (s *original) Stat(context.Context) (window.Object, error) {
	info, err := os.Stat(s.full)
	if err != nil {
		return window.Object{}, err
	}
	size := info.Size()
	if s.size > 0 {
		size = s.size
	}
	return window.Object{Path: s.object.Path, Size: size, ModTime: info.ModTime(), ETag: s.object.ETag}, nil
}

func openSource(full, name string) (*original, error) {
	f, err := os.Open(full)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	return &original{ReadCloser: f, full: full, object: window.Object{Path: name, Size: info.Size(), ModTime: info.ModTime()}}, err
}

// tree returns all files below a folder with their content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// landed is tree without manifests; nothing may be left in staging.
func landed(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := tree(t, dir)
	for name := range out {
		if strings.HasPrefix(name, ".staging/") {
			t.Errorf("%s is left in staging", name)
		}
		if strings.HasSuffix(name, "/manifest.json") {
			delete(out, name)
		}
	}
	return out
}

func sha(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func rows(n int64) *int64 { return &n }

const place = "daily/orders/courier_group.daily@2026-11-22T21%3A00%3A00Z/"

func TestLandLayoutAndManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := put(t, dir, "in/2026/11/21/orders.csv", "id\n1\n")
	b := put(t, dir, "in/readme", "hello")
	b.File, b.Date = "", ""
	l := open(t, dir)
	files, err := l.Land(t.Context(), job(b, a))
	if err != nil {
		t.Fatal(err)
	}
	want := []landing.File{
		{
			File: "data", Path: "in/readme", Source: "data/in", URL: place + "data/in/readme",
			Size: 5, SHA256: sha("hello"), Version: b.Object.Version(), Modified: b.Object.ModTime,
		}, {
			File: "orders", Date: "2026-11-21", Path: "in/2026/11/21/orders.csv", Source: "data/in", URL: place + "orders/in/2026/11/21/orders.csv",
			Size: 5, SHA256: sha("id\n1\n"), Rows: rows(2), Version: a.Object.Version(), Modified: a.Object.ModTime,
		},
	}
	if diff := cmp.Diff(want, files, cmpopts.IgnoreFields(landing.File{}, "LandedAt")); diff != "" {
		t.Error(diff)
	}
	wantTree := map[string]string{place + "data/in/readme": "hello", place + "orders/in/2026/11/21/orders.csv": "id\n1\n"}
	if diff := cmp.Diff(wantTree, landed(t, filepath.Join(dir, "landing"))); diff != "" {
		t.Error(diff)
	}
	var m landing.Manifest
	text, err := os.ReadFile(l.Path(place + "manifest.json"))
	if err != nil || json.Unmarshal(text, &m) != nil {
		t.Fatalf("manifest %s: %v", text, err)
	}
	wantManifest := landing.Manifest{FormatVersion: 1, Run: runKey, Group: "courier_group.daily", Courier: "orders", Range: dataRange, Files: files}
	if diff := cmp.Diff(wantManifest, m); diff != "" {
		t.Error(diff)
	}
	if got, done, err := l.Landed(t.Context(), job()); !done || err != nil || cmp.Diff(files, got) != "" {
		t.Errorf("Landed: %v %v %v", got, done, err)
	}
}

func TestLandNamesThatAreHardToWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var items []landing.Item
	want := map[string]string{}
	for _, name := range []string{
		"with space.csv", "größe/数据.csv", "new\nline", "100%.csv", "%2e%2e", "..hidden", "...", "a/..b/c", "tab\t", "quote\"'", "back\\slash", "-rf",
		"manifest.json", ".staging/x", "_runs/y", strings.Repeat("x", 250), "colon:star*?",
	} {
		items = append(items, put(t, filepath.Join(dir, "in"), name, name))
		want[place+"orders/"+name] = name
	}
	l := open(t, dir)
	if _, err := l.Land(t.Context(), job(items...)); err != nil {
		t.Fatal(err)
	}
	got := tree(t, filepath.Join(dir, "landing"))
	delete(got, place+"manifest.json")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLandRefusesNamesThatLeaveTheirPlace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../escape", "a/../../escape", "/etc/passwd", "", ".", "a//b", "bad\xffutf8"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			item := put(t, dir, "in/file", "x")
			item.Object.Path = name
			l := open(t, dir)
			_, err := l.Land(t.Context(), job(item))
			if value.FaultOf(err) != value.SourceError {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(map[string]string{"in/file": "x"}, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLandDoesNotFollowLinksOutOfTheLanding(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	l := open(t, dir)
	if err := os.Symlink(outside, filepath.Join(dir, "landing", "daily")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Land(t.Context(), job(put(t, dir, "in/a", "x"))); err == nil {
		t.Error("it landed through a link")
	}
	if got := tree(t, outside); len(got) > 0 {
		t.Errorf("written outside: %v", got)
	}
}

func TestLandAgainChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	item := put(t, dir, "in/a", "x")
	first, err := l.Land(t.Context(), job(item))
	if err != nil {
		t.Fatal(err)
	}
	item.Open = func(context.Context) (bucket.File, error) {
		t.Error("the source was read again")
		return nil, errors.New("unexpected")
	}
	l.SetFault(func(op, name string) error { t.Errorf("%s %s", op, name); return nil })
	again, err := l.Land(t.Context(), job(item))
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestLandMoreAndNewerFilesOfTheSameRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	a := put(t, dir, "in/a", "one")
	if _, err := l.Land(t.Context(), job(a)); err != nil {
		t.Fatal(err)
	}
	a = put(t, dir, "in/a", "newer")
	b := put(t, dir, "in/b", "two")
	files, err := l.Land(t.Context(), job(b, a))
	if err != nil || len(files) != 2 || files[0].SHA256 != sha("newer") {
		t.Fatalf("%v %v", files, err)
	}
	want := map[string]string{place + "orders/in/a": "newer", place + "orders/in/b": "two"}
	if diff := cmp.Diff(want, landed(t, filepath.Join(dir, "landing"))); diff != "" {
		t.Error(diff)
	}
	if err := os.Remove(l.Path(files[0].URL)); err != nil {
		t.Fatal(err)
	}
	if _, done, err := l.Landed(t.Context(), job()); done || err != nil {
		t.Errorf("a file is gone and Landed says %v %v", done, err)
	}
	if _, err := l.Land(t.Context(), job(a, b)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, landed(t, filepath.Join(dir, "landing"))); diff != "" {
		t.Error(diff)
	}
}

func TestLandNothing(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	files, err := l.Land(t.Context(), job())
	if err != nil || files == nil || len(files) != 0 {
		t.Errorf("%v %v", files, err)
	}
	if _, done, err := l.Landed(t.Context(), job()); !done || err != nil {
		t.Errorf("%v %v", done, err)
	}
}

// during calls do once, in the middle of reading.
type during struct {
	io.ReadCloser
	do func()
}

func (d *during) Read(p []byte) (int, error) {
	if d.do != nil {
		d.do()
		d.do = nil
	}
	return d.ReadCloser.Read(p)
}

func TestLandNoticesWhatChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, full string){
		"it grows": func(t *testing.T, full string) {
			f, err := os.OpenFile(full, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = f.WriteString("more")
			_ = f.Close()
		},
		"it is cut":     func(_ *testing.T, full string) { _ = os.Truncate(full, 1) },
		"it is removed": func(_ *testing.T, full string) { _ = os.Remove(full) },
		"it is replaced": func(t *testing.T, full string) {
			if os.WriteFile(full+".new", []byte("abcde"), 0o644) != nil || os.Chtimes(full+".new", time.Time{}, time.Unix(1, 0)) != nil || os.Rename(full+".new", full) != nil {
				t.Error("cannot replace it")
			}
		},
		"it is touched": func(_ *testing.T, full string) { _ = os.Chtimes(full, time.Time{}, time.Unix(1, 0)) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			full := filepath.Join(dir, "in/a")
			good, item := put(t, dir, "in/b", "good"), put(t, dir, "in/a", "12345")
			item.Open = func(context.Context) (bucket.File, error) {
				s, err := openSource(full, "in/a")
				s.ReadCloser = &during{ReadCloser: s.ReadCloser, do: func() { change(t, full) }}
				return s, err
			}
			l := open(t, dir)
			_, err := l.Land(t.Context(), job(good, item))
			if value.FaultOf(err) != value.NotReady {
				t.Errorf("error %v", err)
			}
			if got := tree(t, filepath.Join(dir, "landing")); len(got) > 0 {
				t.Errorf("half landed: %v", got)
			}
		})
	}
}

func TestLandRefusesAnotherVersionThanTheOneListed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	item := put(t, dir, "in/a", "12345")
	put(t, dir, "in/a", "123456")
	if _, err := open(t, dir).Land(t.Context(), job(item)); value.FaultOf(err) != value.NotReady {
		t.Errorf("error %v", err)
	}
	item.Object.ETag = "opaque" // such a source vouches for the version itself
	item.Open = func(context.Context) (bucket.File, error) {
		s, err := openSource(filepath.Join(dir, "in/a"), "in/a")
		s.object.ETag = "opaque"
		return s, err
	}
	if _, err := open(t, dir).Land(t.Context(), job(item)); err != nil {
		t.Error(err)
	}
}

type reader func(p []byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

func (reader) Close() error { return nil }

func TestLandSourceErrors(t *testing.T) {
	t.Parallel()
	cut := errors.New("connection reset")
	dir := t.TempDir()
	l := open(t, dir)
	item := put(t, dir, "in/a", "12345")
	tests := map[string]struct {
		open  func(context.Context) (bucket.File, error)
		fault value.Fault
	}{
		"it breaks off": {func(context.Context) (bucket.File, error) {
			s, err := openSource(filepath.Join(dir, "in/a"), "in/a")
			s.ReadCloser = reader(func(p []byte) (int, error) { return copy(p, "12"), cut })
			return s, err
		}, value.SourceError},
		"it cannot be opened": {func(context.Context) (bucket.File, error) { return nil, cut }, value.SourceError},
		"it is gone": {func(context.Context) (bucket.File, error) {
			return nil, value.NotReady.Wrap("open", cut)
		}, value.NotReady},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			item := item
			item.Open = test.open
			_, err := l.Land(t.Context(), job(item))
			if value.FaultOf(err) != test.fault || !errors.Is(err, cut) {
				t.Errorf("error %v", err)
			}
			if got := tree(t, filepath.Join(dir, "landing")); len(got) > 0 {
				t.Errorf("half landed: %v", got)
			}
		})
	}
}

func TestLandInBoundedMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	item := put(t, dir, "in/big", "")
	full := filepath.Join(dir, "in/big")
	if err := os.Truncate(full, 16<<20); err != nil {
		t.Fatal(err)
	}
	item, err := take(full, "in/big")
	if err != nil {
		t.Fatal(err)
	}
	item.Open = func(context.Context) (bucket.File, error) {
		s, err := openSource(full, "in/big")
		r := s.ReadCloser
		s.ReadCloser = reader(func(p []byte) (int, error) {
			if len(p) > 1<<20 {
				t.Errorf("asked for %d bytes at once", len(p))
			}
			return r.Read(p)
		})
		return s, err
	}
	files, err := l.Land(t.Context(), job(item))
	if err != nil || files[0].Size != 16<<20 || files[0].SHA256 != sha(string(bytes.Repeat([]byte{0}, 16<<20))) {
		t.Errorf("%v %v", files, err)
	}
}

func TestLandStopsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	item := put(t, dir, "in/a", "x")
	inner := item.Open
	item.Open = func(ctx context.Context) (bucket.File, error) { cancel(); return inner(ctx) }
	if _, err := l.Land(ctx, job(item)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if got := tree(t, filepath.Join(dir, "landing")); len(got) > 0 {
		t.Errorf("half landed: %v", got)
	}
}

func TestLandLeavesForeignManifestsAlone(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"newer":   `{"format_version":2}`,
		"corrupt": `{"format_ver`,
		"foreign": `{"format_version":1,"run":"another","courier":"orders"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put(t, filepath.Join(dir, "landing"), place+"manifest.json", text)
			l := open(t, dir)
			_, err := l.Land(t.Context(), job(put(t, dir, "in/a", "x")))
			if value.FaultOf(err) != value.Failed {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(map[string]string{place + "manifest.json": text}, tree(t, filepath.Join(dir, "landing"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCouriersOfARunLandAtTheSameTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	item := put(t, dir, "in/a", "x")
	errs := make(chan error)
	const couriers = 20
	for n := range couriers {
		l := open(t, dir)
		go func() {
			j := job(item)
			j.Courier = string(rune('a' + n))
			_, err := l.Land(t.Context(), j)
			errs <- err
		}()
	}
	for range couriers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := landed(t, filepath.Join(dir, "landing")); len(got) != couriers {
		t.Errorf("%d files landed", len(got))
	}
}

func TestOpenFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "file", "x")
	for _, url := range []string{"", "s3://bucket/x?y=z", "ftp://x/y", "file://host/x", "file:relative", "file", "file/below"} {
		l, err := landing.Open(t.Context(), landing.Options{Workspace: dir, URL: url})
		if url == "file:relative" { // not a URL: a folder of that name
			if err != nil || l.URL() != url {
				t.Errorf("%q: %v", url, err)
			}
			continue
		}
		if value.FaultOf(err) != value.Misconfigured {
			t.Errorf("%q: error %v", url, err)
		}
	}
	l, err := landing.Open(t.Context(), landing.Options{Workspace: "/elsewhere", URL: "file://" + dir + "/new/"})
	if err != nil || l.URL() != dir+"/new" || l.Path("a/b") != dir+"/new/a/b" {
		t.Errorf("%v %v", l, err)
	}
}

func TestHandover(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	h := landing.Handover{Group: "courier_group.daily", Run: runKey, Step: "process.stitch"}
	for _, files := range [][]landing.Landed{nil, {{Run: runKey, Courier: "orders", File: "orders", Date: "2026-11-21", Landing: "landing", URL: "a", Size: 1, SHA256: "b"}}} {
		h.Files = files
		url, err := l.Handover(t.Context(), h)
		if err != nil || url != "daily/_runs/courier_group.daily@2026-11-22T21%3A00%3A00Z/process.stitch.json" {
			t.Fatalf("%s %v", url, err)
		}
		text, err := os.ReadFile(l.Path(url))
		if err != nil {
			t.Fatal(err)
		}
		want := h
		want.FormatVersion = 1
		if want.Files == nil {
			want.Files = []landing.Landed{}
		}
		var got landing.Handover
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if got := landed(t, filepath.Join(dir, "landing")); len(got) != 1 {
		t.Errorf("%v", got)
	}
}
