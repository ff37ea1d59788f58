// Package pgtest starts a real PostgreSQL for tests, from the programs of Debian's
// package postgresql: on a port of loopback, in a temporary folder, without
// fsync, as another user where the tests run as root, which the server refuses.
// The server ends with the process of the tests, however that ends.
package pgtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	nobody   = 65534
	maxStart = time.Minute
	// Password is that of the users that [Server.User] makes.
	Password = "correct horse"
)

// Server is a running PostgreSQL. Its superuser is postgres, who needs no password.
type Server struct {
	Port   int
	Folder string
	bin    string
	keeper *exec.Cmd
	stdin  io.Closer
}

var shared = sync.OnceValues(start)

// Shared returns the server that all tests of the process share. Each makes its own
// database in it.
func Shared(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return s
}

// Own returns a server of the test's own, which it may break.
func Own(t testing.TB) *Server {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	t.Cleanup(s.stop)
	return s
}

// Database makes a database, runs SQL in it, and returns its DSN, as the
// superuser. It is dropped with the server.
func (s *Server) Database(t testing.TB, sql ...string) string {
	t.Helper()
	name := "t_" + strings.ToLower(rand.Text()[:12])
	s.Run(t, "postgres", "create database "+name)
	for _, text := range sql {
		s.Run(t, name, text)
	}
	return s.DSN("postgres", name)
}

// DSN is the address of a database for a user.
func (s *Server) DSN(user, database string) string {
	if user != "postgres" {
		user += ":" + strings.ReplaceAll(Password, " ", "%20")
	}
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s", user, s.Port, database)
}

// Run runs SQL as the superuser and returns what it prints, without heads.
func (s *Server) Run(t testing.TB, database, sql string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(s.bin, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", "postgres", "-d", database)
	cmd.Stdin = strings.NewReader(sql)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Await asks until a query prints what is wanted.
func (s *Server) Await(t testing.TB, database, sql, want string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var got string
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); <-tick.C {
		if got = s.Run(t, database, sql); got == want {
			return
		}
	}
	t.Fatalf("%s: is %q, want %q", sql, got, want)
}

// User makes a user that logs in with [Password], and lets it do what grants say.
func (s *Server) User(t testing.TB, database string, grants ...string) (name string) {
	t.Helper()
	name = "u_" + strings.ToLower(rand.Text()[:12])
	s.Run(t, database, "create user "+name+" password '"+Password+"'")
	for _, g := range grants {
		s.Run(t, database, "grant "+g+" to "+name)
	}
	return name
}

// Kill ends the server as kill -9 does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Folder, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// keep runs the server until its own input ends, which it does with the process of
// the tests, and then cleans up.
const keep = `"$1/postgres" -D "$2/data" >"$2/log" 2>&1 & pid=$!; cat >/dev/null; kill -QUIT $pid 2>/dev/null; wait $pid; rm -rf "$2"`

// hba says who must show what: passwords over TCP save for the superuser, and TLS
// of a user called tls_only.
const hba = `local all all trust
host all postgres 127.0.0.1/32 trust
hostssl all tls_only 127.0.0.1/32 trust
host all tls_only 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
`

func start() (s *Server, err error) {
	for range 3 { // another process may take the port before the server does
		if s, err = startOnce(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

func startOnce() (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "waybill-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{Folder: dir, bin: bin}
	if err = s.prepare(); err == nil {
		err = s.serve()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// programs is the folder of the newest installed release.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		slices.SortFunc(found, func(a, b string) int { return release(a) - release(b) })
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errors.New("there is no PostgreSQL here; `make tools` installs it")
	}
	return filepath.Dir(path), nil
}

func release(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// asServer has a program run as a user that the server accepts.
func asServer(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's signals are not for it
	cmd.Dir = "/"
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd
}

func (s *Server) prepare() error {
	if err := certificate(s.Folder); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		for _, name := range []string{"", "server.crt", "server.key"} {
			if err := os.Chown(filepath.Join(s.Folder, name), nobody, nobody); err != nil {
				return err
			}
		}
	}
	data := filepath.Join(s.Folder, "data")
	cmd := asServer(exec.Command(filepath.Join(s.bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o644)
}

// serve starts the server on a free port and waits until it answers.
func (s *Server) serve() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return err
	}
	settings := fmt.Sprintf(`
listen_addresses = '127.0.0.1'
port = %d
unix_socket_directories = '%s'
fsync = off
dynamic_shared_memory_type = mmap
synchronous_commit = off
full_page_writes = off
max_connections = 40
ssl = on
ssl_cert_file = '%s/server.crt'
ssl_key_file = '%[3]s/server.key'
timezone = 'Asia/Kolkata'
datestyle = 'SQL, DMY'
`, s.Port, s.Folder, s.Folder) // a zone and a style that show where somebody relies on them
	if err := os.WriteFile(filepath.Join(s.Folder, "data", "postgresql.auto.conf"), []byte(settings), 0o644); err != nil {
		return err
	}
	s.keeper = asServer(exec.Command("sh", "-c", keep, "sh", s.bin, s.Folder))
	if s.stdin, err = s.keeper.StdinPipe(); err != nil {
		return err
	}
	if err := s.keeper.Start(); err != nil {
		return err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(maxStart); time.Now().Before(until); <-tick.C {
		if exec.Command(filepath.Join(s.bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port)).Run() == nil {
			return nil
		}
		if log, _ := os.ReadFile(filepath.Join(s.Folder, "log")); bytes.Contains(log, []byte("database system is shut down")) || bytes.Contains(log, []byte("FATAL:  could not")) {
			err = fmt.Errorf("the server says: %s", log)
			break
		}
	}
	s.stop()
	return errors.Join(errors.New("the server did not start"), err)
}

func (s *Server) stop() {
	_ = s.stdin.Close()
	_ = s.keeper.Wait()
}

// certificate writes one that the server shows and nobody knows.
func certificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	err = os.WriteFile(filepath.Join(dir, "server.crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "server.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)
}
