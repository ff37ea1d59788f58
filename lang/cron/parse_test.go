package cron_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/cron"
)

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr, code string
		at         string // the offending bytes, after the text before them and a |
		message    string // part of the message
		fix        string // part of the fix
	}{
		{"*,abc * * * *", "WB101", "*,|abc", "minute: 'abc' is not a number", "0 to 59"},
		{"0 0 * * 1\u20135", "WB101", "0 0 * * |1\u20135", "a dash that is not the hyphen", "1-5"},
		{"*, * * * *", "WB101", "*,|", "list item is missing", ""},
		{",1 * * * *", "WB101", "|", "list item is missing", ""},
		{"1-2-3 * * * *", "WB101", "1-2|-3", "two ends", "1-2"},
		{"*/5/2 * * * *", "WB101", "*/5|/2", "second step", "*/5"},
		{"*/ * * * *", "WB101", "*/|", "step is missing", ""},
		{"/5 * * * *", "WB101", "|", "nothing stands before", ""},
		{"*/x * * * *", "WB101", "*/|x", "not a number", ""},
		{"+5 * * * *", "WB101", "|+5", "'+5' is not a number", ""},
		{"-5 * * * *", "WB101", "|", "a value is missing", ""},
		{"5- * * * *", "WB101", "5-|", "a value is missing", ""},
		{"** * * * *", "WB101", "|**", "not a value", "alone"},
		{"*-5 * * * *", "WB101", "|*", "not a value", ""},
		{"? * * * *", "WB101", "|?", "day of month and day of week only", "*"},
		{"0 0 ?,1 * *", "WB101", "0 0 |?", "stands alone", ""},
		{"0 0 ?/2 * *", "WB101", "0 0 |?/2", "takes no step", "?"},
		{"0 0 L/2 * *", "WB101", "0 0 |L/2", "takes no step", "L"},
		{"0 0 L-3 * *", "WB101", "0 0 |L-3", "few crons", ""},
		{"0 0 LW * *", "WB101", "0 0 |LW", "few crons", ""},
		{"0 0 W * *", "WB101", "0 0 |W", "not a number", ""},
		{"0 0 * * L", "WB101", "0 0 * * |L", "needs a day", "6L"},
		{"0 0 * * 1#", "WB101", "0 0 * * 1#|", "not a number", ""},
		{"0 0 1#2 * *", "WB101", "0 0 |1#2", "belongs in the day of week", ""},
		{"0 0 * * MONDAY", "WB101", "0 0 * * |MONDAY", "three letters", "MON"},
		{"0 0 * SEPT *", "WB101", "0 0 * |SEPT", "three letters", "SEP"},
		{"0 0 * 1FEB *", "WB101", "0 0 * |1FEB", "neither a number nor a name", ""},
		{"0\u00a00 * * * *", "WB101", "|0\u00a00", `'0\u00a00' is not a number`, ""},
		{"0 0 * * ſun", "WB101", "0 0 * * |ſun", `'\u017fun' is neither`, ""},
		{"\xc2 0 0 0 0", "WB101", "|\xc2", `'\xc2' is not a number`, ""},
		{"@wee\u212aly", "WB107", "|@wee\u212aly", "not a tag", ""},
		{"99/5 * * * *", "WB102", "|99", "outside 0-59", ""},
		{"60 * * * *", "WB102", "|60", "outside 0-59", "0"},
		{"0 24 * * *", "WB102", "0 |24", "outside 0-23", "0"},
		{"0 0-24 * * *", "WB102", "0 0-|24", "outside 0-23", ""},
		{"0 0 0 * *", "WB102", "0 0 |0", "outside 1-31", ""},
		{"0 0 32 * *", "WB102", "0 0 |32", "outside 1-31", "L"},
		{"0 0 * 13 *", "WB102", "0 0 * |13", "outside 1-12", ""},
		{"0 0 * * 8", "WB102", "0 0 * * |8", "outside 0-7", ""},
		{"0 0 0W * *", "WB102", "0 0 |0", "outside 1-31", ""},
		{"0 0 99W * *", "WB102", "0 0 |99", "outside 1-31", ""},
		{"0 0 * * 9L", "WB102", "0 0 * * |9", "outside 0-7", ""},
		{"0 0 * * 9#1", "WB102", "0 0 * * |9", "outside 0-7", ""},
		{"0 0 * * 1#6", "WB102", "0 0 * * 1#|6", "no month has week 6", ""},
		{"0 0 * * 1#0", "WB102", "0 0 * * 1#|0", "no month has week 0", ""},
		{"*/0 * * * *", "WB102", "*/|0", "never moves", ""},
		{"*/99999999999999999999 * * * *", "WB102", "*/|99999999999999999999", "too large", ""},
		{"JAN 0 * * *", "WB103", "|JAN", "month name in the minute field", "0 to 59"},
		{"0 0 MON * *", "WB103", "0 0 |MON", "weekday name in the day of month field", ""},
		{"0 0 * * JAN", "WB103", "0 0 * * |JAN", "month name in the day of week field", "SUN to SAT"},
		{"0 0 * * JUL", "WB103", "0 0 * * |JUL", "month name in the day of week field", ""},
		{"0 22-2 * * *", "WB104", "0 |22-2", "runs backwards", "22-23,0-2"},
		{"0 0 * * FRI-MON", "WB104", "0 0 * * |FRI-MON", "runs backwards", "5-6,0-1"},
		{"0 0 * * SAT-SUN", "WB104", "0 0 * * |SAT-SUN", "runs backwards", "6-7"},
		{"0 0 * * 7-2", "WB104", "0 0 * * |7-2", "runs backwards", "0-2"},
		{"0 0 * NOV-FEB *", "WB104", "0 0 * |NOV-FEB", "runs backwards", "11-12,1-2"},
		{"", "WB105", "|", "empty", "minute, hour"},
		{" \t", "WB105", "|", "empty", ""},
		{"0 0 * *", "WB105", "0 0 * *|", "4 fields where five", ""},
		{"0 30 2 * * *", "WB105", "0 30 2 * * |*", "6 fields where five", "seconds in some crons"},
		{"0 0 1 1 * 2027\n", "WB105", "0 0 1 1 * |2027", "6 fields", "a year in others"},
		{"0 0 0 1 1 * 2027", "WB105", "0 0 0 1 1 |* 2027", "7 fields", "not part of a schedule"},
		{"@daily 5", "WB105", "@daily |5", "follows @daily", "alone"},
		{"@midnight", "WB107", "|@midnight", "not a tag", "0 0 * * *"},
		{"@every 5m", "WB107", "|@every", "not a tag", "*/5 * * * *"},
		{"@reboot", "WB107", "|@reboot", "not a tag", "by hand"},
		{"@always", "WB107", "|@always", "not a tag", "* * * * *"},
		{"@15minutes", "WB107", "|@15minutes", "not a tag", "*/15 * * * *"},
		{"@dayly", "WB107", "|@dayly", "not a tag", "@daily"},
		{"H/15 * * * *", "WB107", "|H", "Jenkins", ""},
		{"CRON_TZ=UTC 0 0 * * *", "WB107", "|CRON_TZ=UTC", "zone", "beside"},
		{"0 0 30 2 *", "WB201", "0 0 |30 2", "no date has day 30 in month 2", "L"},
		{"0 0 31 4,6,9,11 *", "WB201", "0 0 |31 4,6,9,11", "never runs", ""},
		{"0 0 31W FEB *", "WB201", "0 0 |31W FEB", "never runs", ""},
		{"0 0 */31 2 1#2", "WB201", "0 0 |*/31 2 1#2", "weekday 1#2", ""},
	} {
		t.Run(c.expr, func(t *testing.T) {
			t.Parallel()
			_, err := cron.Parse(c.expr)
			var e *cron.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			before, bytes, _ := strings.Cut(c.at, "|")
			if e.Code != c.code || e.Offset != len(before) || e.Length != len(bytes) || !strings.HasPrefix(c.expr[e.Offset:], bytes) {
				t.Errorf("got %s at %d+%d, want %s at %d+%d: %v", e.Code, e.Offset, e.Length, c.code, len(before), len(bytes), e)
			}
			if !strings.Contains(e.Message, c.message) || !strings.Contains(e.Fix, c.fix) {
				t.Errorf("got %q, fix %q; want %q, fix %q", e.Message, e.Fix, c.message, c.fix)
			}
		})
	}
}

