package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// traits is what stores may differ in.
type traits struct {
	names  []string // besides oddNames: names of files that the store can have
	many   int      // how many files a long list has; 0: manyFiles
	fill   func(t *testing.T, s bucket.Store, paths []string)
	reopen func(t *testing.T, s bucket.Store) bucket.Store // another connection to the same place; nil: the same one

	forgets       bool // what writes leave behind, by itself
	losesIfAbsent bool // the place knows no conditional write: two at once may both succeed
}

// oddNames are names that every store has.
var oddNames = []string{
	"with space", "größe/数据.csv", "100%", "a+b", "%41", "..hidden", "...", "-rf", "q?x=1&y=2", "#hash", "semi;colon", "tilde~", "a=b,c", "'quoted'", "(brackets)[1]", "*?", "dot./x",
}

// conform holds a store to what [bucket.Store] says. Each call of empty gives a new
// store with nothing in it.
func conform(t *testing.T, empty func(t *testing.T) bucket.Store, has traits) {
	for name, test := range map[string]func(*testing.T, bucket.Store, traits){
		"put and read":          putAndRead,
		"list scopes":           listScopes,
		"list many":             listMany,
		"odd names":             listOddNames,
		"versions":              openVersions,
		"whole or not":          putWhole,
		"if absent":             putIfAbsent,
		"if absent, many times": putIfAbsentAtOnce,
		"remove":                removeFiles,
		"sweep":                 sweepUnfinished,
		"stat":                  statFiles,
		"cancelled":             cancelled,
		"names that are no one": refusedNames,
		"large":                 putLarge,
		"at once":               useAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := empty(t)
			t.Cleanup(func() { _ = s.Close() })
			test(t, s, has)
		})
	}
}

func all() bucket.Scope { return bucket.Scope{Folders: []string{""}} }

func put(t *testing.T, s bucket.Store, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := s.Put(t.Context(), name, strings.NewReader(name), bucket.PutOptions{Size: int64(len(name))}); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, s bucket.Store, o window.Object) string {
	t.Helper()
	f, err := s.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	return string(text)
}

