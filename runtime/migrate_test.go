package runtime_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

// TestAStoreOfVersion1GoesOn opens the store that the first schema has left,
// with a run that waits for its files and a retry that nobody has taken, and
// goes on with it.
func TestAStoreOfVersion1GoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unpackStore(t, "store-version-1.db.gz", filepath.Join(dir, ".waybill"))
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(instant(t, "2000-01-03T13:40:00Z")))
		w := openWorld(t, dir, time.Minute)
		w.drop("ok.sh", "#!/bin/sh\n")
		for _, day := range []string{"01", "02", "03"} {
			w.drop("drop/orders-2000-01-"+day+".csv", day)
		}
		stop := w.serve()
		w.sleepUntil("2000-01-04T14:00:00Z")
		stop()
		w.same("states", []string{
			"2000-01-01T13:00:00Z failed", "adhoc-iiefy4yt succeeded", "2000-01-02T13:00:00Z failed",
			"2000-01-03T13:00:00Z succeeded", "2000-01-04T13:00:00Z failed", "2000-01-05T13:00:00Z scheduled",
		}, w.states())
		w.same("watermark", "2000-01-03T13:00:00Z", w.watermark())
		went := w.detail("courier_group.daily@2000-01-03T13:00:00Z")
		w.same("tasks", []string{"orders landed", "process.mark succeeded"}, tasks(went))
		w.same("files", 3, len(went.Landings))
		w.same("landed before", 1, len(w.detail("courier_group.daily@adhoc-iiefy4yt").Landings))
		// The retry came after the later run had begun, and that one went on with its data.
		retried := w.detail("courier_group.daily@2000-01-02T13:00:00Z")
		w.same("retry", store.Failed, retried.Run.State)
	})
}

// unpackStore puts a store of testdata into a folder.
func unpackStore(t *testing.T, name, folder string) {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	text, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "waybill.db"), content, 0o600); err != nil {
		t.Fatal(err)
	}
}
