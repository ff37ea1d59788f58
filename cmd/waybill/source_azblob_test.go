package main

import (
	"net/http"
	"testing"

	"github.com/waybill-dev/waybill/runtime/bucket/servers"
)

// TestSourceAzblob runs examples/azblob against a server of this process that
// checks the signature of every request.
func TestSourceAzblob(t *testing.T) {
	s := servers.NewAzure(t)
	t.Setenv("AZURE_ACCOUNT_KEY", s.Key)
	asked, before := listAsked(func(r *http.Request) bool { return r.URL.Query().Get("comp") == "list" })
	s.Before = before
	remoteDrop{
		example: "azblob", courier: "orders", asked: asked,
		vars: []string{"url=azblob://drop/shops?account=acme&endpoint=" + s.URL},
		put:  func(name, text string) { s.Fill(map[string]string{name: text}) },
		file: func(day string, n int) string { return dayFolder(day) + "orders-" + string(rune('0'+n)) + ".csv" },
		done: func(day string) string { return dayFolder(day) + "_SUCCESS" },
		refused: func() string {
			t.Setenv("AZURE_ACCOUNT_KEY", "aHVudGVyMg==")
			return "the server does not accept the credentials, or they have run out: 403 AuthenticationFailed"
		},
		secrets: []string{s.Key, "aHVudGVyMg=="},
	}.day(t)
}
