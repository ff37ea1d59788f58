package landing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/landing"
)

// forgetful is a store whose writes of a name die in the middle: what they have begun
// has not ended.
type forgetful struct {
	bucket.Store
	dies string // part of the name

	mu    sync.Mutex
	began int
	swept []bucket.Unfinished
	fails bool // to sweep
}

func (s *forgetful) Put(ctx context.Context, name string, r io.Reader, o bucket.PutOptions) (window.Object, error) {
	s.mu.Lock()
	dies := s.dies != "" && strings.Contains(name, s.dies)
	s.began++
	u := bucket.Unfinished{Path: name, ID: fmt.Sprint(s.began)}
	s.mu.Unlock()
	ended := o.Begun(u)
	if dies {
		return window.Object{}, errBroken
	}
	defer ended()
	return s.Store.Put(ctx, name, r, o)
}

func (s *forgetful) Sweep(_ context.Context, left ...bucket.Unfinished) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails {
		return errBroken
	}
	s.swept = append(s.swept, left...)
	return nil
}

// took returns what was swept since it was asked last.
func (s *forgetful) took() []bucket.Unfinished {
	defer func() { s.swept = nil }()
	return s.swept
}

// What an attempt has begun and not ended is swept by the next one at the same job,
// once, and by no other.
func TestLeftoversOfAnAttemptAreSwept(t *testing.T) {
	t.Parallel()
	inner, scratch, dir := folderStore(t), t.TempDir(), t.TempDir()
	s := &forgetful{Store: inner, dies: "/b"}
	open := func(url string) *landing.Lander { return landing.In(s, url, scratch) }
	item := func(name string) landing.Item { return put(t, dir, name, name) }
	const url = "s3://bucket"
	left := []bucket.Unfinished{{Path: place + "orders/b", ID: "2"}}
	if _, err := open(url).Land(t.Context(), job(item("a"), item("b"))); err == nil {
		t.Fatal("it did not break")
	}
	s.dies = ""
	other := job(item("a"))
	other.Run = "another"
	for _, j := range []landing.Job{other, {Group: other.Group, Courier: "prices", Run: runKey}} {
		if _, err := open(url).Land(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.took(); len(got) > 0 {
		t.Errorf("another job swept %v", got)
	}
	s.fails = true
	if _, err := open(url).Land(t.Context(), job(item("a"))); err != nil {
		t.Errorf("it does not land where nothing can be swept: %v", err)
	}
	s.fails = false
	if _, _, err := open(url).Landed(t.Context(), job()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(left, s.took()); diff != "" {
		t.Error(diff)
	}
	if _, err := open(url).Land(t.Context(), job(item("a"), item("c"))); err != nil {
		t.Error(err)
	}
	if got := s.took(); len(got) > 0 {
		t.Errorf("once more: %v", got)
	}
	if got := tree(t, scratch); len(got) > 0 {
		t.Errorf("there is left: %v", got)
	}

	// What was begun at another place is not this one's.
	s.dies = "/d"
	if _, err := open("s3://elsewhere").Land(t.Context(), job(item("d"))); err == nil {
		t.Fatal("it did not break")
	}
	s.dies = ""
	if _, err := open(url).Land(t.Context(), job(item("d"))); err != nil {
		t.Error(err)
	}
	if got := s.took(); len(got) > 0 {
		t.Errorf("of another place: %v", got)
	}
}

func TestLeftoversOfAHandoverAreSwept(t *testing.T) {
	t.Parallel()
	s, scratch := &forgetful{Store: folderStore(t), dies: "stitch"}, t.TempDir()
	h := landing.Handover{Group: "courier_group.daily", Run: runKey, Step: "process.stitch"}
	if _, err := landing.In(s, "s3://bucket", scratch).Handover(t.Context(), h); err == nil {
		t.Fatal("it did not break")
	}
	s.dies = ""
	url, err := landing.In(s, "s3://bucket", scratch).Handover(t.Context(), h)
	if diff := cmp.Diff([]bucket.Unfinished{{Path: url, ID: "1"}}, s.took()); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if got := tree(t, scratch); len(got) > 0 {
		t.Errorf("there is left: %v", got)
	}
}

// What a dead attempt has left beside the files goes once the manifest stands, also
// where the process dies in between.
func TestStraysGoWhateverBreaks(t *testing.T) {
	t.Parallel()
	for name, kind := range sites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				s, dir := kind.open(t), t.TempDir()
				s.plant(place+"orders/put-before-the-crash", "x")
				item := put(t, dir, "in/a", "one")
				land := func() error {
					_, err := s.Land(t.Context(), job(item))
					return err
				}
				s.fail(n, true, "before")
				err := land()
				if s.count() < n {
					if err != nil {
						t.Fatalf("nothing broke: %v", err)
					}
					s.has(t, map[string]string{place + "orders/in/a": "one"})
					return
				}
				s.fail(0, false, "")
				if err := land(); err != nil {
					t.Fatalf("change %d: again: %v", n, err)
				}
				s.has(t, map[string]string{place + "orders/in/a": "one"})
			}
		})
	}
}

// hooked is a store that does something before a manifest is put.
type hooked struct {
	bucket.Store
	before func()
}

func (s *hooked) Put(ctx context.Context, name string, r io.Reader, o bucket.PutOptions) (window.Object, error) {
	if filepath.Base(name) == "manifest.json" {
		s.before()
	}
	return s.Store.Put(ctx, name, r, o)
}

// Of two processes that land different files in one place, the one whose manifest
// stands keeps its files, also those that were there before the other one began.
func TestNothingGoesThatAManifestLists(t *testing.T) {
	t.Parallel()
	theirs := map[string]string{place + "orders/in/b": "theirs"}
	manifest, err := json.Marshal(landing.Manifest{FormatVersion: 1, Run: runKey, Courier: "orders", Files: []landing.File{
		{File: "orders", Path: "in/b", URL: place + "orders/in/b", Size: 6, SHA256: sha("theirs")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(t *testing.T) (s site, between func(func())){
		"folder": func(t *testing.T) (site, func(func())) {
			s := openFolderSite(t)
			return s, func(do func()) {
				s.SetFault(func(op, name string) error {
					if op == "link" {
						do()
					}
					return nil
				})
			}
		},
		"store": func(t *testing.T) (site, func(func())) {
			h := &hooked{Store: folderStore(t)}
			return storeSite(t, h), func(do func()) { h.before = do }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, between := open(t)
			s.plant(place+"orders/in/b", "theirs")
			between(func() {
				between(func() {})
				s.plant(place+"manifest.json", string(manifest))
			})
			_, err := s.Land(t.Context(), job(put(t, t.TempDir(), "in/a", "one")))
			if err == nil || !strings.Contains(err.Error(), "another process has landed other files") {
				t.Errorf("error %v", err)
			}
			s.has(t, theirs)
		})
	}
}
