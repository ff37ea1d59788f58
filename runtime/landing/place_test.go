package landing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/bucket/servers"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/value"
)

// errBroken is what a change that a test has break off ends with.
var errBroken = errors.New("the connection broke")

// flaky is a store that a test can break at each change of it.
type flaky struct {
	bucket.Store

	mu      sync.Mutex
	changes int
	from    int    // the first change that breaks, counted from 1; 0: none
	dead    bool   // so do all after it, as where the process has died
	how     string // before, half, lost
}

// breaks counts a change, and reports whether it is one that breaks.
func (s *flaky) breaks() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	return s.from > 0 && (s.changes == s.from || s.dead && s.changes > s.from)
}

func (s *flaky) Put(ctx context.Context, name string, r io.Reader, o bucket.PutOptions) (window.Object, error) {
	if !s.breaks() {
		return s.Store.Put(ctx, name, r, o)
	}
	switch {
	case s.how == "half":
		_, err := s.Store.Put(ctx, name, iotest.TimeoutReader(iotest.HalfReader(r)), bucket.PutOptions{Size: -1, IfAbsent: o.IfAbsent})
		if err == nil { // it was empty
			return window.Object{}, errors.Join(errBroken, s.Store.Remove(ctx, name))
		}
	case s.how == "lost":
		if _, err := s.Store.Put(ctx, name, r, o); err != nil {
			return window.Object{}, err
		}
	}
	return window.Object{}, value.SourceError.Wrap("put "+name, errBroken)
}

func (s *flaky) Remove(ctx context.Context, names ...string) error {
	if s.breaks() {
		return value.SourceError.Wrap("remove", errBroken)
	}
	return s.Store.Remove(ctx, names...)
}

// site is a place of one of the two kinds, as tests see it.
type site struct {
	*landing.Lander
	files func() map[string]string           // everything that is there
	fail  func(n int, dead bool, how string) // has the n-th change from now on break, and with dead all after it; 0: none
	count func() int                         // changes since then
	store bucket.Store                       // nil for a folder
	plant func(name, text string)            // puts a file there, past the lander
	strip func(name string)                  // removes one
}

// sites make each kind of place, and say how its changes can break.
var sites = map[string]struct {
	open func(t *testing.T) site
	how  []string
}{
	"folder": {openFolderSite, []string{"before"}}, // what a death leaves there, TestKillInTheMiddleThenLandAgain looks at
	"store":  {openStoreSite, []string{"before", "half", "lost"}},
	"S3":     {openS3Site, []string{"lost"}},
	"gs":     {openGSSite, []string{"lost"}},
	"SFTP":   {openSFTPSite, []string{"before", "lost"}},
}

func openFolderSite(t *testing.T) site {
	dir := t.TempDir()
	l := open(t, dir)
	var mu sync.Mutex
	changes := 0
	return site{
		plant:  func(name, text string) { put(t, filepath.Join(dir, "landing"), name, text) },
		strip:  func(name string) { must(os.Remove(filepath.Join(dir, "landing", name))) },
		Lander: l, files: func() map[string]string { return tree(t, filepath.Join(dir, "landing")) },
		fail: func(n int, dead bool, _ string) {
			changes = 0
			l.SetFault(func(string, string) error {
				mu.Lock()
				defer mu.Unlock()
				changes++
				if n > 0 && (changes == n || dead && changes > n) {
					return errBroken
				}
				return nil
			})
		},
		count: func() int { return changes },
	}
}

func openStoreSite(t *testing.T) site { return storeSite(t, folderStore(t)) }

func openS3Site(t *testing.T) site { return storeSite(t, s3Store(t)) }

func openGSSite(t *testing.T) site {
	return storeSite(t, openStore(t, bucket.Access{URL: "gs://acme/in?endpoint=" + servers.NewGCS(t).URL}))
}

func openSFTPSite(t *testing.T) site {
	server := servers.NewSFTP(t, "right", servers.ServeFiles).Listen(t, nil)
	return storeSite(t, openStore(t, bucket.Access{URL: "sftp://feeds@" + server.Address + t.TempDir(), Password: "right", HostKey: server.HostKey}))
}

