package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/hashicorp/go-hclog"
)

// ExposedError refuses an address that other machines reach, and over which
// tokens would be sent as they are.
type ExposedError struct{ Address string }

func (e *ExposedError) Error() string {
	return fmt.Sprintf("%s can be reached from other machines, and without TLS everybody in between can read the tokens", e.Address)
}

// Listen opens a TCP address, host:port; port 0 is any free one. Without
// encryption the error is an *ExposedError for an address that is not of this
// machine alone.
func Listen(address string, encrypted bool) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("listen on %s: this is no host:port, such as 127.0.0.1:8480", address)
	}
	l, err := net.Listen("tcp", address)
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err // the rest is said already
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !encrypted && !(ok && a.IP.IsLoopback()) {
		_ = l.Close()
		return nil, &ExposedError{Address: address}
	}
	return l, nil
}

// Certificate is what a server proves with who it is. Its files may be replaced
// at any time. It is safe for concurrent use.
type Certificate struct{ kept kept[*tls.Certificate] }

// ReadCertificate reads a certificate, with the chain to its root, and its key,
// both in PEM, and later reads them again whenever one of the files has changed.
// A change that cannot be read is logged and leaves what was there.
func ReadCertificate(certificate, key string, log hclog.Logger) (*Certificate, error) {
	c := &Certificate{kept[*tls.Certificate]{
		paths: []string{certificate, key},
		read: func() (*tls.Certificate, error) {
			if err := onlyForOwner(key); err != nil {
				return nil, err
			}
			pair, err := tls.LoadX509KeyPair(certificate, key)
			return &pair, err
		},
		failed: func(err error) {
			log.Error("the certificate has changed; the one from before is still used", "error", err)
		},
	}}
	return c, c.Reload()
}

// Reload reads the files at once. When it fails, the certificate stays.
func (c *Certificate) Reload() error {
	if err := c.kept.reload(); err != nil {
		return fmt.Errorf("read the certificate and its key: %w", err)
	}
	return nil
}

func (c *Certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.kept.get(), nil },
	}
}
