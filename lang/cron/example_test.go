package cron_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

func Example() {
	expr, err := cron.Parse("30 2 * * *")
	if err != nil {
		panic(err)
	}
	zone, err := cron.LoadZone("America/Los_Angeles")
	if err != nil {
		panic(err)
	}
	daily := cron.New(expr, zone, cron.Policy{})
	from := time.Date(2027, 3, 13, 0, 0, 0, 0, time.UTC)
	for f := range daily.Between(from, from.AddDate(0, 0, 3)) {
		fmt.Println(f.Nominal, "runs", f.Local(zone).Format("2006-01-02 15:04 MST"), f.Reason)
	}
	// Output:
	// 2027-03-13 02:30 runs 2027-03-13 02:30 PST normal
	// 2027-03-14 02:30 runs 2027-03-14 03:00 PDT gap_moved
	// 2027-03-15 02:30 runs 2027-03-15 02:30 PDT normal
}

func ExampleParse() {
	const text = "*,abc 9 * * MON-FRI"
	_, err := cron.Parse(text)
	var problem *cron.Error
	if errors.As(err, &problem) {
		fmt.Println(text)
		fmt.Printf("%*s^ %s %s\n", problem.Offset, "", problem.Code, problem.Message)
	}
	// Output:
	// *,abc 9 * * MON-FRI
	//   ^ WB101 minute: 'abc' is not a number
}

func ExampleExpr_Describe() {
	for _, text := range []string{"0 13 * * *", "*/15 9-17 * * 1-5", "0 0 L * *", "0 0 1-7 * 1"} {
		expr, err := cron.Parse(text)
		if err != nil {
			panic(err)
		}
		fmt.Println(expr.Describe())
	}
	// Output:
	// At 13:00 every day.
	// Every 15 minutes from 09:00 through 17:45 on Monday through Friday.
	// At 00:00 on the last day of the month.
	// At 00:00 on days 1 through 7 of the month or on Mondays.
}

func ExampleSchedule_Hazards() {
	expr, err := cron.Parse("@daily")
	if err != nil {
		panic(err)
	}
	zone, err := cron.LoadZone("Africa/Cairo")
	if err != nil {
		panic(err)
	}
	from := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for h := range cron.New(expr, zone, cron.Policy{}).Hazards(from, from.AddDate(0, 0, 400)) {
		fmt.Println(h.Code, h.Nominal, "runs at", h.Fires[0].Local(zone).Format("15:04"))
	}
	// Output:
	// WB303 2027-04-30 00:00 runs at 01:00
}

func ExampleZone_Instant() {
	zone, err := cron.LoadZone("America/Los_Angeles")
	if err != nil {
		panic(err)
	}
	twice := cron.WallOf(2027, time.November, 7, 1, 30)
	first, _ := zone.Instant(twice, cron.NextValid, cron.First)
	second, _ := zone.Instant(twice, cron.NextValid, cron.Second)
	fmt.Println(first.Format(time.RFC3339), second.Format(time.RFC3339))
	// Output:
	// 2027-11-07T08:30:00Z 2027-11-07T09:30:00Z
}

func ExampleLoadZone() {
	_, err := cron.LoadZone("(GMT-08:00) Pacific Time")
	fmt.Println(err)
	// Output:
	// "(GMT-08:00) Pacific Time" is not an IANA time zone name: write America/Los_Angeles
}
