package lang

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// zones reports schedules for which nobody wrote a zone: one note for all of them,
// since one line in the workspace's defaults answers it, and one of its own for a
// group that keeps to the working week of people who do not live by UTC.
func (c *checker) zones() {
	if c.hasDefaultZone() {
		return
	}
	var unstated []*graph.Group
	for i := range c.graph.Groups {
		g := &c.graph.Groups[i]
		o := c.objects[g.Addr]
		if o.partly || o.has("timezone") || !o.has("schedule") {
			continue
		}
		if c.businessHours(g, o) {
			continue
		}
		if !slices.Contains(g.Accept, string(diag.ZoneUnstated)) {
			unstated = append(unstated, g)
		}
	}
	if len(unstated) == 0 {
		return
	}
	first := unstated[0]
	who := string(first.Addr) + " has a schedule and no timezone, so its times are UTC"
	if more := len(unstated) - 1; more > 0 {
		who = fmt.Sprintf("%s and %d more have a schedule and no timezone, so their times are UTC", first.Addr, more)
	}
	c.add(diag.ZoneUnstated, c.objects[first.Addr].place("schedule"), title(diag.ZoneUnstated),
		"%s. If that is meant, state it in the group, or for all groups at once:\n\n  waybill {\n    defaults { timezone = \"UTC\" }\n  }", who).Address = string(first.Addr)
}

// hasDefaultZone reports whether the workspace's defaults write a zone.
func (c *checker) hasDefaultZone() bool {
	w := c.objects["waybill"]
	return w != nil && w.only("defaults") != nil && (w.partly || w.only("defaults").has("timezone"))
}

// businessHours reports a group without a zone that runs from Monday to Friday at
// a fixed time: it is meant for people, whose clocks may move against UTC. It names
// the zone that the workspace tells of, else an example.
func (c *checker) businessHours(g *graph.Group, o *object) bool {
	e, err := cron.Parse(g.Schedule)
	if err != nil || e.Interval() || !workingWeek(e) || slices.Contains(g.Accept, string(diag.DSTBusinessHours)) {
		return false
	}
	name, told := c.peopleZone(g)
	zone, err := cron.LoadZone(name)
	if err != nil {
		return false
	}
	winter, summer := clockIn(e, zone, time.January), clockIn(e, zone, time.July)
	if winter == summer {
		return false
	}
	where := "in " + name + ", for example,"
	if told {
		where = "in " + name + ", which the workspace names elsewhere,"
	}
	c.add(diag.DSTBusinessHours, o.place("schedule"), title(diag.DSTBusinessHours),
		"%s runs on working days and has no timezone, so its times are UTC: %s UTC is %s %s in January and %s in July. "+
			"If the time on people's clocks is what matters, write their zone:\n\n  timezone = %q\n\nIf not, state timezone = \"UTC\".",
		g.Addr, e.Next(cron.WallOf(2027, 1, 4, 0, 0)).Clock(), where, winter, summer, name).Address = string(g.Addr)
	return true
}

// workingWeek reports whether an expression names Monday to Friday and no other
// date. The week is one like any other.
func workingWeek(e *cron.Expr) bool {
	monday := cron.WallOf(2027, 1, 4, 0, 0)
	return e.CountDates(monday, monday.AddDays(5)) == 5 && e.CountDates(monday.AddDays(5), monday.AddDays(7)) == 0
}

// clockIn is what people in a zone see when the first run of a day in the middle of
// a month starts. Which year it is does not matter.
func clockIn(e *cron.Expr, z *cron.Zone, m time.Month) string {
	first := e.Next(cron.WallOf(2027, m, 15, 0, 0))
	return z.Wall(time.Unix(int64(first), 0)).Clock()
}

// peopleZone is a zone with daylight saving that the workspace tells of: of the
// group's file dates, of the quiet hours of its alerts, or of another group; told
// is false where it tells of none.
func (c *checker) peopleZone(g *graph.Group) (name string, told bool) {
	names := []string{g.FileDates}
	for _, a := range g.Alerts {
		if alert := c.graph.Alert(a); alert != nil && alert.Quiet != nil {
			names = append(names, alert.Quiet.Timezone)
		}
	}
	for i := range c.graph.Groups {
		names = append(names, c.graph.Groups[i].Timezone)
	}
	for _, n := range names {
		if strings.Contains(n, "/") && !strings.HasPrefix(n, "Etc/") {
			return n, true
		}
	}
	return "America/New_York", false
}
