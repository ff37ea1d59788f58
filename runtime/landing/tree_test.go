package landing_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/value"
)

func TestLandTree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	left, err := l.StagingDir(job())
	if err != nil || !filepath.IsAbs(left) {
		t.Fatalf("%s %v", left, err)
	}
	put(t, left, "unfinished", "half")
	staging, err := l.StagingDir(job())
	if err != nil || staging == left {
		t.Fatalf("%s %v", staging, err)
	}
	// A program that outlived its attempt.
	put(t, left, "late", "half")
	put(t, staging, "a b.csv", "one")
	put(t, staging, "x/y/ü", "two")
	files, err := l.LandTree(t.Context(), job(), staging)
	if err != nil {
		t.Fatal(err)
	}
	want := []landing.File{
		{File: "data", Path: "a b.csv", Source: "data/in", URL: place + "data/a b.csv", Size: 3, SHA256: sha("one"), Rows: rows(1), Version: "sha256:" + sha("one")},
		{File: "data", Path: "x/y/ü", Source: "data/in", URL: place + "data/x/y/ü", Size: 3, SHA256: sha("two"), Version: "sha256:" + sha("two")},
	}
	if diff := cmp.Diff(want, files, cmpopts.IgnoreFields(landing.File{}, "LandedAt", "Modified")); diff != "" {
		t.Error(diff)
	}
	all := map[string]string{place + "data/a b.csv": "one", place + "data/x/y/ü": "two"}
	if diff := cmp.Diff(all, landed(t, filepath.Join(dir, "landing"))); diff != "" {
		t.Error(diff)
	}

	// The store did not hear of it: the program runs again, and what landed stands.
	staging, err = l.StagingDir(job())
	if err != nil {
		t.Fatal(err)
	}
	put(t, staging, "part-of-another-name", "one")
	again, err := l.LandTree(t.Context(), job(), staging)
	if diff := cmp.Diff(files, again); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if diff := cmp.Diff(all, landed(t, filepath.Join(dir, "landing"))); diff != "" {
		t.Error(diff)
	}
}

func TestLandTreeRemovesWhatAnUnfinishedAttemptLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	put(t, filepath.Join(dir, "landing"), place+"data/moved-before-the-kill", "x")
	staging, err := l.StagingDir(job())
	if err != nil {
		t.Fatal(err)
	}
	put(t, staging, "a", "one")
	if _, err := l.LandTree(t.Context(), job(), staging); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{place + "data/a": "one"}, landed(t, filepath.Join(dir, "landing"))); diff != "" {
		t.Error(diff)
	}
}

func TestLandTreeRefusesLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	staging, err := l.StagingDir(job())
	if err != nil {
		t.Fatal(err)
	}
	put(t, staging, "a", "one")
	if err := os.Symlink("/etc/passwd", filepath.Join(staging, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.LandTree(t.Context(), job(), staging); value.FaultOf(err) != value.Failed {
		t.Errorf("error %v", err)
	}
	if got := tree(t, filepath.Join(dir, "landing")); len(got) > 0 {
		t.Errorf("half landed: %v", got)
	}
	for _, foreign := range []string{dir, "/", filepath.Dir(staging), filepath.Join(staging, "../../..")} {
		if _, err := l.LandTree(t.Context(), job(), foreign); err == nil {
			t.Errorf("%s was landed", foreign)
		}
	}
}

func TestDiscard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	other := job()
	other.Courier = "returns"
	kept, err := l.StagingDir(other)
	if err != nil {
		t.Fatal(err)
	}
	put(t, kept, "a", "stays")
	staging, err := l.StagingDir(job())
	if err != nil {
		t.Fatal(err)
	}
	put(t, staging, "a", "goes")
	for range 2 {
		if err := l.Discard(runKey, "orders"); err != nil {
			t.Fatal(err)
		}
	}
	if got := tree(t, filepath.Join(dir, "landing", ".staging")); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// Where the first line is known to name columns it is no row.
func TestRowsWithoutAKnownHeader(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	j := job()
	j.Header = true
	dir, err := l.StagingDir(j)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a.csv": "id\n1\n2\n", "b.csv": "id\n", "c.csv": "", "d.jsonl": "{}\n"} {
		put(t, dir, name, text)
	}
	files, err := l.LandTree(t.Context(), j, dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, f := range files {
		got = append(got, *f.Rows)
	}
	if diff := cmp.Diff([]int64{2, 0, 0, 1}, got); diff != "" {
		t.Error(diff)
	}
}
