package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) serveCommand() *cobra.Command {
	var f runtimeFlags
	var listen listenFlags
	var scraped string
	var life lifeFlags
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Run what is applied on its schedules, until stopped",
		Long: "Holds the store and runs its groups; what is applied later is taken up at once.\n" +
			"Ctrl-C or SIGTERM stops it: what is under way has --grace to end by itself, and runs go on with the\n" +
			"next serve. A second signal ends it at once.\n" +
			"It may be killed at any moment: nothing is lost or done twice.\n\n" +
			"With --listen it also answers the HTTP API, and a workspace with runtime { url, token } is its client:\n" +
			"plan, apply, run, status and the others then work from another machine. DIR is where relative folders\n" +
			"begin; it needs no .hcl files, and their url says nothing to the server itself.",
		Example: "waybill serve\nwaybill serve /srv/loads --log-level debug\n" +
			"waybill serve /srv/loads --listen 127.0.0.1:8480 --token-file tokens",
		Args: positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.serve(cmd.Context(), argument(args, 0, "."), f, listen, scraped, life)
		},
	}
	listen.add(cmd)
	cmd.Flags().StringVar(&scraped, "metrics", "", "answer Prometheus at http://`address`/metrics, such as 127.0.0.1:9480, without a token")
	life.add(cmd)
	f.add(cmd, false)
	return cmd
}

// lifeFlags is what a process that serves does with its end, and with what has
// ended.
type lifeFlags struct {
	grace time.Duration
	keep  string
}

func (f *lifeFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.grace, "grace", 30*time.Second, "how long copies and programs may take to end when it is asked to stop")
	cmd.Flags().StringVar(&f.keep, "keep-runs", "", "remove tasks and events of runs that are older than this `duration`, such as 400d (default: never)")
}

// keepRuns is how long runs are kept whole; 0 is for ever.
func (f *lifeFlags) keepRuns() (time.Duration, error) {
	if f.keep == "" {
		return 0, nil
	}
	d, err := graph.ParseDuration(f.keep)
	if err == nil && d.Std() < leastKept {
		err = fmt.Errorf("that is less than %s, in which a run may still be tried again", graph.Duration(leastKept))
	}
	if err != nil {
		return 0, advise("Write for example --keep-runs 400d.", "--keep-runs %q: %w", f.keep, err)
	}
	return d.Std(), nil
}

// leastKept is the least that runs can be kept.
const leastKept = 24 * time.Hour

// served is the place that serve acts on, which is always on this machine.
func (p *program) served(dir string, f runtimeFlags, listen listenFlags) (place, error) {
	if info, err := os.Stat(p.path(dir)); listen.address != "" && err == nil && info.IsDir() && len(hclFiles(p.path(dir))) == 0 {
		var unwritten workspace
		unwritten.dir = p.path(dir)
		return unwritten.placeOf(&graph.Runtime{Path: defaultStore}, nil), nil
	}
	at, err := p.findPlace(dir, f.vars)
	if err == nil && listen.address == "" && at.url != "" {
		return at, advise("To be that server: 'waybill serve --listen ADDRESS --token-file FILE'.", "the workspace is run by the server at %s", at.url)
	}
	return at, err
}

// defaultStore is the store of a directory without a workspace.
const defaultStore = ".waybill"

func (p *program) serve(ctx context.Context, dir string, f runtimeFlags, listen listenFlags, scraped string, life lifeFlags) (err error) {
	if err := listen.check(); err != nil {
		return err
	}
	keep, err := life.keepRuns()
	if err != nil {
		return err
	}
	log, err := p.logger(hclog.Info)
	if err != nil {
		return err
	}
	at, err := p.served(dir, f, listen)
	if err != nil {
		return err
	}
	l, err := p.listen(listen, log)
	if err != nil {
		return err
	}
	if l != nil {
		defer func() { _ = l.Close() }() // serving has closed it already, unless it never came to that
	}
	m, err := listenMetrics(scraped, log)
	if err != nil {
		return err
	}
	if m != nil {
		defer func() { _ = m.Close() }()
	}
	r, err := runtime.Open(ctx, at.path, runtime.Options{Workspace: at.dir, Logger: log, Redactor: p.hide, Actor: p.actor(), Observer: m.observer(), Grace: life.grace, KeepRuns: keep})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	d, err := r.Deployment(ctx)
	if err != nil {
		return err
	}
	if d.Serial == 0 {
		command := waybillIn("apply", at.dir)
		if l != nil {
			command = "waybill apply"
		}
		log.Warn("nothing is applied yet: waiting for '" + command + "'")
	}
	p.holding.Store(true)
	p.serving.Store(true)
	err = p.serveAll(ctx, r, l, m)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Cause(ctx)) || errors.Is(err, ctx.Err())) {
		return nil // asked to stop, and stopped
	}
	return err
}

// serveAll acts on the store, and answers requests and scrapers where it
// listens for them, until ctx is done or one of these fails.
func (p *program) serveAll(ctx context.Context, r *runtime.Runtime, l *listener, m *metricsListener) error {
	if l == nil && m == nil {
		return r.Serve(ctx)
	}
	if holder, held, err := r.Holder(ctx); err != nil {
		return err
	} else if held {
		return &store.HeldError{Holder: holder}
	}
	if err := p.sayWhere(l, m); err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	if l != nil {
		all.Go(func() error { return l.serve(ctx, r) })
	}
	if m != nil {
		all.Go(func() error { return m.serve(ctx, r) })
	}
	all.Go(func() error { return r.Serve(ctx) })
	return all.Wait()
}

// sayWhere prints the addresses that the process listens on.
func (p *program) sayWhere(l *listener, m *metricsListener) error {
	var lines string
	if l != nil {
		lines += "Listening on " + l.url() + "\n"
	}
	if m != nil {
		lines += "Metrics on " + m.url() + "\n"
	}
	_, err := io.WriteString(p.stdout, lines)
	return err
}
