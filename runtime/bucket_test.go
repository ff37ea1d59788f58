package runtime_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// remoteDrop is an S3 server outside of a world, with the bucket acme.
type remoteDrop struct {
	*httptest.Server
	objects *s3mem.Backend

	mu     sync.Mutex
	listed []string // prefixes, each once
}

func serveDrop(t *testing.T) *remoteDrop {
	t.Helper()
	d := &remoteDrop{objects: s3mem.New()}
	if err := d.objects.CreateBucket("acme"); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(d.objects, gofakes3.WithLogger(gofakes3.DiscardLog()), gofakes3.WithTimeSkewLimit(0)).Server()
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Has("list-type") {
			d.mu.Lock()
			if p := q.Get("prefix"); !slices.Contains(d.listed, p) {
				d.listed = append(d.listed, p)
			}
			d.mu.Unlock()
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *remoteDrop) put(t *testing.T, key, text string) {
	t.Helper()
	if _, err := d.objects.PutObject("acme", key, nil, bytes.NewReader([]byte(text)), int64(len(text)), nil); err != nil {
		t.Error(err)
	}
}

// A bucket is asked for the days that a run wants and those that earlier runs gave
// up on, so that a file that comes too late is named there as in a folder.
func TestABucketIsAskedForWhatIsMissed(t *testing.T) {
	t.Parallel()
	d := serveDrop(t)
	d.put(t, "drop/orders-1999-12-31.csv", "before the range")
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := openWorld(t, dir, time.Minute)
		w.deploy(orders(func(g *graph.Graph) {
			g.Couriers[0].Filedrop = &graph.Filedrop{
				URL:       graph.Text("s3://acme/drop?region=x&path_style=true&endpoint=" + d.URL),
				AccessKey: graph.Text("key"), SecretKey: graph.Text("hidden"),
			}
			g.Groups[0].Members[0].OnMissing, g.Groups[0].Members[0].Wait = graph.OnMissingContinue, 0
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T18:00:00Z")
		d.put(t, "drop/orders-2000-01-01.csv", "five hours late")
		d.put(t, "drop/orders-2000-01-02.csv", "in time")
		w.sleepUntil("2000-01-03T13:00:05Z")
		w.same("told once", []string{
			"orders-2000-01-01.csv came after its run; `waybill run daily --courier orders --date 2000-01-01` loads it",
		}, w.late(firstTick, message))
		stop()
		w.same("landed", 1, len(w.landed()))
		w.same("lists", "drop/orders-2000-01-01.csv drop/orders-2000-01-02.csv drop/orders-2000-01-03.csv", strings.Join(d.listed, " "))
		if got := w.mustRun(runtime.RunArgs{Couriers: []string{"orders"}, Date: "2000-01-01"}); got.Run.State != store.Succeeded {
			t.Errorf("the command that the event names ended %s", got.Run.State)
		}
		w.same("the command lands it", 2, len(w.landed()))
	})
}
