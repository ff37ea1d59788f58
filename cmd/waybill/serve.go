package main

import (
	"context"
	"errors"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/runtime"
)

func (p *program) serveCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Run what is applied on its schedules, until stopped",
		Long: "Holds the store and runs its groups; what is applied later is taken up at once.\n" +
			"Ctrl-C or SIGTERM stops it; runs that are under way go on with the next serve.\n" +
			"It may be killed at any moment: nothing is lost or done twice.",
		Example: "waybill serve\nwaybill serve /srv/loads --log-level debug",
		Args:    positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.serve(cmd.Context(), argument(args, 0, "."), f)
		},
	}
	f.add(cmd, false)
	return cmd
}

func (p *program) serve(ctx context.Context, dir string, f runtimeFlags) (err error) {
	log, err := p.logger(hclog.Info)
	if err != nil {
		return err
	}
	path, err := p.findStore(dir, f.vars)
	if err != nil {
		return err
	}
	r, err := runtime.Open(ctx, path, runtime.Options{Workspace: p.path(dir), Logger: log, Actor: p.actor()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	d, err := r.Deployment(ctx)
	if err != nil {
		return err
	}
	if d.Serial == 0 {
		log.Warn("nothing is applied yet: waiting for '" + waybillIn("apply", p.path(dir)) + "'")
	}
	p.holding.Store(true)
	p.serving.Store(true)
	err = r.Serve(ctx)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Cause(ctx)) || errors.Is(err, ctx.Err())) {
		return nil // asked to stop, and stopped
	}
	return err
}
