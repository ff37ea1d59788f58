package cron_test

import (
	"slices"
	"testing"

	"github.com/waybill-dev/waybill/lang/cron"
)

func TestNotes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr string
		want []string // code and the bytes it is about
	}{
		{"0 13 * * *", nil},
		{"@daily", nil},
		{"0 9 * * 1-5", nil},
		{"*/15 9-17 * * MON-FRI", nil},
		{"* 6 * * *", []string{"WB210 *"}},
		{"* 6,18 * * MON", []string{"WB210 *"}},
		{"* 9-17 * * *", nil},
		{"* */2 * * *", nil},
		{"* * * * *", nil},
		{"*/5 6 * * *", nil},
		{"0 0 L * *", []string{"WB106 L"}},
		{"0 0 1,15W * *", []string{"WB106 15W"}},
		{"0 0 * * FRIL,1#2", []string{"WB106 FRIL", "WB106 1#2"}},
		{"0 0 ? * MON", []string{"WB106 ?"}},
		{"*/90 * * * *", []string{"WB108 */90"}},
		{"5/100 * * * *", []string{"WB108 5/100"}},
		{"0-30/40 0 * * *", []string{"WB108 0-30/40"}},
		{"*/7 * * * *", []string{"WB109 */7"}},
		{"0 */5 * * *", []string{"WB109 */5"}},
		{"0 0 */2 * *", []string{"WB109 */2"}},
		{"0 0 1 */5 *", []string{"WB109 */5"}},
		{"*/20 * * * *", nil},
		{"0-59/7 0 * * *", nil},
		{"5/15 * * * *", []string{"WB110 5/15"}},
		{"0 0 * * 4/1", []string{"WB110 4/1"}},
		{"0,0 1-1 * * *", []string{"WB111 0", "WB111 1-1"}},
		{"*/1 0 * * *", []string{"WB111 */1"}},
		{"0 0 1-31 * *", []string{"WB111 1-31"}},
		{"0 0-23 * * *", []string{"WB111 0-23"}},
		{"0 0 * * 7", []string{"WB112 7"}},
		{"0 0 ? * 1", []string{"WB106 ?", "WB112 1"}},
		{"0 05 * * *", []string{"WB113 05"}},
		{"0 5 * * *\n", []string{"WB113 0 5 * * *\n"}},
		{"0 0 29 2 *", []string{"WB202 29"}},
		{"0 0 31 * *", []string{"WB203 31"}},
		{"0 0 1,30 * *", []string{"WB203 30"}},
		{"0 0 31 1,3,5 *", nil},
		{"0 0 25-31 * *", nil},
		{"0 0 1-7 * 1", []string{"WB204 1-7 * 1"}},
		{"0 0 */2 * 1", []string{"WB109 */2", "WB205 */2 * 1"}},
		{"0 0 15W,16 * *", []string{"WB106 15W", "WB208 16"}},
		{"0 0 L,31 * *", []string{"WB106 L", "WB203 31", "WB208 31"}},
		{"0 0 L,15W * *", []string{"WB106 L", "WB106 15W"}},
		{"0 0 1 * */1", []string{"WB111 */1"}},
		{"0 0 1 * */2", []string{"WB205 1 * */2", "WB109 */2"}},
	} {
		t.Run(c.expr, func(t *testing.T) {
			t.Parallel()
			e, err := cron.Parse(c.expr)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range e.Notes() {
				got = append(got, n.Code+" "+c.expr[n.Offset:n.Offset+n.Length])
				if n.Message == "" {
					t.Errorf("%s without a message", n.Code)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"0 13 * * *":                 "At 13:00 every day.",
		"30 2,14 * * *":              "At 02:30 and 14:30 every day.",
		"0,30 9 * * 1":               "At 09:00 and 09:30 on Mondays.",
		"* * * * *":                  "Every minute.",
		"*/15 * * * *":               "Every 15 minutes.",
		"*/15 9-17 * * 1-5":          "Every 15 minutes from 09:00 through 17:45 on Monday through Friday.",
		"* 3,5 * * *":                "Every minute of hours 3 and 5.",
		"*/7 * * * *":                "At minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 past every hour.",
		"0 * * * *":                  "Every hour, on the hour.",
		"5 * * 6 *":                  "At minute 5 past every hour in June.",
		"0 */2 * * *":                "Every 2nd hour, on the hour.",
		"0 * * * 1":                  "Every hour, on the hour, on Mondays.",
		"30 */3 * * *":               "At minute 30 past every 3rd hour.",
		"0 */6 * * *":                "At 00:00, 06:00, 12:00 and 18:00 every day.",
		"0 */2 * * 1":                "Every 2nd hour, on the hour, on Mondays.",
		"0 0-23/3 * * *":             "At minute 0 past hours 0, 3, 6, 9, 12, 15, 18 and 21 every day.",
		"0 9-17 * * *":               "At minute 0 past hours 9 through 17 every day.",
		"0 0 1 * *":                  "At 00:00 on day 1 of the month.",
		"0 0 1,15 * *":               "At 00:00 on days 1 and 15 of the month.",
		"0 0 */2 * *":                "At 00:00 on every 2nd day of the month from the 1st.",
		"0 0 1,L * *":                "At 00:00 on day 1 of the month and the last day of the month.",
		"0 0 15W * *":                "At 00:00 on the weekday nearest day 15 of the month.",
		"0 0 * * 5L":                 "At 00:00 on the last Friday of the month.",
		"0 0 * * MON#2":              "At 00:00 on the second Monday of the month.",
		"0 22 * 1-3 SAT,SUN":         "At 22:00 on Sunday and Saturday in January through March.",
		"0 0 1-7 * 1":                "At 00:00 on days 1 through 7 of the month or on Mondays.",
		"0 0 */2 * 1":                "At 00:00 on every 2nd day of the month from the 1st where it is also on Mondays.",
		"@yearly":                    "At 00:00 on day 1 of the month in January.",
		"5,35 1-23/3 1,15 3,6,9 1-5": "At minutes 5 and 35 past hours 1, 4, 7, 10, 13, 16, 19 and 22 on days 1 and 15 of the month or on Monday through Friday in March, June and September.",
	} {
		e, err := cron.Parse(expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Describe(); got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}
