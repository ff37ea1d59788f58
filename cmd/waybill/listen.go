package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/server"
)

// listenFlags is where `waybill serve` answers requests, and whose.
type listenFlags struct {
	address          string // empty: nowhere
	tokens           string
	certificate, key string
	insecure         bool
}

func (f *listenFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.address, "listen", "", "answer the HTTP API at this `address`, such as 127.0.0.1:8480; port 0: any free one")
	flags.StringVar(&f.tokens, "token-file", "", "the `file` of tokens that are let in, one a line; only its owner may read it")
	flags.StringVar(&f.certificate, "tls-cert", "", "speak HTTPS with the certificate and chain in this PEM `file`")
	flags.StringVar(&f.key, "tls-key", "", "the key of the certificate, in this PEM `file`")
	flags.BoolVar(&f.insecure, "insecure-listen", false, "allow plain HTTP at an address that other machines reach; something else must encrypt")
}

// check refuses flags that make no sense together.
func (f *listenFlags) check() error {
	switch {
	case f.address == "" && (f.tokens != "" || f.certificate != "" || f.key != "" || f.insecure):
		return advise("Write --listen ADDRESS as well.", "--token-file, --tls-cert, --tls-key and --insecure-listen are for --listen")
	case f.address == "":
		return nil
	case f.tokens == "":
		return advise("Make one: (umask 077; echo \"ci $(openssl rand -hex 32)\" > tokens)", "--listen needs a --token-file: who has no token is not let in")
	case (f.certificate == "") != (f.key == ""):
		return errors.New("--tls-cert and --tls-key are written together")
	}
	return nil
}

// listener is where requests come in, and who is let in.
type listener struct {
	net.Listener
	tokens      *server.Tokens
	certificate *server.Certificate // nil: plain HTTP
	log         hclog.Logger
}

// listen opens the address, and answers nothing yet. Without one it is nil.
func (p *program) listen(f listenFlags, log hclog.Logger) (*listener, error) {
	if f.address == "" {
		return nil, nil
	}
	l := &listener{log: log}
	var err error
	if l.tokens, err = server.ReadTokens(p.path(f.tokens), log); err != nil {
		return nil, err
	}
	if f.certificate != "" {
		if l.certificate, err = server.ReadCertificate(p.path(f.certificate), p.path(f.key), log); err != nil {
			return nil, err
		}
	}
	l.Listener, err = server.Listen(f.address, l.certificate != nil || f.insecure)
	var exposed *server.ExposedError
	if errors.As(err, &exposed) {
		return nil, advise("Give it --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy that encrypts.\n"+
			"Where the network itself is safe: --insecure-listen.", "%w", err)
	}
	return l, err
}

// url is the address as a workspace writes it.
func (l *listener) url() string {
	scheme := "http"
	if l.certificate != nil {
		scheme = "https"
	}
	return scheme + "://" + l.Addr().String()
}

// serve answers requests until ctx is done.
func (l *listener) serve(ctx context.Context, r *runtime.Runtime) error {
	defer l.followHangups()()
	s := server.New(server.Options{
		Runtime: r, Tokens: l.tokens, Certificate: l.certificate, Logger: l.log, Release: thisRelease().Version, TZData: cron.Release(),
	})
	return s.Serve(ctx, l)
}

// followHangups reads tokens and certificate anew at every SIGHUP, until the
// returned function is called. They are read anew without it, too, when their
// files have changed; this says in the log whether that worked.
func (l *listener) followHangups() (stop func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-hangups:
				l.reload()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(done)
	}
}

func (l *listener) reload() {
	err := l.tokens.Reload()
	if l.certificate != nil {
		err = errors.Join(err, l.certificate.Reload())
	}
	if err != nil {
		l.log.Error("not read again; what was there before is still good", "error", err)
		return
	}
	l.log.Info("tokens and certificate were read again")
}
