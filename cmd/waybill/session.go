package main

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/client"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/value"
)

// session is a runtime as commands use it: the store of this machine, or a
// server, which also gives a *client.Error.
type session interface {
	runtime.Interface
	Do(context.Context, store.Command, func(store.Event)) (store.Command, error)
	Now() time.Time // by the clock that commands and events are stamped with
	Close() error
}

var (
	_ session = (*runtime.Runtime)(nil)
	_ session = (*client.Client)(nil)
)

// place is where a workspace is applied and run.
type place struct {
	dir     string         // of the workspace, as the program reaches it
	path    string         // of the store on this machine
	url     string         // of a server, whose store it then is
	token   graph.Value    // for the server; nil: not written
	secrets []graph.Secret // that the token may name
}

// placeOf reads a runtime block. secrets is nil where the workspace has errors.
func (w *workspace) placeOf(r *graph.Runtime, secrets []graph.Secret) place {
	return place{dir: w.dir, path: under(w.dir, r.Path), url: r.URL, token: r.Token, secrets: secrets}
}

// place is where a workspace without errors is applied and run.
func (w *workspace) place() place { return w.placeOf(&w.graph.Runtime, w.graph.Secrets) }

// exists reports whether there is a store to ask. A server always has one.
func (at place) exists() bool { return at.url != "" || runtime.Exists(at.path) }

// open opens the store at a place, making it where there is none, or a way to
// its server.
func (p *program) open(ctx context.Context, at place) (session, error) {
	if at.url != "" {
		return p.dial(at)
	}
	log, err := p.logger(hclog.Error)
	if err != nil {
		return nil, err
	}
	return runtime.Open(ctx, at.path, runtime.Options{Workspace: at.dir, Logger: log, Redactor: p.hide, Actor: p.actor()})
}

// tokenVariable holds the token for a server where the workspace writes none.
const tokenVariable = "WAYBILL_TOKEN"

// dial makes a client of the place's server. A token that cannot be found is a
// *client.Error like one that the server does not know.
func (p *program) dial(at place) (session, error) {
	token, err := p.token(at)
	if err != nil {
		return nil, &client.Error{Kind: client.Unauthorized, URL: at.url, Err: err}
	}
	return client.New(client.Options{URL: at.url, Token: token, Actor: p.actor(), Release: thisRelease().Version})
}

func (p *program) token(at place) (string, error) {
	if at.token == nil {
		if token := p.env[tokenVariable]; token != "" {
			return token, nil
		}
		return "", errors.New("there is no token for it")
	}
	if _, literal := at.token.Literal(); literal {
		return "", errors.New("its token is written out in the workspace, from where it would get into plans and deployments")
	}
	resolver := value.Resolver{Secrets: value.NewSecrets(at.dir, at.secrets, &value.Redactor{})}
	return resolver.Text(at.token)
}

// hintFor says what to do about a server that could not be asked.
func hintFor(e *client.Error) string {
	switch e.Kind {
	case client.Unreachable:
		return "'waybill plan --offline' plans without asking it."
	case client.Unauthorized:
		return "Write token = secret.NAME in the runtime block, or set " + tokenVariable + ": a line of the server's --token-file."
	case client.NotWaybill:
		return "Correct the url of the runtime block; a server runs as 'waybill serve --listen ADDRESS'."
	}
	return ""
}
