package alert_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/value"
)

// missing is a message as the runtime writes one.
func missing() alert.Message {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	return alert.Message{
		Incident: "daily/missing/orders#17", Phase: alert.Opened, Event: "missing",
		Group: "courier_group.daily", Run: "courier_group.daily@2026-11-21T06:00:00Z", Task: "orders",
		Title: "daily: orders is missing", Text: "Not there by 2026-11-21T07:00:00Z. Nothing else starts.",
		Since: at.Add(-time.Hour), At: at, Zone: "Europe/Berlin", Runs: 1, Names: []string{"orders-2026-11-20.csv"},
		When: "When it is there", Command: "waybill retry daily",
	}
}

// receiver is a server that keeps what it was sent.
type receiver struct {
	*httptest.Server
	answer http.HandlerFunc

	mu   sync.Mutex
	got  []*http.Request
	body [][]byte
}

func newReceiver(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.got, r.body = append(r.got, req), append(r.body, body)
		r.mu.Unlock()
		r.answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func answers(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// secretsOf makes secrets of pairs of a name and a value.
func secretsOf(t *testing.T, pairs ...string) *value.Secrets {
	t.Helper()
	var declared []graph.Secret
	for i := 0; i < len(pairs); i += 2 {
		variable := fmt.Sprintf("ALERT_TEST_%s", strings.ToUpper(pairs[i]))
		t.Setenv(variable, pairs[i+1])
		declared = append(declared, graph.Secret{Name: pairs[i], Env: variable})
	}
	return value.NewSecrets(t.TempDir(), declared, &value.Redactor{})
}

func secret(name string) graph.Value { return graph.Value{{Ref: "secret." + name}} }

// TestWebhook checks the payload, its headers and its signature, as a receiver
// would.
func TestWebhook(t *testing.T) {
	r := newReceiver(t, answers(http.StatusAccepted, "queued"))
	const key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secrets := secretsOf(t, "hook", r.URL+"/in/T0P", "key", key)
	a := &graph.Alert{Addr: "alert.webhook.pager", Type: alert.TypeWebhook, Webhook: secret("hook"), SigningKey: secret("key")}
	answer, err := alert.NewSender().Send(t.Context(), a, secrets, alert.Delivery{ID: "msg_1", Store: "S1", Message: missing()})
	if err != nil {
		t.Fatal(err)
	}
	if want := "202 Accepted: queued"; answer != want {
		t.Errorf("the answer is %q, want %q", answer, want)
	}
	req, body := r.got[0], r.body[0]
	seconds, err := strconv.ParseInt(req.Header.Get("webhook-timestamp"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	want, err := alert.Sign(key, "msg_1", time.Unix(seconds, 0), body)
	if err != nil {
		t.Fatal(err)
	}
	if got := req.Header.Get("webhook-signature"); got != want || req.Header.Get("webhook-id") != "msg_1" {
		t.Errorf("the signature is %q, want %q; the id is %q", got, want, req.Header.Get("webhook-id"))
	}
	if age := time.Since(time.Unix(seconds, 0)); age < 0 || age > time.Minute {
		t.Errorf("the timestamp is %s old", age)
	}
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"format_version": "1.0", "id": "msg_1", "store": "S1", "incident": "daily/missing/orders#17", "phase": "opened", "event": "missing",
		"command": "waybill retry daily", "since": "2026-11-21T06:00:00Z",
	} {
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSignature compares a signature with the example of the Standard Webhooks
// specification.
func TestSignature(t *testing.T) {
	t.Parallel()
	got, err := alert.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("Sign = %q, %v; want %q", got, err, want)
	}
	if _, err := alert.Sign("whsec_!!", "m", time.Unix(0, 0), nil); err == nil {
		t.Error("a key that is no base64 was taken")
	}
}

// TestRefusals checks which answers are final, and how long the others want to
// be left alone.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		status    int
		retry     string
		permanent bool
		after     time.Duration
	}{
		{http.StatusNotFound, "", true, 0},
		{http.StatusGone, "", true, 0},
		{http.StatusForbidden, "", true, 0},
		{http.StatusMovedPermanently, "", true, 0},
		{http.StatusTooManyRequests, "30", false, 30 * time.Second},
		{http.StatusServiceUnavailable, "120", false, 2 * time.Minute},
		{http.StatusInternalServerError, "", false, 0},
		{http.StatusRequestTimeout, "", false, 0},
		{http.StatusTooManyRequests, "9999999999", false, 6 * time.Hour}, // an instant in 2286
		{http.StatusForbidden, "30", false, 30 * time.Second},
		{http.StatusTooManyRequests, "9999999", false, 6 * time.Hour},
	} {
		for _, kind := range []string{alert.TypeSlack, alert.TypeWebhook} {
			r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.retry != "" {
					w.Header().Set("Retry-After", c.retry)
				}
				w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, "no_service\n")
			})
			a := &graph.Alert{Addr: "alert.x.y", Type: kind, Webhook: graph.Text(r.URL + "/hook")}
			_, err := alert.NewSender().Send(t.Context(), a, nil, alert.Delivery{ID: "1", Message: missing()})
			var refused *alert.Error
			if !errors.As(err, &refused) {
				t.Fatalf("%s %d: %v", kind, c.status, err)
			}
			if refused.Permanent != c.permanent || refused.RetryAfter != c.after {
				t.Errorf("%s %d, Retry-After %q: permanent %v after %s, want %v %s", kind, c.status, c.retry, refused.Permanent, refused.RetryAfter, c.permanent, c.after)
			}
			if !strings.Contains(err.Error(), strconv.Itoa(c.status)) || !strings.Contains(err.Error(), "no_service") {
				t.Errorf("%s %d: the error does not say what was answered: %v", kind, c.status, err)
			}
		}
	}
}

