package landing_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/value"
)

// A filedrop's own reader tells the lander of a file that was replaced.
func TestLandFromAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "in/2026/a", "one")
	put(t, dir, "in/2026/b", "two")
	folder, err := bucket.OpenFolder(dir, "in")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	objects, err := folder.List(t.Context(), bucket.Scope{Folders: []string{"2026"}})
	if err != nil {
		t.Fatal(err)
	}
	var items []landing.Item
	for _, o := range objects {
		items = append(items, landing.Item{
			Taken: window.Taken{File: "orders", Object: o},
			Open:  func(ctx context.Context) (bucket.File, error) { return folder.Open(ctx, o) },
		})
	}
	l := open(t, dir)
	swap := items[1].Open
	items[1].Open = func(ctx context.Context) (bucket.File, error) {
		r, err := swap(ctx)
		put(t, dir, "new", "a newer one")
		if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "in/2026/b")); err != nil {
			t.Error(err)
		}
		return r, err
	}
	if _, err := l.Land(t.Context(), job(items...)); value.FaultOf(err) != value.NotReady {
		t.Errorf("error %v", err)
	}
	put(t, dir, "in/2026/b", "two")
	objects, err = folder.List(t.Context(), bucket.Scope{Folders: []string{"2026"}})
	if err != nil {
		t.Fatal(err)
	}
	items[1].Object = objects[1]
	items[1].Open = func(ctx context.Context) (bucket.File, error) { return folder.Open(ctx, objects[1]) }
	if _, err := l.Land(t.Context(), job(items...)); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{place + "orders/2026/a": "one", place + "orders/2026/b": "two"}
	if diff := cmp.Diff(want, landed(t, filepath.Join(dir, "landing"))); diff != "" {
		t.Error(diff)
	}
}
