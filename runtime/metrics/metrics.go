// Package metrics measures a runtime for Prometheus: counters of what its holder
// does, and gauges of what its store holds, read when somebody asks.
//
// A [Counters] is the observer of a runtime; [Handler] answers a scraper. Every
// metric is a row of the table in describe.go.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Runtime is what is measured: a [runtime.Runtime].
type Runtime interface {
	Deployment(context.Context) (graph.Deployment, error)
	Standing(context.Context) (graph.Standing, error)
	Holder(context.Context) (store.Holder, bool, error)
	Measures(context.Context) (runtime.Measures, error)
}

// Options of a Handler.
type Options struct {
	Runtime  Runtime
	Counters *Counters
	// Release and TZData are what the process says it is.
	Release, TZData string
	// Logger hears of scrapes that fail; nil: nobody.
	Logger hclog.Logger
}

// scrapeTime bounds what one scrape may take.
const scrapeTime = 30 * time.Second

// Handler answers scrapers with all metrics, in Prometheus' text form or
// OpenMetrics. A store that cannot be read is an answer with status 500, so that
// the scrape counts as failed.
func Handler(o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	r := prometheus.NewRegistry()
	r.MustRegister(&collector{options: o}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{
		ErrorLog:            o.Logger.Named("metrics").StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Error}),
		MaxRequestsInFlight: 4,
		Timeout:             scrapeTime,
		EnableOpenMetrics:   true,
	})
}