func list(t *testing.T, s bucket.Store, scope bucket.Scope) []window.Object {
	t.Helper()
	objects, err := s.List(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func putAndRead(t *testing.T, s bucket.Store, has traits) {
	for name, size := range map[string]int64{"a/known": 5, "a/unknown": -1} {
		o, err := s.Put(t.Context(), name, strings.NewReader("hello"), bucket.PutOptions{Size: size})
		if err != nil {
			t.Fatal(err)
		}
		if o.Path != name || o.Size != 5 {
			t.Errorf("%+v", o)
		}
	}
	if _, err := s.Put(t.Context(), "a/empty", strings.NewReader(""), bucket.PutOptions{Size: -1}); err != nil {
		t.Fatal(err)
	}
	if has.reopen != nil {
		s = has.reopen(t, s)
	}
	objects := list(t, s, all())
	if diff := cmp.Diff([]string{"a/empty", "a/known", "a/unknown"}, paths(objects)); diff != "" {
		t.Fatal(diff)
	}
	for i, want := range []string{"", "hello", "hello"} {
		o := objects[i]
		if o.Size != int64(len(want)) || o.ModTime.IsZero() {
			t.Errorf("%+v", o)
		}
		if got := read(t, s, o); got != want {
			t.Errorf("%s: %q", o.Path, got)
		}
		f, err := s.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if f.Object().Version() != o.Version() {
			t.Errorf("opened %+v of %+v", f.Object(), o)
		}
		if now, err := f.Stat(t.Context()); err != nil || now.Version() != o.Version() {
			t.Errorf("stat %+v of %+v: %v", now, o, err)
		}
		_ = f.Close()
	}
	if got := read(t, s, window.Object{Path: "a/known"}); got != "hello" {
		t.Errorf("whatever version: %q", got)
	}
}

func listScopes(t *testing.T, s bucket.Store, _ traits) {
	put(t, s, "2026/11/21/orders-1", "2026/11/21/orders-2", "2026/11/21/other", "2026/11/22/orders-1", "2026-old/x", "2026.txt", "top", "z/d")
	for _, test := range []struct{ folders, prefixes, want, not string }{
		{"''", "", "2026-old/x 2026.txt 2026/11/21/orders-1 2026/11/21/orders-2 2026/11/21/other 2026/11/22/orders-1 top z/d", ""},
		{"2026", "", "2026/11/21/orders-1 2026/11/21/orders-2 2026/11/21/other 2026/11/22/orders-1", "2026-old/x 2026.txt"},
		{"2026 2026/11/21 2026", "", "2026/11/21/orders-1 2026/11/21/orders-2 2026/11/21/other 2026/11/22/orders-1", "z/d"},
		{"2026/11/21 z", "", "2026/11/21/orders-1 2026/11/21/orders-2 2026/11/21/other z/d", "2026/11/22/orders-1"},
		{"2026", "2026/11/21/orders-", "2026/11/21/orders-1 2026/11/21/orders-2", "top 2026-old/x"},
		{"''", "2026/11/2 2026/11/22/ t", "2026/11/21/orders-1 2026/11/21/orders-2 2026/11/21/other 2026/11/22/orders-1 top", ""},
		{"''", "2026/11/21/orders-1", "2026/11/21/orders-1", ""},
		{"absent 2027/11 top", "", "", "top z/d"},
		{"absent", "absent/x", "", "top"},
		{"", "", "", "top 2026/11/21/other"},
	} {
		scope := bucket.Scope{Folders: strings.Fields(strings.ReplaceAll(test.folders, "''", ".")), Prefixes: strings.Fields(test.prefixes)}
		for i, f := range scope.Folders {
			if f == "." {
				scope.Folders[i] = ""
			}
		}
		for _, scope := range []bucket.Scope{scope, s.Extent(scope)} {
			got := paths(list(t, s, scope))
			if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
				t.Errorf("%+v: not sorted or not unique: %v", scope, got)
			}
			for _, want := range strings.Fields(test.want) {
				if !slices.Contains(got, want) {
					t.Errorf("%+v: lacks %s: %v", scope, want, got)
				}
			}
			for _, not := range strings.Fields(test.not) {
				if slices.Contains(got, not) {
					t.Errorf("%+v: has %s: %v", scope, not, got)
				}
			}
		}
	}
	if _, err := s.List(t.Context(), bucket.Scope{Folders: []string{"../x"}}); value.FaultOf(err) != value.Misconfigured {
		t.Errorf("a folder outside: %v", err)
	}
}

func listMany(t *testing.T, s bucket.Store, has traits) {
	n := has.many
	if n == 0 {
		n = manyFiles
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("many/%02d/%05d.csv", i%10, i)
	}
	if has.fill != nil {
		has.fill(t, s, names)
	} else {
		put(t, s, names...)
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, paths(list(t, s, bucket.Scope{Folders: []string{"many"}}))); diff != "" {
		t.Error(diff)
	}
}

func listOddNames(t *testing.T, s bucket.Store, has traits) {
	names := slices.Concat(oddNames, has.names)
	put(t, s, names...)
	slices.Sort(names)
	objects := list(t, s, all())
	if diff := cmp.Diff(names, paths(objects)); diff != "" {
		t.Fatal(diff)
	}
	for _, o := range objects {
		if got := read(t, s, o); got != o.Path {
			t.Errorf("%q: %q", o.Path, got)
		}
		if got := paths(list(t, s, bucket.Scope{Folders: []string{""}, Prefixes: []string{o.Path}})); !slices.Contains(got, o.Path) {
			t.Errorf("%q as a prefix: %v", o.Path, got)
		}
	}
	if err := s.Remove(t.Context(), names...); err != nil {
		t.Error(err)
	}
	if got := paths(list(t, s, all())); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

func openVersions(t *testing.T, s bucket.Store, _ traits) {
	put(t, s, "a")
	listed := list(t, s, all())[0]
	f, err := s.Open(t.Context(), listed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := s.Put(t.Context(), "a", strings.NewReader("newer"), bucket.PutOptions{Size: 5}); err != nil {
		t.Fatal(err)
	}
	if now, err := f.Stat(t.Context()); err != nil || now.Version() == listed.Version() {
		t.Errorf("it was replaced: %+v %v", now, err)
	}
	if _, err := s.Open(t.Context(), listed); value.FaultOf(err) != value.NotReady {
		t.Errorf("another version is opened: %v", err)
	}
	if err := s.Remove(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), listed); value.FaultOf(err) != value.NotReady {
		t.Errorf("one that is gone is opened: %v", err)
	}
	if _, err := f.Stat(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is gone: %v", err)
	}
}

var errCut = errors.New("the sender is gone")

// cutReader gives an error after what it has.
func cutReader(text string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(text), readerFunc(func([]byte) (int, error) { return 0, err }))
}

// Errors of readers that broke off, which say "EOF" and are no end.
var (
	errShort = io.ErrUnexpectedEOF
	errHung  = fmt.Errorf("the sender hung up: %w", io.EOF)
)

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func putWhole(t *testing.T, s bucket.Store, _ traits) {
	put(t, s, "old")
	long := strings.Repeat("x", 6<<20) // more than one part of an upload
	for _, name := range []string{"old", "new", "deep/new"} {
		for _, test := range []struct {
			r    io.Reader
			size int64
			want error
		}{
			{cutReader("half", errCut), -1, errCut}, {cutReader("half", errCut), 8, errCut}, {cutReader(long, errCut), -1, errCut},
			{cutReader("half", errShort), -1, errShort}, {cutReader("half", errShort), 8, errShort}, {cutReader(long, errShort), -1, errShort},
			{cutReader("half", errHung), -1, errHung}, {cutReader("half", errHung), 4, errHung}, {cutReader(long, errHung), -1, errHung},
			{strings.NewReader("short"), 8, nil}, {strings.NewReader("too long"), 4, nil}, {strings.NewReader(long), 7 << 20, nil},
			{lostReader("half", io.EOF), -1, io.EOF}, {lostReader(long, io.EOF), -1, io.EOF}, {lostReader("half", io.ErrUnexpectedEOF), -1, io.ErrUnexpectedEOF},
		} {
			if _, err := s.Put(t.Context(), name, test.r, bucket.PutOptions{Size: test.size}); err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s, %d bytes: error %v", name, test.size, err)
			}
		}
	}
	if got := paths(list(t, s, all())); !slices.Equal(got, []string{"old"}) {
		t.Errorf("there is %v", got)
	}
	if got := read(t, s, window.Object{Path: "old"}); got != "old" {
		t.Errorf("there is %q", got)
	}
}

