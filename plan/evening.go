package plan

import (
	"fmt"
	"slices"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// eveningDates reports a group whose file names follow UTC because nobody said
// otherwise, although on its own calendar some run has another date.
func eveningDates(in Input, c *window.Calendar) diag.List {
	g := c.Group()
	if !g.Active || g.FileDatesStated || c.RangeZone().Name() == c.Zone().Name() ||
		slices.Contains(g.Accept, string(diag.FileDatesUnstated)) || !datedFiles(in.Graph, g) {
		return nil
	}
	var first cron.Firing
	differ, all := 0, 0
	for f := range c.Schedule().Between(in.At, in.At.Add(HazardHorizon)) {
		all++
		if c.Zone().Wall(f.Instant).Midnight() == c.RangeZone().Wall(f.Instant).Midnight() {
			continue
		}
		if differ++; differ == 1 {
			first = f
		}
	}
	if differ == 0 {
		return nil
	}
	local := first.Instant.In(c.Zone().Location())
	d := diag.FileDatesUnstated.New(in.Graph.Place(g.Addr, "schedule"),
		"File dates in UTC for a group in another zone",
		"%s runs in %s, but the dates in its file names follow %s, the default. At %s of its %s in the next 400 days the two have different dates: "+
			"the run of %s is already at %s in %s. If the files are dated as in the group's zone, write\n\n  file_dates = \"schedule\"\n\n"+
			"in the group; if they are dated in UTC, state it:\n\n  file_dates = \"utc\"",
		g.Addr, c.Zone().Name(), c.RangeZone().Name(), share(differ, all), count(all, "run"),
		local.Format("Mon 2006-01-02 15:04 ")+ZoneText(local), first.Instant.In(c.RangeZone().Location()).Format("Mon 2006-01-02 15:04"), c.RangeZone().Name())
	d.Address = string(g.Addr)
	return diag.List{d}
}

func share(n, all int) string {
	if n == all {
		return "every one"
	}
	return fmt.Sprint(n)
}

// datedFiles reports whether a courier of the group looks for dates at all.
func datedFiles(g *graph.Graph, group *graph.Group) bool {
	for _, m := range group.Members {
		c := g.Courier(m.Courier)
		if c == nil {
			continue
		}
		for _, f := range c.Files {
			if p, err := window.ParsePattern(f.Pattern); err == nil && p.Unit() != window.None {
				return true
			}
		}
	}
	return false
}
