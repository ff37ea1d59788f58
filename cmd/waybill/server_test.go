package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptServer is a waybill that a script has started, and what it has printed.
type scriptServer struct {
	cmd    *exec.Cmd
	lines  chan string
	output strings.Builder
}

// scriptServers has the servers of all scripts, by directory and name.
var scriptServers sync.Map

// startServer is the script command "server NAME ARGS…": it starts waybill with
// the arguments, waits until it listens and acts, and puts its address into the variable
// NAME. It is stopped at the end of the script.
func startServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: server NAME ARGS…")
	}
	binary, err := os.Executable()
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	read, write, err := os.Pipe()
	ts.Check(err)
	s := &scriptServer{cmd: exec.CommandContext(ctx, binary), lines: make(chan string, 1000)}
	s.cmd.Args = append([]string{"waybill"}, args[1:]...)
	s.cmd.Dir = ts.MkAbs(".")
	s.cmd.Env = append(os.Environ(), "USER=keeper", "TZ="+ts.Getenv("TZ"))
	s.cmd.Stdout, s.cmd.Stderr = write, write
	ts.Check(s.cmd.Start())
	_ = write.Close()
	go func() {
		defer close(s.lines)
		for in := bufio.NewScanner(read); in.Scan(); {
			s.lines <- in.Text()
		}
	}()
	scriptServers.Store(ts.Getenv("WORK")+" "+args[0], s)
	ts.Defer(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		s.drain()
		_ = s.cmd.Wait()
		cancel()
		_ = read.Close()
		ts.Logf("[server %s]\n%s", args[0], s.output.String())
	})
	line := s.await(ts, "Listening on ")
	s.await(ts, "serving: store=")
	ts.Setenv(args[0], strings.TrimPrefix(line, "Listening on "))
}

// signalServer is the script command "signal NAME SIGNAL WORDS": it sends HUP or
// TERM to a server and waits until it has printed the words.
func signalServer(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM}
	if neg || len(args) != 3 || signals[args[1]] == nil {
		ts.Fatalf("usage: signal NAME HUP|TERM WORDS")
	}
	found, ok := scriptServers.Load(ts.Getenv("WORK") + " " + args[0])
	if !ok {
		ts.Fatalf("there is no server %s", args[0])
	}
	s := found.(*scriptServer)
	ts.Check(s.cmd.Process.Signal(signals[args[1]]))
	s.await(ts, args[2])
}

// await reads what the server prints up to a line with the words.
func (s *scriptServer) await(ts *testscript.TestScript, words string) string {
	for line := range s.lines {
		s.output.WriteString(line + "\n")
		if strings.Contains(line, words) {
			return line
		}
	}
	ts.Fatalf("the server ended without printing %q:\n%s", words, s.output.String())
	return ""
}

func (s *scriptServer) drain() {
	for line := range s.lines {
		s.output.WriteString(line + "\n")
	}
}

// certify is the script command "certify CERT KEY": it writes a certificate for
// 127.0.0.1, which is its own root, and its key.
func certify(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certify CERT KEY")
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	ts.Check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}