func TestParseCanonical(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr, canonical string
		interval, or    bool
	}{
		{"0 13 * * *", "0 13 * * *", false, false},
		{"  05\t02 * * *\n", "5 2 * * *", false, false},
		{"@Daily", "0 0 * * *", false, false},
		{"@weekly", "0 0 * * 0", false, false},
		{"@annually", "0 0 1 1 *", false, false},
		{"@hourly", "0 * * * *", true, false},
		{"*/1 0-23 * jan-MAR sun,Tue-SAT", "* 0-23 * 1-3 0,2-6", true, false},
		{"0 */2 * * *", "0 */2 * * *", true, false},
		{"0 0-23/2 * * *", "0 0-23/2 * * *", false, false},
		{"0 0 ? * 7", "0 0 * * 0", false, false},
		{"0 0 * * 5-7", "0 0 * * 5-7", false, false},
		{"0 0 * * 7/3", "0 0 * * 0/3", false, false},
		{"5/15 0 * * *", "5/15 0 * * *", false, false},
		{"7-7/3 0 * * 7-7/2", "7 0 * * 0", false, false},
		{"0 0 L,15W * 5l,mon#2", "0 0 L,15W * 5L,1#2", false, true},
		{"0 0 1-7 * 1", "0 0 1-7 * 1", false, true},
		{"0 0 1-31 * 1", "0 0 1-31 * 1", false, true},
		{"0 0 */2 * 1", "0 0 */2 * 1", false, false},
		{"0 0 1 * */2", "0 0 1 * */2", false, false},
	} {
		t.Run(c.expr, func(t *testing.T) {
			t.Parallel()
			e, err := cron.Parse(c.expr)
			if err != nil {
				t.Fatal(err)
			}
			if e.Source() != c.expr || e.String() != c.canonical || e.Interval() != c.interval || e.Or() != c.or {
				t.Errorf("got %q %q interval %v or %v", e.Source(), e.String(), e.Interval(), e.Or())
			}
			again, err := cron.Parse(e.String())
			if err != nil || !again.Equal(e) || again.String() != e.String() {
				t.Errorf("parsed again: %v, %v", again, err)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr, wall string
		want       bool
	}{
		{"30 2 * * *", "2026-03-08 02:30", true},
		{"30 2 * * *", "2026-03-08 02:30:01", false},
		{"0 0 L * *", "2028-02-29 00:00", true},
		{"0 0 L * *", "2028-02-28 00:00", false},
		{"0 0 15W * *", "2026-08-14 00:00", true},  // the 15th is a Saturday
		{"0 0 1W * *", "2026-08-03 00:00", true},   // the 1st is a Saturday
		{"0 0 31W * *", "2026-05-29 00:00", true},  // the 31st is a Sunday
		{"0 0 31W * *", "2026-04-30 00:00", false}, // there is no 31st
		{"0 0 * * 5L", "2026-11-27 00:00", true},
		{"0 0 * * 5L", "2026-11-20 00:00", false},
		{"0 0 * * 1#5", "2026-11-30 00:00", true},
		{"0 0 1-7 * 1", "2026-11-09 00:00", true},
		{"0 0 */2 * 1", "2026-11-09 00:00", true},
		{"0 0 */2 * 1", "2026-11-16 00:00", false},
		{"0 0 * * 7", "1969-12-28 00:00", true},
	} {
		w, err := cron.ParseWall(c.wall)
		if err != nil {
			t.Fatal(err)
		}
		e, err := cron.Parse(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Matches(w); got != c.want {
			t.Errorf("%s matches %s: %v", c.expr, c.wall, got)
		}
	}
}
