package runtime_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestAnOperatorSeesHowFarAProgramIs has a program that goes on only when an
// operator has seen what it has written so far.
func TestAnOperatorSeesHowFarAProgramIs(t *testing.T) {
	t.Parallel()
	w := openWorld(t, t.TempDir(), 5*time.Millisecond)
	w.deploy(orders(func(g *graph.Graph) {
		c := &g.Couriers[0]
		c.Filedrop, c.Files, c.Ready = nil, nil, graph.Ready{}
		c.Exec = &graph.Exec{Command: []graph.Value{graph.Text("sh"), graph.Text("-c"), graph.Text(
			`printf 12345 > "$WAYBILL_LANDING/part-1"; printf 67 > "$WAYBILL_LANDING/part-2"; while ! test -e seen; do sleep 0.02; done`)}}
	}))
	seen := make(chan graph.Transfer, 1)
	go func() {
		defer close(seen)
		for limit := time.After(time.Minute); ; {
			standing, err := w.runtime.Standing(w.ctx)
			if err == nil && len(standing.Open) == 1 && standing.Open[0].Transfer != nil && standing.Open[0].Transfer.Bytes == 7 {
				seen <- *standing.Open[0].Transfer
				break
			}
			select {
			case <-limit:
			case <-time.After(20 * time.Millisecond):
				continue
			}
			break
		}
		if err := os.WriteFile(filepath.Join(w.dir, "seen"), nil, 0o600); err != nil {
			t.Error(err)
		}
	}()
	d := w.mustRun(runtime.RunArgs{Date: shipped})
	w.same("state", store.Succeeded, d.Run.State)
	p, ok := <-seen
	if !ok || p.Files != 2 || p.Of != 0 || p.All != 0 {
		t.Errorf("%+v", p)
	}
	w.same("when it is over", (*graph.Transfer)(nil), d.Tasks[0].Progress)
}
