package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/metrics"
	"github.com/waybill-dev/waybill/runtime/server"
)

// metricsListener is where Prometheus asks. What it is told is no secret: names
// of groups and couriers, counts and times.
type metricsListener struct {
	net.Listener
	counters *metrics.Counters
	log      hclog.Logger
}

// listenMetrics opens the address, and answers nothing yet. Without one it is
// nil.
func listenMetrics(address string, log hclog.Logger) (*metricsListener, error) {
	if address == "" {
		return nil, nil
	}
	const anywhere = true
	l, err := server.Listen(address, anywhere)
	if err != nil {
		return nil, fmt.Errorf("--metrics: %w", err)
	}
	return &metricsListener{Listener: l, counters: metrics.NewCounters(), log: log}, nil
}

// observer counts what a runtime does; nil where nobody asks.
func (m *metricsListener) observer() runtime.Observer {
	if m == nil {
		return nil
	}
	return m.counters
}

// url is where the metrics are.
func (m *metricsListener) url() string { return "http://" + m.Addr().String() + "/metrics" }

// serve answers until ctx is done.
func (m *metricsListener) serve(ctx context.Context, r *runtime.Runtime) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler(metrics.Options{
		Runtime: r, Counters: m.counters, Release: thisRelease().Version, TZData: cron.Release(), Logger: m.log,
	}))
	h := &http.Server{
		Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: m.log.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug}),
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(m) }()
	select {
	case err := <-ended:
		return fmt.Errorf("answer Prometheus on %s: %w", m.Addr(), err)
	case <-ctx.Done():
		err := h.Close()
		if failed := <-ended; !errors.Is(failed, http.ErrServerClosed) {
			err = errors.Join(err, failed)
		}
		return err
	}
}