// TestSecretsStayOut checks that no error and no answer shows a secret, however
// the other side fails.
func TestSecretsStayOut(t *testing.T) {
	const token = "T0PS3CRET0123456789"
	r := newReceiver(t, func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "no such hook: "+req.URL.Path)
	})
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, url := range map[string]string{
		"refused": r.URL + "/" + token, "unreachable": gone.URL + "/" + token, "no url": "::" + token, "another scheme": "ftp://x/" + token,
	} {
		for _, kind := range []string{alert.TypeSlack, alert.TypeWebhook, alert.TypeEmail} {
			secrets := secretsOf(t, "hook", url)
			a := &graph.Alert{Addr: "alert.x.y", Type: kind, Webhook: secret("hook"), SMTP: secret("hook"), From: "a@example.com", To: []string{"b@example.com"}}
			_, err := alert.NewSender().Send(t.Context(), a, secrets, alert.Delivery{ID: "1", Message: missing()})
			if err == nil || strings.Contains(err.Error(), token) {
				t.Errorf("%s, %s: %v", kind, name, err)
			}
		}
	}
	a := &graph.Alert{Addr: "alert.x.y", Type: alert.TypeSlack, Webhook: secret("absent")}
	_, err := alert.NewSender().Send(t.Context(), a, secretsOf(t), alert.Delivery{ID: "1", Message: missing()})
	var refused *alert.Error
	if !errors.As(err, &refused) || !refused.Permanent {
		t.Errorf("a secret that is not there: %v", err)
	}
}

// TestStopped checks that a sending ends with its context, and is tried again.
func TestStopped(t *testing.T) {
	t.Parallel()
	held := make(chan struct{})
	r := newReceiver(t, func(_ http.ResponseWriter, req *http.Request) {
		close(held)
		<-req.Context().Done()
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-held; cancel(errors.New("the process is ending")) }()
	a := &graph.Alert{Addr: "alert.x.y", Type: alert.TypeWebhook, Webhook: graph.Text(r.URL)}
	_, err := alert.NewSender().Send(ctx, a, nil, alert.Delivery{ID: "1", Message: missing()})
	var e *alert.Error
	if !errors.As(err, &e) || e.Permanent || !strings.Contains(err.Error(), "the process is ending") {
		t.Errorf("Send = %v", err)
	}
}

// TestSlack checks what a channel gets, and that every block keeps to Slack's
// limits whatever a message holds.
func TestSlack(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, answers(http.StatusOK, "ok"))
	a := &graph.Alert{Addr: "alert.slack.data", Type: alert.TypeSlack, Webhook: graph.Text(r.URL)}
	long := missing()
	long.Title = strings.Repeat("ä<", 400)
	long.Text = strings.Repeat("x & y ", 2000)
	for i := range 500 {
		long.Names = append(long.Names, fmt.Sprintf("a-file-with-a-long-name-%06d.csv", i))
		long.Log = append(long.Log, alert.Line{At: long.At, Text: strings.Repeat("```", 10)})
	}
	long.When = strings.Repeat("when <it> ", 1000)
	for _, m := range []alert.Message{missing(), long} {
		if _, err := alert.NewSender().Send(t.Context(), a, nil, alert.Delivery{ID: "1", Message: m}); err != nil {
			t.Fatal(err)
		}
	}
	type text struct{ Type, Text string }
	for i, body := range r.body {
		var sent struct {
			Text   string
			Blocks []struct {
				Type     string
				Text     text
				Elements []text
			}
		}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Fatal(err)
		}
		if sent.Text == "" || len(sent.Blocks) == 0 || len(sent.Blocks) > 50 {
			t.Errorf("message %d: %d blocks, text %q", i, len(sent.Blocks), sent.Text)
		}
		for _, b := range sent.Blocks {
			limit := 3000
			if b.Type == "header" {
				limit = 150
			}
			for _, x := range append(b.Elements, b.Text) {
				if n := len([]rune(x.Text)); n > limit {
					t.Errorf("message %d: a %s of %d characters", i, b.Type, n)
				}
			}
		}
		if !bytes.Contains(body, []byte("daily/missing/orders#17")) {
			t.Errorf("message %d has no incident", i)
		}
	}
}

// elsewhere returns what connects to one address whatever it is asked for.
func elsewhere(address string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}
