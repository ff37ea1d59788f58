package runtime_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/klauspost/compress/gzip"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/landing"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// inS3 is a world with a server that keeps buckets, one of them called lake, whose
// keys are in the environment. While refuse is set it refuses everything.
func inS3(t *testing.T) (w *world, buckets *s3mem.Backend, landingURL string, refuse *atomic.Bool) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	buckets, refuse = s3mem.New(), &atomic.Bool{}
	if err := buckets.CreateBucket("lake"); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(buckets, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if refuse.Load() {
			out.WriteHeader(http.StatusForbidden)
			return
		}
		fake.ServeHTTP(out, in)
	}))
	t.Cleanup(server.Close)
	return openWorld(t, t.TempDir(), 5*time.Millisecond), buckets, "s3://lake/in/?region=eu-central-1&path_style=true&endpoint=" + server.URL, refuse
}

// keys are the objects of the bucket with their content.
func keys(t *testing.T, buckets *s3mem.Backend) map[string]string {
	t.Helper()
	list, err := buckets.ListBucket("lake", nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, o := range list.Contents {
		object, err := buckets.GetObject("lake", o.Key, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(object.Contents)
		if err != nil {
			t.Fatal(err)
		}
		all[o.Key] = string(text)
	}
	return all
}

// What couriers land in a bucket, a process finds by the list that lies there too.
func TestLandingInABucket(t *testing.T) {
	w, buckets, url, refuse := inS3(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, "id\n1\n2\n"); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	w.drop("drop/orders-1999-12-31.csv.gz", packed.String())
	w.drop("fetch.sh", "#!/bin/sh\necho '{}' > \"$WAYBILL_LANDING/rows.jsonl\"\n")
	w.drop("tell.sh", "#!/bin/sh\nprintf %s \"$1\" > told\n")
	w.deploy(orders(withProcess("./tell.sh"), func(g *graph.Graph) {
		g.Landing = url
		g.Couriers[0].Files[0].Pattern, g.Couriers[0].Files[0].Decompress = "orders-{yyyy}-{MM}-{dd}.csv.gz", graph.DecompressAuto
		g.Couriers = append(g.Couriers, graph.Courier{
			Addr: "courier.tables", Exec: program("", "./fetch.sh").Exec, Timeout: hours(1), Retry: g.Couriers[0].Retry,
		})
		g.Groups[0].Members = append(g.Groups[0].Members, graph.Member{Name: "tables", Courier: "courier.tables", OnMissing: graph.OnMissingStop})
		g.Processes[0].Exec.Command = append(g.Processes[0].Exec.Command, graph.Value{{Ref: "run.landing"}})
	}))
	d := w.mustRun(runtime.RunArgs{Date: shipped})
	w.same("state", store.Succeeded, d.Run.State)
	key := landing.Escape(d.Run.Key)
	want := map[string]string{
		"in/daily/orders/" + key + "/orders/orders-1999-12-31.csv": "id\n1\n2\n",
		"in/daily/tables/" + key + "/data/rows.jsonl":              "{}\n",
	}
	list := "in/daily/_runs/" + key + "/process.mark.json"
	got := keys(t, buckets)
	for name := range got {
		if name != list && !strings.HasSuffix(name, "/manifest.json") && want[name] == "" {
			t.Errorf("%s is in the bucket", name)
		}
	}
	for name, text := range want {
		w.same(name, text, got[name])
	}
	told, err := os.ReadFile(filepath.Join(w.dir, "told"))
	if err != nil {
		t.Fatal(err)
	}
	w.same("run.landing", "s3://lake/"+list, string(told))
	var handed landing.Handover
	if err := json.Unmarshal([]byte(got[list]), &handed); err != nil {
		t.Fatal(err)
	}
	var urls []string
	for _, f := range handed.Files {
		urls = append(urls, f.Landing+"/"+f.URL)
		if f.Rows == nil || f.Landing != "s3://lake/in" {
			t.Errorf("handed over %+v", f)
		}
	}
	for _, l := range d.Landings {
		if diff := cmp.Diff(true, strings.HasPrefix(l.URL, "s3://lake/in/daily/") && got[strings.TrimPrefix(l.URL, "s3://lake/")] != "" && l.Rows != nil); diff != "" {
			t.Errorf("recorded %+v", l)
		}
	}
	w.same("handed over", 2, len(urls))

	// What has landed does not land again, and what was fetched stays.
	w.same("landed once", "landed 0 files, 0 B", w.mustRun(runtime.RunArgs{Date: shipped, Couriers: []string{"orders"}}).Tasks[0].Message)

	// A bucket that refuses is the operator's to repair; nothing is left behind.
	refuse.Store(true)
	w.drop("drop/orders-1999-12-30.csv.gz", packed.String())
	d = w.mustRun(runtime.RunArgs{Date: "1999-12-30", Couriers: []string{"orders"}})
	w.same("state", store.Failed, d.Run.State)
	w.same("fault", string(value.Misconfigured), d.Tasks[0].Fault)
	if !strings.Contains(d.Tasks[0].Message, "s3://lake/in") || strings.Contains(d.Tasks[0].Message, "hidden") {
		t.Errorf("it says %q", d.Tasks[0].Message)
	}
	refuse.Store(false)
	left, err := filepath.Glob(filepath.Join(w.dir, ".waybill", "staging", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left in staging: %v %v", left, err)
	}
}

// The entries of an archive are recorded each; the archive counts as one version.
func TestLandingAnArchive(t *testing.T) {
	inRealTime(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.tar", tarOf(t, map[string]string{"a.csv": "h\n1\n", "b.csv": "h\n"}))
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers[0].Files[0].Pattern, g.Couriers[0].Files[0].Decompress = "orders-{yyyy}-{MM}-{dd}.tar", "tar"
			g.Couriers[0].Retry.Attempts = 1
		}))
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("state", store.Succeeded, d.Run.State)
		var entries []string
		for _, l := range d.Landings {
			entries = append(entries, l.Entry)
		}
		if diff := cmp.Diff([]string{"a.csv", "b.csv"}, entries); diff != "" {
			t.Error(diff)
		}
		w.same("landed once", "landed 0 files, 0 B", w.mustRun(runtime.RunArgs{Date: shipped}).Tasks[0].Message)
		f, err := w.runtime.Facts(w.ctx, daily, runtime.RunArgs{Date: shipped})
		if err != nil || len(f.Couriers[0].Landings) != 1 || f.Couriers[0].Landings[0].Size != 6 {
			t.Errorf("%+v %v", f.Couriers, err)
		}
		w.drop("drop/orders-1999-12-30.tar", "no archive at all")
		d = w.mustRun(runtime.RunArgs{Date: "1999-12-30"})
		w.same("fault", string(value.SourceError), d.Tasks[0].Fault)
	})
}

func tarOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	archive := tar.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(archive, files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
