package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/runtime/bucket/servers"
)

// dayFolder is that of a day, such as "20261121", in the examples of object stores.
func dayFolder(day string) string {
	return "shops/orders/" + day[:4] + "/" + day[4:6] + "/" + day[6:] + "/"
}

// listAsked tells of each list that a server is asked for, when somebody listens.
func listAsked(isList func(*http.Request) bool) (asked chan struct{}, before func(http.ResponseWriter, *http.Request) bool) {
	asked = make(chan struct{})
	return asked, func(_ http.ResponseWriter, r *http.Request) bool {
		if isList(r) {
			select {
			case asked <- struct{}{}:
			default:
			}
		}
		return false
	}
}

// TestSourceGS runs examples/gs against a server of this process that checks the
// key of the service account.
func TestSourceGS(t *testing.T) {
	s, stranger := servers.NewGCS(t), servers.NewGCS(t)
	key := s.Account(t)
	var at string
	write := func(dir, text string) {
		at = filepath.Join(dir, "secrets")
		if err := os.MkdirAll(at, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(at, "service-account.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asked, before := listAsked(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/o") })
	s.Before = before
	remoteDrop{
		example: "gs", courier: "orders", asked: asked,
		vars:    []string{"url=gs://acme/shops?endpoint=" + s.URL},
		prepare: func(dir string) { write(dir, key) },
		put:     func(name, text string) { s.Fill(map[string]string{name: text}) },
		file:    func(day string, n int) string { return dayFolder(day) + "orders-" + string(rune('0'+n)) + ".csv" },
		done:    func(day string) string { return dayFolder(day) + "_SUCCESS" },
		refused: func() string {
			other := strings.ReplaceAll(key, s.URL, stranger.URL)
			write(filepath.Dir(at), strings.ReplaceAll(other, "loader@", "former@"))
			return "Google gives former@acme.iam.gserviceaccount.com no access: 400 invalid_grant"
		},
		secrets: []string{"BEGIN PRIVATE KEY"},
	}.day(t)
}
