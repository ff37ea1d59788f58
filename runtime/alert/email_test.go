package alert_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/alert"
)

// mailbox is an SMTP server that keeps the letters it was sent.
type mailbox struct {
	address string
	trust   *tls.Config // trusts it as example.com
	user    string      // "": it asks for no password
	refuse  error       // what it says to every recipient

	mu      sync.Mutex
	letters []letter
}

type letter struct {
	from   string
	to     []string
	secure bool
	*mail.Message
	body string
}

// newMailbox starts a server. implicit: TLS from the first byte; else, with
// offer, STARTTLS.
func newMailbox(t *testing.T, implicit, offer bool) *mailbox {
	t.Helper()
	https := httptest.NewTLSServer(nil) // for its certificate of example.com
	t.Cleanup(https.Close)
	box := &mailbox{trust: https.Client().Transport.(*http.Transport).TLSClientConfig}
	server := smtp.NewServer(box)
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "example.com", true, silent{}
	if implicit || offer {
		server.TLSConfig = &tls.Config{Certificates: https.TLS.Certificates}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box.address = listener.Addr().String()
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		_, _ = listener.Close(), server.Close() // a server that has not begun to serve yet is ended by its listener only
		<-ended
	})
	return box
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func (b *mailbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &visit{box: b, letter: letter{secure: secure}, known: b.user == ""}, nil
}

// visit is one session of a mailbox.
type visit struct {
	box    *mailbox
	letter letter
	known  bool
}

func (v *visit) AuthMechanisms() []string {
	if v.box.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != v.box.user || password != "p4ssw0rd-of-bob" {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "wrong password " + password}
		}
		v.known = true
		return nil
	}), nil
}

func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	if !v.known {
		return smtp.ErrAuthRequired
	}
	v.letter.from = from
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.letter.to = append(v.letter.to, to)
	return v.box.refuse
}

func (v *visit) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if v.letter.Message, err = mail.ReadMessage(bytes.NewReader(raw)); err != nil {
		return err
	}
	v.letter.body = string(raw)
	v.box.mu.Lock()
	defer v.box.mu.Unlock()
	v.box.letters = append(v.box.letters, v.letter)
	return nil
}

func (v *visit) Reset()        { v.letter = letter{secure: v.letter.secure} }
func (v *visit) Logout() error { return nil }

func (b *mailbox) sender() *alert.Sender { return alert.NewTestSender(b.trust, elsewhere(b.address)) }

func owners(server string) *graph.Alert {
	return &graph.Alert{
		Addr: "alert.email.owners", Type: alert.TypeEmail, SMTP: graph.Text(server),
		From: "Waybill <waybill@example.com>", To: []string{"ann@example.com", "bob@example.com"},
	}
}

// TestEmail sends over each kind of connection, with a password and without.
func TestEmail(t *testing.T) {
	for _, c := range []struct {
		name, server           string
		implicit, offer, known bool
		secure                 bool
	}{
		{"STARTTLS with a password", "smtp://example.com:587", false, true, true, true},
		{"STARTTLS without a password", "smtp://example.com", false, true, false, true},
		{"TLS from the first byte", "smtps://example.com", true, false, true, true},
		{"none is asked for", "smtp://example.com:25?tls=none", false, false, false, false},
		{"on this machine", "smtp://localhost:25", false, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			box := newMailbox(t, c.implicit, c.offer)
			a, secrets := owners(c.server), secretsOf(t, "password", "p4ssw0rd-of-bob")
			if c.known {
				box.user, a.Username, a.Password = "bob", graph.Text("bob"), secret("password")
			}
			answer, err := box.sender().Send(t.Context(), a, secrets, alert.Delivery{ID: "7", Store: "S1", Message: missing()})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(answer, "2 recipients") {
				t.Errorf("the answer is %q", answer)
			}
			got := box.letters[0]
			if got.secure != c.secure || got.from != "waybill@example.com" || len(got.to) != 2 {
				t.Errorf("secure %v, from %s to %v", got.secure, got.from, got.to)
			}
			if subject := got.Header.Get("Subject"); subject != "daily: orders is missing" {
				t.Errorf("the subject is %q", subject)
			}
			if !strings.Contains(got.body, "orders-2026-11-20.csv") || !strings.Contains(got.body, "text/html") {
				t.Errorf("the letter is\n%s", got.body)
			}
		})
	}
}

// TestEmailThread checks that the letters about an incident refer to the same
// one, and that a repetition has the same Message-ID.
func TestEmailThread(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, false, false)
	over := missing()
	over.Phase = alert.Closed
	for _, d := range []alert.Delivery{{ID: "7", Message: missing()}, {ID: "7", Message: missing()}, {ID: "8", Message: over}} {
		if _, err := box.sender().Send(t.Context(), owners("smtp://localhost"), nil, d); err != nil {
			t.Fatal(err)
		}
	}
	first, again, last := box.letters[0].Header, box.letters[1].Header, box.letters[2].Header
	if first.Get("Message-ID") != again.Get("Message-ID") || first.Get("Message-ID") == last.Get("Message-ID") || first.Get("Message-ID") == "" {
		t.Errorf("Message-IDs: %s, %s, %s", first.Get("Message-ID"), again.Get("Message-ID"), last.Get("Message-ID"))
	}
	if first.Get("References") != last.Get("References") || first.Get("References") == "" {
		t.Errorf("References: %s, %s", first.Get("References"), last.Get("References"))
	}
}

// TestEmailRefused checks what is final, and that no password gets out.
func TestEmailRefused(t *testing.T) {
	for _, c := range []struct {
		name, server, want string
		refuse             error
		password           string
		permanent          bool
	}{
		{"no such mailbox", "smtp://localhost", "no such mailbox", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}, "", true},
		{"greylisted", "smtp://localhost", "come back", &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come back"}, "", false},
		{"wrong password", "smtp://example.com", "535", nil, "wr0ng-password", true},
		{"no STARTTLS", "smtp://example.com", "STARTTLS", nil, "", false},
		{"no mail server", "mail.example.com", "smtp://HOST:PORT", nil, "", true},
		{"a port that is none", "smtp://localhost:99999", "port", nil, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			box := newMailbox(t, false, c.password != "")
			box.refuse = c.refuse
			a, secrets := owners(c.server), secretsOf(t, "password", c.password)
			if c.password != "" {
				box.user, a.Username, a.Password = "bob", graph.Text("bob"), secret("password")
			}
			_, err := box.sender().Send(t.Context(), a, secrets, alert.Delivery{ID: "7", Message: missing()})
			var refused *alert.Error
			if !errors.As(err, &refused) || refused.Permanent != c.permanent || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("Send = %v", err)
			}
			if c.password != "" && strings.Contains(err.Error(), c.password) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}
