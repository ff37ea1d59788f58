package view_test

import (
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

// The clock of a drawing is the one that all groups share, else that of UTC,
// whichever group comes first.
func TestTimelineClock(t *testing.T) {
	t.Parallel()
	for zones, want := range map[string]string{
		"America/Los_Angeles":                     "America/Los_Angeles",
		"America/Los_Angeles America/Los_Angeles": "America/Los_Angeles",
		"UTC America/Los_Angeles":                 "UTC",
		"America/Los_Angeles UTC":                 "UTC",
		"America/Los_Angeles Europe/Berlin":       "UTC",
		"UTC America/Los_Angeles UTC":             "UTC",
		"Europe/Berlin UTC Europe/Berlin":         "UTC",
	} {
		g := workspace(func(g *graph.Graph) {
			g.Couriers = []graph.Courier{filedrop("orders", "drop", file("orders", "{yyyy}-{MM}-{dd}.csv"))}
			for i, zone := range strings.Fields(zones) {
				g.Groups = append(g.Groups, group(string(rune('a'+i)), "0 6 * * *", zone, member("orders", 0, graph.Offset{Days: 1})))
			}
		})
		text := string(timeline(t, plan.Make(input(graph.Deployment{}, g, "2026-11-20T22:00:00Z")), view.Options{Width: 100}))
		if !strings.Contains(text, "Times are those of "+want+".") {
			t.Errorf("%s: not drawn by the clocks of %s:\n%s", zones, want, text)
		}
	}
}
