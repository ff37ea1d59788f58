package bucket

import (
	"context"
	"errors"
	"net"
)

// ServerPath is where a store is on its server.
func ServerPath(s Store) (string, error) {
	if f, ok := s.(*sftpStore); ok {
		return f.root, nil
	}
	return "", errors.New("not of a server")
}

// Dial makes a store reach its server another way.
func Dial(s Store, dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	s.(*sftpStore).login.dial = dial
}