func openStore(t *testing.T, a bucket.Access) bucket.Store {
	s, err := bucket.Open(t.Context(), "", a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// The first landing makes the folder of a server.
func TestLandInAFolderThatAServerDoesNotHaveYet(t *testing.T) {
	t.Parallel()
	server, root := servers.NewSFTP(t, "right", servers.ServeFiles).Listen(t, nil), filepath.Join(t.TempDir(), "not", "there")
	s := storeSite(t, openStore(t, bucket.Access{URL: "sftp://feeds@" + server.Address + root, Password: "right", HostKey: server.HostKey}))
	if files, done, err := s.Landed(t.Context(), job()); done || err != nil {
		t.Errorf("%v %v", files, err)
	}
	if _, err := s.Land(t.Context(), job(put(t, t.TempDir(), "in/a", "one"))); err != nil {
		t.Fatal(err)
	}
	s.has(t, map[string]string{place + "orders/in/a": "one"})
}

func storeSite(t *testing.T, inner bucket.Store) site {
	scratch := t.TempDir()
	s := &flaky{Store: inner}
	return site{
		store: s, Lander: landing.In(s, "s3://bucket", scratch),
		files: func() map[string]string {
			all := map[string]string{}
			objects, err := inner.List(t.Context(), bucket.Scope{Folders: []string{""}})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range objects {
				f, err := inner.Open(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(f)
				if err != nil || f.Close() != nil {
					t.Fatal(err)
				}
				all[o.Path] = string(text)
			}
			for name, text := range tree(t, scratch) {
				all[".staging/"+name] = text
			}
			return all
		},
		fail:  func(n int, dead bool, how string) { s.changes, s.from, s.dead, s.how = 0, n, dead, how },
		count: func() int { return s.changes },
		plant: func(name, text string) {
			_, err := inner.Put(t.Context(), name, strings.NewReader(text), bucket.PutOptions{Size: int64(len(text))})
			must(err)
		},
		strip: func(name string) { must(inner.Remove(t.Context(), name)) },
	}
}

// eachSite runs a test for both kinds of place.
func eachSite(t *testing.T, test func(t *testing.T, s site)) {
	for name, kind := range sites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, kind.open(t))
		})
	}
}

// has demands that a place has these files, a manifest of them, and nothing else.
func (s site) has(t *testing.T, want map[string]string) {
	t.Helper()
	got := s.files()
	text, ok := got[place+"manifest.json"]
	delete(got, place+"manifest.json")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var m landing.Manifest
	if !ok || json.Unmarshal([]byte(text), &m) != nil || len(m.Files) != len(want) {
		t.Errorf("manifest %s", text)
	}
	for _, f := range m.Files {
		if f.SHA256 != sha(want[f.URL]) || f.Size != int64(len(want[f.URL])) {
			t.Errorf("the manifest has %+v", f)
		}
	}
}

// isSafe demands what holds at any time: each file at its place is whole, and where
// there is a manifest, what it lists is there.
func (s site) isSafe(t *testing.T, want map[string]string) {
	t.Helper()
	got := s.files()
	for name, text := range got {
		if !strings.HasPrefix(name, ".staging/") && name != place+"manifest.json" && text != want[name] {
			t.Errorf("%s is half landed: %d bytes", name, len(text))
		}
	}
	text, ok := got[place+"manifest.json"]
	if !ok {
		return
	}
	var m landing.Manifest
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Errorf("the manifest is half written: %s", text)
	}
	for _, f := range m.Files {
		if sha(got[f.URL]) != f.SHA256 {
			t.Errorf("the manifest lists %s, which is not there", f.URL)
		}
	}
}

