package landing_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/value"
)

// entry is one file of an archive of a test.
type entry struct{ name, text string }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	must(err)
	must(w.Close())
	return b.String()
}

func zstandard(text string) string {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	must(err)
	_, err = io.WriteString(w, text)
	must(err)
	must(w.Close())
	return b.String()
}

var entryTime = time.Date(2026, 11, 20, 1, 2, 4, 0, time.UTC)

func tarred(entries ...entry) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.text)), Mode: 0o644, ModTime: entryTime, Typeflag: tar.TypeReg}
		switch target, isLink := strings.CutPrefix(e.text, "-> "); {
		case isLink:
			h.Typeflag, h.Linkname, h.Size, e.text = tar.TypeSymlink, target, 0, ""
		case strings.HasSuffix(e.name, "/"):
			h.Typeflag = tar.TypeDir
		}
		must(w.WriteHeader(h))
		_, err := io.WriteString(w, e.text)
		must(err)
	}
	must(w.Close())
	return b.String()
}

func zipped(entries ...entry) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: entryTime}
		if target, isLink := strings.CutPrefix(e.text, "-> "); isLink {
			h.SetMode(os.ModeSymlink | 0o777)
			e.text = target
		}
		f, err := w.CreateHeader(h)
		must(err)
		_, err = io.WriteString(f, e.text)
		must(err)
	}
	must(w.Close())
	return b.String()
}

func TestDecompress(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("0,1,2,3,4,5,6,7\n", 60_000)
	several := []entry{{"./a.csv", "h\n1\n"}, {"deep/", ""}, {"deep/b.jsonl", "{}\n{}\n{}"}, {"empty", ""}, {"deep/big.csv", big}}
	inFolder := func(folder string) map[string]string {
		return map[string]string{folder + "/a.csv": "h\n1\n", folder + "/deep/b.jsonl": "{}\n{}\n{}", folder + "/empty": "", folder + "/deep/big.csv": big}
	}
	for name, test := range map[string]struct {
		file, decompress, content, format string
		want                              map[string]string
	}{
		"gzip":                 {"o.csv.gz", "auto", gzipped("h\n1\n"), "gzip", map[string]string{"o.csv": "h\n1\n"}},
		"gzip in parts":        {"o.csv.GZ", "gzip", gzipped("h\n1\n") + gzipped("2\n"), "gzip", map[string]string{"o.csv": "h\n1\n2\n"}},
		"gzip of another name": {"o.bin", "gzip", gzipped(big), "gzip", map[string]string{"o.bin": big}},
		"zstd":                 {"o.csv.zst", "auto", zstandard(big), "zstd", map[string]string{"o.csv": big}},
		"tar":                  {"o.tar", "auto", tarred(several...), "tar", inFolder("o.tar")},
		"tar in gzip":          {"o.tgz", "auto", gzipped(tarred(several...)), "tar.gz", inFolder("o.tgz")},
		"tar in gzip, stated":  {"o.archive", "tar.gz", gzipped(tarred(several...)), "tar.gz", inFolder("o.archive")},
		"tar in zstd":          {"o.tar.zst", "auto", zstandard(tarred(several...)), "tar.zst", inFolder("o.tar.zst")},
		"zip":                  {"o.zip", "auto", zipped(several...), "zip", inFolder("o.zip")},
		"zip from Windows":     {"o.zip", "zip", zipped(entry{`deep\a`, "x"}), "zip", map[string]string{"o.zip/deep/a": "x"}},
		"an archive in one":    {"o.zip", "auto", zipped(entry{"in.zip", "PK"}), "zip", map[string]string{"o.zip/in.zip": "PK"}},
		"neither":              {"o.csv", "auto", "h\n1\n", "", map[string]string{"o.csv": "h\n1\n"}},
		"nobody asks":          {"o.csv.gz", "", gzipped("x"), "", map[string]string{"o.csv.gz": gzipped("x")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachSite(t, func(t *testing.T, s site) {
				dir := t.TempDir()
				item := put(t, dir, "in/"+test.file, test.content)
				item.Decompress = test.decompress
				files, err := s.Land(t.Context(), job(item))
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]string{}
				for name, text := range test.want {
					want[place+"orders/in/"+name] = text
				}
				s.has(t, want)
				sum := sha256.Sum256([]byte(test.content))
				for _, f := range files {
					text := want[f.URL]
					var archive *landing.Archive
					if test.format != "" {
						archive = &landing.Archive{Format: test.format, Size: int64(len(test.content)), SHA256: hex.EncodeToString(sum[:])}
					}
					if diff := cmp.Diff(archive, f.Archive); diff != "" {
						t.Error(diff)
					}
					if f.Path != "in/"+test.file || f.Version != item.Object.Version() || f.Size != int64(len(text)) {
						t.Errorf("%+v", f)
					}
					if strings.HasSuffix(f.URL, ".csv") && (f.Rows == nil || *f.Rows != int64(strings.Count(text, "\n"))) {
						t.Errorf("rows of %s: %v", f.URL, f.Rows)
					}
					if f.Entry != "" && !strings.HasSuffix(f.Entry, "/") && !f.Modified.Equal(entryTime) {
						t.Errorf("%s was modified at %s", f.Entry, f.Modified)
					}
				}
				s.fail(0, false, "")
				if again, err := s.Land(t.Context(), job(item)); err != nil || s.count() > 0 || cmp.Diff(files, again) != "" {
					t.Errorf("a second landing: %d changes, %v", s.count(), err)
				}
			})
		})
	}
}

