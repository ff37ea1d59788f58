package alert

import (
	"context"
	"crypto/tls"
	"net"
)

// NewTestSender returns a sender with its own trust, of which every connection
// goes to where dial says.
func NewTestSender(trust *tls.Config, dial func(ctx context.Context, network, address string) (net.Conn, error)) *Sender {
	return newSender(trust, dial)
}

// Plain, HTML and Headline are the texts of a message.
func (m Message) Plain() string    { return m.plain() }
func (m Message) HTML() string     { return m.html() }
func (m Message) Headline() string { return m.headline() }