// Whatever change of the place breaks, and whether or not the process dies with it,
// nothing is half landed, and the next attempt completes.
func TestEveryChangeOfAPlaceBreaking(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("0123456789abcdef", 20<<10) // two pieces
	want := map[string]string{place + "orders/in/a": "one", place + "orders/in/deep/big": big}
	works := map[string]func(t *testing.T, s site, dir string) error{
		"files": func(t *testing.T, s site, dir string) error {
			j := job(put(t, dir, "in/a", "one"), put(t, dir, "in/deep/big", big))
			for i := range j.Items {
				j.Items[i].Object.ETag = "the same"
				inner := j.Items[i].Open
				j.Items[i].Open = func(ctx context.Context) (bucket.File, error) {
					f, err := inner(ctx)
					f.(*original).object.ETag = "the same"
					return f, err
				}
			}
			_, err := s.Land(t.Context(), j)
			return err
		},
		"a tree": func(t *testing.T, s site, _ string) error {
			dir, err := s.StagingDir(job())
			if err != nil {
				return err
			}
			put(t, dir, "in/a", "one")
			put(t, dir, "in/deep/big", big)
			_, err = s.LandTree(t.Context(), job(), dir)
			return err
		},
	}
	for name, kind := range sites {
		for what, land := range works {
			for _, how := range kind.how {
				for _, dead := range []bool{false, true} {
					if dead && name == "folder" {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s/%s/dead %t", name, what, how, dead), func(t *testing.T) {
						t.Parallel()
						want := want
						if what == "a tree" {
							want = map[string]string{}
							for name, text := range map[string]string{"a": "one", "deep/big": big} {
								want[place+"data/in/"+name] = text
							}
						}
						for n := 1; ; n++ {
							s, dir := kind.open(t), t.TempDir()
							s.fail(n, dead, how)
							err := land(t, s, dir)
							if s.count() < n {
								if err != nil {
									t.Fatalf("nothing broke: %v", err)
								}
								return
							}
							s.isSafe(t, want)
							got := s.files()
							if _, committed := got[place+"manifest.json"]; !committed && !dead && len(got) > 0 && err != nil && how != "lost" {
								if name == "folder" || n < s.count() { // what breaks last cannot be tidied up
									t.Errorf("change %d: something is left: %d files", n, len(got))
								}
							}
							s.fail(0, false, "")
							if err := land(t, s, dir); err != nil {
								t.Fatalf("change %d: again: %v", n, err)
							}
							s.has(t, want)
							if n > 1 {
								continue
							}
							s.fail(0, false, "")
							if err := land(t, s, dir); err != nil || what == "files" && s.count() > 0 {
								t.Errorf("change %d: a second landing changes something: %d changes, %v", n, s.count(), err)
							}
							s.has(t, want)
						}
					})
				}
			}
		}
	}
}

func TestLandNewerFilesInAnyPlace(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		dir := t.TempDir()
		if _, err := s.Land(t.Context(), job(put(t, dir, "in/a", "one"), put(t, dir, "in/c", "three"))); err != nil {
			t.Fatal(err)
		}
		a, b := put(t, dir, "in/a", "newer"), put(t, dir, "in/b", "two")
		broken := put(t, dir, "in/d", "x")
		broken.Open = func(context.Context) (bucket.File, error) { return nil, errBroken }
		if _, err := s.Land(t.Context(), job(b, broken)); value.FaultOf(err) != value.SourceError {
			t.Errorf("error %v", err)
		}
		s.has(t, map[string]string{place + "orders/in/a": "one", place + "orders/in/c": "three"})
		want := map[string]string{place + "orders/in/a": "newer", place + "orders/in/b": "two", place + "orders/in/c": "three"}
		if _, err := s.Land(t.Context(), job(b, a)); err != nil {
			t.Fatal(err)
		}
		s.has(t, want)
	})
}

func TestStraysAreRemovedFromAnyPlace(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		dir := t.TempDir()
		s.plant(place+"orders/put-before-the-crash", "x")
		s.plant("daily/orders/another run/orders/stays", "x")
		if _, err := s.Land(t.Context(), job(put(t, dir, "in/a", "one"))); err != nil {
			t.Fatal(err)
		}
		s.strip("daily/orders/another run/orders/stays")
		s.has(t, map[string]string{place + "orders/in/a": "one"})
		s.plant(place+"orders/of-somebody", "x") // where something has landed, nothing is touched
		if _, err := s.Land(t.Context(), job(put(t, dir, "in/b", "two"))); err != nil {
			t.Fatal(err)
		}
		if s.files()[place+"orders/of-somebody"] != "x" {
			t.Error("it was removed")
		}
	})
}

