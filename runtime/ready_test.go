package runtime_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

func withReady(r graph.Ready) func(*graph.Graph) {
	return func(g *graph.Graph) { g.Couriers[0].Ready = r }
}

func sumLine(content, name string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:]) + "  " + name + "\n"
}

// A file lands when the producer's list has it, as it is there.
func TestAFileLandsWhenItsManifestListsIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "one")
		w.drop("drop/sums/2000-01-01", sumLine("other", "../orders-2000-01-02.csv"))
		w.deploy(orders(withReady(graph.Ready{Manifest: "sums/{yyyy}-{MM}-{dd}"})))
		stop := w.serve()
		defer stop()
		const key = "courier_group.daily@2000-01-01T13:00:00Z"
		w.sleepUntil("2000-01-01T13:30:00Z")
		d := w.detail(key)
		w.same("not listed", []string{"orders waiting"}, tasks(d))
		w.same("why", "waits for orders-2000-01-01.csv (not in its manifest)", d.Tasks[0].Message)
		w.drop("drop/sums/2000-01-01", sumLine("one", "../orders-2000-01-01.csv"))
		w.sleepUntil("2000-01-01T13:35:00Z")
		w.same("listed", []string{"orders landed"}, tasks(w.detail(key)))
		w.same("landed", 1, len(w.landed()))
	})
}

// What is not as its manifest says is an error of the source that names both
// sums. It does not land.
func TestAFileThatIsNotAsListedNeverLands(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "one")
		w.drop("drop/orders-2000-01-01.csv.sha256", sumLine("two", "orders-2000-01-01.csv"))
		w.deploy(orders(withReady(graph.Ready{Manifest: "{file}.sha256"})))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:30:00Z")
		stop()
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("task", []string{"orders failed"}, tasks(d))
		w.same("fault", store.FaultSource, d.Tasks[0].Fault)
		w.same("attempts", 3, d.Tasks[0].Attempt)
		for _, says := range []string{sumLine("one", ""), sumLine("two", "")} {
			if !strings.Contains(d.Tasks[0].Message, strings.TrimSpace(says)) {
				w.Errorf("%s does not name %s", d.Tasks[0].Message, says)
			}
		}
		w.same("landed", 0, len(w.landed()))
		w.same("watermark", "1999-12-31T13:00:00Z", w.watermark())

		w.drop("drop/orders-2000-01-01.csv.sha256", sumLine("one", "orders-2000-01-01.csv"))
		if _, err := w.do(store.VerbRetry, daily, runtime.RetryArgs{Run: d.Run.Key}); err != nil {
			w.Fatal(err)
		}
		w.same("after the list was mended", []string{"orders landed"}, tasks(w.detail(d.Run.Key)))
	})
}

// A file that is too small counts as one that is not there.
func TestAFileThatIsTooSmallIsMissing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "id\n")
		w.deploy(orders(withReady(graph.Ready{MinSize: 10})))
		stop := w.serve()
		w.sleepUntil("2000-01-01T14:30:00Z")
		stop()
		d := w.detail("courier_group.daily@2000-01-01T13:00:00Z")
		w.same("task", []string{"orders missing"}, tasks(d))
		l, _ := w.look(d, "orders")
		w.same("why", "3B, and min_size is 10B", l.Passed[0].Detail)
	})
}

// A done marker may lie in another folder than the files.
func TestADoneMarkerElsewhere(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/in/orders-2000-01-01.csv", "one")
		w.drop("drop/done/in/orders-2000-01-01.csv", "")
		w.deploy(orders(withReady(graph.Ready{DoneMarker: "done/{file}"}), func(g *graph.Graph) {
			g.Couriers[0].Files[0].Pattern = "in/orders-{yyyy}-{MM}-{dd}.csv"
		}))
		stop := w.serve()
		w.sleepUntil("2000-01-01T13:00:10Z")
		stop()
		w.same("task", []string{"orders landed"}, tasks(w.detail("courier_group.daily@2000-01-01T13:00:00Z")))
	})
}

// A plan of a run knows what the manifests say.
func TestFactsHoldManifests(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01.csv", "one")
		w.drop("drop/SUMS", sumLine("one", "orders-2000-01-01.csv"))
		w.deploy(orders(withReady(graph.Ready{Manifest: "SUMS"})))
		f := w.facts(runtime.RunArgs{Date: "2000-01-01"})
		want := []graph.Manifest{{Path: "SUMS", Files: []graph.ListedFile{{Path: "orders-2000-01-01.csv", SHA256: strings.Fields(sumLine("one", "x"))[0]}}}}
		if diff := cmp.Diff(want, f.Couriers[0].Manifests); diff != "" {
			w.Error(diff)
		}
	})
}

// A file that was given up on came late only when it is ready: not as long as it
// is too small or has no done marker, and then by the name that was missing.
func TestALateFileIsReady(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-2000-01-01-a.csv", "whole")
		w.drop("drop/orders-2000-01-01-a.csv.done", "")
		w.drop("drop/orders-2000-01-01-b.csv", "whole")
		w.deploy(orders(withReady(graph.Ready{MinSize: 3, DoneMarker: "{file}.done"}), func(g *graph.Graph) {
			g.Couriers[0].Files[0].Pattern = "orders-{yyyy}-{MM}-{dd}-?.csv"
			g.Groups[0].Members[0].OnMissing, g.Groups[0].Members[0].Wait = graph.OnMissingContinue, 0
		}))
		stop := w.serve()
		defer stop()
		late := func() []string {
			return w.late(firstTick, func(e store.Event) string {
				name, _, _ := strings.Cut(e.Message, " ")
				return name
			})
		}
		w.sleepUntil("2000-01-02T13:00:05Z")
		w.same("landed", 1, len(w.landed()))
		w.same("without its marker", []string(nil), late())
		w.drop("drop/orders-2000-01-01-b.csv.done", "")
		w.sleepUntil("2000-01-03T13:00:05Z")
		w.same("with it", []string{"orders-2000-01-01-b.csv"}, late())
	})
}
