package graph_test

import (
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestHost(t *testing.T) {
	t.Parallel()
	secret := graph.Value{{Ref: "secret.url"}}
	drop := func(v graph.Value) graph.Courier { return graph.Courier{Filedrop: &graph.Filedrop{URL: v}} }
	for _, test := range []struct {
		courier graph.Courier
		want    string
	}{
		{drop(graph.Text("data/in")), graph.ThisMachine},
		{drop(graph.Text("/data/in@noon")), graph.ThisMachine},
		{drop(graph.Text("file:///data/in")), graph.ThisMachine},
		{drop(graph.Text("sftp://ann@Files.Example.com:22/out?x")), "files.example.com:22"},
		{drop(graph.Text("s3://bucket")), "bucket"},
		{drop(secret), "${secret.url}"},
		{drop(graph.Value{{Literal: "sftp://ann:"}, {Ref: "secret.p"}, {Literal: "@h.example.com/"}}), "h.example.com"},
		{drop(graph.Value{{Literal: "sftp://"}, {Ref: "secret.host"}, {Literal: "/x"}}), "${secret.host}"},
		{drop(nil), ""},
		{graph.Courier{RestAPI: &graph.RestAPI{HTTP: graph.HTTP{URL: graph.Text("https://api.example.com/x")}}}, "api.example.com"},
		{graph.Courier{Warehouse: &graph.Warehouse{DSN: secret}}, "${secret.url}"},
		{graph.Courier{Exec: &graph.Exec{}}, ""},
	} {
		if got := test.courier.Host(); got != test.want {
			t.Errorf("%+v: %q, want %q", test.courier, got, test.want)
		}
	}
}
