package server_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/client"
	"github.com/waybill-dev/waybill/runtime/server"
)

// large is a graph of 10,000 couriers in 1,000 groups.
func large() *graph.Graph {
	g := orders()
	courier, group := g.Couriers[0], g.Groups[0]
	g.Couriers, g.Groups = nil, nil
	for i := range 10_000 {
		c := courier
		c.Addr = graph.Addr(fmt.Sprintf("courier.c%05d", i))
		g.Couriers = append(g.Couriers, c)
	}
	for i := range 1_000 {
		of := group
		of.Addr, of.Members = graph.Addr(fmt.Sprintf("courier_group.g%04d", i)), nil
		for j := range 10 {
			m := group.Members[0]
			m.Name = fmt.Sprintf("c%05d", 10*i+j)
			m.Courier = graph.Addr("courier." + m.Name)
			of.Members = append(of.Members, m)
		}
		g.Groups = append(g.Groups, of)
	}
	return g
}

// BenchmarkLarge asks for a deployment of 10,000 couriers and applies one, with
// the runtime here and through a server.
func BenchmarkLarge(b *testing.B) {
	r, err := runtime.Open(b.Context(), b.TempDir(), runtime.Options{Actor: "ann"})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	file := tokensFile(b, "ci "+token)
	known, err := server.ReadTokens(file, hclog.NewNullLogger())
	if err != nil {
		b.Fatal(err)
	}
	h := httptest.NewServer(server.New(server.Options{Runtime: r, Tokens: known}))
	defer h.Close()
	c, err := client.New(client.Options{URL: h.URL, Token: token, Actor: "ann"})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	g := large()
	for _, way := range []struct {
		name string
		remote
	}{{"local", r}, {"server", c}} {
		b.Run("deploy/"+way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := r.Deployment(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				if _, err := way.Deploy(b.Context(), graph.Deployment{Serial: d.Serial, Graph: g}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("deployment/"+way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := way.Deployment(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
