package servers

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// SFTP is a server in this process, which does what its test wants of it. It has
// none of OpenSSH's extensions.
type SFTP struct {
	Address string // host:port
	User    string
	HostKey string // as in authorized_keys

	config *ssh.ServerConfig
	serve  func(io.ReadWriteCloser) error
}

// ServeFiles makes SFTP serve the files of this machine.
func ServeFiles(c io.ReadWriteCloser) error {
	s, err := sftp.NewServer(c)
	if err != nil {
		return err
	}
	return s.Serve()
}

// ServeHandlers makes SFTP do what handlers say.
func ServeHandlers(h sftp.Handlers) func(io.ReadWriteCloser) error {
	return func(c io.ReadWriteCloser) error { return sftp.NewRequestServer(c, h).Serve() }
}

// plainServer takes the extensions away from all servers of the process at once;
// there is no other way.
var plainServer = sync.OnceValue(func() error { return sftp.SetSFTPExtensions() })

// NewSFTP makes a server that lets user "feeds" in with a password, and does what
// serve does.
func NewSFTP(t testing.TB, password string, serve func(io.ReadWriteCloser) error) *SFTP {
	t.Helper()
	if err := plainServer(); err != nil {
		t.Fatal(err)
	}
	private, public := Key(t)
	key, err := ssh.ParsePrivateKey([]byte(private))
	if err != nil {
		t.Fatal(err)
	}
	s := &SFTP{User: "feeds", HostKey: public, serve: serve}
	s.config = &ssh.ServerConfig{
		PasswordCallback: func(c ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
			if c.User() != s.User || string(given) != password {
				return nil, errors.New("wrong")
			}
			return nil, nil
		},
	}
	s.config.AddHostKey(key)
	return s
}

// AskInstead makes the server ask for the password as a question.
func (s *SFTP) AskInstead(password string) {
	s.config.PasswordCallback = nil
	s.config.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		answers, err := ask("", "", []string{"Password: "}, []bool{false})
		if err == nil && (len(answers) != 1 || answers[0] != password) {
			err = errors.New("wrong")
		}
		return nil, err
	}
}

// Listen serves on loopback until the test ends. through may change what a
// connection does.
func (s *SFTP) Listen(t testing.TB, through func(net.Conn) net.Conn) *SFTP {
	t.Helper()
	s.Address = serve(t, func(c *net.TCPConn) {
		var conn net.Conn = c
		if through != nil {
			conn = through(c)
		}
		s.Serve(conn)
	})
	return s
}

// Serve serves one connection until it ends, and closes it.
func (s *SFTP) Serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	session, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	var open sync.WaitGroup
	for asked := range channels {
		channel, requests, err := asked.Accept()
		if err != nil {
			break
		}
		open.Go(func() {
			for r := range requests {
				is := r.Type == "subsystem" && string(r.Payload[4:]) == "sftp" && s.serve != nil
				_ = r.Reply(is, nil)
				if is {
					_ = s.serve(channel)
					_ = channel.Close()
				}
			}
		})
	}
	_ = session.Close()
	open.Wait()
}
