package pgtest

import (
	"bytes"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
)

// Cut returns the address of a way to the server that breaks when a client sends a
// word, which still reaches the server where deliver says so. It breaks so many
// times, and holds from then on.
func (s *Server) Cut(t testing.TB, word string, deliver bool, times int) (at string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var left atomic.Int64
	left.Store(int64(times))
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port))
			if err != nil {
				_ = client.Close()
				return
			}
			broken := make(chan struct{})
			go answers(server, client, broken)
			go questions(client, server, word, deliver, &left, broken)
		}
	}()
	return l.Addr().String()
}

func answers(server, client net.Conn, broken <-chan struct{}) {
	defer func() { _ = client.Close() }()
	buf := make([]byte, 32<<10)
	for {
		n, err := server.Read(buf)
		select {
		case <-broken: // the answer is lost
			_ = server.Close()
			return
		default:
		}
		if _, werr := client.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

func questions(client, server net.Conn, word string, deliver bool, left *atomic.Int64, broken chan<- struct{}) {
	buf := make([]byte, 32<<10)
	for {
		n, err := client.Read(buf)
		if broken != nil && bytes.Contains(buf[:n], []byte(word)) && left.Add(-1) >= 0 {
			close(broken)
			if broken = nil; !deliver {
				_ = server.Close()
				return
			}
		}
		if _, werr := server.Write(buf[:n]); err != nil || werr != nil {
			_ = server.Close()
			return
		}
	}
}