func TestArchivesThatDoNotLand(t *testing.T) {
	t.Parallel()
	noise := strings.Repeat("abcdefgh", 100)
	for name, test := range map[string]struct {
		file, content, says string
	}{
		"no gzip":              {"o.gz", "hello", "it is cut off at its beginning"},
		"not even a beginning": {"o.gz", "", "it is cut off at its beginning"},
		"garbage":              {"o.gz", noise, "it is damaged at its beginning"},
		"gzip cut off":         {"o.gz", gzipped(noise)[:20], "it is cut off"},
		"garbage behind gzip":  {"o.gz", gzipped(noise) + "garbage behind it", "it is damaged after 800 bytes"},
		"damaged gzip":         {"o.gz", gzipped(noise)[:len(gzipped(noise))-6] + "xxxxxx", "it is damaged after 800 bytes"},
		"damaged zstd":         {"o.zst", zstandard(noise)[:20], "it is cut off"},
		"tar cut off":          {"o.tar", tarred(entry{"a", noise}, entry{"b", noise})[:512+1024+512+40], `it is cut off in "b", after 40 bytes`},
		"no tar":               {"o.tar", strings.Repeat(noise, 10), "it is damaged at its beginning"},
		"tar in gzip cut off":  {"o.tgz", gzipped(tarred(entry{"a", "one"}, entry{"b", noise})[:1024+512+40]), `it is cut off in "b", after 40 bytes`},
		"no zip":               {"o.zip", noise, "it is damaged at its beginning"},
		"zip cut off":          {"o.zip", zipped(entry{"a", noise})[:60], "it is damaged at its beginning"},
		"damaged zip":          {"o.zip", strings.Replace(zipped(entry{"a", "one"}), "PK\x03\x04", "PK\x03\x05", 1), `at "a"`},
		"nothing in it":        {"o.zip", zipped(), "no file is in it"},
		"nothing in tar":       {"o.tar", tarred(entry{"only a folder/", ""}), "no file is in it"},
		"dots":                 {"o.tar", tarred(entry{"../a", "x"}), `"../a" in it is not the path`},
		"dots within":          {"o.zip", zipped(entry{"a/../../b", "x"}), `is not the path`},
		"dots of Windows":      {"o.zip", zipped(entry{`..\a`, "x"}), `is not the path`},
		"absolute":             {"o.tar", tarred(entry{"/etc/passwd", "x"}), `"/etc/passwd" in it is not the path`},
		"link":                 {"o.tar", tarred(entry{"a", "-> /etc/passwd"}), `"a" in it is a link`},
		"link in zip":          {"o.zip", zipped(entry{"a", "-> /etc/passwd"}), `"a" in it is a link`},
		"twice":                {"o.tar", tarred(entry{"a", "x"}, entry{"./a", "y"}), `"a" and "a" in it would land on one another`},
		"twice but for case":   {"o.zip", zipped(entry{"d/A", "x"}, entry{"D/a", "y"}), `"d/A" and "D/a" in it would land`},
		"a file as a folder":   {"o.zip", zipped(entry{"a", "x"}, entry{"a/b", "y"}), `"a" and "a/b" in it would land`},
		"a folder as a file":   {"o.zip", zipped(entry{"a/b", "x"}, entry{"a", "y"}), `"a" and "a" in it would land`},
		"too deep":             {"o.tar", tarred(entry{strings.Repeat("d/", 70) + "a", "y"}), "too deep"},
		"not UTF-8":            {"o.tar", tarred(entry{"a\xff", "y"}), "not UTF-8"},
		"too much":             {"o.gz", gzipped(strings.Repeat("x", 2000)), "more than 1kB is in it; raise max_unpacked"},
		"too much in all":      {"o.zip", zipped(entry{"a", noise}, entry{"b", noise}), "more than 1kB is in it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachSite(t, func(t *testing.T, s site) {
				dir := t.TempDir()
				good, item := put(t, dir, "in/good", "good"), put(t, dir, "in/"+test.file, test.content)
				item.Decompress = "auto"
				if strings.Contains(test.says, "max_unpacked") || strings.Contains(test.says, "1kB") {
					item.MaxUnpacked = 1000
				}
				_, err := s.Land(t.Context(), job(good, item))
				if value.FaultOf(err) != value.SourceError || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), test.file) {
					t.Errorf("error %v", err)
				}
				if got := s.files(); len(got) > 0 {
					t.Errorf("half landed: %v", got)
				}
			})
		})
	}
}