// An object store has files whose names are the folders of others.
func TestAFileInThePlaceOfAFolder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		open   func(*testing.T) site
		refuse bool
	}{"folder": {openFolderSite, true}, "SFTP": {openSFTPFolder, true}, "gs": {openGSSite, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dir := test.open(t), t.TempDir()
			file, within := put(t, dir, "one/in/a", "one"), put(t, dir, "two/in/a/b/c", "two")
			file.Object.Path, within.Object.Path = "in/a", "in/a/b/c"
			for _, items := range [][]landing.Item{{file, within}, {within, file}} {
				_, err := s.Land(t.Context(), job(items...))
				switch {
				case !test.refuse && err != nil:
					t.Error(err)
				case test.refuse && (value.FaultOf(err) != value.Misconfigured || !strings.Contains(err.Error(), `land in/a: "in/a/b/c" needs a folder in its place`)):
					t.Errorf("error %v", err)
				case test.refuse && len(s.files()) > 0:
					t.Errorf("half landed: %v", s.files())
				}
			}
			if !test.refuse {
				s.has(t, map[string]string{place + "orders/in/a": "one", place + "orders/in/a/b/c": "two"})
				return
			}
			if _, err := s.Land(t.Context(), job(file)); err != nil { // and the other one later
				t.Fatal(err)
			}
			if _, err := s.Land(t.Context(), job(file, within)); value.FaultOf(err) != value.Misconfigured {
				t.Errorf("error %v", err)
			}
			s.has(t, map[string]string{place + "orders/in/a": "one"})
		})
	}
}

// openSFTPFolder is openSFTPSite, by its URL.
func openSFTPFolder(t *testing.T) site {
	s := openSFTPSite(t)
	s.Lander = landing.In(s.store, s.store.URL(), t.TempDir())
	return s
}

// Each version of a file, and each name of one content, lands by itself.
func TestDuplicateDelivery(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		dir := t.TempDir()
		one, same := put(t, dir, "in/a", "one"), put(t, dir, "in/copy of a", "one")
		if _, err := s.Land(t.Context(), job(one, same)); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{place + "orders/in/a": "one", place + "orders/in/copy of a": "one"}
		s.has(t, want)
		if err := os.Chtimes(filepath.Join(dir, "in/a"), one.Object.ModTime, one.Object.ModTime.Add(1e9)); err != nil {
			t.Fatal(err)
		}
		again, err := take(filepath.Join(dir, "in/a"), "in/a")
		if err != nil {
			t.Fatal(err)
		}
		files, err := s.Land(t.Context(), job(again, same))
		if err != nil || len(files) != 2 || files[0].Version != again.Object.Version() {
			t.Errorf("%v %v", files, err)
		}
		s.has(t, want)
	})
}

// Two processes that land the same at once both succeed; of two that land different
// files one is told whose files stand.
func TestAManifestThatCameBetween(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string]string{"the same": "one", "another": "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dir := openStoreSite(t), t.TempDir()
			item := put(t, dir, "in/a", "one")
			inner := item.Open
			item.Open = func(ctx context.Context) (bucket.File, error) {
				j := job(item)
				j.Items[0].Open = inner
				if theirs != "one" {
					j = job(put(t, dir, "in/b", theirs))
				}
				if _, err := s.Land(ctx, j); err != nil {
					t.Error(err)
				}
				return inner(ctx)
			}
			_, err := s.Land(t.Context(), job(item))
			if theirs == "one" {
				if err != nil {
					t.Error(err)
				}
				s.has(t, map[string]string{place + "orders/in/a": "one"})
				return
			}
			if value.FaultOf(err) != value.Failed || !strings.Contains(err.Error(), "courier orders of run "+runKey) {
				t.Errorf("error %v", err)
			}
			s.has(t, map[string]string{place + "orders/in/b": theirs})
		})
	}
}

