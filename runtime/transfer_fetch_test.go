package runtime_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestAnOperatorSeesHowFarAPullIs has one server for an API and for the bucket that
// its records land in. It holds each back until an operator sees how far it is.
func TestAnOperatorSeesHowFarAPullIs(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	buckets := s3mem.New()
	if err := buckets.CreateBucket("lake"); err != nil {
		t.Fatal(err)
	}
	w := openWorld(t, t.TempDir(), 5*time.Millisecond)
	seen := func(is func(graph.Transfer) bool) *graph.Transfer {
		for limit := time.After(30 * time.Second); ; {
			standing, err := w.runtime.Standing(w.ctx)
			if err == nil && len(standing.Open) == 1 && standing.Open[0].Transfer != nil && is(*standing.Open[0].Transfer) {
				return standing.Open[0].Transfer
			}
			select {
			case <-limit:
				t.Errorf("nobody saw how far it is: %+v %v", standing.Open, err)
				return nil
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	var pulled, put *graph.Transfer
	fake := gofakes3.New(buckets, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		switch {
		case in.URL.Path == "/api" && in.URL.Query().Get("after") == "":
			_, _ = io.WriteString(out, `{"items": [{"id": 1}, {"id": 2}], "next": "2"}`)
		case in.URL.Path == "/api":
			pulled = seen(func(p graph.Transfer) bool { return p.Of == 0 && p.Pages == 1 })
			_, _ = io.WriteString(out, `{"items": [{"id": 3}]}`)
		default:
			if in.Method == http.MethodPut && put == nil {
				put = seen(func(p graph.Transfer) bool { return p.Of == 1 && p.All > 0 })
			}
			fake.ServeHTTP(out, in)
		}
	}))
	defer server.Close()
	w.deploy(orders(func(g *graph.Graph) {
		g.Landing = "s3://lake/in/?region=eu-central-1&path_style=true&endpoint=" + server.URL
		c := &g.Couriers[0]
		c.Filedrop, c.Files = nil, nil
		c.RestAPI = &graph.RestAPI{
			HTTP: graph.HTTP{Method: "GET", URL: graph.Text(server.URL + "/api")}, Records: "items",
			Paging: &graph.Paging{Way: graph.PagingCursor, Path: "next", Parameter: "after", MaxPages: 9},
		}
	}))
	d := w.mustRun(runtime.RunArgs{Date: shipped})
	w.same("state", store.Succeeded, d.Run.State)
	if pulled == nil || pulled.Rows != 2 || pulled.Bytes != 46 || pulled.All != 0 {
		t.Errorf("of the pull was seen %+v", pulled)
	}
	if size := int64(len(`{"id":1}`)+1) * 3; put == nil || put.Bytes != size || put.All != size || put.File != "records.jsonl" {
		t.Errorf("of the upload was seen %+v", put)
	}
	w.same("when it is over", "<nil>", fmt.Sprint(d.Tasks[0].Progress))
}
