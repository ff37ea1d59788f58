package runtime_test

import (
	"encoding/json"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// A run that an earlier holder has left, and of which something is due besides, is
// taken up once: what has just begun in it is not taken for what that holder left.
func TestARunThatIsDueIsTakenUpOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("send.sh", "#!/bin/sh\ntest -f ready || exit 75\n")
		w.deploy(orders(func(g *graph.Graph) {
			held := program("activation.campaign.send", "./send.sh")
			held.OnUnknown, held.Retry.Backoff = graph.OnUnknownHold, hours(1)
			g.Activations, g.Groups[0].Activations = []graph.Step{held}, []graph.Addr{held.Addr}
		}))
		command := store.Command{Verb: store.VerbRun, Group: daily, Args: json.RawMessage(`{"date":"1999-12-31"}`), Token: "one"}
		stop := w.serve()
		if _, err := w.runtime.Send(w.ctx, command); err != nil {
			t.Fatal(err)
		}
		w.sleepUntil("2000-01-01T00:05:00Z")
		stop() // it rests before its second attempt
		w.sleepUntil("2000-01-01T02:00:00Z")
		w.drop("ready", "")
		stop = w.serve()
		done, err := w.runtime.Do(w.ctx, command, nil)
		if err != nil {
			t.Fatal(err)
		}
		stop()
		d := w.detail(done.Run)
		w.same("tasks", []string{"activation.campaign.send succeeded", "orders landed"}, tasks(d))
		w.same("events", []string{"queued", "started", "task_waiting", "task_started", "task_succeeded", "finalizing", "task_started",
			"task_retrying", "task_started", "task_succeeded", "ended"}, types(d))
	})
}
