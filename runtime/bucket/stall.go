package bucket

import (
	"context"
	"net"
	"time"
)

// stallTime is how long a connection may stand still in the middle of a transfer
// or an answer before it counts as lost. It bounds no transfer that moves.
const stallTime = time.Minute

// dialTime bounds the making of a connection.
const dialTime = 15 * time.Second

// stalling makes connections that break off when they stand still for so long.
func stalling(after time.Duration) func(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTime, KeepAlive: 15 * time.Second}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &stallingConn{Conn: c, after: after}, nil
	}
}

// stallingConn gives each piece of work its own deadline. What moves in one
// direction lets the other one wait: an answer comes after what was asked.
type stallingConn struct {
	net.Conn
	after time.Duration
}

func (c *stallingConn) Read(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.after)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// stallWrite is how much is written at a time, so that a slow line moves within
// the deadline of each piece.
const stallWrite = 64 << 10

func (c *stallingConn) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		if err = c.SetDeadline(time.Now().Add(c.after)); err != nil {
			return n, err
		}
		var written int
		written, err = c.Conn.Write(p[:min(len(p), stallWrite)])
		n, p = n+written, p[written:]
	}
	return n, err
}
