package alert

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// mailServer is what the URL of a mail server says.
type mailServer struct {
	host     string
	port     int
	implicit bool // TLS from the first byte: smtps://
	plain    bool // no TLS is asked for: ?tls=none, and this machine
}

// The ports of smtp:// and smtps:// URLs that name none.
const (
	submission  = 587
	submissions = 465
)

// parseMailServer reads smtp://host:port and smtps://host:port.
func parseMailServer(text string) (mailServer, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return mailServer{}, permanent("smtp is not the address of a mail server: one is written smtp://HOST:PORT or smtps://HOST:PORT")
	}
	s := mailServer{host: u.Hostname(), port: submission, implicit: u.Scheme == "smtps"}
	if s.implicit {
		s.port = submissions
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil || s.port < 1 || s.port > 65535 {
			return s, permanent("smtp has the port %q; write a number from 1 to 65535", p)
		}
	}
	local := net.ParseIP(s.host)
	s.plain = u.Query().Get("tls") == "none" || s.host == "localhost" || local != nil && local.IsLoopback()
	return s, nil
}

// email sends a message by SMTP. Over smtp:// it insists on STARTTLS, save on
// this machine and with ?tls=none; a password is never sent in the clear to
// another machine.
func (s *Sender) email(ctx context.Context, a *graph.Alert, values *value.Resolver, d Delivery) (string, error) {
	text, err := values.Text(a.SMTP)
	if err != nil {
		return "", err
	}
	server, err := parseMailServer(text)
	if err != nil {
		return "", err
	}
	client, err := s.mailClient(ctx, a, values, server)
	if err != nil {
		return "", err
	}
	letter, err := compose(a, d)
	if err != nil {
		return "", err
	}
	if err := client.DialAndSendWithContext(ctx, letter); err != nil && !letter.IsDelivered() {
		return "", judgeMail(err)
	}
	return fmt.Sprintf("accepted by %s for %d of %d recipients: %s", server.host, len(a.To), len(a.To), oneLine(letter.ServerResponse())), nil
}

func (s *Sender) mailClient(ctx context.Context, a *graph.Alert, values *value.Resolver, server mailServer) (*mail.Client, error) {
	trust := s.tls.Clone()
	trust.ServerName = server.host
	policy := mail.TLSMandatory
	if server.plain || server.implicit {
		policy = mail.TLSOpportunistic
	}
	options := []mail.Option{
		mail.WithPort(server.port), mail.WithTimeout(Timeout), mail.WithTLSConfig(trust), mail.WithTLSPolicy(policy), mail.WithoutNoop(),
		mail.WithDialContextFunc(s.connect(ctx, server, trust)),
	}
	user, err := values.Text(a.Username)
	if err != nil {
		return nil, err
	}
	password, err := values.Text(a.Password)
	if err != nil {
		return nil, err
	}
	if user != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(user), mail.WithPassword(password))
	}
	client, err := mail.NewClient(server.host, options...)
	if err != nil {
		return nil, permanent("the mail server of %s: %w", a.Addr, err)
	}
	return client, nil
}

// connect returns what connects to a mail server, over TLS where that is spoken
// from the first byte, and breaks the connection off when ctx ends.
func (s *Sender) connect(ctx context.Context, server mailServer, trust *tls.Config) mail.DialContextFunc {
	return func(dial context.Context, network, address string) (net.Conn, error) {
		conn, err := s.dial(dial, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
		if !server.implicit {
			return conn, nil
		}
		secure := tls.Client(conn, trust)
		if err := secure.HandshakeContext(dial); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return secure, nil
	}
}

// compose writes the letter. All letters about an incident refer to the same
// Message-ID, by which mail programs put them together.
func compose(a *graph.Alert, d Delivery) (*mail.Msg, error) {
	m := d.Message
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := letter.From(a.From); err != nil {
		return nil, permanent("the sender of %s: %w", a.Addr, err)
	}
	if err := letter.To(a.To...); err != nil {
		return nil, permanent("the recipients of %s: %w", a.Addr, err)
	}
	letter.Subject(cut(oneLine(m.headline()), maxHeader))
	letter.SetDateWithValue(m.At)
	letter.SetMessageIDWithValue(messageID(d.Store, d.ID))
	if m.Incident != "" {
		root := "<" + messageID(d.Store, m.Incident) + ">"
		letter.SetGenHeader(mail.HeaderReferences, root)
		letter.SetGenHeader(mail.HeaderInReplyTo, root)
		letter.SetGenHeader("X-Waybill-Incident", oneLine(m.Incident))
	}
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // so that no one's absence note answers
	letter.SetBodyString(mail.TypeTextPlain, m.plain())
	letter.AddAlternativeString(mail.TypeTextHTML, m.html())
	return letter, nil
}

// messageID names a letter after what it is about, in the characters that a
// Message-ID takes.
func messageID(store, about string) string {
	sum := sha256.Sum256([]byte(store + "\x00" + about))
	return hex.EncodeToString(sum[:16]) + "@waybill.invalid"
}

// judgeMail says whether a mail server refuses for good: codes from 500 to 599.
func judgeMail(err error) error {
	judged := &Error{Err: fmt.Errorf("send the mail: %w", err)}
	var send *mail.SendError
	var reply *textproto.Error
	switch {
	case errors.As(err, &send):
		judged.Permanent = send.ErrorCode() >= 500
	case errors.Is(err, mail.ErrNoSupportedAuthDiscovered):
		judged.Permanent = true
	case errors.As(err, &reply):
		judged.Permanent = reply.Code >= 500
	}
	return judged
}
