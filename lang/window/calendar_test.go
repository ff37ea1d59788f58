package window_test

import (
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

func TestNewCalendar(t *testing.T) {
	t.Parallel()
	c, err := window.NewCalendar(&graph.Group{Addr: "courier_group.g", Schedule: "0 13 * * *", Timezone: "Europe/London"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Zone().Name() != "Europe/London" || c.RangeZone().Name() != "UTC" || c.Group().Addr != "courier_group.g" {
		t.Errorf("got zones %s and %s", c.Zone().Name(), c.RangeZone().Name())
	}
	if c, err = window.NewCalendar(&graph.Group{}); err != nil || c.Schedule() != nil || c.Zone().Name() != "UTC" {
		t.Errorf("got %+v, %v; want a group without schedule, in UTC", c, err)
	}
}

func TestNewCalendarRefused(t *testing.T) {
	t.Parallel()
	for name, g := range map[string]*graph.Group{
		"schedule":   {Schedule: "0 0 30 2 *"},
		"timezone":   {Timezone: "PST"},
		"file_dates": {FileDates: "Mars/Olympus"},
		"dst":        {DST: graph.DST{Gap: "jump"}},
	} {
		if _, err := window.NewCalendar(g); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
