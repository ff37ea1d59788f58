package runtime

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/process"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// TryAlert sends a message to an alert of a graph that says it is only a test,
// and returns what the other side answered. It needs no store: secrets are those
// of this process, and relative files of the workspace. by is who tries. The
// error is an *[alert.Error]; neither it nor the answer shows a secret.
func TryAlert(ctx context.Context, workspace string, g *graph.Graph, a *graph.Alert, by string) (answer string, err error) {
	id := "test-" + rand.Text()
	secrets := value.NewSecrets(workspace, g.Secrets, &value.Redactor{}).Asking(ctx, value.NewHelpers(process.Secret))
	return alert.NewSender().Send(ctx, a, secrets, alert.Delivery{ID: id, Store: id, Message: alert.Message{
		Phase: alert.Test, Event: "test", Title: string(a.Addr) + " is reached", At: time.Now().UTC(),
		Text: by + " tries out whether messages arrive here. Nothing has happened.",
	}})
}

// Incidents returns the incidents that are open, by group and cause.
func (r *Runtime) Incidents(ctx context.Context) (open []store.Incident, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		open, err = tx.OpenIncidents("")
		return err
	})
	return open, err
}

// ClosedIncidents returns the incidents that were closed last, the newest first.
func (r *Runtime) ClosedIncidents(ctx context.Context, limit int) (closed []store.Incident, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		closed, err = tx.ClosedIncidents(limit)
		return err
	})
	return closed, err
}

// Outbox returns the messages that are to be delivered, by alert and key, the
// oldest of each first.
func (r *Runtime) Outbox(ctx context.Context) (rows []store.AlertRow, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		rows, err = tx.Outbox(0)
		return err
	})
	return rows, err
}
