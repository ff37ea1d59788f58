// Package server puts a runtime on the network: an HTTP API over its store, for
// people's tools and for the client in
// [github.com/waybill-dev/waybill/runtime/client].
//
// [Server.Serve] answers on a listener, [Listen] opens one that is safe to open.
// Every route is a row of the table in routes.go and of the OpenAPI document,
// which a test holds together. Who asks is known by a bearer token ([Tokens]).
// The server never shows what a secret is: the store does not know it.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/runtime"
)

// Runtime is what the server is in front of: a [runtime.Runtime].
type Runtime interface {
	runtime.Interface
	Progress(ctx context.Context, command, after int64) (runtime.Progress, error)
}

// Options of a Server.
type Options struct {
	Runtime Runtime
	Tokens  *Tokens
	// Certificate makes it speak HTTPS; nil: HTTP.
	Certificate *Certificate
	// Logger hears of every request; nil: nobody.
	Logger hclog.Logger
	// Release and TZData are what the server says it is.
	Release, TZData string
	// Limits bound what one request may take; a zero field is the default.
	Limits Limits
}

// Limits bound what one request may take.
type Limits struct {
	Header time.Duration // for the head of a request to arrive; 10 s
	Read   time.Duration // for all of it; 60 s
	Write  time.Duration // for the answer, waiting included; 120 s
	Idle   time.Duration // between two requests of a connection; 120 s
	Grace  time.Duration // for requests under way when the server ends; 10 s
	Wait   time.Duration // the longest wait that a request may ask for; 60 s
	Poll   time.Duration // how often a waiting request looks; 250 ms
	Body   int64         // bytes of a request, save a deployment; 1 MiB
	Deploy int64         // bytes of a deployment; 64 MiB
}

func (l Limits) orDefaults() Limits {
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{
		{&l.Header, 10 * time.Second}, {&l.Read, time.Minute}, {&l.Write, 2 * time.Minute}, {&l.Idle, 2 * time.Minute},
		{&l.Grace, 10 * time.Second}, {&l.Wait, time.Minute}, {&l.Poll, 250 * time.Millisecond},
	} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	if l.Body == 0 {
		l.Body = 1 << 20
	}
	if l.Deploy == 0 {
		l.Deploy = 64 << 20
	}
	return l
}

// Server answers the requests of one runtime. It is an [http.Handler].
type Server struct {
	options Options
	limits  Limits
	log     hclog.Logger
	mux     *http.ServeMux
	leaving chan struct{} // closed when waiting requests should be answered
}

// New returns a server in front of a runtime.
func New(o Options) *Server {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	s := &Server{options: o, limits: o.Limits.orDefaults(), log: o.Logger, leaving: make(chan struct{})}
	s.mux = s.routed()
	return s
}

// Serve answers on a listener, which it closes, until ctx is done or the
// listener fails. Requests under way are then answered, those that wait at once;
// what is still under way after Limits.Grace is broken off. A Server serves
// once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: s.limits.Header, ReadTimeout: s.limits.Read, WriteTimeout: s.limits.Write,
		IdleTimeout: s.limits.Idle, MaxHeaderBytes: 64 << 10,
		ErrorLog: s.log.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug}),
	}
	ended := make(chan error, 1)
	go func() {
		if s.options.Certificate == nil {
			ended <- h.Serve(l)
			return
		}
		h.TLSConfig = s.options.Certificate.config()
		ended <- h.ServeTLS(l, "", "")
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	close(s.leaving)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.Grace)
	defer cancel()
	if err := h.Shutdown(grace); err != nil {
		s.log.Warn("requests were broken off", "error", err)
		return errors.Join(h.Close(), ignoreClosed(<-ended))
	}
	return ignoreClosed(<-ended)
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
