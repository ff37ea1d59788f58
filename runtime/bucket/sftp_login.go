package bucket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// sftpLogin is how a server is reached, and with what it lets in.
type sftpLogin struct {
	address string // host:port
	user    string
	hosts   hostKeys
	keys    []ssh.Signer // private_key; without it and a password, those of the agent and of ~/.ssh
	offered []string     // what is offered, in words
	answer  string       // the password

	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// newLogin reads the credentials of a server. The error says what to write.
func newLogin(at graph.Storage, a Access) (*sftpLogin, error) {
	l := &sftpLogin{address: at.Host, user: at.User, dial: (&net.Dialer{Timeout: dialTime}).DialContext}
	if _, _, err := net.SplitHostPort(at.Host); err != nil {
		l.address = net.JoinHostPort(strings.Trim(at.Host, "[]"), "22")
	}
	switch {
	case l.user == "":
		l.user = a.Username
	case a.Username != "" && a.Username != l.user:
		return nil, fmt.Errorf("the URL says user %q and username says %q; write one of them", l.user, a.Username)
	}
	if l.user == "" {
		return nil, errors.New("no user is named; write sftp://USER@HOST/FOLDER, or username = \"USER\"")
	}
	var err error
	if l.hosts, err = parseHostKeys(a.HostKey); err != nil {
		return nil, err
	}
	if a.PrivateKey == "" {
		if l.answer = a.Password; l.answer != "" {
			l.offered = []string{"the password"}
		}
		return l, nil
	}
	key, usedPassword, err := parsePrivateKey(a.PrivateKey, a.Password)
	if err != nil {
		return nil, err
	}
	l.keys = []ssh.Signer{key}
	l.offered = []string{"the private key " + ssh.FingerprintSHA256(key.PublicKey())}
	if a.Password != "" && !usedPassword { // a server may want both
		l.answer = a.Password
		l.offered = append(l.offered, "the password")
	}
	return l, nil
}

// parsePrivateKey reads a key. It reports whether the password was needed for it.
func parsePrivateKey(text, password string) (key ssh.Signer, usedPassword bool, err error) {
	if strings.HasPrefix(strings.TrimSpace(text), "PuTTY-User-Key-File") {
		return nil, false, errors.New("private_key is a key of PuTTY; turn it into one of OpenSSH: puttygen KEY.ppk -O private-openssh")
	}
	pem := []byte(strings.TrimSpace(text) + "\n")
	key, err = ssh.ParsePrivateKey(pem)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return key, false, nil
	case errors.As(err, &locked) && password == "":
		return nil, false, errors.New("private_key has a passphrase; give it as password")
	case errors.As(err, &locked):
		if key, err = ssh.ParsePrivateKeyWithPassphrase(pem, []byte(password)); err != nil {
			return nil, false, errors.New("password is not the passphrase of private_key")
		}
		return key, true, nil
	}
	if _, _, _, _, publicErr := ssh.ParseAuthorizedKey(pem); publicErr == nil {
		return nil, false, errors.New("private_key is a public key; give the file without .pub, which begins with -----BEGIN")
	}
	return nil, false, errors.New("private_key is no SSH key; give the file that begins with -----BEGIN, whole")
}

// busyPause is how long is waited, the first time, for a server that has no room
// for one more connection and ends it.
const busyPause = 500 * time.Millisecond

// connect dials a server. One that ends a connection before it lets anybody in, as
// busy ones do, is tried again, twice.
func (l *sftpLogin) connect(ctx context.Context, op string) (*sftpLink, error) {
	hosts, err := l.hosts.orKnown(l.address)
	if err != nil {
		return nil, value.Misconfigured.Wrap(op, err)
	}
	for pause := busyPause; ; pause *= 2 {
		link, err := l.try(ctx, op, hosts)
		if !errors.Is(err, errDropped) || pause > 2*busyPause {
			return link, err
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return nil, value.Interrupted(ctx, op)
		}
	}
}

