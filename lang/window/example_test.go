package window_test

import (
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// exampleGroup runs daily at 13:00 in Los Angeles, whose dates its files carry.
func exampleGroup() *graph.Group {
	return &graph.Group{
		Addr: "courier_group.daily", Schedule: "0 13 * * *", Active: true,
		Timezone: "America/Los_Angeles", FileDates: "America/Los_Angeles",
		Overlap: graph.BufferOne, CatchUp: graph.Coalesce,
	}
}

// The run of the day on which clocks go back. Its range is 25 hours long, and the
// files of the day before are expected once.
func ExampleCalendar_Read() {
	c, err := window.NewCalendar(exampleGroup())
	if err != nil {
		panic(err)
	}
	tick := time.Date(2026, 11, 1, 21, 0, 0, 0, time.UTC) // 13:00 in Los Angeles
	yesterday := graph.Offset{Days: 1}

	watermark := c.Initial(tick.AddDate(0, 0, 1), yesterday, nil)
	reading := c.Read(watermark, tick.AddDate(0, 0, 1), yesterday)
	local := c.RangeZone().Location()
	fmt.Println("from", reading.Range.Start.In(local))
	fmt.Println("to  ", reading.Range.End.In(local), "after", reading.Range.Length())

	orders := &graph.Courier{Filedrop: &graph.Filedrop{}, Files: []graph.File{
		{Name: "orders", Pattern: "{yyyy}/{MM}/{dd}/orders-*.csv"},
	}}
	want, err := c.Want(orders, reading.Range)
	if err != nil {
		panic(err)
	}
	fmt.Println(want.Names())
	// Output:
	// from 2026-10-31 13:00:00 -0700 PDT
	// to   2026-11-01 13:00:00 -0800 PST after 25h0m0s
	// [2026/11/01/orders-*.csv]
}

// Nobody was there to take three ticks: the newest runs and stands for all of
// them. The next one falls due before it has ended, and waits.
func ExampleCalendar_Step() {
	c, err := window.NewCalendar(exampleGroup())
	if err != nil {
		panic(err)
	}
	day := func(d int) time.Time { return time.Date(2026, 6, d, 20, 0, 0, 0, time.UTC) } // 13:00 in Los Angeles
	state := window.State{}
	for _, event := range []window.Event{
		window.Deployed{Now: day(15).Add(-time.Hour)},
		window.Due{Now: day(17)},
		window.Due{Now: day(18)},
		window.Ended{Key: "courier_group.daily@2026-06-17T20:00:00Z"},
	} {
		var decisions []window.Decision
		state, decisions = c.Step(state, event)
		fmt.Printf("%T\n", event)
		for _, d := range decisions {
			switch d := d.(type) {
			case window.Expect:
				fmt.Println("  expect", d.Firing.Nominal)
			case window.Skip:
				fmt.Println("  skip  ", d.Firing.Nominal, d.Why)
			case window.Take:
				fmt.Println("  take  ", d.Firing.Nominal)
			case window.Start:
				fmt.Println("  start ", d.Key)
			}
		}
	}
	// Output:
	// window.Deployed
	//   expect 2026-06-15 13:00
	// window.Due
	//   skip   2026-06-15 13:00 coalesced into courier_group.daily@2026-06-17T20:00:00Z
	//   skip   2026-06-16 13:00 coalesced into courier_group.daily@2026-06-17T20:00:00Z
	//   take   2026-06-17 13:00
	//   expect 2026-06-18 13:00
	//   start  courier_group.daily@2026-06-17T20:00:00Z
	// window.Due
	//   take   2026-06-18 13:00
	//   expect 2026-06-19 13:00
	// window.Ended
	//   start  courier_group.daily@2026-06-18T20:00:00Z
}

func ExamplePattern_Match() {
	p, err := window.ParsePattern("{yyyy}/{MM}/{dd}/orders-*.csv")
	if err != nil {
		panic(err)
	}
	date, ok := p.Match("2026/11/21/orders-7.csv")
	fmt.Println(p.Unit().Format(date), ok)
	_, err = window.ParsePattern("orders-{YYYYMMDD}.csv")
	fmt.Println(err)
	// Output:
	// 2026-11-21 true
	// the token {YYYYMMDD} is not known: write {yyyy}{MM}{dd}
}
