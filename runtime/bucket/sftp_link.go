package bucket

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// How an SFTP connection is watched. A server that says nothing for pingAfter is
// asked something, and one that says nothing for silenceLimit is given up.
const (
	handshakeTime = 30 * time.Second
	pingAfter     = 15 * time.Second
	silenceLimit  = time.Minute

	// stopTime is how long an operation whose context ended may take to end by
	// itself, before its connection is cut.
	stopTime = 500 * time.Millisecond
)

var (
	errCut    = errors.New("the server ended the connection")
	errSilent = errors.New("the server said nothing for " + silenceLimit.String())
	errClosed = errors.New("it is closed")
)

// sftpLink is one connection to a server. Nothing of the protocol has a deadline,
// so it is watched as a whole: an operation ends when the connection does.
type sftpLink struct {
	ssh    *ssh.Client
	sftp   *sftp.Client
	conn   *heardConn
	broken chan struct{} // closed when the connection has ended

	once  sync.Once
	cause error // why it ended; read it after broken

	mu      sync.Mutex
	tasks   sync.WaitGroup
	isEnded bool // no more of them begin
}

// heardConn notes when something was last read.
type heardConn struct {
	net.Conn
	heard atomic.Int64 // nanoseconds since 1970
}

func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

func (c *heardConn) silence() time.Duration {
	return time.Since(time.Unix(0, c.heard.Load()))
}

// newLink watches a connection that works. It owns it.
func newLink(conn *heardConn, shell *ssh.Client, client *sftp.Client) *sftpLink {
	l := &sftpLink{ssh: shell, sftp: client, conn: conn, broken: make(chan struct{})}
	l.do(func() {
		_ = client.Wait()
		l.end(errCut)
	})
	l.do(l.watch)
	return l
}

// do has a task done beside the rest, which close waits for. After close it does
// nothing, and returns false.
func (l *sftpLink) do(task func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.isEnded {
		l.tasks.Go(task)
	}
	return !l.isEnded
}

// watch asks a silent server something, which also keeps a connection open that
// a firewall would forget, and cuts it when nothing comes.
func (l *sftpLink) watch() {
	tick := time.NewTicker(pingAfter)
	defer tick.Stop()
	answered := make(chan struct{}, 1)
	isAsked := false
	for {
		select {
		case <-l.broken:
			return
		case <-answered:
			isAsked = false
		case <-tick.C:
			switch silence := l.conn.silence(); {
			case silence >= silenceLimit:
				l.end(errSilent)
				return
			case silence >= pingAfter && !isAsked:
				isAsked = true
				l.do(func() {
					_, _ = l.sftp.RealPath(".")
					answered <- struct{}{}
				})
			}
		}
	}
}

// end cuts the connection. What goes on over it fails, for that cause.
func (l *sftpLink) end(cause error) {
	l.once.Do(func() {
		l.cause = cause
		close(l.broken)
		_ = l.conn.Close()
	})
}

// close ends the connection and waits until nothing of it is left.
func (l *sftpLink) close() {
	l.end(errClosed)
	l.mu.Lock()
	l.isEnded = true
	l.mu.Unlock()
	l.tasks.Wait()
}

// lost returns why the connection has ended, nil while it has not.
func (l *sftpLink) lost() error {
	select {
	case <-l.broken:
		return l.cause
	default:
		return nil
	}
}

// during lets an operation go on as long as its context. Where it does not end
// soon after that, its connection is cut. Call what it returns when it has ended.
func (l *sftpLink) during(ctx context.Context) (ended func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		late := time.NewTimer(stopTime)
		defer late.Stop()
		select {
		case <-done:
		case <-late.C:
			l.end(context.Cause(ctx))
		}
	})
	return func() {
		stop()
		close(done)
	}
}