// A trap of 20 kB has gigabytes in it. It is recognised long before they are written.
func TestATrapIsRecognised(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	must(err)
	_, err = io.CopyN(w, zeros{}, 1_100_000_000)
	must(err)
	must(w.Close())
	dir := t.TempDir()
	l := landing.In(&sink{}, "s3://sink", dir)
	item := put(t, dir, "in/o.zst", b.String())
	item.Decompress = "auto"
	if _, err := l.Land(t.Context(), job(item)); value.FaultOf(err) != value.SourceError || !strings.Contains(err.Error(), "more than 200 times its size") {
		t.Errorf("error %v", err)
	}
}

// sink is a store that holds nothing and takes everything.
type sink struct{ bucket.Store }

func (*sink) List(context.Context, bucket.Scope) ([]window.Object, error) { return nil, nil }

func (*sink) Stat(context.Context, string) (window.Object, error) {
	return window.Object{}, value.NotReady.Wrap("stat", fs.ErrNotExist)
}

func (*sink) Put(_ context.Context, name string, r io.Reader, _ bucket.PutOptions) (window.Object, error) {
	n, err := io.Copy(io.Discard, r)
	return window.Object{Path: name, Size: n}, err
}

func (*sink) Remove(context.Context, ...string) error { return nil }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A producer's manifest is about the file as it comes, and counts the rows in it.
func TestChecksAreOfTheArchive(t *testing.T) {
	t.Parallel()
	content := gzipped("h\n1\n2\n")
	sum := sha256.Sum256([]byte(content))
	size, two, nine := int64(len(content)), int64(2), int64(9)
	for name, test := range map[string]struct {
		check window.Check
		says  string
	}{
		"as listed":    {window.Check{Manifest: "m", Size: &size, SHA256: hex.EncodeToString(sum[:]), Rows: &two}, ""},
		"another size": {window.Check{Manifest: "m", Size: &nine}, "its size is"},
		"another sum":  {window.Check{Manifest: "m", SHA256: sha("h\n1\n2\n")}, "its sha256 is"},
		"other rows":   {window.Check{Manifest: "m", Rows: &nine}, "number of rows is 3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachSite(t, func(t *testing.T, s site) {
				item := put(t, t.TempDir(), "in/o.csv.gz", content)
				check := test.check
				item.Check, item.Decompress = &check, "auto"
				_, err := s.Land(t.Context(), job(item))
				switch {
				case test.says == "" && err != nil:
					t.Error(err)
				case test.says != "" && (value.FaultOf(err) != value.SourceError || !strings.Contains(err.Error(), test.says)):
					t.Errorf("error %v", err)
				case test.says != "" && len(s.files()) > 0:
					t.Errorf("half landed: %v", s.files())
				}
			})
		})
	}
}

