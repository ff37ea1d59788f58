package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// payloadVersion is that of the document which a webhook gets.
const payloadVersion = "1.0"

// payload is what a webhook gets: the message with what tells deliveries apart.
type payload struct {
	FormatVersion string `json:"format_version"`
	ID            string `json:"id"`
	Store         string `json:"store"`
	Message
}

// webhook posts a message as JSON, signed where the alert has a key, in the
// manner of Standard Webhooks.
func (s *Sender) webhook(ctx context.Context, a *graph.Alert, values *value.Resolver, d Delivery) (string, error) {
	url, err := address(a, values)
	if err != nil {
		return "", err
	}
	key, err := values.Text(a.SigningKey)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(payload{payloadVersion, d.ID, d.Store, d.Message})
	if err != nil {
		return "", permanent("write the message as JSON: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return "", permanent("the webhook of %s is not a web address", a.Addr)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "waybill")
	now := time.Now()
	req.Header.Set("Webhook-Id", d.ID)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	if key != "" {
		signature, err := Sign(key, d.ID, now, body)
		if err != nil {
			return "", permanent("sign for %s: %w", a.Addr, err)
		}
		req.Header.Set("Webhook-Signature", signature)
	}
	client, heard := s.listen(values.Secrets.Redactor())
	_, err = client.Do(req) // the listener has closed its body
	return heard.judge(err)
}

// keyPrefix is how a signing key is written of which the rest is base64.
const keyPrefix = "whsec_"

// Sign returns the signature of a webhook's body, as it stands in the header
// Webhook-Signature: "v1," and the base64 of the HMAC-SHA256, with the key, of
// the message's id, the Unix time in seconds and the body, joined with dots. A
// key that begins with "whsec_" is base64; any other counts as it is.
func Sign(key, id string, at time.Time, body []byte) (string, error) {
	raw := []byte(key)
	if text, ok := strings.CutPrefix(key, keyPrefix); ok {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "", fmt.Errorf("the signing key begins with %s, but what follows is not base64", keyPrefix)
		}
		raw = decoded
	}
	mac := hmac.New(sha256.New, raw)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}
