package source_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/source"
	"github.com/waybill-dev/waybill/runtime/value"
)

// A disk that is full is not the server's fault, and asking again does not help.
func TestRESTOntoAFullDisk(t *testing.T) {
	t.Parallel()
	asked := 0
	p := against(t, "/", func(out http.ResponseWriter, _ *http.Request) {
		asked++
		out.Header().Set("Content-Type", "text/csv")
		_, _ = io.WriteString(out, "id\n1\n")
	}, func(a *graph.RestAPI) { a.Records = "" })
	staging := t.TempDir()
	if err := os.Symlink("/dev/full", filepath.Join(staging, "body.csv")); err != nil {
		t.Fatal(err)
	}
	err := source.REST(t.Context(), source.RESTCall{API: p.api, Values: p.values, Staging: staging})
	if value.FaultOf(err) != value.Failed || !errors.Is(err, syscall.ENOSPC) || asked != 1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}
