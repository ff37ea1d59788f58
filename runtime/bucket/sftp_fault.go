package bucket

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/waybill-dev/waybill/runtime/value"
)

// dialFault says why a server cannot be reached.
func (l *sftpLogin) dialFault(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return value.Interrupted(ctx, op)
	}
	return value.SourceError.Errorf(op, "%s cannot be reached: %w", l.address, reachable(err))
}

// reachable puts what a name server or a network says into words.
func reachable(err error) error {
	var name *net.DNSError
	var slow net.Error
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return &inWords{"no name server knows " + name.Name + "; is the name right?", err}
	case errors.As(err, &name):
		return &inWords{"the name server gives no address of " + name.Name, err}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &inWords{"nothing listens there, or a firewall refuses the connection", err}
	case errors.As(err, &slow) && slow.Timeout():
		return &inWords{"it does not answer", err}
	}
	return err
}

// inWords is an error that says more than its cause.
type inWords struct {
	text string
	err  error
}

func (e *inWords) Error() string { return e.text + " (" + e.err.Error() + ")" }

func (e *inWords) Unwrap() error { return e.err }

// handshakeFault says why a server was not let be the right one, or does not let
// in.
func (l *sftpLogin) handshakeFault(ctx context.Context, op string, err, wrong error, isKnown bool, offered []string) error {
	var unequal *ssh.AlgorithmNegotiationError
	switch {
	case ctx.Err() != nil:
		return value.Interrupted(ctx, op)
	case wrong != nil:
		return value.Misconfigured.Wrap(op, wrong)
	case errors.As(err, &unequal):
		return value.Misconfigured.Errorf(op, "%s and Waybill have no method in common: %w", l.address, err)
	case isNetwork(err):
		return value.SourceError.Errorf(op, "%s %w; is it a server for SFTP, and has it room for one more? (%w)", l.address, errDropped, err)
	case !isKnown:
		return value.SourceError.Errorf(op, "%s does not answer as an SSH server: %w", l.address, err)
	case len(offered) == 0:
		return value.Misconfigured.Errorf(op, "there is nothing to log in with as user %s of %s: set private_key or password, or have a key in the SSH agent or in ~/.ssh", l.user, l.address)
	}
	refused := value.Misconfigured.Errorf(op, "%s does not let user %s in with %s", l.address, l.user, strings.Join(offered, " and "))
	if strings.Contains(err.Error(), "unable to authenticate") { // which says the same
		return refused
	}
	return value.Misconfigured.Errorf(op, "%w: %w", errors.Unwrap(refused), err)
}

// errDropped is what busy servers do, and those that are no SSH servers.
var errDropped = errors.New("ended the connection before it let anybody in")

// isNetwork reports whether an error is of the connection, rather than an answer.
func isNetwork(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, sftp.ErrSSHFxConnectionLost)
}

// fault gives an error of an operation its fault. what is what was tried there, as
// "to read the folder /out".
func (s *sftpStore) fault(ctx context.Context, l *sftpLink, op, what string, err error) error {
	var known *value.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return value.Interrupted(ctx, op)
	case l.lost() != nil:
		return value.SourceError.Errorf(op, "the connection to %s was lost: %w", s.login.address, l.lost())
	case errors.Is(err, sftp.ErrSSHFxConnectionLost) || errors.Is(err, io.ErrUnexpectedEOF):
		return value.SourceError.Errorf(op, "the connection to %s was lost: %w", s.login.address, errCut)
	case errors.Is(err, fs.ErrPermission):
		return value.Misconfigured.Errorf(op, "user %s of %s has no permission %s: %w", s.login.user, s.login.address, what, err)
	}
	return value.SourceError.Errorf(op, "%s failed %s: %w", s.login.address, what, err)
}

// writeFault is fault for what is written: a disk that is full is Failed, and is
// told where the server tells.
func (s *sftpStore) writeFault(ctx context.Context, l *sftpLink, op, dir string, err error) error {
	var status *sftp.StatusError
	if ctx.Err() == nil && l.lost() == nil && errors.As(err, &status) && status.FxCode() == sftp.ErrSSHFxFailure {
		if room, failed := l.sftp.StatVFS(s.full(dir)); failed == nil && room.Bavail*room.Frsize < fullDisk {
			return value.Failed.Errorf(op, "the disk of %s is full: %d bytes are left: %w", s.login.address, room.Bavail*room.Frsize, err)
		}
		return value.Failed.Errorf(op, "%s could not write in %s, and does not say why; is its disk full, or the user's quota used up? (%w)", s.login.address, s.full(dir), err)
	}
	return s.fault(ctx, l, op, "to write in the folder "+s.full(dir), err)
}

// fullDisk is so little room, in bytes, that a write that failed did so for it.
const fullDisk = 1 << 20
