package plan_test

import (
	"fmt"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// A thousand groups with ten couriers each, planned against a change of one, and
// of all.
func BenchmarkMake(b *testing.B) {
	big := func() *graph.Graph {
		g := daily("0 13 * * *", losAngeles)
		g.Groups = nil
		for i := range 1000 {
			group := group(fmt.Sprintf("g%04d", i), fmt.Sprintf("%d %d * * *", i%60, i%24), losAngeles)
			for j := range 10 {
				m := member("orders", graph.Offset{Days: 1})
				m.Name = fmt.Sprintf("m%d", j)
				group.Members = append(group.Members, m)
			}
			g.Groups = append(g.Groups, group)
		}
		return g
	}
	for name, edit := range map[string]func(*graph.Graph){
		"one": func(g *graph.Graph) { g.Groups[500].Schedule = "0 5 * * *" },
		"all": func(g *graph.Graph) {
			for i := range g.Groups {
				g.Groups[i].Members[0].Wait++
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			old, now := big(), big()
			edit(now)
			in := plan.Input{Deployed: applied(old), Graph: now, At: at("2026-11-21T20:00:00Z")}
			b.ReportAllocs()
			for b.Loop() {
				plan.Make(in)
			}
		})
	}
}
