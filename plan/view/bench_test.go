package view_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

// BenchmarkViews shows a change of all thousand groups of a workspace, which have
// ten couriers each.
func BenchmarkViews(b *testing.B) {
	with := func(days string) *graph.Graph {
		return workspace(func(g *graph.Graph) {
			var members []graph.Member
			for i := range 10 {
				name := fmt.Sprintf("orders_%d", i)
				g.Couriers = append(g.Couriers, filedrop(name, "s3://acme-drop/orders", file("orders", "orders-{yyyy}-{MM}-{dd}.csv")))
				members = append(members, member(name, hours(1+i%3), graph.Offset{}))
			}
			for i := range 1000 {
				g.Groups = append(g.Groups, group(fmt.Sprintf("brand_%04d", i), fmt.Sprintf("%d %d * * %s", i%60, i%24, days), "UTC", members...))
			}
		})
	}
	p := plan.Make(input(applied(with("*")), with("1-5"), "2026-11-20T22:00:00Z"))
	for _, v := range []struct {
		name  string
		write func(io.Writer, *plan.Plan, view.Options) error
	}{
		{"text", view.Text}, {"timeline", view.Timeline}, {"markdown", view.Markdown}, {"html", view.HTML},
		{"json", func(w io.Writer, p *plan.Plan, _ view.Options) error { return view.JSON(w, p) }},
	} {
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := v.write(io.Discard, p, view.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