// What lands under one name comes from one file.
func TestAFileAndItsCompressedTwin(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		dir := t.TempDir()
		plain, packed := put(t, dir, "in/o.csv", "x"), put(t, dir, "in/o.csv.gz", gzipped("y"))
		plain.Decompress, packed.Decompress = "auto", "auto"
		_, err := s.Land(t.Context(), job(plain, packed))
		if value.FaultOf(err) != value.Failed || !strings.Contains(err.Error(), `"in/o.csv" has landed under the same name, o.csv`) {
			t.Errorf("error %v", err)
		}
		if _, err := s.Land(t.Context(), job(plain)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Land(t.Context(), job(packed)); value.FaultOf(err) != value.Failed {
			t.Errorf("error %v", err)
		}
		s.has(t, map[string]string{place + "orders/in/o.csv": "x"})
	})
}

// What a newer version of an archive has no more goes.
func TestANewerArchive(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		dir := t.TempDir()
		for _, version := range [][]entry{{{"a", "1"}, {"b", "2"}}, {{"a", "newer"}, {"c", "3"}}} {
			item := put(t, dir, "in/o.zip", zipped(version...))
			item.Decompress = "auto"
			if _, err := s.Land(t.Context(), job(item)); err != nil {
				t.Fatal(err)
			}
		}
		s.has(t, map[string]string{place + "orders/in/o.zip/a": "newer", place + "orders/in/o.zip/c": "3"})
	})
}

// A source whose connection is lost in the middle, and that cannot be asked again
// either, gives errors that wrap io.EOF. They are no end of the file.
func TestALostConnectionIsNotTheEndOfAFile(t *testing.T) {
	t.Parallel()
	lost := value.SourceError.Wrap("read", io.EOF)
	long := make([]byte, 4<<20) // of which several pieces come
	_, err := rand.NewChaCha8([32]byte{}).Read(long)
	must(err)
	for name, test := range map[string]struct{ content, decompress string }{
		"empty":       {"", ""},
		"as it is":    {"h\n1\n2\n", ""},
		"gzip":        {gzipped(string(long)), "auto"},
		"tar":         {tarred(entry{"a", "1"}, entry{"b", "2"}, entry{"c", string(long)}), "tar"},
		"tar in gzip": {gzipped(tarred(entry{"a", "1"}, entry{"b", string(long)})), "tar.gz"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachSite(t, func(t *testing.T, s site) {
				dir := t.TempDir()
				item := put(t, dir, "in/o.gz", test.content)
				item.Decompress = test.decompress
				half := test.content[:len(test.content)/3/512*512]
				item.Open = func(context.Context) (bucket.File, error) {
					return &lostFile{object: item.Object, Reader: io.MultiReader(strings.NewReader(half), iotest.ErrReader(lost)), err: lost}, nil
				}
				if files, err := s.Land(t.Context(), job(item)); value.FaultOf(err) != value.SourceError {
					t.Errorf("%v %v", files, err)
				}
				if got := s.files(); len(got) > 0 {
					t.Errorf("half landed: %d files", len(got))
				}
			})
		})
	}
}

// lostFile is a file whose source has gone away.
type lostFile struct {
	io.Reader
	object window.Object
	err    error
}

func (f *lostFile) Object() window.Object { return f.object }

func (f *lostFile) Stat(context.Context) (window.Object, error) { return window.Object{}, f.err }

func (f *lostFile) Close() error { return nil }
