// Package servers is what the tests of stores and of the program talk to: the real
// servers where they can be had, started by the test and for it alone. It is in no
// program.
package servers

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// SSHD is OpenSSH's server, with a host key of its own, that lets the user of the
// test in with one key.
type SSHD struct {
	Address    string // host:port
	User       string
	PrivateKey string // that it lets in, as in a file of ~/.ssh
	HostKey    string // its own, as in authorized_keys
	Dir        string // an empty folder, absolute, for what it serves

	// Asked gets something for each connection, when somebody listens.
	Asked chan struct{}
}

// Key makes a key, as in a file of ~/.ssh, and its public half, as in
// authorized_keys.
func Key(t testing.TB) (private, public string) {
	t.Helper()
	open, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(secret, "")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(open)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block)), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

// StartSSHD starts a server that lives as long as the test. Each connection has a
// process of its own, as under inetd, so that the test owns the port.
func StartSSHD(t testing.TB) *SSHD {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	etc, s := t.TempDir(), &SSHD{User: me.Username, Dir: t.TempDir(), Asked: make(chan struct{})}
	host, hostPublic := Key(t)
	private, public := Key(t)
	s.PrivateKey, s.HostKey = private, hostPublic
	config := strings.Join([]string{
		"HostKey " + filepath.Join(etc, "host"),
		"AuthorizedKeysFile " + filepath.Join(etc, "authorized"),
		"PidFile none", "UsePAM no", "StrictModes no", "PermitRootLogin yes", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
		"Subsystem sftp internal-sftp", "LogLevel VERBOSE", "",
	}, "\n")
	for name, text := range map[string]string{"host": host, "authorized": public + "\n", "sshd_config": config} {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getuid() == 0 { // where its unprivileged half is locked in; the service would make it
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program := sshdPath(t)
	said := &transcript{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("sshd said:\n%s", said.text())
		}
	})
	s.Address = serve(t, func(conn *net.TCPConn) {
		select {
		case s.Asked <- struct{}{}:
		default:
		}
		file, err := conn.File()
		_ = conn.Close()
		if err != nil {
			t.Error(err)
			return
		}
		cmd := exec.CommandContext(t.Context(), program, "-i", "-e", "-f", filepath.Join(etc, "sshd_config"))
		cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = file, file, said, 5*time.Second
		err = cmd.Start()
		_ = file.Close()
		if err != nil {
			t.Error(err)
			return
		}
		_ = cmd.Wait() // 255 when the other side just goes
	})
	return s
}

// transcript is the newest that servers said. It is safe for concurrent use.
type transcript struct {
	mu   sync.Mutex
	said []byte
}

func (w *transcript) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, p...)
	w.said = w.said[max(0, len(w.said)-8<<10):]
	return len(p), nil
}

func (w *transcript) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.said)
}

// sshdPath finds the server, which is where the path of an ordinary user does not
// lead.
func sshdPath(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"sshd", "/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"} {
		if found, err := exec.LookPath(name); err == nil {
			if found, err = filepath.Abs(found); err == nil { // it insists
				return found
			}
		}
	}
	t.Fatal("there is no sshd; `make tools` installs it on Debian and Ubuntu (package openssh-server)")
	return ""
}

// serve accepts connections on loopback until the test ends, and then waits until
// all of them have.
func serve(t testing.TB, connection func(*net.TCPConn)) (address string) {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			open.Go(func() { connection(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		open.Wait()
	})
	return fmt.Sprint(listener.Addr())
}
