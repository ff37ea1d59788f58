package value_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/runtime/value"
)

func TestASecretIsHiddenHoweverItIsSpelled(t *testing.T) {
	t.Parallel()
	const secret = `pä/ss+&<"x😀-7f3a91`
	r := &value.Redactor{}
	r.Add("lake", secret)
	quoted, _ := json.Marshal(secret)
	for _, text := range []string{
		secret, hex.EncodeToString([]byte(secret)), fmt.Sprintf("%X", secret), html.EscapeString(secret), string(quoted),
		fmt.Sprintf("%q", secret), fmt.Sprintf("%+q", secret), strings.ToUpper(secret),
		`p\u00e4/ss+&<\"x\ud83d\ude00-7f3a91`, strings.ReplaceAll(secret[:len(secret)-7], `"`, `\"`) + "-7f3a91",
		base64.StdEncoding.EncodeToString([]byte("ab" + secret + "cd")),
	} {
		if got := r.String("<" + text + ">"); !strings.Contains(got, "(secret lake)") || strings.Contains(strings.ToLower(got), "7f3a91") {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
}

func TestThePartsOfASecretAddressAreHidden(t *testing.T) {
	t.Parallel()
	r := &value.Redactor{}
	r.Add("hook", "https://hooks.example.com/in/T0000001/B0000002?key=k3y-7f3a91&id=1")
	r.Add("dsn", "postgres://bob:hunter%2F2x@db.example.com/orders")
	r.Add("keys", `host=db user=bob password='it\'s me' sslmode=disable`)
	for text, want := range map[string]string{
		"GET /in/T0000001/B0000002?key=k3y-7f3a91&id=1": "GET (secret hook)",
		"no channel B0000002":                           "no channel (secret hook)",
		"wrong key k3y-7f3a91":                          "wrong key (secret hook)",
		"password hunter/2x is wrong":                   "password (secret dsn) is wrong",
		"postgres://bob:hunter%2F2x@db":                 "postgres://bob:(secret dsn)@db",
		`password it\'s me`:                             "password (secret keys)",
		"cannot reach db.example.com as bob":            "cannot reach db.example.com as bob",
	} {
		if got := r.String(text); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}

func TestHalfASecretAtACutIsHidden(t *testing.T) {
	t.Parallel()
	r := &value.Redactor{}
	r.Add("lake", "canary-7f3a91")
	for text, want := range map[string]string{
		"it is canary-7f3a91, and": "it is (secret lake), and", "it is canary-7": "it is (cut off)", "it is ca": "it is ca", "it": "it",
	} {
		if got := r.Cut(text); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}

func TestTheNewestValuesOfASecretAreHidden(t *testing.T) {
	t.Parallel()
	r := &value.Redactor{}
	for i := range 100 {
		r.Add("token", fmt.Sprintf("value-number-%03d", i))
	}
	for i, shown := range map[int]bool{0: true, 35: true, 36: false, 99: false} {
		if text := fmt.Sprintf("value-number-%03d", i); (r.String(text) == text) != shown {
			t.Errorf("%s is shown as %s", text, r.String(text))
		}
	}
}