// try makes connections until one of the server's host keys is one that is known.
func (l *sftpLogin) try(ctx context.Context, op string, hosts hostKeys) (*sftpLink, error) {
	var refused error
	for _, algorithms := range hosts.tries {
		link, err := l.handshake(ctx, op, hosts, algorithms)
		var wrong *wrongHostKey
		var unequal *ssh.AlgorithmNegotiationError
		switch {
		case errors.As(err, &wrong) && len(hosts.prints) == 0:
			return nil, err
		case errors.As(err, &wrong):
			refused = err
		case errors.As(err, &unequal):
			if refused == nil {
				refused = err
			}
		default:
			return link, err
		}
	}
	return nil, refused
}

// handshake makes one connection, for which the server must show a host key of one
// of some algorithms.
func (l *sftpLogin) handshake(ctx context.Context, op string, hosts hostKeys, algorithms []string) (*sftpLink, error) {
	raw, err := l.dial(ctx, "tcp", l.address)
	if err != nil {
		return nil, l.dialFault(ctx, op, err)
	}
	conn := &heardConn{Conn: raw}
	conn.heard.Store(time.Now().UnixNano())
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	if err := raw.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		_ = raw.Close()
		return nil, value.SourceError.Wrap(op, err)
	}

	methods, offered, done := l.methods()
	defer done()
	var wrong error
	isKnown := false
	config := &ssh.ClientConfig{
		User: l.user, Auth: methods, HostKeyAlgorithms: algorithms, ClientVersion: "SSH-2.0-Waybill",
		HostKeyCallback: func(_ string, remote net.Addr, key ssh.PublicKey) error {
			wrong = hosts.check(l.address, remote, key)
			isKnown = wrong == nil
			return wrong
		},
	}
	session, channels, requests, err := ssh.NewClientConn(conn, l.address, config)
	if err != nil {
		_ = raw.Close()
		return nil, l.handshakeFault(ctx, op, err, wrong, isKnown, offered)
	}
	shell := ssh.NewClient(session, channels, requests)
	client, err := sftp.NewClient(shell, sftp.UseFstat(true), sftp.UseConcurrentWrites(true))
	if err == nil {
		err = raw.SetDeadline(time.Time{})
	}
	if err != nil {
		_ = raw.Close()
		if ctx.Err() != nil {
			return nil, value.Interrupted(ctx, op)
		}
		if isNetwork(err) {
			return nil, value.SourceError.Errorf(op, "%s let user %s in, and then ended the connection: %w", l.address, l.user, err)
		}
		return nil, value.Misconfigured.Errorf(op, "%s lets user %s in but gives no SFTP; ask its operator for it: %w", l.address, l.user, err)
	}
	return newLink(conn, shell, client), nil
}

// methods returns what is offered to the server, also in words. Call done after
// the handshake.
func (l *sftpLogin) methods() (methods []ssh.AuthMethod, offered []string, done func()) {
	offered, done = l.offered, func() {}
	keys := l.keys
	if len(offered) == 0 {
		keys, offered, done = standardKeys()
	}
	if len(keys) > 0 {
		methods = append(methods, ssh.PublicKeys(keys...))
	}
	if l.answer != "" {
		methods = append(methods, ssh.Password(l.answer),
			ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
				answers := make([]string, len(questions))
				for i := range answers {
					answers[i] = l.answer
				}
				return answers, nil
			}))
	}
	return methods, offered, done
}

// standardKeys returns the keys that ssh itself would offer: the agent's and the
// unlocked ones of ~/.ssh.
func standardKeys() (keys []ssh.Signer, offered []string, done func()) {
	done = func() {}
	if socket := os.Getenv("SSH_AUTH_SOCK"); socket != "" {
		if conn, err := net.DialTimeout("unix", socket, dialTime); err == nil {
			done = func() { _ = conn.Close() }
			_ = conn.SetDeadline(time.Now().Add(handshakeTime))
			if held, err := agent.NewClient(conn).Signers(); err == nil && len(held) > 0 {
				keys = append(keys, held...)
				offered = append(offered, fmt.Sprintf("%d keys of the SSH agent", len(held)))
			}
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return keys, offered, done
	}
	for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
		text, err := os.ReadFile(filepath.Join(home, ".ssh", name))
		if err != nil {
			continue
		}
		if key, err := ssh.ParsePrivateKey(text); err == nil {
			keys = append(keys, key)
			offered = append(offered, "~/.ssh/"+name)
		}
	}
	return keys, offered, done
}