// lostReader ends as a source does whose connection is lost: with an error that
// wraps what looks like an end.
func lostReader(text string, cause error) io.Reader {
	return io.MultiReader(strings.NewReader(text), iotest.ErrReader(value.SourceError.Wrap("read", cause)))
}

func putIfAbsent(t *testing.T, s bucket.Store, _ traits) {
	absent := bucket.PutOptions{Size: 3, IfAbsent: true}
	if _, err := s.Put(t.Context(), "a", strings.NewReader("one"), absent); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "a", strings.NewReader("two"), absent); !errors.Is(err, bucket.ErrExists) {
		t.Errorf("error %v", err)
	}
	if got := read(t, s, window.Object{Path: "a"}); got != "one" {
		t.Errorf("there is %q", got)
	}
	big := strings.Repeat("y", 9<<20)
	if _, err := s.Put(t.Context(), "a", strings.NewReader(big), bucket.PutOptions{Size: -1, IfAbsent: true}); !errors.Is(err, bucket.ErrExists) {
		t.Errorf("a large one: error %v", err)
	}
	if got := read(t, s, window.Object{Path: "a"}); got != "one" {
		t.Errorf("there are %d bytes", len(got))
	}
	if _, err := s.Put(t.Context(), "a", strings.NewReader("two"), bucket.PutOptions{Size: 3}); err != nil {
		t.Error(err)
	}
	if got := read(t, s, window.Object{Path: "a"}); got != "two" {
		t.Errorf("there is %q", got)
	}
}

