package landing_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/value"
)

func TestProgressAndLimit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	big := strings.Repeat("x", 2*landing.Chunk+1)
	j := job(put(t, dir, "in/a", big), put(t, dir, "in/b", "two"))
	var told []landing.Progress
	var waited []int
	j.Progress = func(p landing.Progress) { told = append(told, p) }
	j.Limit = func(_ context.Context, n int) error { waited = append(waited, n); return nil }
	if _, err := open(t, dir).Land(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{landing.Chunk, landing.Chunk, 1, 3}, waited); diff != "" {
		t.Error(diff)
	}
	size, all := int64(len(big)), int64(len(big)+3)
	want := []landing.Progress{
		{File: "in/a", Done: landing.Chunk, Size: size, Of: 2, Bytes: landing.Chunk, All: all},
		{File: "in/a", Done: 2 * landing.Chunk, Size: size, Of: 2, Bytes: 2 * landing.Chunk, All: all},
		{File: "in/a", Done: size, Size: size, Of: 2, Bytes: size, All: all},
		{File: "in/a", Done: size, Size: size, Files: 1, Of: 2, Bytes: size, All: all},
		{File: "in/b", Done: 3, Size: 3, Files: 1, Of: 2, Bytes: all, All: all},
		{File: "in/b", Done: 3, Size: 3, Files: 2, Of: 2, Bytes: all, All: all},
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// What a source has written is told as it goes to its place, wherever that is.
func TestProgressOfATree(t *testing.T) {
	t.Parallel()
	for name, kind := range sites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, j := kind.open(t), job()
			staging, err := s.StagingDir(j)
			if err != nil {
				t.Fatal(err)
			}
			big := int64(landing.Chunk + 1)
			put(t, staging, "a", strings.Repeat("x", int(big)))
			put(t, staging, "b", "two")
			j.Parallel = 1
			var told []landing.Progress
			j.Progress = func(p landing.Progress) { told = append(told, p) }
			if _, err := s.LandTree(t.Context(), j, staging); err != nil {
				t.Fatal(err)
			}
			want := []landing.Progress{
				{File: "a", Done: landing.Chunk, Size: big, Of: 2, Bytes: landing.Chunk, All: big + 3},
				{File: "a", Done: big, Size: big, Of: 2, Bytes: big, All: big + 3},
				{File: "a", Done: big, Size: big, Files: 1, Of: 2, Bytes: big, All: big + 3},
				{File: "b", Done: 3, Size: 3, Files: 1, Of: 2, Bytes: big + 3, All: big + 3},
				{File: "b", Done: 3, Size: 3, Files: 2, Of: 2, Bytes: big + 3, All: big + 3},
			}
			if diff := cmp.Diff(want, told); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALimitThatEndsTheJob(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := job(put(t, dir, "in/a", "one"))
	enough := errors.New("enough")
	for fault, ending := range map[value.Fault]error{
		value.Failed:  enough,
		value.Timeout: value.Timeout.Wrap("wait for bandwidth", enough),
	} {
		j.Limit = func(context.Context, int) error { return ending }
		_, err := open(t, dir).Land(t.Context(), j)
		var item *landing.ItemError
		if !errors.Is(err, enough) || value.FaultOf(err) != fault || !errors.As(err, &item) || item.Path != "in/a" {
			t.Errorf("error %v", err)
		}
	}
	if got := tree(t, filepath.Join(dir, "landing")); len(got) > 0 {
		t.Errorf("half landed: %v", got)
	}
}

// Many files at once land as one after the other do.
func TestLandInParallel(t *testing.T) {
	t.Parallel()
	var serial []landing.File
	for _, parallel := range []int{1, 0, 16} {
		dir := t.TempDir()
		j := job()
		for n := range 40 {
			j.Items = append(j.Items, put(t, dir, fmt.Sprintf("in/%02d", n), strings.Repeat("x", n*1000)))
		}
		j.Parallel = parallel
		bytes := int64(0)
		j.Progress = func(p landing.Progress) { bytes = p.Bytes }
		files, err := open(t, dir).Land(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		if bytes != 780_000 {
			t.Errorf("%d bytes", bytes)
		}
		for i := range files {
			files[i].LandedAt, files[i].Modified, files[i].Version = dataRange.Start, dataRange.Start, ""
		}
		if serial == nil {
			serial = files
		}
		if diff := cmp.Diff(serial, files); diff != "" {
			t.Error(diff)
		}
	}
}
