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

// Incidents returns the incidents that are open, by group and cause, and behind
// them up to closed of those that are over, the one that was over last first.
func (r *Runtime) Incidents(ctx context.Context, closed int) (all []store.Incident, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		if all, err = tx.OpenIncidents(""); err != nil || closed <= 0 {
			return err
		}
		over, err := tx.ClosedIncidents(closed)
		all = append(all, over...)
		return err
	})
	return all, err
}

// Alerts returns how each applied alert stands, by address.
func (r *Runtime) Alerts(ctx context.Context) (all []store.AlertStanding, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		d, err := tx.Deployment(0)
		if err != nil {
			return err
		}
		all, err = tx.AlertStandings(d.Graph.Alerts)
		return err
	})
	return all, err
}