func putIfAbsentAtOnce(t *testing.T, s bucket.Store, has traits) {
	if has.losesIfAbsent {
		return
	}
	const writers = 8
	made := make(chan string, writers)
	var wait sync.WaitGroup
	for i := range writers {
		wait.Go(func() {
			text := fmt.Sprint(i)
			_, err := s.Put(t.Context(), "one", strings.NewReader(text), bucket.PutOptions{Size: 1, IfAbsent: true})
			switch {
			case err == nil:
				made <- text
			case !errors.Is(err, bucket.ErrExists):
				t.Errorf("error %v", err)
			}
		})
	}
	wait.Wait()
	if len(made) != 1 {
		t.Fatalf("%d have made it", len(made))
	}
	if got, want := read(t, s, window.Object{Path: "one"}), <-made; got != want {
		t.Errorf("it is of %s, not %s", got, want)
	}
}

func removeFiles(t *testing.T, s bucket.Store, _ traits) {
	put(t, s, "a/b/c", "a/b/d", "a2", "e/f")
	if err := s.Remove(t.Context(), "a/b/c", "absent", "e/f", "absent/too"); err != nil {
		t.Fatal(err)
	}
	if got := paths(list(t, s, all())); !slices.Equal(got, []string{"a/b/d", "a2"}) {
		t.Errorf("there is %v", got)
	}
	if err := s.Remove(t.Context()); err != nil {
		t.Error(err)
	}
	put(t, s, "e/f") // its folder was removed with it
}

// sweepUnfinished holds a store to what it tells of its writes: that they have begun,
// before anything is there that they could leave behind, and that they have ended.
func sweepUnfinished(t *testing.T, s bucket.Store, has traits) {
	var mu sync.Mutex
	under := map[bucket.Unfinished]bool{}
	told := 0
	options := func(size int64) bucket.PutOptions {
		return bucket.PutOptions{Size: size, Begun: func(u bucket.Unfinished) func() {
			mu.Lock()
			defer mu.Unlock()
			under[u] = true
			told++
			return func() {
				mu.Lock()
				defer mu.Unlock()
				delete(under, u)
			}
		}}
	}
	ended := func(when string) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if len(under) > 0 {
			t.Errorf("%s, of %d writes %d have not ended: %v", when, told, len(under), under)
		}
	}
	long := strings.Repeat("x", 11<<20) // more than one part of an upload
	if _, err := s.Put(t.Context(), "a/b", strings.NewReader(long), options(-1)); err != nil {
		t.Fatal(err)
	}
	ended("after a write")
	if _, err := s.Put(t.Context(), "a/c", cutReader(long, errCut), options(-1)); !errors.Is(err, errCut) {
		t.Errorf("error %v", err)
	}
	ended("after one that failed")
	if (told == 0) != has.forgets {
		t.Errorf("%d writes are told of", told)
	}

	// What a dead process has left is what is swept from under a living one.
	var sweeping error
	swept := readerFunc(func([]byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		var left []bucket.Unfinished
		for u := range under {
			left = append(left, u)
		}
		sweeping = s.Sweep(t.Context(), left...)
		return 0, io.EOF
	})
	_, err := s.Put(t.Context(), "a/d", io.MultiReader(strings.NewReader(long), swept), options(-1))
	if sweeping != nil || (err == nil) != has.forgets {
		t.Errorf("swept from under it: %v, %v", err, sweeping)
	}
	ended("after one that was swept")
	if err := s.Sweep(t.Context(), bucket.Unfinished{Path: "a/b", ID: "nothing"}, bucket.Unfinished{Path: "absent/b", ID: "nothing"}); err != nil {
		t.Errorf("what is not there: %v", err)
	}
	if got := read(t, s, window.Object{Path: "a/b"}); got != long {
		t.Errorf("a file that is whole has %d bytes", len(got))
	}
}

