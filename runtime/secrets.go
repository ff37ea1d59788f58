package runtime

import (
	"context"

	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/value"
)

// working returns the scene for one piece of work: with secrets of its own, for
// which programs are asked as long as ctx lasts.
func (e *engine) working(ctx context.Context, s *scene.Scene) *scene.Scene {
	own := *s
	own.Secrets = e.secretsOf(ctx, s.Program)
	return &own
}

// secretsOf are the secrets of what is applied, for one piece of work.
func (e *engine) secretsOf(ctx context.Context, p *scene.Program) *value.Secrets {
	return value.NewSecrets(e.workspace, p.Secrets, e.redactor).Asking(ctx, e.helpers)
}

// faultOf takes the secrets out of the error of a piece of work. Where it may be
// that a secret was not accepted which a program has told some time ago, it is
// asked again, and so is the work: that one such attempt is worth another.
func (e *engine) faultOf(s *scene.Scene, err error) error {
	if value.FaultOf(err) == value.Misconfigured && s.Secrets.Refused() {
		err = value.SourceError.Wrap("ask for the secrets again", err)
	}
	return e.redactor.Error(err)
}