// What a source says at the end of a file counts, also where the store has taken
// all the bytes that it was told of.
func TestWhatIsNotWholeNeverGetsToAStore(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		dir := t.TempDir()
		good := put(t, dir, "in/good", "good")
		for name, test := range map[string]struct {
			size  int64
			text  string
			end   error
			fault value.Fault
		}{
			"it ends early":            {10, "12345", nil, value.SourceError},
			"it breaks off":            {10, "12345", errBroken, value.SourceError},
			"it has more than it says": {3, "12345", nil, value.NotReady},
			"its credentials end":      {10, "12345", value.Misconfigured.Errorf("read in/a", "the token has expired"), value.Misconfigured},
		} {
			item := put(t, dir, "in/a", test.text)
			item.Object = window.Object{Path: "in/a", Size: test.size, ETag: "e"}
			item.Open = func(context.Context) (bucket.File, error) {
				var r io.Reader = strings.NewReader(test.text)
				if test.end != nil {
					r = io.MultiReader(r, iotest.ErrReader(test.end))
				}
				return &original{ReadCloser: io.NopCloser(r), full: filepath.Join(dir, "in/a"), object: item.Object, size: test.size}, nil
			}
			j := job(good, item)
			j.Parallel = 2
			_, err := s.Land(t.Context(), j)
			var blame *landing.ItemError
			if value.FaultOf(err) != test.fault || test.end != nil && !errors.Is(err, test.end) || !errors.As(err, &blame) || blame.Path != "in/a" {
				t.Errorf("%s: error %v", name, err)
			}
			got := s.files()
			// A server may carry out a request that was given up behind the one that
			// takes its file back. The next attempt finds it.
			delete(got, place+"orders/in/good")
			if len(got) > 0 {
				t.Errorf("%s: half landed: %v", name, got)
			}
		}
	})
}

func TestHandOverInAnyPlace(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		h := landing.Handover{Group: "courier_group.daily", Run: runKey, Step: "process.stitch"}
		for range 2 {
			url, err := s.Handover(t.Context(), h)
			if err != nil || !strings.HasSuffix(s.files()[url], "}\n") || len(s.files()) != 1 {
				t.Errorf("%s %v %v", url, s.files(), err)
			}
		}
	})
}

func TestForeignManifestsInAnyPlaceAreLeftAlone(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		dir := t.TempDir()
		other := job(put(t, dir, "in/b", "theirs"))
		if _, err := s.Land(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		before := s.files()
		mine := job(put(t, dir, "in/a", "ours"))
		mine.Run = "another"
		if _, err := s.Land(t.Context(), mine); err != nil { // another folder
			t.Fatal(err)
		}
		for name, text := range before {
			if s.files()[name] != text {
				t.Errorf("%s changed", name)
			}
		}
	})
}

// A staging folder is on this machine, wherever the landing is.
func TestStagingIsLocal(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s site) {
		if err := s.Discard(runKey, "orders"); err != nil {
			t.Error(err)
		}
		dir, err := s.StagingDir(job())
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			t.Errorf("%s: %v", dir, err)
		}
		put(t, dir, "a", "x")
		if err := s.Discard(runKey, "orders"); err != nil || len(s.files()) > 0 {
			t.Errorf("%v %v", s.files(), err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", dir, err)
		}
	})
}

func TestBase(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"landing":                     "landing",
		"what?/is":                    "what?/is",
		"file:///a/b":                 "file:///a/b",
		"s3://bucket":                 "s3://bucket",
		"s3://bucket/a/b/?region=x":   "s3://bucket/a/b",
		"sftp://user@host:2222/abs/x": "sftp://user@host:2222/abs/x",
	} {
		if got := landing.Base(url); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	const rest = "daily/orders/" + "courier_group.daily@2026-11-22T21%3A00%3A00Z" + "/orders/in/a"
	for _, root := range []string{"landing", ".", "a/b/c", "file:///a/b", "s3://bucket", "s3://bucket/a b", "sftp://user@host:2222/abs/x"} {
		if got, relative := landing.Split(root+"/"+rest, runKey); got != root || relative != rest {
			t.Errorf("%s: %s and %s", root, got, relative)
		}
	}
}