func statFiles(t *testing.T, s bucket.Store, _ traits) {
	put(t, s, "a/b")
	o, err := s.Stat(t.Context(), "a/b")
	if listed := list(t, s, all())[0]; err != nil || o.Version() != listed.Version() || o.Size != 3 || o.Path != "a/b" {
		t.Errorf("%+v %v, listed %+v", o, err, listed)
	}
	for _, name := range []string{"a/absent", "absent", "a/b/c"} {
		if _, err := s.Stat(t.Context(), name); !errors.Is(err, fs.ErrNotExist) && name != "a/b/c" || err == nil {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func cancelled(t *testing.T, s bucket.Store, _ traits) {
	put(t, s, "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.List(ctx, all()); !errors.Is(err, context.Canceled) {
		t.Errorf("list: %v", err)
	}
	if _, err := s.Open(ctx, window.Object{Path: "a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	if _, err := s.Put(ctx, "b", strings.NewReader("b"), bucket.PutOptions{Size: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.Stat(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("stat: %v", err)
	}
	if err := s.Remove(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("remove: %v", err)
	}

	// In the middle of a write.
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	endless := readerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})
	if _, err := s.Put(ctx, "b", endless, bucket.PutOptions{Size: -1}); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if got := paths(list(t, s, all())); !slices.Equal(got, []string{"a"}) {
		t.Errorf("there is %v", got)
	}
}

func refusedNames(t *testing.T, s bucket.Store, _ traits) {
	for _, name := range []string{"", ".", "..", "../a", "/a", "a/", "a//b", "a/../b", "./a"} {
		if _, err := s.Put(t.Context(), name, strings.NewReader(""), bucket.PutOptions{}); value.FaultOf(err) != value.Misconfigured {
			t.Errorf("put %q: %v", name, err)
		}
		if err := s.Remove(t.Context(), name); value.FaultOf(err) != value.Misconfigured {
			t.Errorf("remove %q: %v", name, err)
		}
	}
}

// pattern is bytes that tell where they are from.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

func putLarge(t *testing.T, s bucket.Store, _ traits) {
	want := pattern(largeFile)
	for name, size := range map[string]int64{"known": int64(len(want)), "unknown": -1} {
		o, err := s.Put(t.Context(), name, bytes.NewReader(want), bucket.PutOptions{Size: size})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, o); got != string(want) {
			t.Errorf("%s: %d of %d bytes are back, or others", name, len(got), len(want))
		}
	}
}

func useAtOnce(t *testing.T, s bucket.Store, _ traits) {
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for n := range 5 {
				name := fmt.Sprintf("at-once/%d/%d", i, n)
				o, err := s.Put(t.Context(), name, strings.NewReader(name), bucket.PutOptions{Size: int64(len(name))})
				if err != nil {
					t.Error(err)
					return
				}
				f, err := s.Open(t.Context(), o)
				if err != nil {
					t.Error(err)
					return
				}
				if text, err := io.ReadAll(f); string(text) != name || err != nil {
					t.Errorf("%q %v", text, err)
				}
				_ = f.Close()
				if _, err := s.List(t.Context(), bucket.Scope{Folders: []string{fmt.Sprintf("at-once/%d", i)}}); err != nil {
					t.Error(err)
				}
				if err := s.Remove(t.Context(), name); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}
