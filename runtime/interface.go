package runtime

import (
	"context"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

// Interface is what can be asked of a runtime. A [Runtime] is asked on its own
// machine; package client asks one behind package server. All give the same
// answers and errors; only a client also gives errors of its own.
type Interface interface {
	Deployment(context.Context) (graph.Deployment, error)
	Deploy(context.Context, graph.Deployment) (graph.Deployment, error)
	Standing(context.Context) (graph.Standing, error)
	Facts(context.Context, graph.Addr, RunArgs) (graph.Facts, error)
	Why(context.Context, why.Question) (why.Explanation, error)
	Logs(context.Context, LogQuestion) (LogPage, error)
	Holder(context.Context) (store.Holder, bool, error)
	Runs(context.Context, store.RunFilter) ([]store.Run, error)
	Run(ctx context.Context, key string) (store.Detail, error)
	LastRuns(context.Context) ([]store.Run, error)
	Incidents(ctx context.Context, closed int) ([]store.Incident, error)
	Alerts(context.Context) ([]store.AlertStanding, error)
	Send(context.Context, store.Command) (store.Command, error)
}
