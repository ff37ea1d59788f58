package window_test

import (
	"fmt"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func BenchmarkNewCalendar(b *testing.B) {
	b.ReportAllocs()
	g := group(zoned("0 13 * * *", "America/Los_Angeles"))
	for b.Loop() {
		if _, err := window.NewCalendar(g); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMaxRange(b *testing.B) {
	g := group(zoned("0 13 1 * *", "America/Los_Angeles"))
	for b.Loop() {
		c, err := window.NewCalendar(g)
		if err != nil {
			b.Fatal(err)
		}
		c.MaxRange()
	}
}

// BenchmarkJudge is one look at a folder with ten thousand files.
func BenchmarkJudge(b *testing.B) {
	b.ReportAllocs()
	w := want(b, calendar(b, nil), drop(graph.File{Name: "orders", Pattern: "{yyyy}/{MM}/{dd}/orders-*.csv"}), twoDays)
	var there []window.Object
	for i := range 10_000 {
		there = append(there, objects(oldTime, fmt.Sprintf("2026/%02d/%02d/orders-%d.csv", i%12+1, i%28+1, i))...)
	}
	for b.Loop() {
		w.Judge(window.Look{At: twoDays.End, Objects: there}, nil, graph.Ready{}, window.History{})
	}
}
