package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"

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
// the arguments, waits until it listens, and puts its address into the variable
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
